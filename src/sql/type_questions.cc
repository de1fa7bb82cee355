// The questions, and who asks them.
#include "sql/type_questions.h"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast {
namespace {

using enum TypeFact;
using By = TypeQuestion::By;

constexpr std::array<KnownType, 13> types = {{
    {16, "bool", "boolean"},
    {19, "name", "name"},
    {20, "int8", "bigint"},
    {21, "int2", "smallint"},
    {23, "int4", "integer"},
    {25, "text", "text"},
    {114, "json", "json"},
    {1042, "bpchar", "character"},
    {1043, "varchar", "character varying"},
    {1184, "timestamptz", "timestamp with time zone"},
    {1186, "interval", "interval"},
    {2950, "uuid", "uuid"},
    {3802, "jsonb", "jsonb"},
}};

constexpr std::array<TypeColumn, 2> oids = {{{"oid", oid}, {"typarray", array_oid}}};
constexpr std::array<TypeColumn, 2> oid_and_name = {{{"oid", oid}, {"typname", name}}};
constexpr std::array<TypeColumn, 3> visible_name = {
    {{"?column?", is_visible}, {"nspname", schema}, {"typname", name}}};
constexpr std::array<TypeColumn, 4> kind_and_name = {
    {{"is_array", is_array}, {"typtype", kind}, {"typname", name}, {"oid", oid}}};
constexpr std::array<TypeColumn, 5> info = {{{"name", name},
                                             {"oid", oid},
                                             {"array_oid", array_oid},
                                             {"regtype", regtype},
                                             {"delimiter", delimiter}}};

constexpr std::array<TypeQuestion, 8> questions = {{
    // postgres.js, at connect: the array types.
    {"select b.oid, b.typarray from pg_catalog.pg_type a left join pg_catalog.pg_type b on b.oid = "
     "a.typelem where a.typcategory = 'A' group by b.oid, b.typarray order by b.oid",
     By::nothing, oids},
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
}};

constexpr std::size_t question_bytes_max = 2048;  // with all its blanks

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
      return SqlType::int8;
    case is_visible:
    case is_array:
      return SqlType::boolean;
    case name:
    case regtype:
    case delimiter:
    case schema:
    case kind:
      break;
  }
  return SqlType::text;
}

}  // namespace holdfast
