// The callbacks of DuckDB's C API. What fails in one is said through DuckDB, so that it stops the
// statement, and kept in the statement's context, so that it arrives as it was.
#include "columnar/functions.h"

#include "base/check.h"

namespace holdfast {
namespace {

struct BoundTable {
  BoundTable(std::unique_ptr<TableSource> the_source, StatementContext* the_context)
      : source(std::move(the_source)), context(the_context) {}
  std::unique_ptr<TableSource> source;
  StatementContext* context;
};

struct Registered {
  Registered(TableFunction the_function, const RunningStatements& the_running)
      : function(std::move(the_function)), running(the_running) {}
  TableFunction function;
  const RunningStatements& running;
};

// DuckDB owns what it is given, and destroys it by this.
template <class Object>
void destroy(void* object) {
  const std::unique_ptr<Object> owner(static_cast<Object*>(object));
}

std::uint64_t connection_of(duckdb_bind_info info) {
  duckdb_client_context context = nullptr;
  duckdb_table_function_get_client_context(info, &context);
  const std::uint64_t id = duckdb_client_context_get_connection_id(context);
  duckdb_destroy_client_context(&context);
  return id;
}

void bind_table(duckdb_bind_info info) {
  const auto& registered = *static_cast<const Registered*>(duckdb_bind_get_extra_info(info));
  StatementContext* context = registered.running.find(connection_of(info));
  if (context == nullptr) return duckdb_bind_set_error(info, "no statement of ours");
  std::vector<std::int64_t> arguments;
  for (idx_t index = 0; index < duckdb_bind_get_parameter_count(info); ++index) {
    const DuckValue value(duckdb_bind_get_parameter(info, index));
    arguments.push_back(duckdb_get_int64(value.get()));
  }
  auto source = registered.function.open(*context, arguments);
  if (!source) {
    context->set_error(source.error());
    return duckdb_bind_set_error(info, source.error().message.c_str());
  }
  for (const NamedColumn& column : registered.function.columns) {
    const DuckType type = duck_type_of(column.type);
    duckdb_bind_add_result_column(info, column.name.c_str(), type.get());
  }
  duckdb_bind_set_cardinality(info, (*source)->row_count(), false);
  duckdb_bind_set_bind_data(info,
                            std::make_unique<BoundTable>(*std::move(source), context).release(),
                            destroy<BoundTable>);
}

void begin_scan(duckdb_init_info info) {
  const auto& bound = *static_cast<const BoundTable*>(duckdb_init_get_bind_data(info));
  std::vector<std::uint32_t> columns(duckdb_init_get_column_count(info));
  for (std::size_t index = 0; index < columns.size(); ++index) {
    columns[index] = static_cast<std::uint32_t>(duckdb_init_get_column_index(info, index));
  }
  std::unique_ptr<TableScan> scan = bound.source->scan(columns);
  duckdb_init_set_max_threads(info, scan->readers_max());
  duckdb_init_set_init_data(info, scan.release(), destroy<TableScan>);
}

struct Reading {
  std::unique_ptr<TableReader> reader;  // made by the first call, which knows the scan
};

void begin_reading(duckdb_init_info info) {
  duckdb_init_set_init_data(info, std::make_unique<Reading>().release(), destroy<Reading>);
}

void read_table(duckdb_function_info info, duckdb_data_chunk output) {
  auto& reading = *static_cast<Reading*>(duckdb_function_get_local_init_data(info));
  if (reading.reader == nullptr) {
    reading.reader = static_cast<TableScan*>(duckdb_function_get_init_data(info))->reader();
  }
  ChunkWriter writer(output);
  const Result<std::size_t> rows = reading.reader->fill(writer);
  if (!rows) {
    const auto& bound = *static_cast<const BoundTable*>(duckdb_function_get_bind_data(info));
    bound.context->set_error(rows.error());
    return duckdb_function_set_error(info, rows.error().message.c_str());
  }
  duckdb_data_chunk_set_size(output, *rows);
}

void call_scalar(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function =
      *static_cast<const ScalarFunction*>(duckdb_scalar_function_get_extra_info(info));
  const Chunk arguments(input, function.arguments, true);
  ChunkWriter result(output);
  if (!function.sees_null) {
    for (std::size_t row = 0; row < arguments.row_count(); ++row) {
      for (std::size_t index = 0; index < arguments.column_count(); ++index) {
        if (arguments.column(index).is_null(row)) result.set_null(0, row);
      }
    }
  }
  const Status status =
      function.run({.arguments = arguments, .result = result, .row_count = arguments.row_count()});
  if (!status) duckdb_scalar_function_set_error(info, status.error().message.c_str());
}

}  // namespace

void RunningStatements::begin(std::uint64_t connection, StatementContext& context) {
  const std::scoped_lock guard(mutex_);
  contexts_[connection] = &context;
}

void RunningStatements::end(std::uint64_t connection) {
  const std::scoped_lock guard(mutex_);
  contexts_.erase(connection);
}

StatementContext* RunningStatements::find(std::uint64_t connection) const {
  const std::scoped_lock guard(mutex_);
  const auto found = contexts_.find(connection);
  return found == contexts_.end() ? nullptr : found->second;
}

std::optional<Error> StatementContext::error() const {
  const std::scoped_lock guard(mutex_);
  return error_;
}

void StatementContext::set_error(const Error& error) {
  const std::scoped_lock guard(mutex_);
  if (!error_) error_ = error;
}

Status register_function(duckdb_connection connection, TableFunction function,
                         const RunningStatements& running) {
  const DuckOwner<duckdb_table_function, duckdb_destroy_table_function> owner(
      duckdb_create_table_function());
  duckdb_table_function table = owner.get();
  const std::string name = function.name;
  duckdb_table_function_set_name(table, name.c_str());
  const DuckType number = duck_type_of({.kind = ColumnKind::int64});
  for (std::size_t index = 0; index < function.argument_count; ++index) {
    duckdb_table_function_add_parameter(table, number.get());
  }
  duckdb_table_function_set_extra_info(
      table, std::make_unique<Registered>(std::move(function), running).release(),
      destroy<Registered>);
  duckdb_table_function_set_bind(table, bind_table);
  duckdb_table_function_set_init(table, begin_scan);
  duckdb_table_function_set_local_init(table, begin_reading);
  duckdb_table_function_set_function(table, read_table);
  duckdb_table_function_supports_projection_pushdown(table, true);
  if (duckdb_register_table_function(connection, table) == DuckDBSuccess) return {};
  return fail(ErrorCode::internal, "DuckDB does not take the table function {}", name);
}

Status register_function(duckdb_connection connection, ScalarFunction function) {
  const DuckOwner<duckdb_scalar_function, duckdb_destroy_scalar_function> owner(
      duckdb_create_scalar_function());
  duckdb_scalar_function scalar = owner.get();
  const std::string name = function.name;
  duckdb_scalar_function_set_name(scalar, name.c_str());
  for (const ColumnType& argument : function.arguments) {
    const DuckType type = duck_type_of(argument);
    duckdb_scalar_function_add_parameter(scalar, type.get());
  }
  const DuckType result = duck_type_of(function.result);
  duckdb_scalar_function_set_return_type(scalar, result.get());
  if (function.sees_null) duckdb_scalar_function_set_special_handling(scalar);
  duckdb_scalar_function_set_extra_info(
      scalar, std::make_unique<ScalarFunction>(std::move(function)).release(),
      destroy<ScalarFunction>);
  duckdb_scalar_function_set_function(scalar, call_scalar);
  if (duckdb_register_scalar_function(connection, scalar) == DuckDBSuccess) return {};
  return fail(ErrorCode::internal, "DuckDB does not take the function {}", name);
}

}  // namespace holdfast
