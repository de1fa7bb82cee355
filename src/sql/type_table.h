// What PostgreSQL says of each type in pg_type: numbers, names, and which may stand for which.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sql/types.h"

namespace holdfast {

struct TypeInfo {
  SqlType type = SqlType::unknown;
  std::uint32_t oid = 0;
  std::string_view name;   // pg_type.typname: int8, _int8
  std::string_view shown;  // format_type: bigint, bigint[]
  std::int16_t size = -1;  // pg_type.typlen: −1 is variable
  char category = 'U';     // pg_type.typcategory
  bool is_preferred = false;
  SqlType element = SqlType::unknown;  // of an array
};

[[nodiscard]] const TypeInfo& info_of(SqlType type);
// "bigint", "timestamp with time zone": the name in messages.
[[nodiscard]] inline std::string_view name_of(SqlType type) { return info_of(type).shown; }
[[nodiscard]] std::span<const TypeInfo> all_types();
[[nodiscard]] std::optional<SqlType> find_type_by_oid(std::uint32_t oid);
// By pg_type.typname.
[[nodiscard]] std::optional<SqlType> find_type_by_name(std::string_view name);

}  // namespace holdfast
