// The questions, and who asks them.
#include "sql/type_questions.h"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast {
namespace {

using enum TypeFact;
using By = TypeQuestion::By;

constexpr std::array<KnownType, 23> types = {{
    {16, "bool", "boolean"},
    {19, "name", "name", 1003},
    {20, "int8", "bigint", 1016},
    {21, "int2", "smallint", 1005},
    {23, "int4", "integer", 1007},
    {25, "text", "text", 1009},
    {26, "oid", "oid", 1028},
    {114, "json", "json"},
    {1003, "_name", "name[]", 0, 19},
    {1005, "_int2", "smallint[]", 0, 21},
    {1007, "_int4", "integer[]", 0, 23},
    {1009, "_text", "text[]", 0, 25},
    {1014, "_bpchar", "character[]", 0, 1042},
    {1015, "_varchar", "character varying[]", 0, 1043},
    {1016, "_int8", "bigint[]", 0, 20},
    {1028, "_oid", "oid[]", 0, 26},
    {1042, "bpchar", "character", 1014},
    {1043, "varchar", "character varying", 1015},
    {1184, "timestamptz", "timestamp with time zone"},
    {1186, "interval", "interval"},
    {2950, "uuid", "uuid", 2951},
    {2951, "_uuid", "uuid[]", 0, 2950},
    {3802, "jsonb", "jsonb"},
}};

constexpr std::array<TypeColumn, 2> oids = {{{"oid", oid}, {"typarray", array_oid}}};
constexpr std::array<TypeColumn, 2> oid_and_name = {{{"oid", oid}, {"typname", name}}};
constexpr std::array<TypeColumn, 3> visible_name = {
    {{"?column?", is_visible}, {"nspname", schema}, {"typname", name}}};
constexpr std::array<TypeColumn, 4> kind_and_name = {
    {{"is_array", is_array}, {"typtype", kind}, {"typname", name}, {"oid", oid}}};
constexpr std::array<TypeColumn, 14> tree = {{{"oid", oid},
                                              {"ns", schema},
                                              {"name", name},
                                              {"kind", kind},
                                              {"basetype", nothing},
                                              {"elemtype", element_oid},
                                              {"elemdelim", element_delimiter},
                                              {"range_subtype", nothing},
                                              {"attrtypoids", nothing},
                                              {"attrnames", nothing},
                                              {"depth", depth},
                                              {"basetype_name", nothing},
                                              {"elemtype_name", element_name},
                                              {"range_subtype_name", nothing}}};
constexpr std::array<TypeColumn, 5> info = {{{"name", name},
                                             {"oid", oid},
                                             {"array_oid", array_oid},
                                             {"regtype", regtype},
                                             {"delimiter", delimiter}}};

constexpr std::array<TypeQuestion, 9> questions = {{
    // postgres.js, at connect: the array types.
    {"select b.oid, b.typarray from pg_catalog.pg_type a left join pg_catalog.pg_type b on b.oid = "
     "a.typelem where a.typcategory = 'A' group by b.oid, b.typarray order by b.oid",
     By::arrays, oids},
    // psycopg2 (HstoreAdapter), SQLAlchemy on it at connect.
    {"SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = ns.oid WHERE "
     "typname = 'hstore'",
     By::nothing, oids},
    // psycopg 3 (TypeInfo.fetch), SQLAlchemy on it at connect for hstore.
    {"SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim "
     "AS delimiter FROM pg_type t WHERE t.oid = $1::regtype ORDER BY t.oid",
     By::name, info},
    {"SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim "
     "AS delimiter FROM pg_type t WHERE t.oid = to_regtype($1) ORDER BY t.oid",
     By::name, info},
    // JDBC (TypeInfoCache), when a jsonb comes or goes.
    {"SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type "
     "t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1",
     By::oid, visible_name},
    {"SELECT pg_type.oid, typname FROM pg_catalog.pg_type LEFT JOIN "
     "(select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns join ( select s.r, "
     "(current_schemas(false))[s.r] as nspname from generate_series(1, "
     "array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp ON "
     "sp.nspoid = typnamespace WHERE typname = $1 ORDER BY sp.r, pg_type.oid DESC LIMIT 1",
     By::name, oid_and_name},
    {"SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid "
     "FROM pg_catalog.pg_type LEFT JOIN "
     "(select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns join ( select s.r, "
     "(current_schemas(false))[s.r] as nspname from generate_series(1, "
     "array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp ON "
     "sp.nspoid = typnamespace WHERE typname = $1 ORDER BY sp.r, pg_type.oid DESC",
     By::name, kind_and_name},
    {"SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid "
     "FROM pg_catalog.pg_type LEFT JOIN "
     "(select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns join ( select s.r, "
     "(current_schemas(false))[s.r] as nspname from generate_series(1, "
     "array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp ON "
     "sp.nspoid = typnamespace WHERE pg_type.oid = $1 ORDER BY sp.r, pg_type.oid DESC",
     By::oid, kind_and_name},
    // asyncpg (introspection.py), before it sends or reads an array other than text[].
    {"WITH RECURSIVE typeinfo_tree( oid, ns, name, kind, basetype, elemtype, elemdelim, "
     "range_subtype, attrtypoids, attrnames, depth) AS ( SELECT ti.oid, ti.ns, ti.name, "
     "ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, "
     "ti.attrnames, 0 FROM ( SELECT t.oid AS oid, ns.nspname AS ns, t.typname AS name, "
     "t.typtype AS kind, (CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE typebases(oid, "
     "depth) AS ( SELECT t2.typbasetype AS oid, 0 AS depth FROM pg_type t2 WHERE t2.oid = "
     "t.oid UNION ALL SELECT t2.typbasetype AS oid, tb.depth + 1 AS depth FROM pg_type t2, "
     "typebases tb WHERE tb.oid = t2.oid AND t2.typbasetype != 0 ) SELECT oid FROM typebases "
     "ORDER BY depth DESC LIMIT 1) ELSE NULL END) AS basetype, t.typelem AS elemtype, "
     "elem_t.typdelim AS elemdelim, COALESCE( range_t.rngsubtype, multirange_t.rngsubtype) AS "
     "range_subtype, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY "
     "ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE "
     "ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END) AS "
     "attrtypoids, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.attname::text ORDER "
     "BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE "
     "ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END) AS "
     "attrnames FROM pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON ( "
     "ns.oid = t.typnamespace) LEFT JOIN pg_type elem_t ON ( t.typlen = -1 AND t.typelem != 0 "
     "AND t.typelem = elem_t.oid ) LEFT JOIN pg_range range_t ON ( t.oid = range_t.rngtypid ) "
     "LEFT JOIN pg_range multirange_t ON ( t.oid = multirange_t.rngmultitypid ) ) AS ti WHERE "
     "ti.oid = any($1::oid[]) UNION ALL SELECT ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, "
     "ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, tt.depth + 1 "
     "FROM ( SELECT t.oid AS oid, ns.nspname AS ns, t.typname AS name, t.typtype AS kind, "
     "(CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE typebases(oid, depth) AS ( SELECT "
     "t2.typbasetype AS oid, 0 AS depth FROM pg_type t2 WHERE t2.oid = t.oid UNION ALL SELECT "
     "t2.typbasetype AS oid, tb.depth + 1 AS depth FROM pg_type t2, typebases tb WHERE tb.oid "
     "= t2.oid AND t2.typbasetype != 0 ) SELECT oid FROM typebases ORDER BY depth DESC LIMIT "
     "1) ELSE NULL END) AS basetype, t.typelem AS elemtype, elem_t.typdelim AS elemdelim, "
     "COALESCE( range_t.rngsubtype, multirange_t.rngsubtype) AS range_subtype, (CASE WHEN "
     "t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY ia.attnum) FROM "
     "pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND "
     "NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END) AS attrtypoids, (CASE WHEN "
     "t.typtype = 'c' THEN (SELECT array_agg(ia.attname::text ORDER BY ia.attnum) FROM "
     "pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND "
     "NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END) AS attrnames FROM "
     "pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON ( ns.oid = "
     "t.typnamespace) LEFT JOIN pg_type elem_t ON ( t.typlen = -1 AND t.typelem != 0 AND "
     "t.typelem = elem_t.oid ) LEFT JOIN pg_range range_t ON ( t.oid = range_t.rngtypid ) "
     "LEFT JOIN pg_range multirange_t ON ( t.oid = multirange_t.rngmultitypid ) ) ti, "
     "typeinfo_tree tt WHERE (tt.elemtype IS NOT NULL AND ti.oid = tt.elemtype) OR "
     "(tt.attrtypoids IS NOT NULL AND ti.oid = any(tt.attrtypoids)) OR (tt.range_subtype IS "
     "NOT NULL AND ti.oid = tt.range_subtype) OR (tt.basetype IS NOT NULL AND ti.oid = "
     "tt.basetype) ) SELECT DISTINCT *, basetype::regtype::text AS basetype_name, "
     "elemtype::regtype::text AS elemtype_name, range_subtype::regtype::text AS "
     "range_subtype_name FROM typeinfo_tree ORDER BY depth DESC",
     By::oids, tree},
}};

constexpr std::size_t question_bytes_max = 8192;  // with all its blanks

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Single blanks between words, and neither blanks nor semicolons at the ends.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_blank(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == ';')) out.pop_back();
  return out;
}

}  // namespace

