// What clients ask PostgreSQL's catalogue about types by themselves: at connect, or when a type
// comes by that they do not know. The catalogue is not there yet, but these questions have a true
// answer without it: from the list of the types that Holdfast speaks. A question is known by its
// text, word for word, whatever the blanks; everything else about pg_type is refused as before.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sql/types.h"

namespace holdfast {

// A type of pg_type that Holdfast has, or takes as a parameter.
struct KnownType {
  std::int64_t oid;
  std::string_view name;     // pg_type.typname: int8
  std::string_view regtype;  // as SQL spells it: bigint
  std::int64_t array = 0;    // the type of its arrays; 0: they are not taken
  std::int64_t element = 0;  // of an array; 0: it is none
};
[[nodiscard]] std::span<const KnownType> known_types();
// By either name.
[[nodiscard]] const KnownType* find_type(std::string_view name);
[[nodiscard]] const KnownType* find_type(std::int64_t oid);

// What a question wants to know of a type.
enum class TypeFact : std::uint8_t {
  oid,
  array_oid,    // 0: none
  element_oid,  // 0: it is no array
  element_name,
  name,
  regtype,
  delimiter,          // ','
  element_delimiter,  // … of the elements, null for what is no array
  schema,             // pg_catalog
  is_visible,         // true
  is_array,
  kind,     // 'b': a base type
  depth,    // 0: asked for; 1: an element of what was asked for
  nothing,  // null: what only domains, ranges and rows have
};

struct TypeColumn {
  std::string_view name;
  TypeFact fact;
};

struct TypeQuestion {
  enum class By : std::uint8_t {
    nothing,  // about types that Holdfast does not have: no row
    arrays,   // all types that have arrays
    oid,      // $1
    oids,     // any of $1, each behind the type of its elements
    name,     // $1
  };
  std::string_view text;  // with single blanks, without a ; at the end
  By by;
  std::span<const TypeColumn> columns;
};

// The question that this statement is; nullptr when it is none of them.
[[nodiscard]] const TypeQuestion* find_type_question(std::string_view statement);

// An oid is shown as bigint, which every client reads.
[[nodiscard]] SqlType type_of(TypeFact fact);
// Of the question's parameter. REQUIRES: it has one.
[[nodiscard]] SqlType type_of(TypeQuestion::By by);

}  // namespace holdfast
