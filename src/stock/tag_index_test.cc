// TagIndex: every id is found by its hash while others come and go, and crafted hashes only make it
// slower.
#include "stock/tag_index.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace holdfast {
namespace {

std::uint32_t find(const TagIndex& index, std::uint64_t hash, std::uint32_t id) {
  return index.find(hash, [id](std::uint32_t candidate) { return candidate == id; });
}

TEST(TagIndex, FindsEveryIdThroughGrowthSplitsAndErasures) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  Arena arena;
  TagIndex index(arena);
  std::vector<std::uint64_t> hash_of = {0};
  for (std::uint32_t id = 1; id <= 60'000; ++id) {
    hash_of.push_back(random());
    index.insert(hash_of[id], id);
  }
  std::vector<bool> erased(hash_of.size());
  for (std::uint32_t id = 1; id < hash_of.size(); ++id) {
    if (random() % 3 != 0) continue;
    index.erase(hash_of[id], id);
    erased[id] = true;
  }
  for (std::uint32_t id = 1; id < hash_of.size(); ++id) {
    ASSERT_EQ(find(index, hash_of[id], id), erased[id] ? 0 : id);
  }
}

TEST(TagIndex, ThousandsOfEqualHashesAreStillTold) {
  Arena arena;
  TagIndex index(arena);
  constexpr std::uint64_t crafted = 0x123456789abcdef0u;
  for (std::uint32_t id = 1; id <= 8'000; ++id) index.insert(crafted, id);
  index.insert(~crafted, 9'000);
  for (const std::uint32_t id : {1u, 4'000u, 8'000u}) EXPECT_EQ(find(index, crafted, id), id);
  EXPECT_EQ(find(index, ~crafted, 9'000), 9'000u);
  EXPECT_EQ(find(index, crafted, 9'000), 0u);
  index.erase(crafted, 1);
  EXPECT_EQ(find(index, crafted, 1), 0u);
  EXPECT_EQ(find(index, crafted, 8'000), 8'000u);
  EXPECT_EQ(index.size(), 8'000u);
}

TEST(TagIndex, MisuseIsABug) {
  Arena arena;
  TagIndex index(arena);
  EXPECT_DEATH(index.insert(1, 0), "");
  EXPECT_DEATH(index.erase(1, 1), "not in the index");
}

}  // namespace
}  // namespace holdfast
