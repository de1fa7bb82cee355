// By the rules of array_in (src/backend/utils/adt/arrayfuncs.c of PostgreSQL 15): blanks around an
// element do not count, a backslash takes the next byte as it is, and only an unquoted NULL is
// null.
#include "sql/text_array.h"

#include <algorithm>

#include "base/text.h"
#include "sql/convert.h"

namespace holdfast {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_null_word(std::string_view text) {
  constexpr std::string_view word = "null";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), same);
}

class ArrayReader {
 public:
  ArrayReader(std::string_view field, std::string_view text, std::string& storage)
      : field_(field), text_(text), storage_(storage) {
    // An element is never longer than its text, so the storage does not move.
    storage_.clear();
    storage_.reserve(text.size());
  }

  Result<ArrayElements> read() {
    skip_blanks();
    if (next_is('[')) return fail_dimensions("with bounds");
    if (!take('{')) return malformed();
    skip_blanks();
    if (!take('}')) {
      do {
        TRY(read_element());
      } while (take(','));
      if (!take('}')) return malformed();
    }
    skip_blanks();
    if (at_ != text_.size()) return malformed();
    if (count_ > array_elements_max) return fail(too_many_elements(field_, count_));
    return std::move(out_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> malformed() const {
    return fail(ErrorCode::invalid_text, "{}: malformed array literal: {}", field_, quoted(text_));
  }
  [[nodiscard]] tl::unexpected<Error> fail_dimensions(std::string_view what) const {
    return fail(ErrorCode::not_supported, "{}: an array {} is not supported: {}", field_, what,
                quoted(text_));
  }

  [[nodiscard]] bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    const bool is_next = next_is(c);
    if (is_next) ++at_;
    return is_next;
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  // With the blanks around it.
  Status read_element() {
    skip_blanks();
    if (next_is('{')) return fail_dimensions("of more than one dimension");
    const std::size_t start = storage_.size();
    const bool is_quoted = take('"');
    TRY(is_quoted ? read_quoted() : read_plain());
    skip_blanks();
    const std::string_view element = std::string_view(storage_).substr(start);
    const bool is_null = !is_quoted && !is_escaped_ && is_null_word(element);
    if (++count_ > array_elements_max) return {};  // counted to its end, for the error
    out_.push_back(is_null ? std::nullopt : std::optional(element));
    return {};
  }

  Status read_quoted() {
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && ++at_ == text_.size()) return malformed();
      storage_ += text_[at_++];
    }
    if (!take('"')) return malformed();
    return {};
  }

  Status read_plain() {
    const std::size_t start = storage_.size();
    std::size_t end = start;  // behind the last byte that is no blank, or is escaped
    is_escaped_ = false;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') {
      const char c = text_[at_];
      if (c == '{' || c == '"') return malformed();
      const bool escapes = c == '\\';
      if (escapes && ++at_ == text_.size()) return malformed();
      is_escaped_ = is_escaped_ || escapes;
      storage_ += text_[at_++];
      if (escapes || !is_blank(c)) end = storage_.size();
    }
    storage_.resize(end);
    if (end == start) return malformed();
    return {};
  }

  std::string_view field_;
  std::string_view text_;
  std::string& storage_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  bool is_escaped_ = false;  // the plain element that was read last
  ArrayElements out_;
};

}  // namespace

Result<ArrayElements> parse_array(std::string_view field, std::string_view text,
                                  std::string& storage) {
  return ArrayReader(field, text, storage).read();
}

Status check_array(std::string_view field, std::string_view text, SqlType element) {
  std::string storage;
  ASSIGN(const ArrayElements elements, parse_array(field, text, storage));
  for (const std::optional<std::string_view>& value : elements) {
    if (!value) continue;
    const Value given{.type = SqlType::unknown, .is_null = false, .text = *value, .uuid = {}};
    TRY(convert(field, given, element, InputRules{}));
  }
  return {};
}

void append_array_element(std::string& array, std::optional<std::string_view> element) {
  array += array.empty() ? '{' : ',';
  if (!element) {
    array += "NULL";
    return;
  }
  array += '"';
  for (const char c : *element) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

Error too_many_elements(std::string_view field, std::size_t count) {
  return {
      .code = ErrorCode::limit_exceeded,
      .message = fmt::format("{} has {} elements, at most {}", field, count, array_elements_max),
      .detail = {},
      .hint = {}};
}

}  // namespace holdfast
