// Decoding parameters (PostgreSQL's *recv and *in functions).
#include "pgwire/parameters.h"

#include <algorithm>

#include "base/text.h"
#include "sql/convert.h"
#include "sql/text_array.h"

namespace holdfast {
namespace {

constexpr std::int64_t us_per_day = std::int64_t{86'400} * 1'000'000;
constexpr std::int64_t days_per_month = 30;  // as PostgreSQL turns an interval into seconds
constexpr std::uint8_t jsonb_version = 1;

using Problem = std::optional<WireError>;

Problem bad_binary(std::size_t number) {
  return wire_error(sqlstate::invalid_binary,
                    fmt::format("incorrect binary data format in bind parameter {}", number));
}

// is_utf8, but most text is ASCII: eight bytes at a time, looking for a high bit or a NUL.
bool is_plain_ascii(ByteSpan bytes) {
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::memcpy(&word, bytes.data() + at, 8);
    if (((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) != 0) return false;
  }
  return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(),
                     [](std::byte b) { return b > std::byte{0} && b < std::byte{0x80}; });
}

Problem check_text(ByteSpan bytes, std::size_t number) {
  if (is_plain_ascii(bytes)) return std::nullopt;
  const std::string_view text = as_text(bytes);
  if (text.find('\0') == std::string_view::npos && is_utf8(text)) return std::nullopt;
  return wire_error(
      sqlstate_of(ErrorCode::invalid_encoding),
      fmt::format("invalid byte sequence for encoding \"UTF8\" in parameter ${}", number));
}

Problem take_text(ByteSpan bytes, SqlType type, std::size_t number, Value& value) {
  if (auto problem = check_text(bytes, number)) return problem;
  value.type = type;
  value.text = as_text(bytes);
  return std::nullopt;
}

Problem take_interval(WireReader& in, std::size_t number, Value& value) {
  const auto us = static_cast<std::int64_t>(in.int64());
  const auto days = static_cast<std::int32_t>(in.int32());
  const auto months = static_cast<std::int32_t>(in.int32());
  const std::int64_t whole_days = days + months * days_per_month;
  std::int64_t day_us = 0;
  if (__builtin_mul_overflow(whole_days, us_per_day, &day_us) ||
      __builtin_add_overflow(day_us, us, &value.integer)) {
    return wire_error(sqlstate_of(ErrorCode::out_of_range),
                      fmt::format("interval out of range in parameter ${}", number));
  }
  return std::nullopt;
}

Problem take_timestamp(WireReader& in, std::size_t number, Value& value) {
  const auto us = static_cast<std::int64_t>(in.int64());
  if (us == Timestamp::never().us()) {
    value.integer = us;
  } else if (__builtin_add_overflow(us, postgres_epoch_us, &value.integer)) {
    return wire_error(sqlstate_of(ErrorCode::out_of_range),
                      fmt::format("timestamp out of range in parameter ${}", number));
  }
  return std::nullopt;
}

// Of no array.
Problem take_binary(ByteSpan bytes, SqlType type, std::size_t number, Value& value) {
  WireReader in(bytes);
  Problem problem;
  value.type = type;
  switch (type) {
    case SqlType::boolean: {
      const std::uint8_t byte = in.int8();
      value.boolean = byte != 0;
      break;
    }
    case SqlType::int2:
      value.integer = static_cast<std::int16_t>(in.int16());
      break;
    case SqlType::int4:
      value.integer = static_cast<std::int32_t>(in.int32());
      break;
    case SqlType::int8:
      value.integer = static_cast<std::int64_t>(in.int64());
      break;
    case SqlType::oid:
      value.integer = in.int32();
      break;
    case SqlType::timestamptz:
      problem = take_timestamp(in, number, value);
      break;
    case SqlType::interval:
      problem = take_interval(in, number, value);
      break;
    case SqlType::uuid: {
      const ByteSpan raw = in.raw(value.uuid.bytes.size());
      if (in.ok()) std::memcpy(value.uuid.bytes.data(), raw.data(), raw.size());
      break;
    }
    case SqlType::jsonb:
      // json has no version byte and cannot begin with 0x01, so both are read here.
      if (!bytes.empty() && bytes.front() == std::byte{jsonb_version}) in.int8();
      return take_text(in.rest(), type, number, value);
    case SqlType::unknown:
    case SqlType::text:
      return take_text(bytes, type, number, value);
    default:
      CHECK(false, "an array is no element");
  }
  if (!in.ok()) {
    return wire_error(sqlstate::protocol_violation,
                      fmt::format("insufficient data left in bind parameter {}", number));
  }
  if (!in.complete()) return bad_binary(number);
  return problem;
}

// array_recv, to the text form in which a Value carries an array. Bounds are passed over: what is
// looked for in an array does not depend on where it stands.
class BinaryArray {
 public:
  BinaryArray(ByteSpan bytes, SqlType type, std::size_t number)
      : in_(bytes), element_(element_of(type)), number_(number) {}

