// How table functions and scalar functions are made known to DuckDB.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "columnar/duck.h"
#include "columnar/table.h"

namespace holdfast {

// Which statement a connection is running, by DuckDB's number of it: all that a table function
// learns when it is bound. Any thread.
class RunningStatements {
 public:
  void begin(std::uint64_t connection, StatementContext& context);
  void end(std::uint64_t connection);
  [[nodiscard]] StatementContext* find(std::uint64_t connection) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, StatementContext*> contexts_;
};

// `running` outlives the database.
Status register_function(duckdb_connection connection, TableFunction function,
                         const RunningStatements& running);
Status register_function(duckdb_connection connection, ScalarFunction function);

}  // namespace holdfast
