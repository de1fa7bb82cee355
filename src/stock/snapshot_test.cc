// Snapshots: what one sees stays as it was, on any thread, and its memory comes back when it goes.
#include "stock/snapshot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "stock/stock_samples.h"

namespace holdfast {
namespace {

constexpr std::uint32_t items = 400;
constexpr std::uint32_t locations = 5;

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() {
    for (std::uint32_t id = 1; id <= locations; ++id) {
      stock->define(LocationId(id), location_named("L" + std::to_string(id)), next());
    }
    stock->define(ChannelId(1), channel_named("web"), next());
    stock->name_lot(LotId(1), "lot", next());
    for (std::uint32_t id = 1; id <= items; ++id) {
      stock->define(ItemId(id), item_named("S" + std::to_string(id)), next());
      for (std::uint32_t location = 1; location <= locations; ++location) {
        stock->move(key_of(id, location), received(10), next());
      }
    }
  }
  Seq next() { return seq = seq.next(); }
  std::shared_ptr<const Snapshot> take() { return stock->snapshot(seq); }
  void claim(std::uint64_t number, std::uint32_t item) {
    const LevelKey key = key_of(item, 1);
    stock->open_claim(claim_id(number), Timestamp::us(9), context_of("a"), next());
    stock->move(key, delta_of({{Term::available, -1}, {Term::held, 1}}), next());
    stock->move_line(claim_id(number), 1, key, {.held = Quantity(1)}, seq);
  }

