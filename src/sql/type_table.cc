// The table itself: pg_type of PostgreSQL 15, as far as it goes.
#include "sql/type_table.h"

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

constexpr std::array<TypeInfo, sql_type_count> types = {{
    {SqlType::unknown, 705, "unknown", "unknown", -2, 'X'},
    {SqlType::boolean, 16, "bool", "boolean", 1, 'B', true},
    {SqlType::int2, 21, "int2", "smallint", 2, 'N'},
    {SqlType::int4, 23, "int4", "integer", 4, 'N'},
    {SqlType::int8, 20, "int8", "bigint", 8, 'N'},
    {SqlType::float4, 700, "float4", "real", 4, 'N'},
    {SqlType::float8, 701, "float8", "double precision", 8, 'N', true},
    {SqlType::numeric, 1700, "numeric", "numeric", -1, 'N'},
    {SqlType::text, 25, "text", "text", -1, 'S', true},
    {SqlType::varchar, 1043, "varchar", "character varying", -1, 'S'},
    {SqlType::bpchar, 1042, "bpchar", "character", -1, 'S'},
    {SqlType::name, 19, "name", "name", 64, 'S'},
    {SqlType::single_char, 18, "char", "\"char\"", 1, 'Z'},
    {SqlType::bytea, 17, "bytea", "bytea", -1, 'U'},
    {SqlType::date, 1082, "date", "date", 4, 'D'},
    {SqlType::time, 1083, "time", "time without time zone", 8, 'D'},
    {SqlType::timestamp, 1114, "timestamp", "timestamp without time zone", 8, 'D'},
    {SqlType::timestamptz, 1184, "timestamptz", "timestamp with time zone", 8, 'D', true},
    {SqlType::interval, 1186, "interval", "interval", 16, 'T', true},
    {SqlType::uuid, 2950, "uuid", "uuid", 16, 'U'},
    {SqlType::json, 114, "json", "json", -1, 'U'},
    {SqlType::jsonb, 3802, "jsonb", "jsonb", -1, 'U'},
    {SqlType::oid, 26, "oid", "oid", 4, 'N', true},
    {SqlType::regproc, 24, "regproc", "regproc", 4, 'N'},
    {SqlType::regprocedure, 2202, "regprocedure", "regprocedure", 4, 'N'},
    {SqlType::regoper, 2203, "regoper", "regoper", 4, 'N'},
    {SqlType::regoperator, 2204, "regoperator", "regoperator", 4, 'N'},
    {SqlType::regclass, 2205, "regclass", "regclass", 4, 'N'},
    {SqlType::regtype, 2206, "regtype", "regtype", 4, 'N'},
    {SqlType::regrole, 4096, "regrole", "regrole", 4, 'N'},
    {SqlType::regnamespace, 4089, "regnamespace", "regnamespace", 4, 'N'},
    {SqlType::xid, 28, "xid", "xid", 4, 'U'},
    {SqlType::cid, 29, "cid", "cid", 4, 'U'},
    {SqlType::int2vector, 22, "int2vector", "int2vector", -1, 'A', false, SqlType::int2},
    {SqlType::oidvector, 30, "oidvector", "oidvector", -1, 'A', false, SqlType::oid},
    {SqlType::pg_node_tree, 194, "pg_node_tree", "pg_node_tree", -1, 'Z'},
    {SqlType::aclitem, 1033, "aclitem", "aclitem", 12, 'U'},
    {SqlType::void_type, 2278, "void", "void", 4, 'P'},
    {SqlType::record, 2249, "record", "record", -1, 'P'},
    {SqlType::boolean_array, 1000, "_bool", "boolean[]", -1, 'A', false, SqlType::boolean},
    {SqlType::int2_array, 1005, "_int2", "smallint[]", -1, 'A', false, SqlType::int2},
    {SqlType::int4_array, 1007, "_int4", "integer[]", -1, 'A', false, SqlType::int4},
    {SqlType::int8_array, 1016, "_int8", "bigint[]", -1, 'A', false, SqlType::int8},
    {SqlType::float4_array, 1021, "_float4", "real[]", -1, 'A', false, SqlType::float4},
    {SqlType::float8_array, 1022, "_float8", "double precision[]", -1, 'A', false, SqlType::float8},
    {SqlType::numeric_array, 1231, "_numeric", "numeric[]", -1, 'A', false, SqlType::numeric},
    {SqlType::text_array, 1009, "_text", "text[]", -1, 'A', false, SqlType::text},
    {SqlType::varchar_array, 1015, "_varchar", "character varying[]", -1, 'A', false,
     SqlType::varchar},
    {SqlType::bpchar_array, 1014, "_bpchar", "character[]", -1, 'A', false, SqlType::bpchar},
    {SqlType::name_array, 1003, "_name", "name[]", -1, 'A', false, SqlType::name},
    {SqlType::single_char_array, 1002, "_char", "\"char\"[]", -1, 'A', false, SqlType::single_char},
    {SqlType::bytea_array, 1001, "_bytea", "bytea[]", -1, 'A', false, SqlType::bytea},
    {SqlType::date_array, 1182, "_date", "date[]", -1, 'A', false, SqlType::date},
    {SqlType::time_array, 1183, "_time", "time without time zone[]", -1, 'A', false, SqlType::time},
    {SqlType::timestamp_array, 1115, "_timestamp", "timestamp without time zone[]", -1, 'A', false,
     SqlType::timestamp},
    {SqlType::timestamptz_array, 1185, "_timestamptz", "timestamp with time zone[]", -1, 'A', false,
     SqlType::timestamptz},
    {SqlType::interval_array, 1187, "_interval", "interval[]", -1, 'A', false, SqlType::interval},
    {SqlType::uuid_array, 2951, "_uuid", "uuid[]", -1, 'A', false, SqlType::uuid},
    {SqlType::json_array, 199, "_json", "json[]", -1, 'A', false, SqlType::json},
    {SqlType::jsonb_array, 3807, "_jsonb", "jsonb[]", -1, 'A', false, SqlType::jsonb},
    {SqlType::oid_array, 1028, "_oid", "oid[]", -1, 'A', false, SqlType::oid},
    {SqlType::regclass_array, 2210, "_regclass", "regclass[]", -1, 'A', false, SqlType::regclass},
    {SqlType::regtype_array, 2211, "_regtype", "regtype[]", -1, 'A', false, SqlType::regtype},
    {SqlType::regproc_array, 1008, "_regproc", "regproc[]", -1, 'A', false, SqlType::regproc},
    {SqlType::aclitem_array, 1034, "_aclitem", "aclitem[]", -1, 'A', false, SqlType::aclitem},
}};

constexpr bool stands_in_order() {
  for (std::size_t index = 0; index < types.size(); ++index) {
    if (types[index].type != static_cast<SqlType>(index)) return false;
  }
  return true;
}
static_assert(stands_in_order());

}  // namespace

const TypeInfo& info_of(SqlType type) { return types[static_cast<std::size_t>(type)]; }

std::span<const TypeInfo> all_types() { return types; }

std::optional<SqlType> find_type_by_oid(std::uint32_t oid) {
  const auto* found = std::ranges::find(types, oid, &TypeInfo::oid);
  if (found == types.end()) return std::nullopt;
  return found->type;
}

std::optional<SqlType> find_type_by_name(std::string_view name) {
  const auto* found = std::ranges::find(types, name, &TypeInfo::name);
  if (found == types.end()) return std::nullopt;
  return found->type;
}

SqlType element_of(SqlType array) {
  return is_array(array) ? info_of(array).element : SqlType::unknown;
}

SqlType array_of(SqlType element) {
  for (const TypeInfo& info : types) {
    if (is_array(info.type) && info.element == element) return info.type;
  }
  return SqlType::unknown;
}

}  // namespace holdfast
