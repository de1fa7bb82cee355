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
  jsonb
};

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
  std::int64_t integer = 0;  // int2/4/8; timestamptz and interval in µs
  std::string_view text;     // text, unknown, jsonb
  ClaimId uuid;
};

}  // namespace holdfast