  std::unique_ptr<Stock> stock = std::make_unique<Stock>();
  Seq seq;
};

// Every unit is somewhere: what a snapshot that is torn would get wrong.
void expect_whole(const Snapshot& snapshot) {
  std::int64_t available = 0;
  std::int64_t held = 0;
  for (std::uint32_t index = 0; index < snapshot.level_run_count(); ++index) {
    const LevelRun run = snapshot.level_run(index);
    for (std::uint32_t row = 0; row < run.size; ++row) {
      available += run.terms[static_cast<std::size_t>(Term::available)][row].units();
      held += run.terms[static_cast<std::size_t>(Term::held)][row].units();
      ASSERT_LE(run.version[row], snapshot.seq());
    }
  }
  ASSERT_EQ(available + held, std::int64_t{items} * locations * 10);
  std::int64_t held_by_lines = 0;
  for (std::uint32_t index = 0; index < snapshot.line_run_count(); ++index) {
    const LineRun run = snapshot.line_run(index);
    for (std::uint32_t row = 0; row < run.size; ++row) held_by_lines += run.held[row].units();
  }
  ASSERT_EQ(held_by_lines, held);
  ASSERT_EQ(snapshot.claim_count(), snapshot.line_count());
}

TEST_F(SnapshotTest, SeesNothingThatComesLater) {
  claim(1, 1);
  const auto before = take();
  const auto digest = stock->digest();
  claim(2, 1);
  stock->move(key_of(1, 1, 1), received(5), next());
  stock->define(ItemId(1), item_named("renamed"), next());
  stock->define(ItemId(items + 1), item_named("new"), next());
  stock->set_expiry(claim_id(1), Timestamp::us(77), next());
  EXPECT_EQ(before->seq(), Seq(seq.value() - 6));
  EXPECT_EQ(before->digest(), digest);
  EXPECT_EQ(before->item(ItemId(1)).sku, "S1");
  EXPECT_EQ(before->last_item(), ItemId(items));
  EXPECT_EQ(before->claim_count(), 1u);
  EXPECT_EQ(before->line_count(), 1u);
  EXPECT_EQ(before->head(ClaimRef{1}).expires_at, Timestamp::us(9));
  EXPECT_EQ(before->level_count(), items * locations);
  EXPECT_EQ(before->level(LevelRef{1}).quantities[Term::held], Quantity(1));
  EXPECT_EQ(stock->item(ItemId(1)).sku, "renamed");
  EXPECT_EQ(stock->level(LevelRef{1}).quantities[Term::held], Quantity(2));
  expect_whole(*before);
}

TEST_F(SnapshotTest, RunsCoverEveryRowOnceAndAgreeWithRows) {
  for (std::uint64_t number = 1; number <= 300; ++number) {
    claim(number, static_cast<std::uint32_t>(1 + number % items));
  }
  stock->move(key_of(7, 3), delta_of({{Term::incoming, 4}}), next());
  stock->move_line(claim_id(5), 1, key_of(6, 1), {.held = Quantity(-1), .released = Quantity(1)},
                   next());
  const auto snapshot = take();
  std::uint32_t row = 1;
  for (std::uint32_t index = 0; index < snapshot->level_run_count(); ++index) {
    const LevelRun run = snapshot->level_run(index);
    ASSERT_EQ(run.first, row);
    for (std::uint32_t at = 0; at < run.size; ++at, ++row) {
      const Level level = snapshot->level(LevelRef{row});
      ASSERT_EQ(level.key, (LevelKey{run.item[at], run.location[at], run.lot[at]}));
      ASSERT_EQ(level.key, snapshot->key(LevelRef{row}));
      ASSERT_EQ(level.version, run.version[at]);
      for (std::size_t term = 0; term < term_count; ++term) {
        const Quantity in_run = run.terms[term] == nullptr ? Quantity() : run.terms[term][at];
        ASSERT_EQ(in_run, level.quantities[static_cast<Term>(term)]);
      }
    }
  }
  EXPECT_EQ(row, snapshot->level_count() + 1);
  row = 1;
  for (std::uint32_t index = 0; index < snapshot->claim_run_count(); ++index) {
    const ClaimRun run = snapshot->claim_run(index);
    ASSERT_EQ(run.first, row);
    for (std::uint32_t at = 0; at < run.size; ++at, ++row) {
      ASSERT_EQ(snapshot->head(ClaimRef{row}).id, run.id[at]);
      ASSERT_EQ(snapshot->head(ClaimRef{row}).version, run.version[at]);
    }
  }
  EXPECT_EQ(row, snapshot->claim_count() + 1);
  std::int64_t released = 0;
  for (std::uint32_t index = 0; index < snapshot->line_run_count(); ++index) {
    const LineRun run = snapshot->line_run(index);
    for (std::uint32_t at = 0; at < run.size; ++at) {
      const ClaimLine line = snapshot->line(ClaimRef{run.claim[at]}, run.number[at]);
      ASSERT_EQ(line.level, snapshot->key(LevelRef{run.level[at]}));
      ASSERT_EQ(line.quantities.held, run.held[at]);
      if (run.released != nullptr) released += run.released[at].units();
    }
  }
  EXPECT_EQ(released, 1);
}

TEST_F(SnapshotTest, AnEmptyLedgerHasNoRows) {
  Stock empty;
  const auto snapshot = empty.snapshot(Seq());
  EXPECT_EQ(snapshot->level_count(), 0u);
  for (std::uint32_t index = 0; index < snapshot->level_run_count(); ++index) {
    EXPECT_EQ(snapshot->level_run(index).size, 0u);
  }
  EXPECT_EQ(snapshot->claim_count() + snapshot->line_count() + snapshot->request_rows(), 0u);
}

TEST_F(SnapshotTest, CopiesPagesOnceAndGivesThemBack) {
  EXPECT_EQ(stock->copied_bytes(), 0u);
  auto first = take();
  stock->move(key_of(1, 1), received(1), next());
  const std::uint64_t one_page = stock->copied_bytes();
  EXPECT_GT(one_page, 0u);
  stock->move(key_of(1, 1), received(1), next());
  EXPECT_EQ(stock->copied_bytes(), one_page);  // private by now
  auto second = take();
  stock->move(key_of(1, 1), received(1), next());
  EXPECT_EQ(stock->copied_bytes(), 2 * one_page);
  second.reset();
  stock->reclaim();
  EXPECT_EQ(stock->copied_bytes(), one_page);  // what only the second saw is back
  EXPECT_EQ(first->level(LevelRef{1}).quantities[Term::on_hand], Quantity(10));
  first.reset();
  stock->reclaim();
  EXPECT_EQ(stock->copied_bytes(), 0u);
  const std::uint64_t memory = stock->memory_bytes();
  for (int round = 0; round < 100; ++round) {
    const auto snapshot = take();
    stock->move(key_of(1, 1), received(1), next());
  }
  EXPECT_LE(stock->memory_bytes(), memory + 4 * one_page);  // the same pages, over and over
}

// What a snapshot cannot see is not kept for it, however often it is defined anew.
TEST_F(SnapshotTest, KeepsADefinitionOnce) {
  const auto before = take();
  stock->define(ItemId(1), item_named("second"), next());
  const std::uint64_t copied = stock->copied_bytes();
  EXPECT_GT(copied, 0u);
  for (int again = 0; again < 100; ++again) {
    stock->define(ItemId(1), item_named("again"), next());
  }
  EXPECT_EQ(stock->copied_bytes(), copied);
  EXPECT_EQ(before->item(ItemId(1)).sku, "S1");
}

TEST_F(SnapshotTest, OutlivesItsStock) {
  claim(1, 1);
  const auto snapshot = take();
  claim(2, 2);
  stock.reset();
  expect_whole(*snapshot);
  EXPECT_EQ(snapshot->item(ItemId(3)).sku, "S3");
  EXPECT_EQ(snapshot->lot_name(LotId(1)), "lot");
}

// One snapshot at a time, from the writer to the reader.
class Handover {
 public:
  void give(std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    if (snapshot_ == nullptr) snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const Snapshot> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(snapshot_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
};

TEST_F(SnapshotTest, IsReadByAnotherThreadWhileTheWriterGoesOn) {
  constexpr int rounds_wanted = 8;
  constexpr int claims_per_round = 400;
  Handover handover;
  std::atomic<int> rounds = 0;
  std::thread reader([&] {
    Seq last;
    while (rounds < rounds_wanted) {
      const auto snapshot = handover.take();
      if (snapshot == nullptr) continue;
      EXPECT_GE(snapshot->seq(), last);
      last = snapshot->seq();
      expect_whole(*snapshot);
      const auto loaded = load(blocks_of(*snapshot));
      EXPECT_TRUE(loaded.has_value() && (*loaded)->digest() == snapshot->digest());
      ++rounds;
    }
  });
  for (int number = 1; rounds < rounds_wanted; ++number) {
    // Far enough ahead: let the reader come after, looking at new snapshots all the time.
    while (number > claims_per_round * (rounds + 1) && rounds < rounds_wanted) {
      handover.give(take());
    }
    const auto item = static_cast<std::uint32_t>(1 + number * 7 % items);
    claim(static_cast<std::uint64_t>(number), item);
    if (number % 3 == 0) {
      stock->move(key_of(item, 1), delta_of({{Term::available, 1}, {Term::held, -1}}), next());
      stock->move_line(claim_id(static_cast<std::uint64_t>(number)), 1, key_of(item, 1),
                       {.held = Quantity(-1), .released = Quantity(1)}, seq);
    }
    if (number % 16 == 0) {
      stock->define(ItemId(item), item_named("S" + std::to_string(item)), next());
    }
    if (number % 8 == 0) handover.give(take());
  }
  reader.join();
  handover.take();
  stock->reclaim();
  EXPECT_EQ(stock->copied_bytes(), 0u);
  EXPECT_EQ(stock->digest(), stock->recomputed_digest());
}

}  // namespace
}  // namespace holdfast
