// Checkpoint files: whole or nothing, and every damaged byte is found.
#include "journal/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "journal/checkpoint_format.h"
#include "journal/temporary_directory_for_test.h"

namespace holdfast {
namespace {

CheckpointHeader header_of(std::uint64_t seq) {
  return {.position = {.segment = 3, .offset = 8192, .seq = Seq(seq), .hash = {7, 8}},
          .at = Timestamp::us(1'000'000),
          .epoch = Epoch(4),
          .digest = 99,
          .ledger_id = "0191f4a2-7c1e-4b6a-9d3f-2b8c5e7a9d10"};
}

Status write(Directory& disk, std::uint64_t seq, const std::vector<std::string>& blocks) {
  ASSIGN(const auto writer, write_checkpoint(disk, header_of(seq)));
  for (const std::string& block : blocks) TRY(writer->add(as_bytes(block)));
  return writer->finish();
}

struct ReadBack {
  Result<CheckpointHeader> header;
  std::vector<std::string> blocks;
};

ReadBack read(Directory& disk, std::string_view name) {
  std::vector<std::string> blocks;
  auto header = read_checkpoint(disk, name, [&](ByteSpan block) -> Status {
    blocks.emplace_back(as_text(block));
    return {};
  });
  return {std::move(header), std::move(blocks)};
}

TEST(Checkpoint, ReadsBackWhatWasWritten) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  Directory& disk = world->world().disk;
  const std::vector<std::string> blocks = {"levels", "", std::string(3'000'000, 'x'), "end"};
  ASSERT_TRUE(write(disk, 42, blocks).has_value());
  const auto names = list_checkpoints(disk);
  ASSERT_EQ(*names, std::vector<std::string>{checkpoint_name(Seq(42))});
  const ReadBack back = read(disk, names->front());
  ASSERT_TRUE(back.header.has_value()) << back.header.error().message;
  EXPECT_EQ(back.blocks, blocks);
  EXPECT_EQ(back.header->position.seq, Seq(42));
  EXPECT_EQ(back.header->position.segment, 3u);
  EXPECT_EQ(back.header->position.offset, 8192u);
  EXPECT_EQ(back.header->position.hash, (Hash128{7, 8}));
  EXPECT_EQ(back.header->at, Timestamp::us(1'000'000));
  EXPECT_EQ(back.header->epoch, Epoch(4));
  EXPECT_EQ(back.header->digest, 99u);
  EXPECT_EQ(back.header->ledger_id, header_of(42).ledger_id);
}

TEST(Checkpoint, KeepsTheNewestTwo) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  Directory& disk = world->world().disk;
  for (const std::uint64_t seq : {9, 100, 1000}) {
    ASSERT_TRUE(write(disk, seq, {"state"}).has_value());
  }
  EXPECT_EQ(*list_checkpoints(disk),
            (std::vector<std::string>{checkpoint_name(Seq(1000)), checkpoint_name(Seq(100))}));
}

TEST(Checkpoint, WithoutFinishNothingIsLeft) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  Directory& disk = world->world().disk;
  {
    const auto writer = write_checkpoint(disk, header_of(1));
    ASSERT_TRUE(writer.has_value() && (*writer)->add(as_bytes("half")).has_value());
  }
  EXPECT_TRUE(disk.list()->empty());
}

TEST(Checkpoint, EveryDamagedOrMissingByteIsFound) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  Directory& disk = world->world().disk;
  ASSERT_TRUE(write(disk, 42, {"one block", "another"}).has_value());
  const std::string name = checkpoint_name(Seq(42));
  const std::string path = directory.path() + "/" + name;
  const auto bytes = std::filesystem::file_size(path);
  for (std::uintmax_t at = 0; at < bytes; ++at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char good = static_cast<char>(file.get());
    const auto put = [&](char byte) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(byte).flush();
    };
    put(static_cast<char>(good ^ 1));
    const ReadBack back = read(disk, name);
    ASSERT_FALSE(back.header.has_value()) << "byte " << at;
    ASSERT_EQ(back.header.error().code, ErrorCode::corrupt);
    ASSERT_NE(back.header.error().message.find(name), std::string::npos);
    put(good);
  }
  ASSERT_TRUE(read(disk, name).header.has_value());
  for (std::uintmax_t size = bytes; size-- > 0;) {
    std::filesystem::resize_file(path, size);
    ASSERT_FALSE(read(disk, name).header.has_value()) << "cut to " << size;
  }
}

TEST(Checkpoint, SwappedBlocksAndStrangeNamesAreFound) {
  const TemporaryDirectory directory;
  const auto world = directory.open();
  Directory& disk = world->world().disk;
  ASSERT_TRUE(write(disk, 42, {"aaaa", "bbbb"}).has_value());
  const std::string path = directory.path() + "/" + checkpoint_name(Seq(42));
  std::filesystem::copy_file(path, directory.path() + "/" + checkpoint_name(Seq(43)));
  EXPECT_EQ(read(disk, checkpoint_name(Seq(43))).header.error().code, ErrorCode::corrupt);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string content(std::filesystem::file_size(path), '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  constexpr std::size_t unit = checkpoint_frame_bytes + 4;
  std::swap_ranges(content.begin() + checkpoint_header_bytes,
                   content.begin() + checkpoint_header_bytes + unit,
                   content.begin() + checkpoint_header_bytes + unit);
  file.seekp(0);
  file.write(content.data(), static_cast<std::streamsize>(content.size())).flush();
  EXPECT_EQ(read(disk, checkpoint_name(Seq(42))).header.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace holdfast
