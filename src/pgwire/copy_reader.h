// CopyReader: the bytes of a COPY … FROM STDIN as rows of Values; feed bytes, get rows. It converts
// nothing that is text: the database knows the input rules. Formats: PostgreSQL 15 documentation,
// COPY, "File Formats".
//
// Bounded: a row is at most copy_row_bytes_max, and what was fed beyond the rows that were taken is
// the caller's to bound (unread()).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "pgwire/wire_error.h"
#include "sql/copy_format.h"
#include "sql/types.h"

namespace holdfast {

inline constexpr std::size_t copy_row_bytes_max = 256 * 1024;
// Of the texts of rows that are taken together; the last row may go beyond.
inline constexpr std::size_t copy_texts_wanted = 64 * 1024;

class CopyReader {
 public:
  // `format` and `columns` outlive it.
  CopyReader(const CopyFormat& format, std::span<const SqlType> columns);

  void feed(ByteSpan bytes);
  // No more comes: a last line without its end is a line.
  void end() { ended_ = true; }

  enum class Next : std::uint8_t { row, needs_more, end, wrong };
  // Appends the values of the next row; their texts stay good until clear_texts(). REQUIRES:
  // text_bytes() < copy_texts_wanted.
  Next next(std::vector<Value>& values);
  // What is wrong, behind Next::wrong: no further row comes.
  [[nodiscard]] const WireError& error() const { return error_; }

  [[nodiscard]] std::size_t text_bytes() const { return texts_.size(); }
  void clear_texts() { texts_.clear(); }
  [[nodiscard]] std::size_t unread() const { return input_.size() - at_; }
  // Of the newest row: the line that it began at; of a binary one, its number. From 1.
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  Next next_line(std::vector<Value>& values);
  Next next_tuple(std::vector<Value>& values);
  // Behind the line that begins at `at_`, or npos.
  [[nodiscard]] std::size_t end_of_line();
  Next pass_header();
  Next pass_names(std::string_view line, std::vector<Value>& values);
  [[nodiscard]] std::size_t take_field(std::string_view line, std::size_t at, Value& value);
  Next take_line(std::string_view line, std::vector<Value>& values);
  std::size_t take_text_field(std::string_view line, std::size_t at, Value& value);
  std::size_t take_csv_field(std::string_view line, std::size_t at, Value& value);
  std::string_view kept(std::string_view bytes);
  Next wrong(std::string message);
  Next needs_more(std::string_view what);
  Next line_needs_more();

  const CopyFormat& format_;
  std::span<const SqlType> columns_;
  std::string input_;
  std::size_t at_ = 0;
  std::size_t scanned_ = 0;  // of the line that begins at `at_`, so that nothing is looked at twice
  bool is_quoted_ = false;   // there
  std::string texts_;        // never grows beyond what it was made with
  std::vector<Value> tuple_;        // reused
  std::deque<std::string> arrays_;  // none: no column is one
  std::uint64_t line_ = 0;
  std::uint64_t lines_ = 0;  // line ends, or tuples, so far
  bool expects_header_;
  bool has_signature_ = false;
  bool ended_ = false;
  bool finished_ = false;  // the mark of the end was seen
  WireError error_;
};

}  // namespace holdfast
