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

// A type of pg_type that Holdfast has, or takes as a parameter. None has an array type.
struct KnownType {
  std::int64_t oid;
  std::string_view name;     // pg_type.typname: int8
  std::string_view regtype;  // as SQL spells it: bigint
};
[[nodiscard]] std::span<const KnownType> known_types();
// By either name.
[[nodiscard]] const KnownType* find_type(std::string_view name);
[[nodiscard]] const KnownType* find_type(std::int64_t oid);

// What a question wants to know of a type.
enum class TypeFact : std::uint8_t {
  oid,
  array_oid,  // 0: none
  name,
  regtype,
  delimiter,   // ','
  schema,      // pg_catalog
  is_visible,  // true
  is_array,    // false
  kind,        // 'b': a base type
};

struct TypeColumn {
  std::string_view name;
  TypeFact fact;
};

struct TypeQuestion {
  enum class By : std::uint8_t {
    nothing,  // about types that Holdfast does not have: no row
    oid,      // $1
    name,     // $1
  };
  std::string_view text;  // with single blanks, without a ; at the end
  By by;
  std::span<const TypeColumn> columns;
};

// The question that this statement is; nullptr when it is none of them.
[[nodiscard]] const TypeQuestion* find_type_question(std::string_view statement);

// An oid is shown as bigint: Holdfast has no type of that name.
[[nodiscard]] SqlType type_of(TypeFact fact);

}  // namespace holdfast
