// The journal on a disk that crashes: at every I/O of a small run, with every fate for what was not
// durable, recovery must find all that was acknowledged, a prefix of what was appended, and go on
// from there. The same when recovery itself crashes, twice.
#include <gtest/gtest.h>

#include "journal/journal_for_test.h"
#include "sim/background.h"
#include "sim/disk.h"
#include "sim/rng.h"

namespace holdfast {
namespace {

constexpr CrashFate fates[] = {CrashFate::drop,   CrashFate::keep,    CrashFate::tear,
                               CrashFate::garble, CrashFate::reorder, CrashFate::random};

constexpr FileJournalOptions small = {.segment_bytes = 64 * 1024,
                                      .first_segment_bytes = 64 * 1024,
                                      .in_flight_max = 4,
                                      .reserve_bytes = 0,
                                      .accept_loss_after = {}};

// A machine whose writes take their time, so that several are in flight and complete out of order.
struct Machine {
  explicit Machine(std::uint64_t seed) : random(seed), disk(clock, seed) {
    disk.knobs.write_latency_min = Duration::us(50);
    disk.knobs.write_latency_max = Duration::us(400);
  }
  SimClock clock;
  SimRandom random;
  SimDirectory disk;
  SimBackground background;
  World world{.clock = clock, .random = random, .disk = disk, .background = background};
};

// What its user knows of a journal when the machine stops.
struct Known {
  Seq appended;  // handed to append()
  Seq durable;   // acknowledged
};

// Opens, appends batches of all sizes up to in_flight_max at once, seals now and then, reopens
// once.
void run(Machine& machine, Known& known) {
  constexpr std::size_t sizes[] = {200, 9'000, 4'000, 20'000, 3'000, 5'000, 12'000};
  for (int life = 0; life < 2; ++life) {
    auto opened = open_for_test(machine.world, {.options = small, .from = {}, .witness = {}});
    if (!opened) return;
    for (std::size_t index = 0; index < 10; ++index) {
      machine.background.run_one();
      while (!opened->journal->has_room()) {
        if (!opened->journal->wait()) return;
        known.durable = std::max(known.durable, opened->journal->durable());
      }
      if (index == 6) {
        opened->append(0, 0);
      } else {
        opened->append(sizes[index % std::size(sizes)], index % 2 + 1);
      }
      known.appended = opened->last;
      machine.clock.advance(Duration::us(60));
      const Status polled = opened->journal->poll();
      known.durable = std::max(known.durable, opened->journal->durable());
      if (!polled) return;
    }
    if (!opened->flush()) return;
    known.durable = opened->journal->durable();
  }
}

// Recovers and proves the promises; false when the machine crashed meanwhile.
bool recover(Machine& machine, Known& known) {
  auto opened =
      open_for_test(machine.world, {.options = small, .from = {}, .witness = known.durable});
  if (machine.disk.has_crashed()) return false;
  EXPECT_TRUE(opened.has_value()) << opened.error().message;
  if (!opened) return true;
  expect_whole(*opened);
  EXPECT_GE(opened->last, known.durable) << "an acknowledged batch is lost";
  EXPECT_LE(opened->last, known.appended) << "a batch that nobody appended was found";
  // What recovery has shown to anybody must stay, so it counts as acknowledged now.
  known.durable = opened->last;
  known.appended = opened->last;
  const Status appended = opened->append_durably(7'000);
  known.appended = opened->last;
  known.durable = opened->journal->durable();
  if (machine.disk.has_crashed()) return false;
  EXPECT_TRUE(appended.has_value()) << appended.error().message;
  return true;
}

bool has_saved_a_tail(Machine& machine) {
  const std::vector<std::string> names = *machine.disk.list();
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.starts_with("torn-"); });
}

std::uint64_t ios_of_a_run(std::uint64_t seed) {
  Machine machine(seed);
  Known known;
  run(machine, known);
  EXPECT_EQ(known.durable, known.appended);
  EXPECT_GE(known.durable.value(), 20u);
  return machine.disk.io_count();
}

class JournalCrash : public testing::TestWithParam<CrashFate> {};

TEST_P(JournalCrash, AtEveryIoNothingAcknowledgedIsLost) {
  int torn = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::uint64_t ios = ios_of_a_run(seed);
    for (std::uint64_t at = 0; at < ios; ++at) {
      SCOPED_TRACE(fmt::format("seed {} crash after {} of {} I/Os", seed, at, ios));
      Machine machine(seed);
      machine.disk.crash_after(at);
      Known known;
      run(machine, known);
      ASSERT_TRUE(machine.disk.has_crashed());
      machine.background.drain();
      machine.disk.restart(GetParam());
      ASSERT_TRUE(recover(machine, known));
      machine.disk.restart(CrashFate::drop);  // what recovery did is durable
      ASSERT_TRUE(recover(machine, known));
      torn += has_saved_a_tail(machine) ? 1 : 0;
      if (HasFailure()) return;
    }
  }
  // The test is worth little if it never met a torn tail.
  if (GetParam() != CrashFate::drop && GetParam() != CrashFate::keep) {
    EXPECT_GT(torn, 5);
  }
}

