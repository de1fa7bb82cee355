// What a config file may say, and what is said about one that cannot be understood.
#include "node/config_file.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

// "number [section] name=value", one line each; or the error.
std::string parsed(std::string_view text) {
  const auto lines = parse_config(text);
  if (!lines.has_value()) return "error " + lines.error().message;
  std::string out;
  for (const ConfigLine& line : *lines) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{} [{}] {}={}", line.number, line.section, line.name, line.value);
  }
  return out;
}

TEST(ConfigFile, HasSectionsAndValues) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("# nothing\n\n  \t\r\n"), "");
  EXPECT_EQ(parsed("[serve]"), "1 [serve] =");
  EXPECT_EQ(parsed("[ serve ] # a place\r\ndata-dir = \"/a b/#1\" # where\r\nx='C:\\y'\r\n"),
            "1 [serve] =\n2 [serve] data-dir=/a b/#1\n3 [serve] x=C:\\y");
  EXPECT_EQ(parsed("early = 1\n[a]\nn=10 # ten\nyes = true\nnone = \"\""),
            "1 [] early=1\n2 [a] =\n3 [a] n=10\n4 [a] yes=true\n5 [a] none=");
  EXPECT_EQ(parsed("listen = \"[::1]:5433\""), "1 [] listen=[::1]:5433");
}

TEST(ConfigFile, SaysWhichLineItDoesNotUnderstand) {
  for (const auto& [text, said] : std::initializer_list<std::pair<const char*, const char*>>{
           {"this is { not toml",
            "1: a line is [section] or name = value, got \"this is { not toml\""},
           {"[serve]\ndata-dir", "2: a line is [section] or name = value, got \"data-dir\""},
           {"\n\n[serve", "3: a line is [section] or name = value, got \"[serve\""},
           {"= 3", "1: a line is [section] or name = value, got \"= 3\""},
           {"a =", "1: a value is missing behind the ="},
           {"a = # later", "1: a value is missing behind the ="},
           {"a = \"b", "1: the string has no end"},
           {"a = \"b\" \"c\"", "1: one value is enough; got \"\"b\" \"c\"\""},
           {"a = b c", "1: a value is one word, or in quotes; got \"b c\""},
           {"a = [1, 2]", "1: a value is one word, or in quotes; got \"[1, 2]\""},
           {"a = 1\n[b]\na = 2\n[c]\n[b]\na = 3", "6: a stands in line 3 already"},
           {"a = \"C:\\b\"", "1: a string with a backslash stands in single quotes"},
       }) {
    EXPECT_EQ(parsed(text), std::string("error ") + said) << text;
  }
}

}  // namespace
}  // namespace holdfast
