// Opening, locking down, running. DuckDB starts no thread: `external_threads` equals `threads`, so
// all work is done by whoever runs a statement, and by those that called help().
#include "columnar/database.h"

#include <mutex>

#include "base/check.h"
#include "columnar/duck.h"
#include "columnar/functions.h"

namespace holdfast {
namespace {

// A path or text between quotes of SQL.
std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    out += letter;
    if (letter == '\'') out += letter;
  }
  return out + "'";
}

}  // namespace

struct ColumnarDatabase::Parts {
  RunningStatements running;  // outlives the database
  DuckDatabase database;
  DuckConnection connection;  // for set_up and add
  std::mutex helpers_mutex;
  std::vector<duckdb_task_state> helpers;
  bool stops_helping = false;
};

struct ColumnarConnection::Parts {
  DuckConnection connection;
  std::uint64_t id = 0;
};

struct ColumnarResult::Parts {
  explicit Parts(ColumnarConnection& of) : connection(of) {}
  ~Parts() {
    if (has_result) duckdb_destroy_result(&result);
  }
  ColumnarConnection& connection;
  StatementContext* context = nullptr;
  DuckPrepared prepared;
  DuckPending pending;
  bool has_result = false;
  duckdb_result result{};
};

ColumnarDatabase::ColumnarDatabase() : parts_(std::make_unique<Parts>()) {}
ColumnarDatabase::~ColumnarDatabase() { stop_helping(); }

Result<std::unique_ptr<ColumnarDatabase>> ColumnarDatabase::open(const ColumnarOptions& options) {
  std::unique_ptr<ColumnarDatabase> out(new ColumnarDatabase);
  duckdb_config raw = nullptr;
  CHECK(duckdb_create_config(&raw) == DuckDBSuccess);
  const DuckConfig config(raw);
  const std::string threads = std::to_string(options.threads);
  const auto set = [&](const char* name, const std::string& value) {
    CHECK(duckdb_set_config(config.get(), name, value.c_str()) == DuckDBSuccess, "{}", name);
  };
  set("threads", threads);
  set("external_threads", threads);
  set("memory_limit", fmt::format("{}B", options.memory_bytes_max));
  set("autoload_known_extensions", "false");
  set("autoinstall_known_extensions", "false");
  set("allow_community_extensions", "false");
  set("integer_division", "true");
  duckdb_database database = nullptr;
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, &database, config.get(), &message) != DuckDBSuccess) {
    Error error{.code = ErrorCode::internal,
                .message = fmt::format("DuckDB cannot be opened: {}", message),
                .detail = {},
                .hint = {}};
    duckdb_free(message);
    return fail(std::move(error));
  }
  out->parts_->database.reset(database);
  duckdb_connection connection = nullptr;
  CHECK(duckdb_connect(database, &connection) == DuckDBSuccess);
  out->parts_->connection.reset(connection);
  TRY(out->set_up("SET TimeZone = 'UTC'"));
  TRY(out->set_up("SET temp_directory = ''"));
  // What is on disk is ours to say, folder by folder.
  if (!options.folder.empty()) {
    TRY(out->set_up(fmt::format("SET allowed_directories = [{}]", literal(options.folder + "/"))));
  }
  TRY(out->set_up("SET enable_external_access = false"));
  return out;
}

Status ColumnarDatabase::set_up(const std::string& sql) {
  duckdb_result result{};
  const bool is_good =
      duckdb_query(parts_->connection.get(), sql.c_str(), &result) == DuckDBSuccess;
  const duckdb_error_type type = is_good ? DUCKDB_ERROR_INVALID : duckdb_result_error_type(&result);
  const std::string message = is_good ? "" : duckdb_result_error(&result);
  duckdb_destroy_result(&result);
  if (is_good) return {};
  return fail(error_of_duck(type, message));
}

Status ColumnarDatabase::lock() { return set_up("SET lock_configuration = true"); }

Status ColumnarDatabase::add(TableFunction function) {
  return register_function(parts_->connection.get(), std::move(function), parts_->running);
}
Status ColumnarDatabase::add(ScalarFunction function) {
  return register_function(parts_->connection.get(), std::move(function));
}

Result<std::unique_ptr<ColumnarConnection>> ColumnarDatabase::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(parts_->database.get(), &connection) != DuckDBSuccess) {
    is_broken_.store(true, std::memory_order_relaxed);
    return fail(ErrorCode::internal, "DuckDB takes no connection");
  }
  std::unique_ptr<ColumnarConnection> out(new ColumnarConnection(*this));
  out->parts_->connection.reset(connection);
  duckdb_client_context context = nullptr;
  duckdb_connection_get_client_context(connection, &context);
  out->parts_->id = duckdb_client_context_get_connection_id(context);
  duckdb_destroy_client_context(&context);
  return out;
}