  Problem read(std::string& out) {
    const std::uint32_t dimensions = in_.int32();
    const std::uint32_t flags = in_.int32();
    const Oid element = in_.int32();
    if (!in_.ok()) return malformed("its header is incomplete");
    if (flags > 1) return malformed(fmt::format("its flags are {}, not 0 or 1", flags));
    if (auto problem = check_element(element)) return problem;
    if (dimensions > 1) return too_many_dimensions(dimensions);
    std::uint32_t count = 0;
    if (dimensions == 1) {
      count = in_.int32();
      in_.int32();  // the lower bound
      if (!in_.ok()) return malformed("its header is incomplete");
    }
    if (count > array_elements_max) return wire_error(too_many_elements(name(), count));
    if (auto problem = read_elements(count, out)) return problem;
    out += out.empty() ? "{}" : "}";
    if (!in_.complete()) return malformed("bytes follow its last element");
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::string name() const { return fmt::format("parameter ${}", number_); }
  [[nodiscard]] WireError malformed(std::string_view why) const {
    return wire_error(sqlstate::invalid_binary,
                      fmt::format("{} is not an array in binary: {}", name(), why));
  }
  [[nodiscard]] Problem check_element(Oid element) const {
    if (declared_type(element) == element_) return std::nullopt;
    return wire_error(sqlstate_of(ErrorCode::wrong_type),
                      fmt::format("{} is an array of {}, but its elements have type OID {}", name(),
                                  name_of(element_), element));
  }
  [[nodiscard]] WireError too_many_dimensions(std::uint32_t count) const {
    return wire_error(
        sqlstate::not_supported,
        fmt::format("{} is an array of {} dimensions, at most 1 is supported", name(), count));
  }

  Problem read_elements(std::uint32_t count, std::string& out) {
    for (std::uint32_t element = 1; element <= count; ++element) {
      const std::uint32_t length = in_.int32();
      if (in_.ok() && length == ~0U) {
        append_array_element(out, std::nullopt);
        continue;
      }
      const ByteSpan bytes = in_.raw(length);
      if (!in_.ok()) return malformed(fmt::format("element {} is incomplete", element));
      Value value;
      if (auto problem = take_binary(bytes, element_, number_, value)) {
        const bool is_size = problem->sqlstate == sqlstate::protocol_violation ||
                             problem->sqlstate == sqlstate::invalid_binary;
        if (!is_size) return problem;
        return malformed(fmt::format("element {} has {} bytes, which is no {}", element, length,
                                     name_of(element_)));
      }
      append(value, out);
    }
    return std::nullopt;
  }

  void append(const Value& value, std::string& out) const {
    if (element_ == SqlType::text) return append_array_element(out, value.text);
    if (element_ == SqlType::uuid) return append_array_element(out, value.uuid.text());
    append_array_element(out, std::to_string(value.integer));
  }

  WireReader in_;
  SqlType element_;
  std::size_t number_;
};

// An integer's text must fit the type that was declared; "parameter $3" names it.
Problem take_integer_text(std::string_view text, SqlType type, std::size_t number, Value& value) {
  const auto parsed = parse_int64(fmt::format("parameter ${}", number), text);
  if (!parsed) return wire_error(parsed.error());
  const std::int64_t highest = type == SqlType::int2   ? INT16_MAX
                               : type == SqlType::int4 ? INT32_MAX
                               : type == SqlType::oid  ? UINT32_MAX
                                                       : INT64_MAX;
  const std::int64_t lowest = type == SqlType::oid ? 0 : -highest - 1;
  if (*parsed > highest || *parsed < lowest) {
    return wire_error(sqlstate_of(ErrorCode::out_of_range),
                      fmt::format("parameter ${} is out of range for type {}: {}", number,
                                  name_of(type), quoted(text)));
  }
  value.type = type;
  value.integer = *parsed;
  return std::nullopt;
}

Problem take_plain(ByteSpan bytes, SqlType type, std::size_t number, Value& value) {
  if (auto problem = check_text(bytes, number)) return problem;
  const std::string_view text = as_text(bytes);
  switch (type) {
    case SqlType::int2:
    case SqlType::int4:
    case SqlType::int8:
    case SqlType::oid:
      return take_integer_text(text, type, number, value);
    case SqlType::boolean: {
      const auto parsed = parse_boolean(fmt::format("parameter ${}", number), text);
      if (!parsed) return wire_error(parsed.error());
      value.boolean = *parsed;
      break;
    }
    case SqlType::uuid: {
      const auto parsed = ClaimId::parse(text);
      if (!parsed) {
        return wire_error(sqlstate_of(ErrorCode::invalid_text),
                          fmt::format("parameter ${}: invalid input syntax for type uuid: {}",
                                      number, quoted(text)));
      }
      value.uuid = *parsed;
      break;
    }
    case SqlType::timestamptz:
    case SqlType::interval:
      type = SqlType::unknown;
      [[fallthrough]];
    default:
      if (is_array(type)) {
        const auto checked =
            check_array(fmt::format("parameter ${}", number), text, element_of(type));
        if (!checked) return wire_error(checked.error());
      }
      value.text = text;
      break;
  }
  value.type = type;
  return std::nullopt;
}

}  // namespace

std::optional<WireError> decode_parameters(ByteSpan parameters, ByteSpan formats,
                                           std::span<const SqlType> types,
                                           std::vector<Value>& values,
                                           std::deque<std::string>& arrays) {
  WireReader in(parameters);
  values.clear();
  arrays.clear();
  for (std::size_t index = 0; index < types.size(); ++index) {
    const std::size_t number = index + 1;
    Value& value = values.emplace_back();
    value.type = types[index];
    const auto length = static_cast<std::int32_t>(in.int32());
    if (length < 0) continue;  // NULL
    value.is_null = false;
    const ByteSpan bytes = in.raw(static_cast<std::size_t>(length));
    const std::uint16_t format = format_code(formats, index);
    Problem problem;
    if (format == 0) {
      problem = take_plain(bytes, types[index], number, value);
    } else if (format == 1 && is_array(types[index])) {
      value.type = types[index];
      problem = BinaryArray(bytes, types[index], number).read(arrays.emplace_back());
      value.text = arrays.back();
    } else if (format == 1) {
      problem = take_binary(bytes, types[index], number, value);
    } else {
      problem =
          wire_error(sqlstate::invalid_value,
                     fmt::format("unsupported format code in parameter ${}: {}", number, format));
    }
    if (problem) return problem;
  }
  CHECK(in.complete(), "decode_bind checked the lengths");
  return std::nullopt;
}

}  // namespace holdfast
