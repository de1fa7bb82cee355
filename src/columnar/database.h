// ColumnarDatabase: one DuckDB in this process, locked down: it reads one folder or nothing, loads
// no extension, and keeps no data of ours. It is a processor of queries over tables that we lend it
// (table.h), nothing in it has to survive, and it may be opened anew at any time.
//
// Threads: a connection and its results belong to one thread at a time, but for interrupt().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/chunk.h"
#include "columnar/table.h"
#include "columnar/value.h"

namespace holdfast {

struct ColumnarOptions {
  // How many threads may work on one statement. The one that runs it is the first; the others come
  // with help().
  std::uint32_t threads = 1;
  std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;
  // The only folder whose files it may read and write, an absolute path; empty: none.
  std::string folder;
};

class ColumnarConnection;

class ColumnarDatabase {
 public:
  static Result<std::unique_ptr<ColumnarDatabase>> open(const ColumnarOptions& options);
  ~ColumnarDatabase();

  // — before lock() —
  Status add(TableFunction function);
  Status add(ScalarFunction function);
  // Statements without rows: tables and views that every statement may use.
  Status set_up(const std::string& sql);
  // From now on no setting can be changed.
  Status lock();

  Result<std::unique_ptr<ColumnarConnection>> connect();
  // Works on statements that others run, until stop_helping().
  void help();
  void stop_helping();
  // It met a fault of its own; every statement fails from now on. To be opened anew.
  [[nodiscard]] bool is_broken() const { return is_broken_.load(std::memory_order_relaxed); }

 private:
  friend class ColumnarConnection;
  friend class ColumnarResult;
  ColumnarDatabase();
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::atomic<bool> is_broken_{false};
};

// The rows of a statement, made as they are wanted.
class ColumnarResult {
 public:
  ~ColumnarResult();
  ColumnarResult(const ColumnarResult&) = delete;
  ColumnarResult& operator=(const ColumnarResult&) = delete;

  // Of its columns. REQUIRES: next() was called; the types of values may decide.
  [[nodiscard]] std::span<const ColumnType> types() const { return types_; }
  // Works on the statement until there are rows; nullptr: there are no more.
  Result<std::unique_ptr<Chunk>> next();

 private:
  friend class ColumnarConnection;
  explicit ColumnarResult(ColumnarConnection& connection);
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::vector<ColumnType> types_;
};

class ColumnarConnection {
 public:
  ~ColumnarConnection();

  // Runs one statement with the values of $1 …; `context` outlives the result. One result at a
  // time. Errors here and in next(): what a table of the statement said, or DuckDB's own, as
  // error.cc translates them.
  Result<std::unique_ptr<ColumnarResult>> run(const std::string& sql,
                                              std::span<const ColumnValue> values,
                                              StatementContext& context);
  // Any thread: what runs fails as canceled.
  void interrupt();

 private:
  friend class ColumnarDatabase;
  friend class ColumnarResult;
  explicit ColumnarConnection(ColumnarDatabase& database);
  [[nodiscard]] Error error_of(const StatementContext& context, int type, const char* message);

  ColumnarDatabase& database_;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