TEST_P(JournalCrash, RecoveryMayCrashTwice) {
  const std::uint64_t seed = 5;
  const std::uint64_t ios = ios_of_a_run(seed);
  for (std::uint64_t at = 3; at < ios; at += 12) {
    for (std::uint64_t first = 0;; ++first) {
      SCOPED_TRACE(fmt::format("crash after {} of {} I/Os, then {} into recovery", at, ios, first));
      Machine machine(seed);
      Rng dice(at * 1000 + first);
      machine.disk.crash_after(at);
      Known known;
      run(machine, known);
      machine.disk.restart(GetParam());
      bool crashed = false;
      for (const std::uint64_t more : {first, dice.below(first + 3)}) {
        machine.disk.crash_after(machine.disk.io_count() + more);
        crashed = !recover(machine, known);
        machine.background.drain();
        machine.disk.restart(GetParam());
      }
      ASSERT_TRUE(recover(machine, known));
      if (HasFailure()) return;
      if (!crashed && first > 40) break;
      if (first > 60) break;
    }
  }
}

// The newest batch was the first of its segment, and is lost: two segments stand behind the end.
TEST_P(JournalCrash, RecoveryMayCrashWithTwoSegmentsBehindItsEnd) {
  for (std::uint64_t first = 0; first < 40; ++first) {
    SCOPED_TRACE(fmt::format("{} I/Os into recovery", first));
    Machine machine(first);
    Known known;
    {
      auto opened = open_for_test(machine.world, {.options = small, .from = {}, .witness = {}});
      ASSERT_TRUE(opened.has_value());
      machine.background.drain();
      for (int batch = 0; batch < 3; ++batch) {
        ASSERT_TRUE(opened->append_durably(15'000).has_value());
      }
      known.durable = known.appended = opened->last;
      opened->append(20'000);
      machine.background.drain();
      known.appended = opened->last;
      machine.disk.crash_after(machine.disk.io_count());
      (void)opened->journal->poll();
    }
    machine.disk.restart(CrashFate::drop);
    machine.disk.crash_after(machine.disk.io_count() + first);
    if (recover(machine, known)) break;
    machine.background.drain();
    machine.disk.restart(GetParam());
    ASSERT_TRUE(recover(machine, known));
    if (HasFailure()) return;
  }
}

std::string name_of_fate(const testing::TestParamInfo<CrashFate>& fate) {
  constexpr const char* names[] = {"drop", "keep", "tear", "garble", "reorder", "random"};
  return names[static_cast<int>(fate.param)];
}

INSTANTIATE_TEST_SUITE_P(Fates, JournalCrash, testing::ValuesIn(fates), name_of_fate);

// The process dies with writes in flight. They land before the next one reads, so it finds them,
// all of them, and what it appends stands behind them.
TEST(JournalLateWrites, OfADeadProcessLandBeforeTheNextOneReads) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Machine machine(seed);
    {
      auto opened = open_for_test(machine.world, {.options = small, .from = {}, .witness = {}});
      ASSERT_TRUE(opened.has_value());
      machine.background.drain();
      ASSERT_TRUE(opened->append_durably(100).has_value());
      for (const std::size_t bytes : {9'000, 5'000, 200}) opened->append(bytes);
      machine.disk.restart_process();
    }
    for (int life = 0; life < 2; ++life) {
      auto opened = open_for_test(machine.world, {.options = small, .from = {}, .witness = {}});
      ASSERT_TRUE(opened.has_value()) << opened.error().message;
      EXPECT_EQ(opened->last.value(), 4u + static_cast<std::uint64_t>(life));
      EXPECT_FALSE(opened->report.torn);
      expect_whole(*opened);
      machine.background.drain();
      ASSERT_TRUE(opened->append_durably(150).has_value());
    }
  }
}

// Planted: a queue that reports a write before it is durable. The same search must find the lost
// acknowledgement.
TEST(JournalCrashPlanted, AWriteReportedBeforeItIsDurableIsCaught) {
  const std::uint64_t ios = ios_of_a_run(1);
  int lost = 0;
  for (std::uint64_t at = 0; at < ios; ++at) {
    Machine machine(1);
    machine.disk.knobs.completes_before_durable = true;
    machine.disk.crash_after(at);
    Known known;
    run(machine, known);
    machine.background.drain();
    machine.disk.restart(CrashFate::drop);
    const auto opened = open_for_test(machine.world, {.options = small, .from = {}, .witness = {}});
    if (!opened || opened->last < known.durable) ++lost;
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace holdfast
