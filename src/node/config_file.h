// The text of a config file as lines of meaning. It is TOML as far as options need it: sections,
// strings, numbers, true and false. What is anything else is refused with its line, never guessed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast {

// "name = value" in a section, or the section's own line, which has no name. Views into the text.
struct ConfigLine {
  std::size_t number = 0;    // from 1
  std::string_view section;  // empty before the first one
  std::string_view name;
  std::string_view value;  // without its quotes
};

// Errors begin with the number of the line: "3: the string has no end".
Result<std::vector<ConfigLine>> parse_config(std::string_view text);

}  // namespace holdfast
