// The cells of a row are those of a DataRow: what differs is what stands between them.
#include "pgwire/copy_writer.h"

#include "pgwire/backend.h"

namespace holdfast {
namespace {

using Kind = CopyFormat::Kind;

// What a binary file begins with: its signature, no flags, no extension.
constexpr std::string_view binary_header{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::string_view binary_end{"\377\377", 2};
constexpr std::size_t fields_at = 5;  // in a DataRow: behind its type and length
constexpr RowLimit no_limit{.bytes = ~std::size_t{0}, .what = {}};

}  // namespace

CopyWriter::CopyWriter(const CopyFormat& format, std::span<const Column> columns,
                       std::size_t bytes_max)
    : format_(format), columns_(columns), bytes_max_(bytes_max) {
  constexpr std::byte binary[] = {std::byte{0}, std::byte{1}};
  const bool is_binary = format.kind == Kind::binary;
  row_.start(columns, is_binary ? ByteSpan(binary) : ByteSpan(), no_limit);
}

void CopyWriter::begin() {
  copy_out_response(out_, format_.kind == Kind::binary, columns_.size());
  if (format_.kind == Kind::binary) line_ = binary_header;
  if (format_.header == CopyFormat::Header::none) return;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) line_ += format_.delimiter;
    if (format_.kind == Kind::csv) {
      write_csv(columns_[column].name, false);
    } else {
      write_text(columns_[column].name);
    }
  }
  line_ += '\n';
  say(line_);
}

void CopyWriter::end_row() {
  row_.end_row();
  const std::string_view fields = as_text(row_.bytes().bytes()).substr(fields_at);
  if (format_.kind == Kind::binary) {
    line_ += fields;
  } else {
    write_fields(fields);
    line_ += '\n';
  }
  row_.bytes().clear();
  if (out_.size() + line_.size() > bytes_max_) {
    is_full_ = true;
    return line_.clear();
  }
  say(line_);
  ++rows_;
}

void CopyWriter::end() {
  if (format_.kind == Kind::binary) {
    line_ += binary_end;
    say(line_);
  }
  copy_done(out_);
}

Error CopyWriter::overflow() const {
  return {.code = ErrorCode::limit_exceeded,
          .message =
              fmt::format("the rows of a COPY of named rows must be at most {} bytes", bytes_max_),
          .detail = {},
          .hint = {}};
}

void CopyWriter::say(std::string_view data) {
  WireWriter(out_, 'd').bytes(data);
  line_.clear();
}

// `fields`: their number, then each with its length, as in a DataRow.
void CopyWriter::write_fields(std::string_view fields) {
  WireReader in(as_bytes(fields));
  const std::size_t count = in.int16();
  for (std::size_t column = 0; column < count; ++column) {
    if (column > 0) line_ += format_.delimiter;
    const std::uint32_t length = in.int32();
    if (length == ~0U) {
      line_ += format_.null;
      continue;
    }
    const std::string_view value = as_text(in.raw(length));
    if (format_.kind == Kind::csv) {
      write_csv(value, is_quoted(column));
    } else {
      write_text(value);
    }
  }
}

// CopyAttributeOutText
void CopyWriter::write_text(std::string_view value) {
  constexpr std::string_view meant = "\b\f\n\r\t\v\\";
  constexpr std::string_view names = "bfnrtv\\";
  for (const char c : value) {
    const std::size_t known = meant.find(c);
    if (known != std::string_view::npos) {
      line_ += '\\';
      line_ += names[known];
    } else {
      if (c == format_.delimiter) line_ += '\\';
      line_ += c;
    }
  }
}

// CopyAttributeOutCSV
void CopyWriter::write_csv(std::string_view value, bool is_forced) {
  if (!is_forced && !needs_quotes(value)) {
    line_ += value;
    return;
  }
  line_ += format_.quote;
  for (const char c : value) {
    if (c == format_.quote || c == format_.escape) line_ += format_.escape;
    line_ += c;
  }
  line_ += format_.quote;
}

bool CopyWriter::needs_quotes(std::string_view value) const {
  if (value == format_.null) return true;
  if (columns_.size() == 1 && value == "\\.") return true;  // it would end the data
  const char special[] = {format_.delimiter, format_.quote, '\n', '\r'};
  return value.find_first_of(std::string_view(special, sizeof special)) != std::string_view::npos;
}

}  // namespace holdfast
