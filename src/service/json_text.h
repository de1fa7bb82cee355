// A JSON string literal, appended.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace holdfast {

// REQUIRES: `text` is valid UTF-8.
inline void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace holdfast
