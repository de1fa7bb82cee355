// UUID text as in RFC 9562 section 4, input as lenient as PostgreSQL's.
#include "model/ids.h"

namespace holdfast {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// UUIDs are written most significant byte first; the host is little-endian (base/bytes.h).
std::uint64_t big_endian(std::uint64_t value) { return __builtin_bswap64(value); }

}  // namespace

void ClaimId::text_to(char* out36) const {
  constexpr char digits[] = "0123456789abcdef";
  std::size_t at = 0;
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    if (index == 4 || index == 6 || index == 8 || index == 10) out36[at++] = '-';
    out36[at++] = digits[bytes[index] >> 4];
    out36[at++] = digits[bytes[index] & 15];
  }
}

std::string ClaimId::text() const {
  std::string out(36, '-');
  text_to(out.data());
  return out;
}

std::optional<ClaimId> ClaimId::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, text.size() - 2);
  }
  ClaimId id;
  std::size_t nibbles = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-') {  // only after a group of four digits, never at an end
      if (nibbles == 0 || nibbles % 4 != 0 || nibbles == 32 || text[at - 1] == '-') return {};
      continue;
    }
    const int digit = digit_of(text[at]);
    if (digit < 0 || nibbles == 32) return {};
    id.bytes[nibbles / 2] = static_cast<std::uint8_t>((id.bytes[nibbles / 2] << 4) | digit);
    ++nibbles;
  }
  if (nibbles != 32) return {};
  return id;
}

ClaimId ClaimId::v7(std::int64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low) {
  constexpr std::uint64_t version = std::uint64_t{7} << 12;
  constexpr std::uint64_t variant = std::uint64_t{2} << 62;
  const std::array<std::uint64_t, 2> words = {
      big_endian(static_cast<std::uint64_t>(unix_ms) << 16 | version | (random_high & 0x0fff)),
      big_endian(variant | (random_low & ~(std::uint64_t{3} << 62)))};
  ClaimId id;
  std::memcpy(id.bytes.data(), words.data(), id.bytes.size());
  return id;
}

}  // namespace holdfast
