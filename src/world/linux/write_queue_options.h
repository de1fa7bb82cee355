// How durable writes are kept in flight.
#pragma once

namespace holdfast {

enum class WriteMethod : unsigned char {
  automatic,  // uring where it is allowed, else threads
  threads,    // a small pool of threads, each in pwrite64: what strace can inject faults into
  uring,      // io_uring; opening a queue fails where the kernel or its container forbids it
};

}  // namespace holdfast
