// B11, the part that computes: what loading the newest checkpoint of a ledger costs, and what
// replaying the journal behind it. Reads the ledger and changes nothing, so the same one can be
// measured again and again; run it twice, that the files are in the page cache.
//
//   restart_bench <data directory>
//
// The processor's time is said beside the clock's, because on a busy machine only it compares;
// `system` is mostly the kernel clearing fresh pages.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "engine/recovery.h"
#include "engine/replay.h"
#include "journal/checkpoint.h"
#include "journal/file_journal.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Times {
  double wall = 0;
  double user = 0;
  double system = 0;
};

Times times_now(Clock& clock) {
  rusage usage{};
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  return {.wall = static_cast<double>(clock.boot().us()) / 1e6,
          .user = seconds_of(usage.ru_utime),
          .system = seconds_of(usage.ru_stime)};
}

class Bench {
 public:
  explicit Bench(World& world) : world_(world) {}

  void run() {
    const JournalPosition from = load();
    replay(from);
    fmt::print("digest {:016x}\n", stock_->digest());
  }

 private:
  // Says what passed since the last call, and that for each of `count`.
  void say(std::string_view what, std::uint64_t count) {
    const Times now = times_now(world_.clock);
    const double wall = now.wall - before_.wall;
    const double user = now.user - before_.user;
    const double system = now.system - before_.system;
    before_ = now;
    const auto rows = static_cast<double>(count);
    fmt::print("{:<8} {:>11} in {:>6.2f} s, user {:>6.2f} s, system {:>5.2f} s", what, count, wall,
               user, system);
    if (count > 0) {
      fmt::print("; {:.2f} M/s, user {:.0f} ns each", rows / wall / 1e6, user / rows * 1e9);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }

  JournalPosition load() {
    const auto names = list_checkpoints(world_.disk);
    CHECK(names.has_value(), "{}", names.error().message);
    before_ = times_now(world_.clock);
    if (names->empty()) return {};
    StockLoader loader(in_background(world_));
    const auto header = read_checkpoint(world_.disk, names->front(),
                                        [&](ByteSpan block) { return loader.add(block); });
    CHECK(header.has_value(), "{}", header.error().message);
    say("read", 0);
    auto loaded = loader.finish();
    CHECK(loaded.has_value(), "{}", loaded.error().message);
    stock_ = std::move(*loaded);
    say("proved", stock_->level_count() + stock_->known_claims());
    return header->position;
  }

  void replay(const JournalPosition& from) {
    Replay replay(*stock_);
    const auto journal = read_file_journal(
        world_.disk, from,
        [&](const BatchHeader& header, ByteSpan payload) { return replay.batch(header, payload); },
        [](std::uint64_t, std::uint64_t) {});
    CHECK(journal.has_value(), "{}", journal.error().message);
    say("replayed", replay.entries());
  }

  World& world_;
  std::unique_ptr<Stock> stock_ = std::make_unique<Stock>(in_background(world_));
  Times before_;
};

}  // namespace
}  // namespace holdfast

int main(int argument_count, char** arguments) {
  CHECK(argument_count == 2, "restart_bench <data directory>");
  const auto world = holdfast::LinuxWorld::open(arguments[1]);
  CHECK(world.has_value(), "{}", world.error().message);
  holdfast::Bench((*world)->world()).run();
}
