// How long turns took is told, those beside a checkpoint apart. The clock moves by hand, the
// journal is done when the test says so, and a checkpoint is written when the test lets it.
#include "engine/turn_times.h"

#include <gtest/gtest.h>

#include <deque>

#include "engine/engine_for_test.h"
#include "engine/hand_journal_for_test.h"
#include "journal/memory_directory_for_test.h"
#include "world/hand_clock_for_test.h"

namespace holdfast {
namespace {

// Nothing is done before drain().
class HeldBackground final : public Background {
 public:
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  void drain() override {
    for (; !jobs_.empty(); jobs_.pop_front()) jobs_.front()();
  }

 private:
  std::deque<std::function<void()>> jobs_;
};

class EngineTurnsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto journal = std::make_unique<HandJournal>();
    journal_ = journal.get();
    auto engine = Engine::open_on(world_, {.checkpoint_every_bytes = 1'000}, std::move(journal));
    ASSERT_TRUE(engine.has_value());
    engine_ = *std::move(engine);
  }
  // A turn that waits for a core and works this long, by a read that does.
  void turn(Duration waits, Duration works = {}) {
    TestRequest request;
    request.kind = Request::Kind::read;
    request.on_read = [&](const Stock&, Timestamp) {
      clock_.pass(waits);
      clock_.work(works);
      return Seq();
    };
    engine_->submit(request);
    engine_->drive();
    ASSERT_TRUE(request.is_released);
  }
  EngineStats stats() { return engine_->stats(); }

  HandClock clock_;
  MemoryWorld memory_;
  HeldBackground background_;
  World world_{clock_, memory_.random, memory_.disk, background_};
  HandJournal* journal_ = nullptr;
  std::unique_ptr<Engine> engine_;
};

TEST(TurnTimes, AreCountedInStepsThatDouble) {
  TurnTimes times;
  for (const int us : {0, 1, 2, 3, 4, 63, 64}) times.add(Duration::us(us));
  times.add(Duration::hours(1));
  EXPECT_EQ(times.count, 8u);
  EXPECT_EQ(times.longest, Duration::hours(1));
  const std::array<std::uint64_t, 8> first{1, 1, 2, 1, 0, 0, 1, 1};
  EXPECT_TRUE(std::equal(first.begin(), first.end(), times.steps.begin()));
  EXPECT_EQ(times.steps.back(), 1u);
}

TEST_F(EngineTurnsTest, ATurnIsCountedWithWhatItTook) {
  turn(Duration::us(700));
  turn(Duration::ms(7));
  turn(Duration::us(20));
  clock_.pass(Duration::seconds(9));  // between turns
  turn(Duration());
  EXPECT_EQ(stats().turns.count, 4u);
  EXPECT_EQ(stats().turns.longest, Duration::ms(7));
  EXPECT_EQ(stats().turns.steps[10], 1u) << "512 to 1 023 µs";
  EXPECT_EQ(stats().turns.steps[13], 1u) << "4 096 to 8 191 µs";
  EXPECT_EQ(stats().turns_beside_checkpoint.count, 0u);
  EXPECT_EQ(stats().waits_for_checkpoint.count, 0u);
}

TEST_F(EngineTurnsTest, ATurnBesideACheckpointIsCountedApart) {
  journal_->bytes = 1'000;
  turn(Duration::ms(3));  // the checkpoint begins before it
  turn(Duration::us(10), Duration::us(700));
  EXPECT_EQ(stats().turns_beside_checkpoint.count, 2u);
  EXPECT_EQ(stats().turns_beside_checkpoint.longest, Duration::ms(3));
  EXPECT_EQ(stats().turns_beside_checkpoint.longest_processor, Duration::us(700));
  EXPECT_EQ(stats().waits_for_checkpoint.count, 1u);
  background_.drain();  // it is written
  turn(Duration::ms(5));
  EXPECT_EQ(stats().checkpoints, 1u);
  EXPECT_EQ(stats().turns_beside_checkpoint.count, 2u);
  EXPECT_EQ(stats().turns.longest, Duration::ms(5));
  EXPECT_FALSE(stats().turns.longest_processor);
}

TEST_F(EngineTurnsTest, AWaitForACheckpointIsFromItsWishToItsSnapshot) {
  TestRequest request;
  request.command = {.context = {.actor = "tester"}, .body = DefineItem{.sku = "A"}};
  journal_->is_slow = true;
  engine_->submit(request);
  engine_->drive();
  clock_.pass(Duration::ms(1));  // in flight, and nothing waits for that
  journal_->bytes = 1'000;
  engine_->drive();
  clock_.pass(Duration::ms(4));
  engine_->drive();
  EXPECT_EQ(stats().waits_for_checkpoint.count, 0u) << "it waits";
  clock_.pass(Duration::ms(2));
  journal_->is_slow = false;
  engine_->drive();
  EXPECT_TRUE(request.is_released);
  EXPECT_EQ(stats().waits_for_checkpoint.count, 1u);
  EXPECT_EQ(stats().waits_for_checkpoint.longest, Duration::ms(6));
  background_.drain();
  journal_->bytes = 2'000;
  engine_->drive();
  EXPECT_EQ(stats().waits_for_checkpoint.count, 2u);
  EXPECT_EQ(stats().waits_for_checkpoint.steps[0], 1u) << "the second found nothing in flight";
}

}  // namespace
}  // namespace holdfast
