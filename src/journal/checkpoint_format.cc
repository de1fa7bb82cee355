// Header and frames carry a CRC32C each, so a length is believed before the bytes behind it are
// read.
#include "journal/checkpoint_format.h"

#include <charconv>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::string_view magic = "HFCHECK\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_checked_from = 16;
constexpr std::size_t frame_checked_from = 4;
constexpr std::string_view name_before = "checkpoint-";
constexpr std::string_view name_after = ".chk";

}  // namespace

std::string checkpoint_name(Seq seq) {
  return fmt::format("{}{:020}{}", name_before, seq.value(), name_after);
}

std::optional<Seq> checkpoint_seq(std::string_view name) {
  if (!name.starts_with(name_before) || !name.ends_with(name_after)) return {};
  if (name.size() <= name_before.size() + name_after.size()) return {};
  std::uint64_t seq = 0;
  const char* last = name.data() + name.size() - name_after.size();
  const auto [end, error] = std::from_chars(name.data() + name_before.size(), last, seq);
  if (error != std::errc() || end != last || checkpoint_name(Seq(seq)) != name) return {};
  return Seq(seq);
}

bool encode_checkpoint_header(const CheckpointHeader& header, ByteWriter& out) {
  const std::optional<LedgerId> ledger = LedgerId::parse(header.ledger_id);
  if (!ledger) return false;
  const std::size_t start = out.size();
  out.raw(as_bytes(magic));
  out.fixed(version);
  out.fixed(std::uint32_t{0});
  out.raw(std::as_bytes(std::span(ledger->bytes)));
  out.fixed(header.position.segment);
  out.fixed(header.position.offset);
  out.fixed(header.position.seq.value());
  out.fixed(header.position.hash.low);
  out.fixed(header.position.hash.high);
  out.fixed(header.at.us());
  out.fixed(header.epoch.value());
  out.fixed(header.digest);
  while (out.size() < start + checkpoint_header_bytes) out.fixed(std::uint64_t{0});
  CHECK(out.size() == start + checkpoint_header_bytes);
  out.patch(start + 12, crc32c(out.bytes().subspan(start + header_checked_from)));
  return true;
}

std::optional<CheckpointHeader> decode_checkpoint_header(ByteSpan bytes) {
  if (bytes.size() != checkpoint_header_bytes) return {};
  ByteReader in(bytes);
  if (as_text(in.raw(magic.size())) != magic || in.fixed<std::uint32_t>() != version) return {};
  if (in.fixed<std::uint32_t>() != crc32c(bytes.subspan(header_checked_from))) return {};
  LedgerId ledger;
  const ByteSpan id = in.raw(ledger.bytes.size());
  std::memcpy(ledger.bytes.data(), id.data(), id.size());
  CheckpointHeader header;
  header.ledger_id = ledger.text();
  header.position.segment = in.fixed<std::uint64_t>();
  header.position.offset = in.fixed<std::uint64_t>();
  header.position.seq = Seq(in.fixed<std::uint64_t>());
  header.position.hash.low = in.fixed<std::uint64_t>();
  header.position.hash.high = in.fixed<std::uint64_t>();
  header.at = Timestamp::us(in.fixed<std::int64_t>());
  header.epoch = Epoch(in.fixed<std::uint64_t>());
  header.digest = in.fixed<std::uint64_t>();
  return header;
}

std::uint64_t hash_of_checkpoint_header(ByteSpan bytes) { return hash64(bytes); }

void encode_checkpoint_frame(const CheckpointFrame& frame, ByteWriter& out) {
  const std::size_t start = out.size();
  out.fixed(std::uint32_t{0});
  out.fixed(static_cast<std::uint32_t>(frame.kind));
  out.fixed(frame.bytes);
  out.fixed(std::uint32_t{0});
  out.fixed(frame.index);
  out.fixed(frame.hash);
  CHECK(out.size() == start + checkpoint_frame_bytes);
  out.patch(start, crc32c(out.bytes().subspan(start + frame_checked_from)));
}

std::optional<CheckpointFrame> decode_checkpoint_frame(ByteSpan bytes) {
  if (bytes.size() != checkpoint_frame_bytes) return {};
  ByteReader in(bytes);
  if (in.fixed<std::uint32_t>() != crc32c(bytes.subspan(frame_checked_from))) return {};
  CheckpointFrame frame;
  const auto kind = in.fixed<std::uint32_t>();
  if (kind != 1 && kind != 2) return {};
  frame.kind = static_cast<CheckpointFrame::Kind>(kind);
  frame.bytes = in.fixed<std::uint32_t>();
  static_cast<void>(in.fixed<std::uint32_t>());
  frame.index = in.fixed<std::uint64_t>();
  frame.hash = in.fixed<std::uint64_t>();
  const bool is_end = frame.kind == CheckpointFrame::Kind::end;
  if (is_end ? frame.bytes != 0 : frame.bytes > checkpoint_block_bytes_max) return {};
  return frame;
}

}  // namespace holdfast