std::span<const KnownType> known_types() { return types; }

const KnownType* find_type(std::string_view name) {
  const auto* found = std::ranges::find_if(
      types, [&](const KnownType& type) { return type.name == name || type.regtype == name; });
  return found == types.end() ? nullptr : &*found;
}

const KnownType* find_type(std::int64_t oid) {
  const auto* found = std::ranges::find(types, oid, &KnownType::oid);
  return found == types.end() ? nullptr : &*found;
}

const TypeQuestion* find_type_question(std::string_view statement) {
  if (statement.size() > question_bytes_max || statement.find("pg_type") == std::string_view::npos)
    return nullptr;
  const std::string text = squeezed(statement);
  const auto* found = std::ranges::find(questions, text, &TypeQuestion::text);
  return found == questions.end() ? nullptr : &*found;
}

SqlType type_of(TypeFact fact) {
  switch (fact) {
    case oid:
    case array_oid:
    case element_oid:
    case depth:
      return SqlType::int8;
    case is_visible:
    case TypeFact::is_array:
      return SqlType::boolean;
    case name:
    case regtype:
    case delimiter:
    case element_name:
    case element_delimiter:
    case schema:
    case kind:
    case nothing:
      break;
  }
  return SqlType::text;
}

SqlType type_of(TypeQuestion::By by) {
  switch (by) {
    case By::oid:
      return SqlType::int8;
    case By::oids:
      return SqlType::oid_array;
    case By::name:
      return SqlType::text;
    case By::nothing:
    case By::arrays:
      break;
  }
  return SqlType::unknown;
}

}  // namespace holdfast
