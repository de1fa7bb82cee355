// CopyWriter: a RowSink that writes the rows of a COPY … TO STDOUT, one CopyData message each, byte
// for byte as PostgreSQL 15 does (src/backend/commands/copyto.c).
//
//   begin ─▶ rows ─▶ end
//
// Threads: as RowEncoder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pgwire/row_encoder.h"
#include "sql/copy_format.h"

namespace holdfast {

class CopyWriter final : public RowSink {
 public:
  // `format` and `columns` outlive it. `bytes_max`: of what is kept in out(), until it is taken.
  CopyWriter(const CopyFormat& format, std::span<const Column> columns, std::size_t bytes_max);

  // CopyOutResponse, and the names if they are wanted.
  void begin();
  void begin_row(std::size_t cells) override { row_.begin_row(cells); }
  void null() override { row_.null(); }
  void boolean(bool value) override { row_.boolean(value); }
  void integer(std::int64_t value) override { row_.integer(value); }
  void text(std::string_view value) override { row_.text(value); }
  void uuid(const ClaimId& value) override { row_.uuid(value); }
  void timestamp(Timestamp value) override { row_.timestamp(value); }
  void end_row() override;
  // What ends the data, and CopyDone.
  void end();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] bool is_full() const override { return is_full_; }
  [[nodiscard]] Error overflow() const override;
  // Whole messages; whoever takes them clears it.
  [[nodiscard]] ByteWriter& out() { return out_; }

 private:
  void say(std::string_view data);
  void write_fields(std::string_view fields);
  void write_text(std::string_view value);
  void write_csv(std::string_view value, bool is_forced);
  [[nodiscard]] bool needs_quotes(std::string_view value) const;
  [[nodiscard]] bool is_quoted(std::size_t column) const {
    return !format_.quoted.empty() && format_.quoted[column];
  }

  const CopyFormat& format_;
  std::span<const Column> columns_;
  std::size_t bytes_max_;
  RowEncoder row_;    // one row, in the formats of its cells
  std::string line_;  // what is written of the next CopyData
  ByteWriter out_;
  std::uint64_t rows_ = 0;
  bool is_full_ = false;
};

}  // namespace holdfast
