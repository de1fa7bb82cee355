// Line by line; no value goes over the end of its line.
#include "node/config_file.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast {
namespace {

bool is_comment_or_nothing(std::string_view text) {
  const std::string_view rest = trimmed(text);
  return rest.empty() || rest.starts_with('#');
}

tl::unexpected<Error> wrong(std::size_t number, std::string_view what) {
  return fail(ErrorCode::invalid_text, "{}: {}", number, what);
}

// A quoted string, or a word without blanks.
Result<std::string_view> parse_value(std::size_t number, std::string_view text) {
  const char quote = text.starts_with('\'') ? '\'' : '"';
  if (!text.starts_with(quote)) {
    const std::string_view word = text.substr(0, text.find_first_of(" \t#"));
    if (word.empty()) return wrong(number, "a value is missing behind the =");
    if (word.find_first_of("[]{},\"'") != std::string_view::npos ||
        !is_comment_or_nothing(text.substr(word.size()))) {
      return wrong(number, fmt::format("a value is one word, or in quotes; got {}", quoted(text)));
    }
    return word;
  }
  const std::size_t end = text.find(quote, 1);
  if (end == std::string_view::npos) return wrong(number, "the string has no end");
  const std::string_view value = text.substr(1, end - 1);
  if (quote == '"' && value.find('\\') != std::string_view::npos) {
    return wrong(number, "a string with a backslash stands in single quotes");
  }
  if (!is_comment_or_nothing(text.substr(end + 1))) {
    return wrong(number, fmt::format("one value is enough; got {}", quoted(text)));
  }
  return value;
}

Result<ConfigLine> parse_line(std::size_t number, std::string_view section, std::string_view line) {
  const std::size_t bracket = line.find(']');
  if (line.starts_with('[') && bracket != std::string_view::npos &&
      is_comment_or_nothing(line.substr(bracket + 1))) {
    return ConfigLine{
        .number = number, .section = trimmed(line.substr(1, bracket - 1)), .name = {}, .value = {}};
  }
  const std::size_t equals = line.find('=');
  const std::string_view name = trimmed(line.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return wrong(number, fmt::format("a line is [section] or name = value, got {}", quoted(line)));
  }
  ASSIGN(const std::string_view value, parse_value(number, trimmed(line.substr(equals + 1))));
  return ConfigLine{.number = number, .section = section, .name = name, .value = value};
}

}  // namespace

Result<std::vector<ConfigLine>> parse_config(std::string_view text) {
  std::vector<ConfigLine> lines;
  std::string_view section;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (is_comment_or_nothing(line)) continue;
    ASSIGN(const ConfigLine parsed, parse_line(number, section, line));
    section = parsed.section;
    const auto earlier = std::ranges::find_if(lines, [&](const ConfigLine& other) {
      return other.section == section && other.name == parsed.name;
    });
    if (!parsed.name.empty() && earlier != lines.end()) {
      return wrong(number,
                   fmt::format("{} stands in line {} already", parsed.name, earlier->number));
    }
    lines.push_back(parsed);
  }
  return lines;
}

}  // namespace holdfast
