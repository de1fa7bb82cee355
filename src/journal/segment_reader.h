// SegmentReader: one segment, read in large pieces, its header checked. And the list of segments of
// a directory.
#pragma once

#include <memory>
#include <vector>

#include "journal/batch_format.h"
#include "world/disk.h"

namespace holdfast {

// Numbers of the segments in the directory, ascending.
Result<std::vector<std::uint64_t>> list_segments(Directory& disk);

enum class SegmentAccess : unsigned char {
  look,    // change nothing
  repair,  // sync what is found before it is believed
};

class SegmentReader {
 public:
  // corrupt when the header is damaged, is of another ledger or number, or does not tell the file's
  // size.
  static Result<SegmentReader> open(Directory& disk, const LedgerId& ledger, std::uint64_t number,
                                    SegmentAccess access);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::string name() const { return segment_name(number_); }

  // Bytes of the segment, fewer only at its end; valid until the next call.
  Result<ByteSpan> read(std::uint64_t offset, std::size_t count);
  // Forgets what was read ahead, so that the next read sees the file as it is then.
  void forget() { held_ = 0; }

 private:
  SegmentReader(std::unique_ptr<File> file, std::uint64_t number, std::uint64_t bytes);

  std::unique_ptr<File> file_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<std::byte> buffer_;
  std::uint64_t start_ = 0;  // offset of what the buffer holds …
  std::size_t held_ = 0;     // … and its length
};

}  // namespace holdfast
