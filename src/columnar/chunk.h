// Chunks: up to 2 048 rows, column by column, as DuckDB hands them out and takes them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "columnar/value.h"

// DuckDB's own, of its C API.
using duckdb_data_chunk = struct _duckdb_data_chunk*;  // NOLINT
using duckdb_vector = struct _duckdb_vector*;          // NOLINT

namespace holdfast {

inline constexpr std::size_t chunk_rows = 2'048;

// Texts that many rows of a column share: the names of locations, say. Made once per thread of a
// scan; a row then costs four bytes.
class TextDictionary {
 public:
  // Copies the texts; the last entry, at texts.size(), is NULL.
  explicit TextDictionary(std::span<const std::string_view> texts);
  ~TextDictionary();
  TextDictionary(const TextDictionary&) = delete;
  TextDictionary& operator=(const TextDictionary&) = delete;

  [[nodiscard]] std::uint32_t null_index() const { return null_index_; }

 private:
  friend class ChunkWriter;
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::uint32_t null_index_ = 0;
};

// The columns that a scan was asked for, to be filled with its next rows. One thread.
class ChunkWriter {
 public:
  explicit ChunkWriter(duckdb_data_chunk chunk);
  // One column.
  explicit ChunkWriter(duckdb_vector vector);

  [[nodiscard]] std::size_t column_count() const { return columns_.size(); }
  // The values of a column of fixed width; rows that are not written hold anything. `Value` is as
  // wide as the column's type: bool, the integers, double, IntervalValue, UuidColumn, TextCell.
  template <class Value>
  [[nodiscard]] std::span<Value> values(std::size_t column) {
    return {static_cast<Value*>(columns_[column].data), chunk_rows};
  }
  void set_null(std::size_t column, std::size_t row);
  // Copies the text, which may be gone before the statement.
  void copy_text(std::size_t column, std::size_t row, std::string_view text);
  // All rows of the column at once: `rows` entries of the dictionary, by index.
  void set_dictionary(std::size_t column, const TextDictionary& dictionary,
                      std::span<const std::uint32_t> indexes);

 private:
  struct Target {
    duckdb_vector vector = nullptr;
    void* data = nullptr;
    std::uint64_t* validity = nullptr;  // made when the first NULL comes
  };
  std::vector<Target> columns_;
};

// A UUID as DuckDB keeps it: so that its order as an integer is that of its bytes.
struct UuidColumn {
  UuidColumn() = default;
  explicit UuidColumn(const UuidValue& value)
      : low(value.low), high(value.high ^ (std::uint64_t{1} << 63)) {}
  [[nodiscard]] UuidValue value() const { return {high ^ (std::uint64_t{1} << 63), low}; }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Rows of a result. Views are good while it lives.
class Chunk {
 public:
  // Takes the chunk over, unless it is `lent`.
  Chunk(duckdb_data_chunk chunk, std::span<const ColumnType> types, bool is_lent = false);
  ~Chunk();
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  // The values of one column, or the elements of its lists.
  struct Column {
    ColumnType type;
    duckdb_vector vector = nullptr;
    const void* data = nullptr;
    const std::uint64_t* validity = nullptr;  // null: no NULL among them
    std::uint8_t width = 0;                   // of decimals

    [[nodiscard]] bool is_null(std::size_t row) const {
      return validity != nullptr && ((validity[row / 64] >> (row % 64)) & 1) == 0;
    }
    template <class Value>
    [[nodiscard]] const Value& at(std::size_t row) const {
      return static_cast<const Value*>(data)[row];
    }
    [[nodiscard]] std::string_view text(std::size_t row) const { return at<TextCell>(row).view(); }
    // Of an int128 or a decimal, without its point.
    [[nodiscard]] Int128 wide(std::size_t row) const;
  };
  struct List {
    std::uint64_t first = 0;
    std::uint64_t size = 0;
  };
  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  [[nodiscard]] std::size_t column_count() const { return columns_.size(); }
  [[nodiscard]] const Column& column(std::size_t index) const { return columns_[index]; }
  // REQUIRES: a list.
  [[nodiscard]] const Column& elements_of(std::size_t index) const { return elements_[index]; }
  [[nodiscard]] List list(std::size_t index, std::size_t row) const {
    return columns_[index].at<List>(row);
  }

 private:
  duckdb_data_chunk chunk_;
  bool is_lent_;
  std::size_t row_count_ = 0;
  std::vector<Column> columns_;
  std::vector<Column> elements_;
};

}  // namespace holdfast
