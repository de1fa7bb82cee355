// A PostgreSQL array of texts, as clients write one.
#include "base/text.h"
#include "sql/bind.h"
#include "sql/planner.h"

namespace holdfast {

Result<std::vector<std::string_view>> parse_text_array(std::string_view field,
                                                       std::string_view text,
                                                       std::string& storage) {
  const auto malformed = [&] {
    return fail(ErrorCode::invalid_text, "{}: malformed array literal: {}", field, quoted(text));
  };
  // An element is never longer than its text, so the storage does not move.
  storage.clear();
  storage.reserve(text.size());
  std::vector<std::string_view> out;
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
  };
  skip_blanks();
  if (at == text.size() || text[at++] != '{') return malformed();
  skip_blanks();
  bool more = at < text.size() && text[at] != '}';
  if (!more) ++at;
  while (more) {
    skip_blanks();
    const std::size_t start = storage.size();
    const bool is_quoted = at < text.size() && text[at] == '"';
    if (is_quoted) ++at;
    while (at < text.size()) {
      const char c = text[at];
      if (is_quoted ? c == '"' : c == ',' || c == '}') break;
      if (!is_quoted && (c == '{' || c == '"')) return malformed();
      if (c == '\\' && ++at == text.size()) return malformed();
      storage += text[at++];
    }
    if (is_quoted && (at == text.size() || text[at++] != '"')) return malformed();
    std::size_t size = storage.size() - start;
    while (!is_quoted && size > 0 && storage[start + size - 1] == ' ') --size;
    if (!is_quoted && size == 0) return malformed();
    const std::string_view element(storage.data() + start, size);
    if (is_quoted || (element != "NULL" && element != "null")) out.push_back(element);
    if (out.size() > keys_max) {
      return fail(ErrorCode::limit_exceeded, "{} has more than {} values", field, keys_max);
    }
    skip_blanks();
    if (at == text.size() || (text[at] != ',' && text[at] != '}')) return malformed();
    more = text[at++] == ',';
  }
  skip_blanks();
  if (at > text.size() || at != text.size()) return malformed();
  return out;
}

}  // namespace holdfast
