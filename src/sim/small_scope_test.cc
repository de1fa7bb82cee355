// Small scope, exhaustively: one scripted day of a small shop, with a checkpoint and a segment
// switch, crashed at every I/O with every fate for what was not durable; then recovered, crashed
// again at I/Os of that recovery, recovered, audited. Most bugs that need a crash need no more
// than this.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/auditor.h"
#include "sim/background.h"
#include "sim/clock.h"
#include "sim/disk.h"
#include "sim/door.h"

namespace holdfast {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr std::size_t checkpoint_after = 7;  // operations

Operation operation(Verb verb, std::string sku, std::int64_t quantity) {
  return {.verb = verb, .sku = std::move(sku), .location = {}, .quantity = quantity};
}

ClaimId claim_number(std::uint64_t number) { return ClaimId::v7(1, number, number); }

Operation claim(std::uint64_t number, std::vector<OperationLine> lines,
                std::optional<Duration> hold) {
  Operation out{.verb = Verb::claim};
  out.lines = std::move(lines);
  out.claim = claim_number(number);
  out.hold_for = hold;
  return out;
}

Operation about(Verb verb, std::uint64_t number) {
  return {.verb = verb, .claim = claim_number(number)};
}

// Receipts, holds that end by confirmation, release and expiry, a shortage made and filled, a
// refusal; keys on all of it.
std::vector<Operation> script() {
  const Duration minute = Duration::minutes(1);
  std::vector<Operation> out = {
      operation(Verb::define_item, "A", 0),
      operation(Verb::define_item, "B", 0),
      operation(Verb::receive, "A", 5),
      operation(Verb::receive, "B", 2),
      claim(1, {{.sku = "A", .quantity = 2}, {.sku = "B", .quantity = 1}}, minute),
      claim(2, {{.sku = "A", .quantity = 1}}, Duration::ms(1)),
      about(Verb::confirm, 1),
      claim(3, {{.sku = "A", .quantity = 1}, {.sku = "A", .quantity = 3}}, minute),
      operation(Verb::sale, "B", 2),
      claim(4, {{.sku = "A", .quantity = 2}}, minute),
      operation(Verb::receive, "B", 3),
      about(Verb::release, 4),
      about(Verb::fulfil, 1),
      claim(5, {{.sku = "A", .quantity = 3}}, {}),
      about(Verb::cancel, 5),
  };
  for (std::size_t index = 0; index < out.size(); ++index) {
    out[index].number = index;
    out[index].reference = fmt::format("op-{}", index);
    out[index].request_id = fmt::format("key-{}", index);
  }
  return out;
}

class Shop final : public ReplyTaker {
 public:
  explicit Shop(std::uint64_t seed) : random_(seed), disk(clock_, seed) {
    disk.knobs.write_latency_min = Duration::us(50);
    disk.knobs.write_latency_max = Duration::us(400);
    options_.journal.segment_bytes = segment_bytes_min;
    options_.journal.first_segment_bytes = segment_bytes_min;
    options_.journal.reserve_bytes = 0;
  }

  // Opens, runs the script, stops in order; or as far as it comes before the disk crashes.
  void run_day() {
    if (!open()) return;
    const std::vector<Operation> operations = script();
    for (std::size_t index = 0; index < operations.size(); ++index) {
      // Two at a time, so that a batch holds more than one group and several are in flight.
      send(operations[index]);
      if (index % 3 != 0) serve();
      if (disk.has_crashed()) return;
      if (index == checkpoint_after) static_cast<void>(engine_->checkpoint());
    }
    serve();
    if (!disk.has_crashed()) static_cast<void>(engine_->shut_down());
  }

  // Power comes back. False when it goes again while the ledger recovers.
  bool recover(CrashFate fate, std::uint64_t crash_after) {
    stop();
    disk.restart(fate);
    if (crash_after != never) disk.crash_after(disk.io_count() + crash_after);
    clock_.advance(Duration::seconds(2));
    if (!open()) return false;
    return !disk.has_crashed();
  }

