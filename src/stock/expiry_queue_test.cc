// ExpiryQueue against an ordered set, with removals from everywhere.
#include "stock/expiry_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <utility>

namespace holdfast {
namespace {

TEST(ExpiryQueue, KeepsTheEarliestInFrontWhateverLeaves) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  Arena arena;
  ExpiryQueue queue(arena);
  std::set<std::pair<Timestamp, std::uint32_t>> model;
  std::map<std::uint32_t, Timestamp> end_of;
  for (int step = 0; step < 40'000; ++step) {
    const auto row = static_cast<std::uint32_t>(1 + random() % 2'000);
    if (const auto held = end_of.find(row); held != end_of.end()) {
      ASSERT_TRUE(queue.contains(row));
      queue.erase(row);
      model.erase({held->second, row});
      end_of.erase(held);
    } else {
      ASSERT_FALSE(queue.contains(row));
      const auto end = Timestamp::us(static_cast<std::int64_t>(random() % 500));  // many ties
      queue.insert(row, end);
      model.emplace(end, row);
      end_of.emplace(row, end);
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.next(), model.empty() ? Timestamp::never() : model.begin()->first);
    ASSERT_EQ(queue.next_row(), model.empty() ? 0 : model.begin()->second);
  }
  for (; !model.empty(); model.erase(model.begin())) {
    ASSERT_EQ(queue.next_row(), model.begin()->second);
    queue.erase(queue.next_row());
  }
  EXPECT_TRUE(queue.next().is_never());
}

TEST(ExpiryQueue, MisuseIsABug) {
  Arena arena;
  ExpiryQueue queue(arena);
  queue.insert(3, Timestamp::us(1));
  EXPECT_DEATH(queue.insert(3, Timestamp::us(2)), "queued already");
  EXPECT_DEATH(queue.erase(4), "not queued");
}

}  // namespace
}  // namespace holdfast
