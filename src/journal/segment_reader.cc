// Pieces of 4 MiB: four of the largest batches, so at most a quarter of a piece is read twice.
#include "journal/segment_reader.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::size_t piece_bytes = 4 * 1024 * 1024;
static_assert(piece_bytes >= 2 * batch_space_max);

}  // namespace

Result<std::vector<std::uint64_t>> list_segments(Directory& disk) {
  ASSIGN(const std::vector<std::string> names, disk.list());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (const auto number = segment_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<SegmentReader> SegmentReader::open(Directory& disk, const LedgerId& ledger,
                                          std::uint64_t number, SegmentAccess access) {
  const std::string name = segment_name(number);
  ASSIGN(std::unique_ptr<File> file,
         disk.open(name, access == SegmentAccess::repair ? OpenMode::write : OpenMode::read));
  if (access == SegmentAccess::repair) TRY(file->sync());
  ASSIGN(const std::uint64_t bytes, file->size());
  std::vector<std::byte> block(disk_block_bytes);
  ASSIGN(const std::size_t count, file->read_at(0, block));
  const auto header = decode_segment_header(ByteSpan(block).first(count));
  if (!header) {
    return fail(ErrorCode::corrupt, "\"{}\" at offset 0: the segment's header is damaged", name);
  }
  if (header->ledger != ledger) {
    return fail(ErrorCode::corrupt, "\"{}\" at offset 0: the segment belongs to ledger {}, not {}",
                name, header->ledger.text(), ledger.text());
  }
  if (header->number != number) {
    return fail(ErrorCode::corrupt, "\"{}\" at offset 0: this is segment {}", name, header->number);
  }
  if (header->bytes != bytes) {
    return fail(ErrorCode::corrupt,
                "\"{}\" at offset {}: the file ends here but was made with {} bytes", name, bytes,
                header->bytes);
  }
  return SegmentReader(std::move(file), number, bytes);
}

SegmentReader::SegmentReader(std::unique_ptr<File> file, std::uint64_t number, std::uint64_t bytes)
    : file_(std::move(file)), number_(number), bytes_(bytes) {}

Result<ByteSpan> SegmentReader::read(std::uint64_t offset, std::size_t count) {
  CHECK(offset <= bytes_ && count <= piece_bytes);
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, bytes_ - offset));
  if (offset < start_ || offset + count > start_ + held_) {
    if (buffer_.empty()) buffer_.resize(std::min<std::uint64_t>(piece_bytes, bytes_));
    held_ = 0;
    ASSIGN(const std::size_t got, file_->read_at(offset, buffer_));
    start_ = offset;
    held_ = got;
    if (got < count) {
      return fail(ErrorCode::corrupt,
                  "\"{}\" at offset {}: the file ends here but was made with {} bytes", name(),
                  offset + got, bytes_);
    }
  }
  return ByteSpan(buffer_).subspan(static_cast<std::size_t>(offset - start_), count);
}

}  // namespace holdfast
