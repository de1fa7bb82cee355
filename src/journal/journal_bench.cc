// How fast batches become durable through the journal (1, 4, 8 in flight; 4 KB and 64 KB payloads),
// and how fast they are read again.
//
//   journal_bench [directory] [seconds per row]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "journal/file_journal.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point began) {
  return std::chrono::duration<double>(Steady::now() - began).count();
}

struct Opened {
  std::unique_ptr<LinuxWorld> world;
  OpenedJournal journal;
};

Opened open(const std::string& path, WriteMethod method, std::size_t in_flight) {
  auto world = LinuxWorld::open(path, {.write_method = method});
  CHECK(world.has_value(), "{}", world.error().message);
  FileJournalOptions options;
  options.in_flight_max = in_flight;
  auto journal = open_file_journal((*world)->world(), options, {}, {},
                                   [](const BatchHeader&, ByteSpan) { return Status(); }, {});
  CHECK(journal.has_value(), "{}", journal.error().message);
  return {std::move(*world), std::move(*journal)};
}

struct Row {
  double batches = 0;
  double megabytes = 0;
  double stalled = 0;  // share of the time without room although fewer batches were in flight
};

Row append_for(double seconds, Journal& journal, std::size_t in_flight, std::size_t payload_bytes) {
  const std::vector<std::byte> payload(payload_bytes, std::byte{0x5a});
  Seq last;
  std::int64_t at = 0;
  double stalled = 0;
  const auto began = Steady::now();
  while (seconds_since(began) < seconds) {
    while (journal.has_room()) {
      const Seq first = last.next();
      last = Seq(last.value() + 40);
      journal.append({.first = first, .last = last, .at = Timestamp::us(++at), .digest = 0},
                     payload, Writer::others);
    }
    const auto waited = Steady::now();
    const bool short_of_segments = journal.in_flight() < in_flight;
    CHECK(journal.wait().has_value());
    if (short_of_segments) stalled += seconds_since(waited);
  }
  while (journal.in_flight() > 0) CHECK(journal.wait().has_value());
  const double took = seconds_since(began);
  return {.batches = static_cast<double>(at) / took,
          .megabytes = static_cast<double>(journal.bytes_written()) / took / 1e6,
          .stalled = stalled / took};
}

void write_rows(const std::string& path, double seconds) {
  fmt::print("{:<8} {:>9} {:>9} {:>11} {:>9} {:>9}\n", "method", "payload", "in flight",
             "batches/s", "MB/s", "stalled");
  for (const WriteMethod method : {WriteMethod::threads, WriteMethod::uring}) {
    for (const std::size_t bytes : {std::size_t{4096} - 144, std::size_t{65536} - 144}) {
      for (const std::size_t in_flight : {1, 4, 8}) {
        std::filesystem::remove_all(path);
        Opened opened = open(path, method, in_flight);
        CHECK(opened.journal.journal->start(Epoch(1)).has_value());
        const Row row = append_for(seconds, *opened.journal.journal, in_flight, bytes);
        fmt::print("{:<8} {:>9} {:>9} {:>11.0f} {:>9.1f} {:>8.1f}%\n",
                   method == WriteMethod::uring ? "io_uring" : "threads", bytes, in_flight,
                   row.batches, row.megabytes, row.stalled * 100);
      }
    }
  }
}

// The last row's journal, opened again as after a crash.
void read_row(const std::string& path) {
  const auto began = Steady::now();
  const Opened opened = open(path, WriteMethod::automatic, 4);
  const double took = seconds_since(began);
  const JournalReport& report = opened.journal.report;
  fmt::print("reading: {} batches, {:.1f} MB in {:.3f} s: {:.0f} MB/s\n", report.batches,
             static_cast<double>(report.bytes) / 1e6, took,
             static_cast<double>(report.bytes) / 1e6 / took);
  std::filesystem::remove_all(path);
  const auto fresh = Steady::now();
  const Opened created = open(path, WriteMethod::automatic, 4);
  CHECK(created.journal.journal->start(Epoch(1)).has_value());
  fmt::print("a fresh journal takes its first batch after {:.0f} ms\n", seconds_since(fresh) * 1e3);
}

}  // namespace
}  // namespace holdfast

int main(int count, char** arguments) {
  const std::string path = count > 1 ? arguments[1] : "journal_bench.data";
  const double seconds = count > 2 ? std::atof(arguments[2]) : 1.0;
  holdfast::write_rows(path, seconds);
  holdfast::read_row(path);
  std::filesystem::remove_all(path);
  return 0;
}
