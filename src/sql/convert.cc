// Conversion by the target type, one case each; a typed value passes after a range check.
#include "sql/convert.h"

#include <cstring>
#include <limits>

#include "base/check.h"
#include "base/text.h"
#include "sql/text_array.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

bool is_text(SqlType type) { return is_textual(type) || type == SqlType::unknown; }
bool is_integer(SqlType type) {
  return type == SqlType::int2 || type == SqlType::int4 || type == SqlType::int8 ||
         type == SqlType::oid;
}

// True for what nearly every text is: ASCII without NUL, eight bytes at a time.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t high = 0x8080808080808080u;
  constexpr std::uint64_t ones = 0x0101010101010101u;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & high) != 0 || ((word - ones) & ~word & high) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    if (static_cast<signed char>(text[at]) <= 0) return false;
  }
  return true;
}

Status check_range(std::string_view field, std::int64_t value, SqlType to) {
  const bool fits =
      to == SqlType::int8 ||
      (to == SqlType::int4 && value >= std::numeric_limits<std::int32_t>::min() &&
       value <= std::numeric_limits<std::int32_t>::max()) ||
      (to == SqlType::int2 && value >= std::numeric_limits<std::int16_t>::min() &&
       value <= std::numeric_limits<std::int16_t>::max()) ||
      (to == SqlType::oid && value >= 0 && value <= std::numeric_limits<std::uint32_t>::max());
  if (fits) return {};
  return fail(ErrorCode::out_of_range, "{}: value {} is out of range for type {}", field, value,
              name_of(to));
}

Result<Value> from_text(std::string_view field, std::string_view text, SqlType to,
                        const InputRules& rules) {
  Value out{.type = to, .is_null = false, .text = {}, .uuid = {}};
  switch (to) {
    case SqlType::int2:
    case SqlType::int4:
    case SqlType::int8:
    case SqlType::oid: {
      ASSIGN(out.integer, parse_int64(field, text));
      TRY(check_range(field, out.integer, to));
      return out;
    }
    case SqlType::boolean: {
      ASSIGN(out.boolean, parse_boolean(field, text));
      return out;
    }
    case SqlType::uuid: {
      ASSIGN(out.uuid, parse_uuid(field, text));
      return out;
    }
    case SqlType::timestamptz: {
      ASSIGN(const Timestamp at, parse_timestamptz(field, text, rules.time_zone_is_utc));
      out.integer = at.us();
      return out;
    }
    case SqlType::interval: {
      ASSIGN(const Duration length, parse_interval(field, text));
      out.integer = length.us();
      return out;
    }
    default:
      if (is_array(to)) TRY(check_array(field, text, element_of(to)));
  }
  out.text = text;
  return out;
}

}  // namespace

bool can_convert(SqlType from, SqlType to) {
  if (from == to || is_text(from)) return true;
  if (is_array(from) && is_array(to)) return can_convert(element_of(from), element_of(to));
  return is_integer(from) && is_integer(to);
}

Result<Value> convert(std::string_view field, const Value& value, SqlType to,
                      const InputRules& rules) {
  CHECK(to != SqlType::unknown);
  if (value.is_null) return Value{.type = to, .text = {}, .uuid = {}};
  if (is_text(value.type)) {
    TRY(check_text(field, value.text));
    return from_text(field, value.text, to, rules);
  }
  if (!can_convert(value.type, to)) {
    return fail(ErrorCode::wrong_type, "{} is of type {}, but the value is of type {}", field,
                name_of(to), name_of(value.type));
  }
  if (is_array(to) && value.type != to) return from_text(field, value.text, to, rules);
  if (value.type == SqlType::jsonb) TRY(check_text(field, value.text));
  if (is_integer(to)) TRY(check_range(field, value.integer, to));
  Value out = value;
  out.type = to;
  return out;
}

Status check_text(std::string_view field, std::string_view text) {
  if (is_plain(text)) return {};
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_encoding, "{} must not contain a NUL byte", field);
  }
  if (!is_utf8(text)) return fail(ErrorCode::invalid_encoding, "{} is not valid UTF-8", field);
  return {};
}

// PostgreSQL takes any unambiguous prefix of these words, in any case
// (src/backend/utils/adt/bool.c).
Result<bool> parse_boolean(std::string_view field, std::string_view text) {
  struct Word {
    std::string_view word;
    std::size_t shortest;
    bool value;
  };
  static constexpr Word words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true},
                                   {"no", 1, false},  {"on", 2, true},     {"off", 2, false},
                                   {"1", 1, true},    {"0", 1, false}};
  const std::string_view given = trimmed(text);
  for (const Word& word : words) {
    if (given.size() < word.shortest || given.size() > word.word.size()) continue;
    bool same = true;
    for (std::size_t at = 0; at < given.size(); ++at) {
      const char c = given[at];
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      same = same && lower == word.word[at];
    }
    if (same) return word.value;
  }
  return fail(ErrorCode::invalid_text, "{}: invalid input syntax for type boolean: {}", field,
              quoted(text));
}

Result<ClaimId> parse_uuid(std::string_view field, std::string_view text) {
  if (const auto id = ClaimId::parse(text)) return *id;
  return fail(ErrorCode::invalid_text, "{}: invalid input syntax for type uuid: {}", field,
              quoted(text));
}

}  // namespace holdfast
