// SQL types, columns and parameter values as the planner knows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "model/time.h"

namespace holdfast {

enum class SqlType : std::uint8_t {
  unknown,
  boolean,
  int2,
  int4,
  int8,
  text,
  uuid,
  timestamptz,
  interval,
  jsonb,
  oid,  // of a type, in questions about types
  // Arrays, of parameters only: no column is one.
  int2_array,
  int4_array,
  int8_array,
  text_array,
  uuid_array,
  oid_array
};

// text[] → text; unknown for what is no array.
[[nodiscard]] constexpr SqlType element_of(SqlType array) {
  switch (array) {
    case SqlType::int2_array:
      return SqlType::int2;
    case SqlType::int4_array:
      return SqlType::int4;
    case SqlType::int8_array:
      return SqlType::int8;
    case SqlType::text_array:
      return SqlType::text;
    case SqlType::uuid_array:
      return SqlType::uuid;
    case SqlType::oid_array:
      return SqlType::oid;
    default:
      return SqlType::unknown;
  }
}
[[nodiscard]] constexpr bool is_array(SqlType type) { return element_of(type) != SqlType::unknown; }

// text → text[]; unknown where there are no arrays of that type.
[[nodiscard]] constexpr SqlType array_of(SqlType element) {
  using enum SqlType;
  for (const SqlType array :
       {int2_array, int4_array, int8_array, text_array, uuid_array, oid_array}) {
    if (element_of(array) == element) return array;
  }
  return unknown;
}

struct Column {
  std::string name;
  SqlType type = SqlType::text;
};

// A parameter or literal. `text` is borrowed. A value of type `text` or `unknown` is converted to
// what its place needs by PostgreSQL's input rules; any other type must fit.
struct Value {
  SqlType type = SqlType::unknown;
  bool is_null = true;
  bool boolean = false;
  std::int64_t integer = 0;  // int2/4/8, oid; timestamptz and interval in µs
  std::string_view text;     // text, unknown, jsonb; an array in its text form: {a,"b c"}
  ClaimId uuid;
};

}  // namespace holdfast
