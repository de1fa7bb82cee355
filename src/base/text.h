// Text rules that more than one room needs: UTF-8 (RFC 3629), the identifier rule of the domain,
// decimal integers.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace holdfast {

// Identifiers (skus, codes, references, keys) are 1 to this many bytes.
inline constexpr std::size_t identifier_bytes_max = 128;

[[nodiscard]] bool is_utf8(std::string_view text);

// Valid UTF-8 of 1–128 bytes without control characters (C0, DEL, C1), line and paragraph
// separators, bidirectional controls or outer spaces. Identity stays bytewise: nothing is folded or
// normalised. `field` names it in the error.
Status check_identifier(std::string_view field, std::string_view value);

// The value as a person can read it in a message: control characters escaped, cut at 64 bytes with
// an ellipsis.
[[nodiscard]] std::string quoted(std::string_view value);

// A to Z as a to z; nothing else is changed.
[[nodiscard]] std::string lower(std::string_view text);

// Without the white space of C's isspace() around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// A whole decimal integer with optional sign and outer spaces, as PostgreSQL's bigint input reads
// it: invalid_text when it is none, out_of_range beyond 64 bits.
Result<std::int64_t> parse_int64(std::string_view field, std::string_view text);

// Appends texts and numbers as they are: fmt::format_to without its format, where replies are made.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  const auto one = [&](const auto& part) {
    if constexpr (std::is_convertible_v<decltype(part), std::string_view>) {
      out += std::string_view(part);
    } else {
      std::array<char, 20> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), part).ptr;
      out.append(digits.data(), end);
    }
  };
  (one(parts), ...);
}

// The name that was probably meant by a mistyped word, by Levenshtein's distance: up to a third of
// it may be wrong. Empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> names);

}  // namespace holdfast
