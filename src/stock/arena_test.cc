// Arena: memory that is reserved and touched before it is needed.
#include "stock/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

#include "stock/stock.h"
#include "stock/stock_samples.h"

namespace holdfast {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

bool is_inside(std::span<const std::byte> chunk, const std::byte* block) {
  return block >= chunk.data() && block + block_bytes <= chunk.data() + chunk.size();
}

// Touched while it is in use, too: a job may be late.
TEST(Arena, TakesFromTheChunkThatItTold) {
  std::vector<std::span<std::byte>> told;
  Arena arena;
  arena.grow_ahead([&](std::span<std::byte> chunk) {
    if (!told.empty()) Arena::populate(told.back());
    told.push_back(chunk);
  });
  std::vector<std::byte*> blocks;
  for (int number = 0; number < 100; ++number) {
    blocks.push_back(arena.take(block_bytes, 64));
    std::memset(blocks.back(), number, block_bytes);
  }
  ASSERT_GT(told.size(), 3u);
  for (const auto chunk : std::span(told).first(told.size() - 1)) {
    EXPECT_TRUE(std::ranges::any_of(blocks, [&](auto* block) { return is_inside(chunk, block); }));
  }
  for (std::size_t number = 0; number < blocks.size(); ++number) {
    EXPECT_EQ(blocks[number][0], std::byte(number));
    EXPECT_EQ(blocks[number][block_bytes - 1], std::byte(number));
  }
}

// One block that is larger than what was reserved leaves that for the next.
TEST(Arena, KeepsWhatItReservedForLater) {
  std::vector<std::span<std::byte>> told;
  Arena arena;
  arena.grow_ahead([&](std::span<std::byte> chunk) { told.push_back(chunk); });
  while (told.empty()) arena.take(block_bytes, 64);
  arena.take(64 * block_bytes, 64);
  EXPECT_EQ(told.size(), 1u);
  EXPECT_TRUE(is_inside(told.front(), arena.take(block_bytes, 64)));
  EXPECT_EQ(told.size(), 2u);
  EXPECT_GE(told.front().size(), 2 * block_bytes);
}

TEST(StockMemory, IsTouchedElsewhereEvenWhenTheStockIsGone) {
  std::vector<std::function<void()>> jobs;
  {
    Stock stock([&](std::function<void()> job) { jobs.push_back(std::move(job)); });
    Seq seq;
    stock.define(LocationId(1), location_named("BER"), seq = seq.next());
    for (std::uint32_t item = 1; jobs.size() < 2; ++item) {
      ASSERT_LT(item, 1'000'000u);
      stock.define(ItemId(item), item_named(std::to_string(item)), seq = seq.next());
      stock.move({.item = ItemId(item), .location = LocationId(1), .lot = LotId()}, Quantities{},
                 seq = seq.next());
      if (jobs.size() == 1) jobs.front()();
    }
    EXPECT_EQ(stock.digest(), stock.recomputed_digest());
  }
  for (const auto& job : jobs) job();
}

}  // namespace
}  // namespace holdfast
