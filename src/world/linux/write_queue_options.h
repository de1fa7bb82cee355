// How durable writes are kept in flight.
#pragma once

namespace holdfast {

enum class WriteMethod : unsigned char {
  automatic,  // what measured better and works here (write_queue_bench.cc)
  threads,    // a small pool of threads, each in pwrite64: what strace can inject faults into
  uring,      // io_uring; opening a queue fails where the kernel or its container forbids it
};

}  // namespace holdfast
