// Answer: its names in one string, and its byte form (docs/format/entries.md, "answer").
#include "model/answer.h"

namespace holdfast {
namespace {

// Bits of the second byte.
constexpr std::uint8_t has_claim = 1;
constexpr std::uint8_t has_expiry = 2;
constexpr std::uint8_t has_numbers = 4;
constexpr std::uint8_t known_flags = has_claim | has_expiry | has_numbers;

// The fewest bytes of a line: its number, three empty names, an outcome, three numbers.
constexpr std::size_t line_bytes_min = 8;

std::uint8_t flags_of(const Answer& answer) {
  std::uint8_t flags = 0;
  if (!answer.claim.is_none()) flags |= has_claim;
  if (answer.expires_at.is_set()) flags |= has_expiry;
  if (!answer.requested.is_zero() || !answer.available.is_zero() || !answer.limit.is_zero()) {
    flags |= has_numbers;
  }
  return flags;
}

bool read_outcome(ByteReader& in, Outcome& out) {
  const auto value = in.fixed<std::uint8_t>();
  out = static_cast<Outcome>(value);
  return value < outcome_count;
}

bool read_quantity(ByteReader& in, Quantity& out) {
  out = Quantity(in.svarint());
  return out.in_range();
}

bool read_line(ByteReader& in, Answer& answer) {
  const auto number = in.narrow<std::uint32_t>();
  const std::string_view sku = in.text();
  const std::string_view location = in.text();
  const std::string_view lot = in.text();
  AnswerLine& line = answer.add_line(sku, location, lot);
  line.line = number;
  return read_outcome(in, line.outcome) && read_quantity(in, line.requested) &&
         read_quantity(in, line.granted) && read_quantity(in, line.available);
}

}  // namespace

void Answer::clear() {
  outcome = Outcome::done;
  replayed = false;
  state = ClaimState::committed;
  seq = Seq();
  claim = ClaimId();
  expires_at = Timestamp();
  requested = available = limit = Quantity();
  lines.clear();
  names.clear();
}

AnswerLine& Answer::add_line(std::string_view sku, std::string_view location,
                             std::string_view lot) {
  const auto place = [&](std::string_view name, std::uint32_t& at, std::uint32_t& size) {
    at = static_cast<std::uint32_t>(names.size());
    size = static_cast<std::uint32_t>(name.size());
    if (!name.empty()) names.append(name);
  };
  AnswerLine& line = lines.emplace_back();
  place(sku, line.sku_at, line.sku_size);
  place(location, line.location_at, line.location_size);
  place(lot, line.lot_at, line.lot_size);
  return line;
}

void Answer::encode(ByteWriter& out) const {
  const std::uint8_t flags = flags_of(*this);
  out.fixed(static_cast<std::uint8_t>(outcome));
  out.fixed(flags);
  out.fixed(static_cast<std::uint8_t>(state));
  if ((flags & has_claim) != 0) out.raw(std::as_bytes(std::span(claim.bytes)));
  if ((flags & has_expiry) != 0) out.svarint(expires_at.us());
  if ((flags & has_numbers) != 0) {
    out.svarint(requested.units());
    out.svarint(available.units());
    out.svarint(limit.units());
  }
  out.varint(lines.size());
  for (const AnswerLine& line : lines) {
    out.varint(line.line);
    out.text(sku_of(line));
    out.text(location_of(line));
    out.text(lot_of(line));
    out.fixed(static_cast<std::uint8_t>(line.outcome));
    out.svarint(line.requested.units());
    out.svarint(line.granted.units());
    out.svarint(line.available.units());
  }
}

bool Answer::decode(ByteReader& in) {
  clear();
  if (!read_outcome(in, outcome)) return false;
  const auto flags = in.fixed<std::uint8_t>();
  const auto state_number = in.fixed<std::uint8_t>();
  if ((flags & ~known_flags) != 0 || state_number >= claim_state_names.size()) return false;
  state = static_cast<ClaimState>(state_number);
  if ((flags & has_claim) != 0) {
    const ByteSpan bytes = in.raw(claim.bytes.size());
    if (!in.ok()) return false;
    std::memcpy(claim.bytes.data(), bytes.data(), bytes.size());
  }
  if ((flags & has_expiry) != 0) expires_at = Timestamp::us(in.svarint());
  if ((flags & has_numbers) != 0) {
    if (!read_quantity(in, requested) || !read_quantity(in, available) ||
        !read_quantity(in, limit)) {
      return false;
    }
  }
  const std::uint64_t count = in.varint();
  if (count > in.left() / line_bytes_min) return false;
  for (std::uint64_t index = 0; index < count; ++index) {
    if (!read_line(in, *this)) return false;
  }
  return in.ok();
}

}  // namespace holdfast