void ColumnarDatabase::help() {
  duckdb_task_state state = nullptr;
  {
    const std::scoped_lock guard(parts_->helpers_mutex);
    if (parts_->stops_helping) return;
    state = duckdb_create_task_state(parts_->database.get());
    parts_->helpers.push_back(state);
  }
  duckdb_execute_tasks_state(state);
  const std::scoped_lock guard(parts_->helpers_mutex);
  std::erase(parts_->helpers, state);
  duckdb_destroy_task_state(state);
}

void ColumnarDatabase::stop_helping() {
  const std::scoped_lock guard(parts_->helpers_mutex);
  parts_->stops_helping = true;
  for (duckdb_task_state state : parts_->helpers) duckdb_finish_execution(state);
}

ColumnarConnection::ColumnarConnection(ColumnarDatabase& database)
    : database_(database), parts_(std::make_unique<Parts>()) {}
ColumnarConnection::~ColumnarConnection() = default;

void ColumnarConnection::interrupt() { duckdb_interrupt(parts_->connection.get()); }

Error ColumnarConnection::error_of(const StatementContext& context, int type, const char* message) {
  const auto kind = static_cast<duckdb_error_type>(type);
  if (kind == DUCKDB_ERROR_FATAL || kind == DUCKDB_ERROR_INTERNAL) {
    database_.is_broken_.store(true, std::memory_order_relaxed);
  }
  if (auto error = context.error()) return *std::move(error);
  return error_of_duck(kind, message);
}

Result<std::unique_ptr<ColumnarResult>> ColumnarConnection::run(const std::string& sql,
                                                                std::span<const ColumnValue> values,
                                                                StatementContext& context) {
  database_.parts_->running.begin(parts_->id, context);
  std::unique_ptr<ColumnarResult> out(new ColumnarResult(*this));
  ColumnarResult::Parts& parts = *out->parts_;
  parts.context = &context;
  duckdb_prepared_statement prepared = nullptr;
  const bool is_prepared =
      duckdb_prepare(parts_->connection.get(), sql.c_str(), &prepared) == DuckDBSuccess;
  parts.prepared.reset(prepared);
  if (!is_prepared) {
    return fail(error_of(context, DUCKDB_ERROR_BINDER, duckdb_prepare_error(prepared)));
  }
  for (std::size_t index = 0; index < values.size(); ++index) {
    const DuckValue value = duck_value_of(values[index]);
    if (duckdb_bind_value(prepared, index + 1, value.get()) != DuckDBSuccess) {
      return fail(ErrorCode::internal, "DuckDB does not take the value of ${}", index + 1);
    }
  }
  duckdb_pending_result pending = nullptr;
  const bool is_pending = duckdb_pending_prepared_streaming(prepared, &pending) == DuckDBSuccess;
  parts.pending.reset(pending);
  if (!is_pending) {
    return fail(error_of(context, DUCKDB_ERROR_INVALID_INPUT, duckdb_pending_error(pending)));
  }
  return out;
}

ColumnarResult::ColumnarResult(ColumnarConnection& connection)
    : parts_(std::make_unique<Parts>(connection)) {}

ColumnarResult::~ColumnarResult() {
  ColumnarConnection& connection = parts_->connection;
  parts_.reset();  // the tables it reads go with it
  connection.database_.parts_->running.end(connection.parts_->id);
}

Result<std::unique_ptr<Chunk>> ColumnarResult::next() {
  Parts& parts = *parts_;
  if (!parts.has_result) {
    parts.has_result = true;
    if (duckdb_execute_pending(parts.pending.get(), &parts.result) != DuckDBSuccess) {
      return fail(parts.connection.error_of(*parts.context, duckdb_result_error_type(&parts.result),
                                            duckdb_result_error(&parts.result)));
    }
    for (idx_t index = 0; index < duckdb_column_count(&parts.result); ++index) {
      const DuckType type(duckdb_column_logical_type(&parts.result, index));
      ASSIGN(const ColumnType ours, column_type_of(type.get()));
      types_.push_back(ours);
    }
  }
  for (;;) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(parts.result);
    if (chunk == nullptr) break;
    auto out = std::make_unique<Chunk>(chunk, types_);
    if (out->row_count() > 0) return out;
  }
  const char* message = duckdb_result_error(&parts.result);
  if (message == nullptr) return nullptr;
  return fail(
      parts.connection.error_of(*parts.context, duckdb_result_error_type(&parts.result), message));
}

}  // namespace holdfast
