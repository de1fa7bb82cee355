// The journal on the real file system: what is appended is found again, in order, across restarts
// and segments.
#include "journal/file_journal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "journal/batch_format.h"
#include "journal/journal_for_test.h"
#include "journal/temporary_directory_for_test.h"
#include "world/linux/uring_write_queue.h"

namespace holdfast {
namespace {

constexpr std::size_t sizes[] = {1, 100, 3952, 3953, 10'000, 50'000, 4096};

class FileJournalOn : public testing::TestWithParam<WriteMethod> {
 protected:
  TemporaryDirectory directory_;
};

TEST_P(FileJournalOn, FindsAgainWhatItAppended) {
  if (GetParam() == WriteMethod::uring && !uring_is_allowed()) {
    GTEST_SKIP() << "io_uring is not allowed here";
  }
  std::unique_ptr<LinuxWorld> world = directory_.open(GetParam());
  std::string ledger_id;
  for (int round = 0; round < 4; ++round) {
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(opened->found.size(), static_cast<std::size_t>(round * 40));
    EXPECT_EQ(opened->report.epoch.value(), static_cast<std::uint64_t>(round));
    EXPECT_FALSE(opened->report.torn);
    if (round > 0) {
      EXPECT_EQ(opened->report.ledger_id, ledger_id);
    }
    ledger_id = opened->report.ledger_id;
    expect_whole(*opened);
    for (std::size_t index = 0; index < 40; ++index) {
      while (!opened->journal->has_room()) ASSERT_TRUE(opened->journal->wait().has_value());
      opened->append(sizes[index % std::size(sizes)], index % 3 + 1);
    }
    ASSERT_TRUE(opened->flush().has_value());
    EXPECT_EQ(opened->journal->durable(), opened->last);
    EXPECT_EQ(opened->journal->position().seq, opened->last);
  }
  EXPECT_TRUE(std::filesystem::exists(directory_.path() + "/journal-000003.seg"));
}

INSTANTIATE_TEST_SUITE_P(Methods, FileJournalOn,
                         testing::Values(WriteMethod::threads, WriteMethod::uring));

TEST(FileJournal, ContinuesBehindACheckpointsPosition) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  JournalPosition position;
  {
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    for (int index = 0; index < 20; ++index) {
      ASSERT_TRUE(opened->append_durably(20'000).has_value());
      if (index == 12) position = opened->journal->position();
    }
  }
  auto opened = open_for_test(world->world(), {.from = position, .witness = Seq(13)});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->found.size(), 7u);
  expect_whole(*opened, Seq(13));
  // A position where nothing follows still tells epoch and time of the batch that ends there.
  const JournalPosition end = opened->report.end;
  opened->journal.reset();
  opened = open_for_test(world->world(), {.from = end, .witness = Seq(20)});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->found.size(), 0u);
  EXPECT_EQ(opened->report.at.us(), 20);
  EXPECT_EQ(opened->report.epoch.value(), 1u);
}

TEST(FileJournal, RefusesAPositionThatIsNotItsOwn) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  JournalPosition position;
  {
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    for (int index = 0; index < 3; ++index) ASSERT_TRUE(opened->append_durably(100).has_value());
    position = opened->journal->position();
  }
  for (int field = 0; field < 4; ++field) {
    JournalPosition wrong = position;
    if (field == 0) wrong.hash.low ^= 1;
    if (field == 1) wrong.offset += disk_block_bytes;
    if (field == 2) wrong.segment = 7;
    if (field == 3) wrong.seq = Seq(2);
    const auto opened = open_for_test(world->world(), {.from = wrong});
    ASSERT_FALSE(opened.has_value()) << field;
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  }
}

TEST(FileJournal, ASealCarriesNoEntriesAndProvesTheBatchBeforeIt) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  {
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    ASSERT_TRUE(opened->append_durably(100, 5).has_value());
    ASSERT_TRUE(opened->append_durably(0).has_value());
  }
  const auto opened = open_for_test(world->world());
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  ASSERT_EQ(opened->found.size(), 2u);
  EXPECT_EQ(opened->found[1].header.info.first.value(), 6u);
  EXPECT_EQ(opened->found[1].header.info.last.value(), 5u);
  EXPECT_EQ(opened->found[1].header.durable.value(), 5u);
}

TEST(FileJournal, ALookChangesNothingAndWorksWhileOthersWrite) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  auto writer = open_for_test(world->world());
  ASSERT_TRUE(writer.has_value()) << writer.error().message;
  for (int round = 0; round < 50; ++round) {
    while (!writer->journal->has_room()) ASSERT_TRUE(writer->journal->wait().has_value());
    writer->append(9'000);
    std::uint64_t batches = 0;
    const auto report = read_file_journal(world->world().disk, {},
                                          [&](const BatchHeader&, ByteSpan) -> Status {
                                            ++batches;
                                            return {};
                                          },
                                          {});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_GE(batches, writer->journal->durable().value());
  }
  ASSERT_TRUE(writer->flush().has_value());
}

TEST(FileJournal, WhatTheCallerWritesIsDurableWhenItReturns) {
  const TemporaryDirectory directory;
  {
    const auto world = directory.open();
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value());
    for (int batch = 1; batch <= 30; ++batch) {  // over the ends of segments
      while (!opened->journal->has_room()) ASSERT_TRUE(opened->journal->wait().has_value());
      opened->append(9'000, 1, Writer::caller);
      ASSERT_TRUE(opened->journal->poll().has_value());
      EXPECT_EQ(opened->journal->in_flight(), 0u);
      EXPECT_EQ(opened->journal->durable(), opened->last);
    }
  }
  const auto world = directory.open();
  const auto again = open_for_test(world->world());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->found.size(), 30u);
}

TEST(FileJournal, AnErrorOfTheVisitorEndsTheOpening) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  {
    auto opened = open_for_test(world->world());
    ASSERT_TRUE(opened.has_value() && opened->append_durably(100).has_value());
  }
  const auto opened = open_file_journal(
      world->world(), TestOpening().options, {}, {},
      [](const BatchHeader&, ByteSpan) -> Status { return fail(ErrorCode::corrupt, "no group"); },
      {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().message, "no group");
}

TEST(FileJournal, FilesAreTheOwnersOnly) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  ASSERT_TRUE(open_for_test(world->world()).has_value());
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << entry.path();
  }
}

}  // namespace
}  // namespace holdfast
