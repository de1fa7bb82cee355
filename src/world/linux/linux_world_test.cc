// The real doors: files that are private, locks that exclude, writes that are whole or an error.
#include "world/linux/linux_world.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <latch>

#include "base/check.h"
#include "world/linux/durable_write.h"
#include "world/linux/uring_write_queue.h"

namespace holdfast {
namespace {

class LinuxWorldTest : public testing::Test {
 protected:
  LinuxWorldTest() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-world-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    parent_ = name;
  }
  ~LinuxWorldTest() override { std::filesystem::remove_all(parent_); }

  std::unique_ptr<LinuxWorld> open(WriteMethod method = WriteMethod::threads) {
    auto world = LinuxWorld::open(parent_ + "/data", {.write_method = method});
    CHECK(world.has_value(), "{}", world.error().message);
    return std::move(*world);
  }
  static void make(Directory& disk, std::string_view name, std::size_t bytes) {
    const auto file = disk.open(name, OpenMode::create);
    CHECK(file.has_value(), "{}", file.error().message);
    CHECK((*file)->write_at(0, std::vector<std::byte>(bytes)).has_value());
    CHECK((*file)->sync().has_value());
  }

  std::string parent_;
};

unsigned mode_of(const std::string& path) {
  struct stat status {};
  CHECK(::stat(path.c_str(), &status) == 0, "{}", path);
  return status.st_mode & 07777;
}

TEST_F(LinuxWorldTest, TheDirectoryAndItsFilesAreTheOwnersOnly) {
  const auto world = open();
  make(world->world().disk, "a", 10);
  EXPECT_EQ(mode_of(parent_ + "/data"), 0700u);
  EXPECT_EQ(mode_of(parent_ + "/data/a"), 0600u);
}

TEST_F(LinuxWorldTest, ReadsEndAtTheEndAndWritesGrow) {
  const auto world = open();
  Directory& disk = world->world().disk;
  make(disk, "a", 10);
  EXPECT_FALSE(disk.open("a", OpenMode::create).has_value());
  EXPECT_FALSE(disk.open("b", OpenMode::write).has_value());
  const auto file = disk.open("a", OpenMode::write);
  ASSERT_TRUE((*file)->write_at(8, as_bytes("abcdef")).has_value());
  EXPECT_EQ(*(*file)->size(), 14u);
  std::array<std::byte, 64> out{};
  EXPECT_EQ(*(*file)->read_at(8, out), 6u);
  EXPECT_EQ(as_text(ByteSpan(out).first(6)), "abcdef");
  EXPECT_EQ(*(*file)->read_at(100, out), 0u);
  ASSERT_TRUE((*file)->resize(3).has_value());
  EXPECT_EQ(*(*file)->size(), 3u);
}

TEST_F(LinuxWorldTest, NamesAreListedRenamedAndRemoved) {
  const auto world = open();
  Directory& disk = world->world().disk;
  make(disk, "b", 1);
  make(disk, "a", 1);
  EXPECT_EQ(*disk.list(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(disk.rename("a", "b").has_value() && disk.sync().has_value());
  EXPECT_EQ(*disk.list(), (std::vector<std::string>{"b"}));
  ASSERT_TRUE(disk.remove("b").has_value());
  EXPECT_TRUE(disk.list()->empty());
  EXPECT_EQ(disk.remove("b").error().code, ErrorCode::io_error);
  EXPECT_GT(*disk.free_bytes(), 0u);
}

TEST_F(LinuxWorldTest, SymbolicLinksAreNotFollowed) {
  const auto world = open();
  make(world->world().disk, "a", 1);
  std::filesystem::create_symlink("a", parent_ + "/data/link");
  EXPECT_FALSE(world->world().disk.open("link", OpenMode::write).has_value());
  EXPECT_FALSE(world->world().disk.write_queue("link", 1).has_value());
}

TEST_F(LinuxWorldTest, TheLockExcludesASecondOwnerUntilItIsGone) {
  const auto world = open();
  const auto other = open();
  auto lock = world->world().disk.lock("lock");
  ASSERT_TRUE(lock.has_value());
  EXPECT_EQ(other->world().disk.lock("lock").error().code, ErrorCode::locked);
  // Another close of the same file does not release it, as it would with a POSIX lock.
  EXPECT_TRUE(world->world().disk.open("lock", OpenMode::read).has_value());
  EXPECT_EQ(other->world().disk.lock("lock").error().code, ErrorCode::locked);
  lock->reset();
  EXPECT_TRUE(other->world().disk.lock("lock").has_value());
}

TEST_F(LinuxWorldTest, AFileBeyondTheSizeLimitIsAnError) {
  const auto world = open();
  const auto file = world->world().disk.open("a", OpenMode::create);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = (*file)->write_at(4096, as_bytes("x"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::limit_exceeded);
}

TEST_F(LinuxWorldTest, ADeviceWithoutSpaceIsSaidToBeFull) {
  // /dev/full answers every write with ENOSPC.
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.is_open());
  const std::vector<std::byte> block(disk_block_bytes);
  EXPECT_EQ(durable_write(full.number(), "full", 0, block).error().code, ErrorCode::disk_full);
}

TEST_F(LinuxWorldTest, AShortWriteIsNeverTakenForSuccess) {
  // A size limit in the middle of the write makes the kernel write a part of it.
  const auto world = open();
  make(world->world().disk, "a", disk_block_bytes);
  const Descriptor file(::open((parent_ + "/data/a").c_str(), O_WRONLY | O_CLOEXEC));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = disk_block_bytes;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written =
      durable_write(file.number(), "a", 0, std::vector<std::byte>(2 * disk_block_bytes));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::io_error);
  EXPECT_NE(written.error().message.find("4096 of 8192"), std::string::npos)
      << written.error().message;
}

TEST_F(LinuxWorldTest, StandardDescriptorsExist) {
  const auto world = open();
  for (int number = 0; number <= 2; ++number) EXPECT_GE(::fcntl(number, F_GETFD), 0);
}

TEST_F(LinuxWorldTest, BackgroundJobsAllRunAndDrainWaits) {
  const auto world = open();
  std::array<std::atomic<int>, 100> runs{};
  for (auto& count : runs) world->world().background.post([&count] { ++count; });
  world->world().background.drain();
  EXPECT_TRUE(std::ranges::all_of(runs, [](const auto& count) { return count == 1; }));
}

TEST_F(LinuxWorldTest, AShortJobDoesNotWaitForALongOne) {
  const auto world = open();
  std::latch is_short_done(1);
  world->world().background.post([&] { is_short_done.wait(); });  // ends after the one behind it
  world->world().background.post([&] { is_short_done.count_down(); });
  world->world().background.drain();
}

TEST_F(LinuxWorldTest, ClocksAndRandomnessAnswer) {
  const auto world = open();
  EXPECT_GT(world->world().clock.wall().us(), 1'600'000'000'000'000);
  const Duration before = world->world().clock.boot();
  EXPECT_GE(world->world().clock.boot(), before);
  EXPECT_NE(world->world().random.next(), world->world().random.next());
}

struct AlignedBlocks {
  alignas(disk_block_bytes) std::array<std::byte, 8 * disk_block_bytes> bytes{};
};

class WriteQueueOn : public LinuxWorldTest, public testing::WithParamInterface<WriteMethod> {
 protected:
  void SetUp() override {
    if (GetParam() == WriteMethod::uring && !uring_is_allowed()) {
      GTEST_SKIP() << "io_uring is not allowed here";
    }
  }
};

TEST_P(WriteQueueOn, WritesManyAtOnceAndWakes) {
  const auto world = open(GetParam());
  Directory& disk = world->world().disk;
  make(disk, "a", 64 * disk_block_bytes);
  AlignedBlocks blocks;
  for (std::size_t at = 0; at < blocks.bytes.size(); ++at) {
    blocks.bytes[at] = static_cast<std::byte>('a' + at / disk_block_bytes);
  }
  const auto queue = disk.write_queue("a", 8);
  ASSERT_TRUE(queue.has_value()) << queue.error().message;
  std::vector<WriteDone> done;
  for (std::uint64_t round = 0; round < 8; ++round) {
    for (std::uint64_t index = 0; index < 8; ++index) {
      (*queue)->submit(round * 8 + index, (index * 8 + round) * disk_block_bytes,
                       ByteSpan(blocks.bytes).subspan(index * disk_block_bytes, disk_block_bytes));
    }
    pollfd wake = {.fd = disk.wake_descriptor(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&wake, 1, 10'000), 1);
    const std::size_t before = done.size();
    while (done.size() < before + 8) (*queue)->wait(done);
  }
  std::vector<bool> seen(64);
  for (const WriteDone& each : done) {
    EXPECT_TRUE(each.status.has_value());
    seen[each.token] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 64);
  std::vector<std::byte> content(64 * disk_block_bytes);
  ASSERT_EQ(*(*disk.open("a", OpenMode::read))->read_at(0, content), content.size());
  for (std::size_t at = 0; at < content.size(); at += disk_block_bytes) {
    ASSERT_EQ(content[at], static_cast<std::byte>('a' + at / disk_block_bytes / 8));
  }
}

TEST_P(WriteQueueOn, AnErrorIsReportedWithItsToken) {
  const auto world = open(GetParam());
  make(world->world().disk, "a", disk_block_bytes);
  AlignedBlocks blocks;
  const auto queue = world->world().disk.write_queue("a", 2);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = disk_block_bytes;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  (*queue)->submit(7, disk_block_bytes, ByteSpan(blocks.bytes).first(disk_block_bytes));
  std::vector<WriteDone> done;
  (*queue)->wait(done);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].token, 7u);
  ASSERT_FALSE(done[0].status.has_value());
  EXPECT_EQ(done[0].status.error().code, ErrorCode::limit_exceeded);
}

// Destroying a queue waits for its writes: what they point to may go afterwards.
TEST_P(WriteQueueOn, MayBeDestroyedWithWritesInFlight) {
  const auto world = open(GetParam());
  make(world->world().disk, "a", 8 * disk_block_bytes);
  for (int round = 0; round < 20; ++round) {
    const auto blocks = std::make_unique<AlignedBlocks>();
    const auto queue = world->world().disk.write_queue("a", 8);
    for (std::uint64_t index = 0; index < 8; ++index) {
      (*queue)->submit(index, index * disk_block_bytes,
                       ByteSpan(blocks->bytes).first(disk_block_bytes));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, WriteQueueOn,
                         testing::Values(WriteMethod::threads, WriteMethod::uring));

}  // namespace
}  // namespace holdfast
