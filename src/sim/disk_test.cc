// The simulated disk keeps its own promises: what a crash may and may not do, and that one seed is
// one run.
#include "sim/disk.h"

#include <gtest/gtest.h>

#include "sim/background.h"

namespace holdfast {
namespace {

struct AlignedBlock {
  alignas(disk_block_bytes) std::array<std::byte, 2 * disk_block_bytes> bytes{};
};

class SimDisk : public testing::Test {
 protected:
  void make(std::string_view name, std::string_view content) {
    auto file = disk_.open(name, OpenMode::create);
    ASSERT_TRUE(file.has_value() && (*file)->write_at(0, as_bytes(content)).has_value());
    ASSERT_TRUE((*file)->sync().has_value() && disk_.sync().has_value());
  }
  std::string read(std::string_view name) {
    const auto bytes = disk_.contents(name);
    return std::string(as_text(bytes));
  }

  SimClock clock_;
  SimDirectory disk_{clock_, 7};
};

TEST_F(SimDisk, WhatWasSyncedSurvivesEveryCrash) {
  make("a", "synced");
  for (const CrashFate fate : {CrashFate::drop, CrashFate::keep, CrashFate::tear, CrashFate::garble,
                               CrashFate::reorder, CrashFate::random}) {
    disk_.restart(fate);
    EXPECT_EQ(read("a"), "synced");
  }
}

TEST_F(SimDisk, ACrashDecidesAboutWhatWasNotSynced) {
  make("a", "old old old");
  const auto file = disk_.open("a", OpenMode::write);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("new")).has_value());
  EXPECT_EQ(read("a"), "new old old");
  disk_.restart(CrashFate::drop);
  EXPECT_EQ(read("a"), "old old old");
  EXPECT_FALSE((*file)->sync().has_value()) << "a handle outlived the crash";

  const auto again = disk_.open("a", OpenMode::write);
  ASSERT_TRUE((*again)->write_at(0, as_bytes("new")).has_value());
  disk_.restart(CrashFate::keep);
  EXPECT_EQ(read("a"), "new old old");
}

TEST_F(SimDisk, NamesAreDurableOnlyAfterTheDirectorysSync) {
  const auto file = disk_.open("a", OpenMode::create);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("x")).has_value() && (*file)->sync().has_value());
  disk_.restart(CrashFate::drop);
  EXPECT_TRUE(disk_.list()->empty());

  make("a", "first");
  make("b", "second");
  ASSERT_TRUE(disk_.rename("b", "a").has_value());
  EXPECT_EQ(read("a"), "second");
  disk_.restart(CrashFate::drop);
  EXPECT_EQ(read("a"), "first");
  EXPECT_EQ(read("b"), "second");
}

TEST_F(SimDisk, AQueuesWriteIsDurableWhenReapedAndNotBefore) {
  make("a", std::string(16384, '.'));
  disk_.knobs.write_latency_min = disk_.knobs.write_latency_max = Duration::us(100);
  AlignedBlock block;
  block.bytes.fill(std::byte{'x'});
  std::vector<WriteDone> done;
  {
    const auto queue = disk_.write_queue("a", 2);
    (*queue)->submit(1, 4096, block.bytes);
    (*queue)->reap(done);
    EXPECT_TRUE(done.empty());
    disk_.crash_after(disk_.io_count());
    (*queue)->wait(done);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_FALSE(done[0].status.has_value());
  }
  disk_.restart(CrashFate::drop);
  EXPECT_EQ(read("a"), std::string(16384, '.'));

  const auto queue = disk_.write_queue("a", 2);
  (*queue)->submit(2, 4096, block.bytes);
  const Duration before = clock_.boot();
  done.clear();
  (*queue)->wait(done);
  ASSERT_TRUE(done.size() == 1 && done[0].status.has_value());
  EXPECT_EQ((clock_.boot() - before).us(), 100);
  disk_.restart(CrashFate::drop);
  EXPECT_EQ(read("a").substr(4096, 8192), std::string(8192, 'x'));
}

TEST_F(SimDisk, TornWritesAreTornAtSectors) {
  make("a", std::string(8192, '.'));
  bool torn = false;
  for (int round = 0; round < 50; ++round) {
    const auto file = disk_.open("a", OpenMode::write);
    ASSERT_TRUE((*file)->write_at(0, as_bytes(std::string(8192, 'x'))).has_value());
    disk_.restart(CrashFate::tear);
    const std::string found = read("a");
    for (std::size_t at = 0; at < found.size(); at += 512) {
      ASSERT_EQ(found.substr(at, 512), std::string(512, found[at]));
      torn = torn || found[at] != found[0];
    }
    disk_.overwrite("a", 0, as_bytes(std::string(8192, '.')));
  }
  EXPECT_TRUE(torn);
}

