// SQL types, columns and parameter values as the planner knows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "model/time.h"

namespace holdfast {

// PostgreSQL's types that Holdfast speaks, scalars first; what else there is to say of each stands
// in type_table.h.
enum class SqlType : std::uint8_t {
  unknown,  // a literal between quotes, a parameter of which nothing is said
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  text,
  varchar,
  bpchar,
  name,
  single_char,  // "char"
  bytea,
  date,
  time,
  timestamp,
  timestamptz,
  interval,
  uuid,
  json,
  jsonb,
  // Of the catalogue.
  oid,
  regproc,
  regprocedure,
  regoper,
  regoperator,
  regclass,
  regtype,
  regrole,
  regnamespace,
  xid,
  cid,
  int2vector,
  oidvector,
  pg_node_tree,
  aclitem,
  void_type,
  record,
  // Arrays; no column of a relation of ours is one, but for the catalogue's.
  boolean_array,
  int2_array,
  int4_array,
  int8_array,
  float4_array,
  float8_array,
  numeric_array,
  text_array,
  varchar_array,
  bpchar_array,
  name_array,
  single_char_array,
  bytea_array,
  date_array,
  time_array,
  timestamp_array,
  timestamptz_array,
  interval_array,
  uuid_array,
  json_array,
  jsonb_array,
  oid_array,
  regclass_array,
  regtype_array,
  regproc_array,
  aclitem_array,
};
inline constexpr std::size_t sql_type_count = static_cast<std::size_t>(SqlType::aclitem_array) + 1;

// text[] → text; unknown for what is no array.
[[nodiscard]] SqlType element_of(SqlType array);
[[nodiscard]] constexpr bool is_array(SqlType type) { return type >= SqlType::boolean_array; }
// text → text[]; unknown where there are no arrays of that type.
[[nodiscard]] SqlType array_of(SqlType element);
// What is kept as a text and may stand where one is wanted.
[[nodiscard]] constexpr bool is_textual(SqlType type) {
  return type == SqlType::text || type == SqlType::varchar || type == SqlType::bpchar ||
         type == SqlType::name;
}

struct Column {
  std::string name;
  SqlType type = SqlType::text;
  std::int32_t modifier = -1;  // of varchar(n) and its kin, as in pg_attribute.atttypmod
  // The column of a relation that it is: pg_class.oid and pg_attribute.attnum; 0: none.
  std::uint32_t relation = 0;
  std::int16_t number = 0;
};

// A parameter or literal. `text` is borrowed. A value of type `text` or `unknown` is converted to
// what its place needs by PostgreSQL's input rules; any other type must fit.
struct Value {
  SqlType type = SqlType::unknown;
  bool is_null = true;
  bool boolean = false;
  // int2/4/8, oid and its kin; timestamps in µs since 1970, date in days, time in µs; interval: the
  // µs beside months and days.
  std::int64_t integer = 0;
  std::int32_t months = 0, days = 0;  // interval
  double real = 0;                    // float4, float8
  // text and its kin, unknown, json, jsonb; numeric, in digits; bytea; an array in its text form:
  // {a,"b c"}.
  std::string_view text;
  ClaimId uuid;
};

}  // namespace holdfast
