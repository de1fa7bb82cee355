// Table functions: our own rows as a table of DuckDB, read in place.
//
//   statement ──bind──▶ TableSource ──scan(columns)──▶ TableScan ──reader()──▶ TableReader::fill …
//                       once per use                   once per run           one per thread
//
// What a statement reads is decided by its context (StatementContext): every use of a table in one
// statement sees the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/chunk.h"
#include "columnar/value.h"

namespace holdfast {

// What the tables of one statement share; whoever runs the statement derives from it. Outlives the
// statement.
class StatementContext {
 public:
  virtual ~StatementContext() = default;
  // The first error that a table of this statement reported, as it was.
  [[nodiscard]] std::optional<Error> error() const;
  void set_error(const Error& error);

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

// Fills chunks, on one thread.
class TableReader {
 public:
  virtual ~TableReader() = default;
  // The next rows, at most chunk_rows; their number; 0: there are no more.
  virtual Result<std::size_t> fill(ChunkWriter& out) = 0;
};

// One run over the rows, which its readers share.
class TableScan {
 public:
  virtual ~TableScan() = default;
  [[nodiscard]] virtual std::uint32_t readers_max() const = 0;
  // Any thread.
  virtual std::unique_ptr<TableReader> reader() = 0;
};

class TableSource {
 public:
  virtual ~TableSource() = default;
  // For the order of joins; need not be exact.
  [[nodiscard]] virtual std::uint64_t row_count() const = 0;
  // `columns`: which are wanted, by position in the function's; ChunkWriter has these, in this
  // order. Outlived by the source.
  virtual std::unique_ptr<TableScan> scan(std::span<const std::uint32_t> columns) = 0;
};

struct TableFunction {
  std::string name;
  std::vector<NamedColumn> columns;
  std::size_t argument_count = 0;  // all of them whole numbers
  std::function<Result<std::unique_ptr<TableSource>>(StatementContext& context,
                                                     std::span<const std::int64_t> arguments)>
      open;
};

// A function of values, called with chunks of them. Like SQL's strict functions it gives NULL for
// NULL, unless it `sees_null`.
struct ScalarFunction {
  struct Call {
    const Chunk& arguments;
    ChunkWriter& result;  // its column 0
    std::size_t row_count = 0;
  };
  std::string name;
  std::vector<ColumnType> arguments;
  ColumnType result;
  bool sees_null = false;
  std::function<Status(const Call& call)> run;
};

}  // namespace holdfast
