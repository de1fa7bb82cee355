// PostgreSQL's type numbers (pg_type.dat) beside the planner's types, and the format codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sql/type_table.h"

namespace holdfast {

enum class WireFormat : std::uint8_t { text = 0, binary = 1 };

using Oid = std::uint32_t;

namespace oid {
inline constexpr Oid boolean = 16, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114,
                     unknown = 705, bpchar = 1042, varchar = 1043, name = 19, timestamptz = 1184,
                     interval = 1186, uuid = 2950, jsonb = 3802, oid = 26, name_array = 1003,
                     int2_array = 1005, int4_array = 1007, text_array = 1009, bpchar_array = 1014,
                     varchar_array = 1015, int8_array = 1016, oid_array = 1028, uuid_array = 2951;
}  // namespace oid

struct WireType {
  Oid oid;
  std::int16_t size;  // pg_type.typlen: −1 is variable
};

// PostgreSQL makes a text of what is unknown at the end.
inline WireType wire_type(SqlType type) {
  const TypeInfo& info = info_of(type == SqlType::unknown ? SqlType::text : type);
  return {info.oid, info.size};
}

// The usual types that parameters are not taken of, by their name in PostgreSQL; empty for others.
constexpr std::string_view refused_type(Oid type) {
  switch (type) {
    case 17:
      return "bytea";
    case 700:
      return "real";
    case 701:
      return "double precision";
    case 790:
      return "money";
    case 1000:
      return "boolean[]";
    case 1082:
      return "date";
    case 1083:
      return "time without time zone";
    case 1114:
      return "timestamp without time zone";
    case 1115:
      return "timestamp without time zone[]";
    case 1185:
      return "timestamp with time zone[]";
    case 1022:
      return "double precision[]";
    case 1231:
      return "numeric[]";
    case 1700:
      return "numeric";
    default:
      return {};
  }
}

// The type a client declared for a parameter; nothing when parameters of that type are not taken.
constexpr std::optional<SqlType> declared_type(Oid type) {
  switch (type) {
    case 0:
    case oid::unknown:
      return SqlType::unknown;
    case oid::boolean:
      return SqlType::boolean;
    case oid::int2:
      return SqlType::int2;
    case oid::int4:
      return SqlType::int4;
    case oid::int8:
      return SqlType::int8;
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::name:
      return SqlType::text;
    case oid::uuid:
      return SqlType::uuid;
    case oid::timestamptz:
      return SqlType::timestamptz;
    case oid::interval:
      return SqlType::interval;
    case oid::json:
    case oid::jsonb:
      return SqlType::jsonb;
    case oid::oid:
      return SqlType::oid;
    case oid::int2_array:
      return SqlType::int2_array;
    case oid::int4_array:
      return SqlType::int4_array;
    case oid::int8_array:
      return SqlType::int8_array;
    case oid::text_array:
    case oid::varchar_array:
    case oid::bpchar_array:
    case oid::name_array:
      return SqlType::text_array;
    case oid::uuid_array:
      return SqlType::uuid_array;
    case oid::oid_array:
      return SqlType::oid_array;
    default:
      return std::nullopt;
  }
}

// Microseconds from 1970-01-01 to 2000-01-01, where binary timestamps begin.
inline constexpr std::int64_t postgres_epoch_us = 946'684'800'000'000;

}  // namespace holdfast
