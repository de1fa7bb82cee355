// The bytes of the journal's small fixed records: the identity file and the first block of every
// segment. Tables in docs/format/journal.md; this is their only writer and reader.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "world/disk.h"

namespace holdfast {

// A UUID (RFC 9562) made once per ledger; everything written for a ledger carries it.
struct LedgerId {
  std::array<std::uint8_t, 16> bytes{};
  friend constexpr auto operator<=>(const LedgerId&, const LedgerId&) = default;
  [[nodiscard]] std::string text() const;
  static std::optional<LedgerId> parse(std::string_view text);
};

inline constexpr std::uint32_t journal_format_version = 1;

// The first block of a segment; batches begin behind it.
inline constexpr std::uint64_t segment_first_offset = disk_block_bytes;

struct SegmentHeader {
  LedgerId ledger;
  std::uint64_t number = 0;  // from 1
  std::uint64_t bytes = 0;   // of the whole file, header included
};

inline constexpr std::string_view identity_name = "journal.id";
inline constexpr std::size_t identity_bytes = 64;

// "journal-000001.seg"; six digits or more.
[[nodiscard]] std::string segment_name(std::uint64_t number);
[[nodiscard]] std::optional<std::uint64_t> segment_number(std::string_view name);

// Appends one whole block.
void encode_segment_header(const SegmentHeader& header, ByteWriter& out);
[[nodiscard]] std::optional<SegmentHeader> decode_segment_header(ByteSpan block);

void encode_identity(const LedgerId& ledger, ByteWriter& out);
[[nodiscard]] std::optional<LedgerId> decode_identity(ByteSpan bytes);

}  // namespace holdfast
