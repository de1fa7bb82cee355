// How fast durable writes are with io_uring and with threads, 1, 4 and 8 in flight. Its figures
// decide what WriteMethod::automatic is (uring_measures_better in linux_directory.cc).
//
//   write_queue_bench [directory] [seconds per row]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::uint64_t file_bytes = 64 * 1024 * 1024;

struct Row {
  double per_second = 0;
  double latency_us = 0;
};

Row measure(Directory& disk, std::size_t in_flight, std::size_t write_bytes, double seconds) {
  auto queue = disk.write_queue("space", in_flight);
  CHECK(queue.has_value(), "{}", queue.error().message);
  auto* buffer = static_cast<std::byte*>(std::aligned_alloc(disk_block_bytes, write_bytes));
  std::fill_n(buffer, write_bytes, std::byte{0x5a});
  std::vector<WriteDone> done;
  std::uint64_t offset = 0;
  std::uint64_t token = 0;
  const auto submit = [&] {
    (*queue)->submit(token++, offset, {buffer, write_bytes});
    offset = (offset + write_bytes) % file_bytes;
  };
  const auto began = Steady::now();
  const auto ends = began + std::chrono::duration<double>(seconds);
  for (std::size_t index = 0; index < in_flight; ++index) submit();
  std::uint64_t count = 0;
  while (Steady::now() < ends) {
    done.clear();
    (*queue)->wait(done);
    for (const WriteDone& each : done) {
      CHECK(each.status.has_value(), "{}", each.status.error().message);
      ++count;
      submit();
    }
  }
  const double took = std::chrono::duration<double>(Steady::now() - began).count();
  queue->reset();
  std::free(buffer);
  const double rate = static_cast<double>(count) / took;
  return {.per_second = rate, .latency_us = static_cast<double>(in_flight) * 1e6 / rate};
}

void run(const std::string& path, double seconds) {
  fmt::print("{:<8} {:>9} {:>9} {:>12} {:>12}\n", "method", "bytes", "in flight", "writes/s",
             "latency µs");
  for (const std::size_t bytes : {std::size_t{4096}, std::size_t{65536}}) {
    for (const std::size_t in_flight : {1, 4, 8}) {
      for (const WriteMethod method : {WriteMethod::threads, WriteMethod::uring}) {
        const auto world = LinuxWorld::open(path, {.write_method = method});
        CHECK(world.has_value(), "{}", world.error().message);
        const Row row = measure((*world)->world().disk, in_flight, bytes, seconds);
        fmt::print("{:<8} {:>9} {:>9} {:>12.0f} {:>12.1f}\n",
                   method == WriteMethod::uring ? "io_uring" : "threads", bytes, in_flight,
                   row.per_second, row.latency_us);
      }
    }
  }
}

void write_space(const std::string& path) {
  const auto world = LinuxWorld::open(path);
  CHECK(world.has_value(), "{}", world.error().message);
  auto file = (*world)->world().disk.open("space", OpenMode::create);
  CHECK(file.has_value(), "{}", file.error().message);
  const std::vector<std::byte> zeros(1024 * 1024);
  for (std::uint64_t at = 0; at < file_bytes; at += zeros.size()) {
    CHECK((*file)->write_at(at, zeros).has_value());
  }
  CHECK((*file)->sync().has_value());
}

}  // namespace
}  // namespace holdfast

int main(int count, char** arguments) {
  const std::string path = count > 1 ? arguments[1] : "write_queue_bench.data";
  const double seconds = count > 2 ? std::atof(arguments[2]) : 1.0;
  holdfast::write_space(path);
  holdfast::run(path, seconds);
  std::filesystem::remove_all(path);
  return 0;
}
