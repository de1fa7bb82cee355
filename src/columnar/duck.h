// DuckDB's C API, for this room's own .cc files, and owners for what it hands out.
#pragma once

#include <stdlib.h>

// It wants the above.
#include <duckdb.h>

#include <memory>
#include <string_view>

#include "base/result.h"
#include "columnar/value.h"

namespace holdfast {

// Destroys through DuckDB's own function, which takes the address of the handle.
template <auto destroy>
struct DuckDestroyer {
  template <class Handle>
  void operator()(Handle* handle) const {
    destroy(&handle);
  }
};
template <class Handle, auto destroy>
using DuckOwner = std::unique_ptr<std::remove_pointer_t<Handle>, DuckDestroyer<destroy>>;

using DuckType = DuckOwner<duckdb_logical_type, duckdb_destroy_logical_type>;
using DuckValue = DuckOwner<duckdb_value, duckdb_destroy_value>;
using DuckConfig = DuckOwner<duckdb_config, duckdb_destroy_config>;
using DuckPrepared = DuckOwner<duckdb_prepared_statement, duckdb_destroy_prepare>;
using DuckPending = DuckOwner<duckdb_pending_result, duckdb_destroy_pending>;
using DuckConnection = DuckOwner<duckdb_connection, duckdb_disconnect>;
using DuckDatabase = DuckOwner<duckdb_database, duckdb_close>;

[[nodiscard]] DuckType duck_type_of(const ColumnType& type);
// Every type that a statement of ours can have as a result; none else.
[[nodiscard]] Result<ColumnType> column_type_of(duckdb_logical_type type);
[[nodiscard]] DuckValue duck_value_of(const ColumnValue& value);

// What DuckDB says, in the words and with the codes of PostgreSQL where it has them.
[[nodiscard]] Error error_of_duck(duckdb_error_type type, std::string_view message);

}  // namespace holdfast