  // Everybody asks again with the same words and keys; then all promises must hold.
  void finish_day() {
    for (const Operation& one : script()) {
      send(one);
      serve();
    }
    audit();
    const Status stopped = engine_->shut_down();
    EXPECT_TRUE(stopped.has_value()) << stopped.error().message;
    stop();
    const auto verified = verify_ledger(disk, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(verified.has_value()) << verified.error().message;
    if (!verified->problems.empty()) verdict.wrong("verify: {}", verified->problems.front());
  }

  void replied(std::size_t attempt, Reply reply, bool shows_gate) override {
    --under_way_;
    auditor_.answered(attempt, std::move(reply), engine_->durable(), shows_gate);
  }

  Verdict verdict;
  Probes probes;

 private:
  bool open() {
    auto opened = Engine::open(world_, options_, [](std::uint64_t, std::uint64_t) {});
    if (!opened.has_value()) {
      if (!disk.has_crashed()) verdict.wrong("does not start: {}", opened.error().message);
      return false;
    }
    engine_ = *std::move(opened);
    door_ = engine_door(*engine_, *this, {std::string(default_location)});
    if (disk.has_crashed()) return false;
    auditor_.recovered(engine_->report().journal.end.seq);
    audit();
    return true;
  }
  void audit() {
    const Status read = auditor_.read_journal(disk, engine_->durable());
    if (!read.has_value()) verdict.wrong("cannot be read: {}", read.error().message);
    auditor_.check_state(engine_->stock());
    auditor_.compare_with_shadow(engine_->stock());
  }
  void send(const Operation& one) {
    const std::size_t attempt = auditor_.sent(one);
    sent_.push_back(attempt);
    ++under_way_;
    door_->send(one, attempt);
    engine_->drive();
  }
  // Until all is answered and durable.
  void serve() {
    for (int round = 0; round < 10'000 && !disk.has_crashed(); ++round) {
      clock_.advance(Duration::us(100));
      engine_->drive();
      background_.run_one();
      if (under_way_ == 0 && engine_->stats().live == engine_->stats().durable) return;
    }
    if (!disk.has_crashed()) verdict.wrong("operations are never answered");
  }
  void stop() {
    engine_.reset();
    door_.reset();
    background_.drain();
    for (const std::size_t attempt : sent_) auditor_.lost(attempt);
    sent_.clear();
    under_way_ = 0;
  }

  SimClock clock_;
  SimRandom random_;

 public:
  SimDirectory disk;

 private:
  SimBackground background_;
  World world_{.clock = clock_, .random = random_, .disk = disk, .background = background_};
  EngineOptions options_;
  Auditor auditor_{verdict, probes};
  std::unique_ptr<Door> door_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::size_t> sent_;
  std::size_t under_way_ = 0;
};

std::uint64_t ios_of_a_day() {
  Shop shop(1);
  shop.run_day();
  EXPECT_EQ(shop.verdict.text(), "");
  return shop.disk.io_count();
}

TEST(SmallScope, TheDayWithoutACrashSwitchesSegmentsAndWritesACheckpoint) {
  Shop shop(1);
  shop.run_day();
  std::size_t segments = 0;
  std::size_t checkpoints = 0;
  const std::vector<std::string> names = shop.disk.list().value();
  for (const std::string& name : names) {
    segments += name.ends_with(".seg") ? 1 : 0;
    checkpoints += name.ends_with(".chk") ? 1 : 0;
  }
  EXPECT_GE(segments, 3u);
  EXPECT_EQ(checkpoints, 2u);
  EXPECT_EQ(shop.verdict.text(), "");
}

class CrashEverywhere : public testing::TestWithParam<CrashFate> {};

TEST_P(CrashEverywhere, NothingAcknowledgedIsLost) {
  const CrashFate fate = GetParam();
  const std::uint64_t ios = ios_of_a_day();
  ASSERT_GT(ios, 40u);
  for (std::uint64_t at = 0; at < ios; ++at) {
    SCOPED_TRACE(fmt::format("crash after {} of {} I/Os", at, ios));
    Shop shop(1);
    shop.disk.crash_after(at);
    shop.run_day();
    ASSERT_TRUE(shop.disk.has_crashed());
    ASSERT_TRUE(shop.recover(fate, never));
    shop.finish_day();
    ASSERT_EQ(shop.verdict.text(), "");
  }
}

// The same, and then again at every I/O of the recovery.
TEST_P(CrashEverywhere, NotEvenWhenRecoveryCrashes) {
  const CrashFate fate = GetParam();
  const std::uint64_t ios = ios_of_a_day();
  for (std::uint64_t again = 0;; ++again) {
    bool is_beyond_recovery = true;
    for (std::uint64_t at = 0; at < ios; ++at) {
      SCOPED_TRACE(fmt::format("crash after {} I/Os, again after {} of recovery", at, again));
      Shop shop(1);
      shop.disk.crash_after(at);
      shop.run_day();
      if (!shop.recover(fate, again)) {
        is_beyond_recovery = false;
        ASSERT_TRUE(shop.recover(fate, never));
      }
      shop.disk.crash_after(never);
      shop.finish_day();
      ASSERT_EQ(shop.verdict.text(), "");
    }
    if (is_beyond_recovery) break;
  }
}

INSTANTIATE_TEST_SUITE_P(SmallScope, CrashEverywhere,
                         testing::Values(CrashFate::drop, CrashFate::keep, CrashFate::tear,
                                         CrashFate::garble, CrashFate::reorder));

}  // namespace
}  // namespace holdfast
