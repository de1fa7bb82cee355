// UTF-8 by the well-formedness table of the Unicode standard (table 3-7), then the identifier rule
// on code points.
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <vector>

namespace holdfast {
namespace {

// Most texts are printable ASCII, and need no decoding: they are looked at eight bytes at a time.
constexpr std::uint64_t every_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x80 * every_byte;

std::uint64_t word_at(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

// Whether each byte is 0x20 to 0x7e. A borrow goes only out of a byte that is outside of that.
bool is_printable_ascii(std::uint64_t word) {
  const std::uint64_t below_space = word - 0x20 * every_byte;
  const std::uint64_t above_tilde = word + every_byte;
  return ((word | below_space | above_tilde) & high_bits) == 0;
}

// The length of its beginning that is known to be printable ASCII; may be short of the whole.
std::size_t printable_ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + sizeof(std::uint64_t) <= text.size() && is_printable_ascii(word_at(text, at))) {
    at += sizeof(std::uint64_t);
  }
  return at;
}

// Decodes one code point at `text[at]` and moves `at` behind it; −1 when the bytes are not
// well-formed.
std::int32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0u;
  };
  const unsigned lead = byte(at);
  if (lead < 0x80) {
    ++at;
    return static_cast<std::int32_t>(lead);
  }
  std::size_t length = 0;
  std::int32_t point = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
    point = static_cast<std::int32_t>(lead & 0x1f);
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    point = static_cast<std::int32_t>(lead & 0x0f);
    if (lead == 0xe0) low = 0xa0;   // no overlong forms
    if (lead == 0xed) high = 0x9f;  // no surrogates
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    point = static_cast<std::int32_t>(lead & 0x07);
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;  // nothing above U+10FFFF
  } else {
    return -1;
  }
  for (std::size_t index = 1; index < length; ++index) {
    const unsigned next = byte(at + index);
    if (next < low || next > high) return -1;
    low = 0x80;
    high = 0xbf;
    point = (point << 6) | static_cast<std::int32_t>(next & 0x3f);
  }
  at += length;
  return point;
}

bool is_forbidden(std::int32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||       // C0, DEL, C1
         point == 0x061c || point == 0x200e || point == 0x200f ||  // bidi marks
         (point >= 0x2028 && point <= 0x202e) ||         // separators, embeddings, overrides
         (point >= 0x2066 && point <= 0x2069) ||         // isolates
         point == 0xfeff || (point & 0xfffe) == 0xfffe;  // byte order mark, non-characters
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t at = printable_ascii_prefix(text);
  while (at < text.size()) {
    if (next_code_point(text, at) < 0) return false;
  }
  return true;
}

Status check_identifier(std::string_view field, std::string_view value) {
  if (value.empty()) return fail(ErrorCode::invalid_value, "{} must not be empty", field);
  if (value.size() > identifier_bytes_max) {
    return fail(ErrorCode::limit_exceeded, "{} must be at most {} bytes, got {}", field,
                identifier_bytes_max, value.size());
  }
  if (value.front() == ' ' || value.back() == ' ') {
    return fail(ErrorCode::invalid_value, "{} must not begin or end with a space, got {}", field,
                quoted(value));
  }
  std::size_t at = printable_ascii_prefix(value);
  while (at < value.size()) {
    const std::size_t start = at;
    const std::int32_t point = next_code_point(value, at);
    if (point < 0) {
      return fail(ErrorCode::invalid_encoding, "{} is not valid UTF-8 at byte {}", field,
                  start + 1);
    }
    if (is_forbidden(point)) {
      return fail(
          ErrorCode::invalid_value,
          "{} must not contain control or bidirectional characters, got U+{:04X} at byte {}", field,
          point, start + 1);
    }
  }
  return {};
}

std::string quoted(std::string_view value) {
  constexpr std::size_t shown_max = 64;
  std::string out = "\"";
  std::size_t at = 0;
  while (at < value.size() && at < shown_max) {
    const std::size_t start = at;
    const std::int32_t point = next_code_point(value, at);
    if (point < 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                     static_cast<unsigned char>(value[start]));
      at = start + 1;
    } else if (is_forbidden(point)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", point);
    } else {
      out += value.substr(start, at - start);
    }
  }
  if (at < value.size()) out += "…";
  out += '"';
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Result<std::int64_t> parse_int64(std::string_view field, std::string_view text) {
  std::string_view digits = trimmed(text);
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range && end == digits.data() + digits.size()) {
    return fail(ErrorCode::out_of_range, "{}: value {} is out of range for type bigint", field,
                quoted(text));
  }
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
    return fail(ErrorCode::invalid_text, "{}: invalid input syntax for type bigint: {}", field,
                quoted(text));
  }
  return value;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 1;
  for (const std::string_view name : names) {
    std::vector<std::size_t> row(name.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const char c : word) {
      std::size_t diagonal = row[0]++;
      for (std::size_t at = 0; at < name.size(); ++at) {
        const std::size_t changed = diagonal + (name[at] == c ? 0 : 1);
        diagonal = row[at + 1];
        row[at + 1] = std::min({changed, row[at] + 1, diagonal + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = name;
    }
  }
  return best;
}

}  // namespace holdfast
