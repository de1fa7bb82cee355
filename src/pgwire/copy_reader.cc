// Texts as in src/backend/commands/copyfromparse.c, whose users know them.
#include "pgwire/copy_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "pgwire/frontend.h"
#include "pgwire/parameters.h"

namespace holdfast {
namespace {

constexpr std::string_view signature{"PGCOPY\n\377\r\n\0", 11};
constexpr std::size_t none = std::string_view::npos;

std::uint32_t int32_at(std::string_view bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return __builtin_bswap32(value);
}
std::uint16_t int16_at(std::string_view bytes) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return __builtin_bswap16(value);
}

int digit_of(char c, int base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = c - '0';
  if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
  return value < base ? value : -1;
}

}  // namespace

CopyReader::CopyReader(const CopyFormat& format, std::span<const SqlType> columns)
    : format_(format),
      columns_(columns),
      expects_header_(format.header != CopyFormat::Header::none) {
  texts_.reserve(copy_texts_wanted + copy_row_bytes_max);
}

void CopyReader::feed(ByteSpan bytes) {
  if (finished_) return;  // what follows the mark of the end is nobody's
  input_.erase(0, at_);
  at_ = 0;
  input_ += as_text(bytes);
}

CopyReader::Next CopyReader::next(std::vector<Value>& values) {
  CHECK(texts_.size() < copy_texts_wanted);
  if (!error_.message.empty()) return Next::wrong;
  if (finished_) {
    at_ = input_.size();
    return ended_ ? Next::end : Next::needs_more;
  }
  return format_.kind == CopyFormat::Kind::binary ? next_tuple(values) : next_line(values);
}

std::string_view CopyReader::kept(std::string_view bytes) {
  const std::size_t start = texts_.size();
  CHECK(texts_.capacity() - start >= bytes.size());
  texts_ += bytes;
  return std::string_view(texts_).substr(start);
}

CopyReader::Next CopyReader::wrong(std::string message) {
  error_ = wire_error(sqlstate::bad_copy_format, std::move(message));
  return Next::wrong;
}

CopyReader::Next CopyReader::needs_more(std::string_view what) {
  if (unread() > copy_row_bytes_max) {
    error_ = wire_error(sqlstate::limit_exceeded,
                        fmt::format("a row of COPY must be at most {} bytes", copy_row_bytes_max));
    return Next::wrong;
  }
  if (!ended_) return Next::needs_more;
  if (unread() == 0 && what.empty()) return Next::end;
  return wrong(std::string(what.empty() ? "unexpected EOF in COPY data" : what));
}

// — text and csv —

std::size_t CopyReader::end_of_line() {
  const bool is_csv = format_.kind == CopyFormat::Kind::csv;
  std::size_t at = at_ + scanned_;
  for (; at < input_.size(); ++at) {
    const char c = input_[at];
    if (c == '\n' && !is_quoted_) {
      scanned_ = 0;
      return at + 1;
    }
    if (!is_csv) {
      if (c == '\\') ++at;  // whatever stands behind it ends nothing
    } else if (is_quoted_ && c == format_.escape && format_.escape != format_.quote) {
      ++at;
    } else if (c == format_.quote) {
      is_quoted_ = !is_quoted_;  // a doubled one twice
    }
  }
  scanned_ = at - at_;
  return ended_ && !is_quoted_ && at_ < input_.size() ? input_.size() : none;
}

CopyReader::Next CopyReader::next_line(std::vector<Value>& values) {
  const std::size_t end = end_of_line();
  if (end == none) return line_needs_more();
  std::string_view line = std::string_view(input_).substr(at_, end - at_);
  if (line.size() > copy_row_bytes_max) return line_needs_more();
  at_ = end;
  line_ = lines_ + 1;
  lines_ += std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ranges::count(line, '\n')));
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (std::exchange(expects_header_, false)) return pass_names(line, values);
  if (line == "\\.") {
    finished_ = true;
    return next(values);
  }
  return take_line(line, values);
}

CopyReader::Next CopyReader::line_needs_more() {
  const bool is_open = ended_ && unread() > 0;
  const Next next = needs_more(is_open ? "unterminated CSV quoted field" : "");
  if (next == Next::wrong) line_ = lines_ + 1;
  return next;
}

// NextCopyFromRawFields of PostgreSQL's copyfromparse.c, in its words.
CopyReader::Next CopyReader::pass_names(std::string_view line, std::vector<Value>& values) {
  if (format_.header != CopyFormat::Header::match) return next(values);
  std::vector<std::string> names;
  Value value{.type = SqlType::unknown, .is_null = false, .text = {}, .uuid = {}};
  for (std::size_t at = 0; at != none && names.size() <= format_.names.size();) {
    at = take_field(line, at, value);
    names.emplace_back(value.text);
  }
  if (names.size() != format_.names.size()) {
    return wrong(fmt::format(
        "wrong number of fields in header line: expected {}, got {}", format_.names.size(),
        names.size() > format_.names.size() ? "more" : fmt::to_string(names.size())));
  }
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (names[index] == format_.names[index]) continue;
    return wrong(
        fmt::format("column name mismatch in header line field {}: got {}, expected \"{}\"",
                    index + 1, quoted(names[index]), format_.names[index]));
  }
  clear_texts();
  return next(values);
}

std::size_t CopyReader::take_field(std::string_view line, std::size_t at, Value& value) {
  return format_.kind == CopyFormat::Kind::csv ? take_csv_field(line, at, value)
                                               : take_text_field(line, at, value);
}