TEST_F(SimDisk, AfterAFailedSyncReadsLieUntilTheNextGoodOne) {
  make("a", std::string(4096, '.'));
  const auto file = disk_.open("a", OpenMode::write);
  ASSERT_TRUE((*file)->write_at(0, as_bytes(std::string(4096, 'x'))).has_value());
  disk_.knobs.sync_error_chance = 1'000'000;
  bool lost = false;
  for (int round = 0; round < 20 && !lost; ++round) {
    ASSERT_TRUE((*file)->write_at(0, as_bytes(std::string(4096, 'x'))).has_value());
    EXPECT_FALSE((*file)->sync().has_value());
    EXPECT_EQ(read("a"), std::string(4096, 'x'));
    disk_.knobs.sync_error_chance = 0;
    ASSERT_TRUE((*file)->sync().has_value());  // there is nothing left to write
    lost = read("a") == std::string(4096, '.');
    disk_.overwrite("a", 0, as_bytes(std::string(4096, '.')));
    disk_.knobs.sync_error_chance = 1'000'000;
  }
  EXPECT_TRUE(lost);
}

TEST_F(SimDisk, ErrorsComeWherePlanned) {
  make("a", "x");
  const auto file = disk_.open("a", OpenMode::write);
  disk_.fail_io(2, ErrorCode::disk_full);
  EXPECT_TRUE((*file)->write_at(0, as_bytes("1")).has_value());
  EXPECT_EQ((*file)->write_at(0, as_bytes("2")).error().code, ErrorCode::disk_full);
  EXPECT_TRUE((*file)->write_at(0, as_bytes("3")).has_value());
  disk_.knobs.capacity_bytes = 100;
  EXPECT_EQ((*file)->write_at(50, as_bytes(std::string(60, 'x'))).error().code,
            ErrorCode::disk_full);
  EXPECT_EQ(*disk_.free_bytes(), 100 - disk_.contents("a").size());
}

TEST_F(SimDisk, AProcessDiesAndTheCacheLives) {
  make("a", "old");
  const auto file = disk_.open("a", OpenMode::write);
  const auto lock = disk_.lock("lock");
  EXPECT_EQ(disk_.lock("lock").error().code, ErrorCode::locked);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("new")).has_value());
  disk_.restart_process();
  EXPECT_EQ(read("a"), "new");
  EXPECT_TRUE(disk_.lock("lock").has_value());
  disk_.restart(CrashFate::drop);
  EXPECT_EQ(read("a"), "old");
}

TEST_F(SimDisk, WritesOfADeadProcessLandWhenTheNextOpensAQueue) {
  make("a", std::string(8192, '.'));
  disk_.knobs.write_latency_min = disk_.knobs.write_latency_max = Duration::us(100);
  AlignedBlock block;
  block.bytes.fill(std::byte{'x'});
  {
    const auto queue = disk_.write_queue("a", 1);
    (*queue)->submit(1, 0, block.bytes);
    disk_.restart_process();
  }
  EXPECT_EQ(read("a"), std::string(8192, '.'));
  ASSERT_TRUE(disk_.write_queue("a", 1).has_value());
  EXPECT_EQ(read("a"), std::string(8192, 'x'));
}

std::vector<std::byte> one_run(std::uint64_t seed) {
  SimClock clock;
  SimDirectory disk(clock, seed);
  const auto file = disk.open("a", OpenMode::create);
  CHECK((*file)->write_at(0, as_bytes(std::string(65536, '.'))).has_value());
  CHECK((*file)->sync().has_value() && disk.sync().has_value());
  for (int index = 0; index < 16; ++index) {
    CHECK((*file)->write_at(index * 4096u, as_bytes(std::string(4096, 'x'))).has_value());
  }
  disk.restart(CrashFate::random);
  return disk.contents("a");
}

TEST(SimDiskSeed, OneSeedIsOneRun) {
  EXPECT_EQ(one_run(1), one_run(1));
  EXPECT_NE(one_run(1), one_run(2));
}

}  // namespace
}  // namespace holdfast
