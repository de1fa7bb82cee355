// Both records have the same frame: magic, version, CRC32C of what follows, fields, zeros.
#include "journal/segment_format.h"

#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "model/ids.h"

namespace holdfast {
namespace {

constexpr std::string_view segment_magic = "HFSEGMT\n";
constexpr std::string_view identity_magic = "HFLEDGR\n";
constexpr std::size_t checked_from = 16;    // the CRC covers the record from here …
constexpr std::size_t segment_fields = 64;  // … to here in a segment's first block
constexpr std::string_view name_before = "journal-";
constexpr std::string_view name_after = ".seg";

void begin_record(std::string_view magic, ByteWriter& out) {
  out.raw(as_bytes(magic));
  out.fixed(journal_format_version);
  out.fixed(std::uint32_t{0});
}

void end_record(std::size_t start, std::size_t bytes, ByteWriter& out) {
  while (out.size() < start + bytes) out.fixed(std::uint8_t{0});
  const ByteSpan checked = out.bytes().subspan(start + checked_from, bytes - checked_from);
  out.patch(start + 12, crc32c(checked));
}

bool is_record(std::string_view magic, std::size_t bytes, ByteSpan in) {
  if (in.size() < bytes) return false;
  ByteReader reader(in);
  if (as_text(reader.raw(magic.size())) != magic) return false;
  if (reader.fixed<std::uint32_t>() != journal_format_version) return false;
  return reader.fixed<std::uint32_t>() == crc32c(in.subspan(checked_from, bytes - checked_from));
}

void put(const LedgerId& ledger, ByteWriter& out) {
  out.raw(std::as_bytes(std::span(ledger.bytes)));
}

LedgerId get_ledger(ByteReader& in) {
  LedgerId ledger;
  const ByteSpan bytes = in.raw(ledger.bytes.size());
  if (!bytes.empty()) std::memcpy(ledger.bytes.data(), bytes.data(), bytes.size());
  return ledger;
}

}  // namespace

std::string LedgerId::text() const { return ClaimId{bytes}.text(); }

std::optional<LedgerId> LedgerId::parse(std::string_view text) {
  const auto uuid = ClaimId::parse(text);
  if (!uuid) return {};
  return LedgerId{uuid->bytes};
}

std::string segment_name(std::uint64_t number) {
  return fmt::format("{}{:06}{}", name_before, number, name_after);
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (!name.starts_with(name_before) || !name.ends_with(name_after)) return {};
  std::uint64_t number = 0;
  const char* first = name.data() + name_before.size();
  const char* last = name.data() + name.size() - name_after.size();
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc() || end != last || segment_name(number) != name || number == 0) return {};
  return number;
}

void encode_segment_header(const SegmentHeader& header, ByteWriter& out) {
  const std::size_t start = out.size();
  begin_record(segment_magic, out);
  put(header.ledger, out);
  out.fixed(header.number);
  out.fixed(header.bytes);
  end_record(start, segment_fields, out);
  while (out.size() < start + disk_block_bytes) out.fixed(std::uint64_t{0});
}

std::optional<SegmentHeader> decode_segment_header(ByteSpan block) {
  if (!is_record(segment_magic, segment_fields, block)) return {};
  ByteReader in(block.subspan(checked_from));
  SegmentHeader header;
  header.ledger = get_ledger(in);
  header.number = in.fixed<std::uint64_t>();
  header.bytes = in.fixed<std::uint64_t>();
  if (!in.ok() || header.number == 0 || header.bytes % disk_block_bytes != 0) return {};
  if (header.bytes < 2 * disk_block_bytes) return {};
  return header;
}

void encode_identity(const LedgerId& ledger, ByteWriter& out) {
  const std::size_t start = out.size();
  begin_record(identity_magic, out);
  put(ledger, out);
  end_record(start, identity_bytes, out);
}

std::optional<LedgerId> decode_identity(ByteSpan bytes) {
  if (bytes.size() != identity_bytes || !is_record(identity_magic, identity_bytes, bytes))
    return {};
  ByteReader in(bytes.subspan(checked_from));
  return get_ledger(in);
}

}  // namespace holdfast
