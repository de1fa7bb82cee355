// RowEncoder: a RowSink that writes DataRow messages, each column in the format its Bind asked for.
//
// Threads: filled by whoever answers, then handed with its execution to the session's thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "pgwire/frontend.h"
#include "service/value.h"

namespace holdfast {

// How many bytes of rows are kept, and of what they are the limit, for the error.
struct RowLimit {
  std::size_t bytes = 0;
  std::string_view what;
};

class RowEncoder final : public RowSink {
 public:
  // Before an execution. `formats` as in Bind, already checked; they and the columns need not
  // outlive the call. `limit`: of the rows' bytes.
  void start(std::span<const Column> columns, ByteSpan formats, RowLimit limit);

  void begin_row(std::size_t cells) override;
  void null() override;
  void boolean(bool value) override;
  void integer(std::int64_t value) override;
  void text(std::string_view value) override;
  void uuid(const ClaimId& value) override;
  void timestamp(Timestamp value) override;
  void end_row() override;

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  // Past the limit: rows are missing.
  [[nodiscard]] bool is_full() const override { return is_full_; }
  [[nodiscard]] Error overflow() const override;
  // Whole messages. May be moved out after the execution.
  [[nodiscard]] ByteWriter& bytes() { return bytes_; }

 private:
  // How a column is written: one decision per column, not per cell.
  enum class Cell : std::uint8_t { text, boolean, int2, int4, int8, uuid, timestamp, jsonb, raw };
  static Cell cell_of(SqlType type, std::uint16_t format);

  Cell next_cell();
  void cell(std::string_view bytes);
  template <class Int>
  void big_endian(Int value);

  ByteWriter bytes_;
  std::vector<Cell> cells_;
  std::size_t cell_ = 0;
  std::size_t row_start_ = 0;
  std::uint64_t rows_ = 0;
  bool is_full_ = false;
  RowLimit limit_;
};

// The bytes of the first `rows` DataRow messages. REQUIRES: there are that many.
std::size_t size_of_rows(ByteSpan messages, std::uint64_t rows);

}  // namespace holdfast
