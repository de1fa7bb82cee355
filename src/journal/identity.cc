// Order: segment 1 (durable, with the id inside), then the identity (durable). A crash in between
// leaves a blank segment and no identity, which is removed and made anew.
#include "journal/identity.h"

#include <algorithm>

#include "base/check.h"
#include "journal/batch_format.h"
#include "journal/segment_ahead.h"
#include "journal/segment_reader.h"

namespace holdfast {
namespace {

Result<bool> has_content(Directory& disk, std::uint64_t segment) {
  ASSIGN(const std::unique_ptr<File> file, disk.open(segment_name(segment), OpenMode::read));
  std::vector<std::byte> piece(1024 * 1024);
  for (std::uint64_t at = segment_first_offset;;) {
    ASSIGN(const std::size_t count, file->read_at(at, piece));
    if (!is_blank(ByteSpan(piece).first(count))) return true;
    if (count < piece.size()) return false;
    at += count;
  }
}

LedgerId make_id(Random& random) {
  LedgerId id;
  random.fill(std::as_writable_bytes(std::span(id.bytes)));
  id.bytes[6] = static_cast<std::uint8_t>(0x40 | (id.bytes[6] & 0x0f));  // RFC 9562, version 4
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

}  // namespace

Result<std::optional<LedgerId>> read_identity(Directory& disk) {
  ASSIGN(const std::vector<std::string> names, disk.list());
  if (std::find(names.begin(), names.end(), identity_name) == names.end()) {
    return std::optional<LedgerId>();
  }
  ASSIGN(const std::unique_ptr<File> file, disk.open(identity_name, OpenMode::read));
  std::vector<std::byte> bytes(identity_bytes + 1);
  ASSIGN(const std::size_t count, file->read_at(0, bytes));
  const std::optional<LedgerId> id = decode_identity(ByteSpan(bytes).first(count));
  if (!id) {
    return fail(ErrorCode::corrupt, "\"{}\" at offset 0: the identity is damaged", identity_name);
  }
  return id;
}

Result<LedgerId> create_journal(World& world, std::uint64_t first_segment_bytes) {
  Directory& disk = world.disk;
  ASSIGN(const std::vector<std::uint64_t> segments, list_segments(disk));
  for (const std::uint64_t number : segments) {
    ASSIGN(const bool full, has_content(disk, number));
    if (full || number != 1) {
      return fail(ErrorCode::corrupt, "\"{}\" is missing, but \"{}\" is there", identity_name,
                  segment_name(number));
    }
    TRY(disk.remove(segment_name(number)));
    TRY(disk.sync());
  }
  const LedgerId id = make_id(world.random);
  TRY(make_segment(disk, {.ledger = id, .number = 1, .bytes = first_segment_bytes}));

  const std::string temporary = std::string(identity_name) + ".new";
  ASSIGN(const std::unique_ptr<File> file, disk.open(temporary, OpenMode::create));
  ByteWriter bytes;
  encode_identity(id, bytes);
  TRY(file->write_at(0, bytes.bytes()));
  TRY(file->sync());
  TRY(disk.rename(temporary, identity_name));
  TRY(disk.sync());
  return id;
}

}  // namespace holdfast
