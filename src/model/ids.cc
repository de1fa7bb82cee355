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
  ClaimId id;
  for (std::size_t index = 0; index < 6; ++index) {
    id.bytes[index] = static_cast<std::uint8_t>(unix_ms >> (8 * (5 - index)));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | ((random_high >> 8) & 0x0f));
  id.bytes[7] = static_cast<std::uint8_t>(random_high);
  for (std::size_t index = 8; index < 16; ++index) {
    id.bytes[index] = static_cast<std::uint8_t>(random_low >> (8 * (15 - index)));
  }
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

}  // namespace holdfast