CopyReader::Next CopyReader::take_line(std::string_view line, std::vector<Value>& values) {
  std::size_t at = 0;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (at == none) {
      return wrong(fmt::format("missing data for column \"{}\"", format_.names[column]));
    }
    Value value{.type = SqlType::unknown, .is_null = false, .text = {}, .uuid = {}};
    at = take_field(line, at, value);
    values.push_back(value);
  }
  return at == none ? Next::row : wrong("extra data after last expected column");
}

// Returns where the next field begins, none behind the last.
std::size_t CopyReader::take_text_field(std::string_view line, std::size_t at, Value& value) {
  const std::size_t start = at;
  const std::size_t kept_from = texts_.size();
  CHECK(texts_.capacity() - kept_from >= line.size() - at);
  for (; at < line.size() && line[at] != format_.delimiter; ++at) {
    char c = line[at];
    if (c == '\\' && at + 1 < line.size()) {
      c = line[++at];
      constexpr std::string_view names = "bfnrtv";
      constexpr std::string_view meant = "\b\f\n\r\t\v";
      if (const std::size_t known = names.find(c); known != none) {
        c = meant[known];
      } else if (digit_of(c, 8) >= 0 ||
                 (c == 'x' && at + 1 < line.size() && digit_of(line[at + 1], 16) >= 0)) {
        const int base = c == 'x' ? 16 : 8;
        const std::size_t digits_max = c == 'x' ? 2 : 3;
        if (c == 'x') ++at;
        int code = 0;
        std::size_t digits = 0;
        for (; digits < digits_max && at + digits < line.size() &&
               digit_of(line[at + digits], base) >= 0;
             ++digits) {
          code = code * base + digit_of(line[at + digits], base);
        }
        at += digits - 1;
        c = static_cast<char>(code & 0xff);
      }
    }
    texts_ += c;
  }
  value.text = std::string_view(texts_).substr(kept_from);
  value.is_null = line.substr(start, at - start) == format_.null;
  return at < line.size() ? at + 1 : none;
}

std::size_t CopyReader::take_csv_field(std::string_view line, std::size_t at, Value& value) {
  const std::size_t start = at;
  const std::size_t kept_from = texts_.size();
  CHECK(texts_.capacity() - kept_from >= line.size() - at);
  bool is_quoted = false;
  bool was_quoted = false;
  for (; at < line.size() && (is_quoted || line[at] != format_.delimiter); ++at) {
    const char c = line[at];
    const bool escapes = is_quoted && c == format_.escape && at + 1 < line.size() &&
                         (line[at + 1] == format_.quote || line[at + 1] == format_.escape);
    if (escapes) {
      texts_ += line[++at];
    } else if (c == format_.quote) {
      is_quoted = !is_quoted;
      was_quoted = true;
    } else {
      texts_ += c;
    }
  }
  value.text = std::string_view(texts_).substr(kept_from);
  value.is_null = !was_quoted && line.substr(start, at - start) == format_.null;
  return at < line.size() ? at + 1 : none;
}

// — binary —

// The signature, flags and an extension, which is passed over. Next::row: they are all there.
CopyReader::Next CopyReader::pass_header() {
  const std::string_view rest = std::string_view(input_).substr(at_);
  const std::size_t header = signature.size() + 8;
  const std::size_t seen = std::min(rest.size(), signature.size());
  if (rest.substr(0, seen) != signature.substr(0, seen)) {
    return wrong("COPY file signature not recognized");
  }
  if (rest.size() < header) return needs_more("invalid COPY file header");
  const std::size_t extension = int32_at(rest.substr(signature.size() + 4));
  if ((int32_at(rest.substr(signature.size())) & 0xffff0000U) != 0) {
    return wrong("unrecognized critical flags in COPY file header");
  }
  if (rest.size() < header + extension) return needs_more("invalid COPY file header");
  at_ += header + extension;
  has_signature_ = true;
  return Next::row;
}

CopyReader::Next CopyReader::next_tuple(std::vector<Value>& values) {
  if (!has_signature_) {
    const Next passed = pass_header();
    if (passed != Next::row) return passed;
  }
  const std::string_view rest = std::string_view(input_).substr(at_);
  if (rest.size() < 2) return needs_more("unexpected EOF in COPY data");
  const std::uint16_t count = int16_at(rest);
  if (count == 0xffff) {
    at_ += 2;
    finished_ = true;
    return next(values);
  }
  line_ = lines_ + 1;
  if (count != columns_.size()) {
    return wrong(fmt::format("row field count is {}, expected {}", count, columns_.size()));
  }
  std::size_t end = 2;
  for (std::uint16_t column = 0; column < count; ++column) {
    if (rest.size() < end + 4) return needs_more("unexpected EOF in COPY data");
    const std::uint32_t size = int32_at(rest.substr(end));
    end += 4;
    if (size == ~0U) continue;
    if (size > copy_row_bytes_max) return wrong("invalid field size");
    end += size;
  }
  if (end > copy_row_bytes_max || rest.size() < end) {
    return needs_more("unexpected EOF in COPY data");
  }
  at_ += end;
  ++lines_;
  // A tuple's fields are written as a Bind's parameters are.
  const std::string_view fields = kept(rest.substr(2, end - 2));
  constexpr std::byte binary[] = {std::byte{0}, std::byte{1}};
  if (auto problem = decode_parameters(as_bytes(fields), binary, columns_, tuple_, arrays_)) {
    error_ = std::move(*problem);
    return Next::wrong;
  }
  values.insert(values.end(), tuple_.begin(), tuple_.end());
  return Next::row;
}

}  // namespace holdfast
