// Bytes → rows, whole and in pieces of every size; and what is wrong with them.
#include "pgwire/copy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using Kind = CopyFormat::Kind;
using Next = CopyReader::Next;

CopyFormat text() { return {.null = "\\N", .names = {"sku", "title"}}; }
CopyFormat csv() {
  return {.kind = Kind::csv,
          .delimiter = ',',
          .null = "",
          .quote = '"',
          .escape = '"',
          .names = {"sku", "title"}};
}
CopyFormat binary() { return {.kind = Kind::binary, .null = {}}; }

// "a|b", one per row; ∅ is NULL; behind them "end", or the error.
std::string rows_of(const CopyFormat& format, std::string_view bytes, std::size_t piece,
                    std::vector<SqlType> columns = {SqlType::text, SqlType::text}) {
  CopyReader reader(format, columns);
  std::string out;
  std::vector<Value> values;
  while (true) {
    values.clear();
    reader.clear_texts();
    const Next next = reader.next(values);
    if (next == Next::end) return out + "end";
    if (next == Next::wrong) {
      return out + fmt::format("line {}: {}", reader.line(), reader.error().message);
    }
    if (next == Next::needs_more) {
      reader.feed(as_bytes(bytes.substr(0, piece)));
      bytes.remove_prefix(std::min(piece, bytes.size()));
      if (bytes.empty()) reader.end();
      continue;
    }
    for (const Value& value : values) {
      if (&value != values.data()) out += '|';
      const bool is_number = value.type == SqlType::int8;
      out += value.is_null ? "∅"
             : is_number   ? std::to_string(value.integer)
                           : std::string(value.text);
    }
    out += '\n';
  }
}

void expect_rows(const CopyFormat& format, std::string_view bytes, const std::string& rows,
                 const std::vector<SqlType>& columns = {SqlType::text, SqlType::text}) {
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size() + 1}) {
    EXPECT_EQ(rows_of(format, bytes, piece, columns), rows) << bytes << " in pieces of " << piece;
  }
}

TEST(CopyReader, ReadsText) {
  expect_rows(text(), "", "end");
  expect_rows(text(), "a\tb\n", "a|b\nend");
  expect_rows(text(), "a\tb", "a|b\nend");
  expect_rows(text(), "a\tb\r\nc\td\r\n", "a|b\nc|d\nend");
  expect_rows(text(), "\\N\t\n", "∅|\nend");
  expect_rows(text(), "a\\tb\tc\\nd\\\\\n", "a\tb|c\nd\\\nend");
  expect_rows(text(), "a\\\nb\tc\n", "a\nb|c\nend");
  expect_rows(text(), "\\101\\x42\t\\q\\060\n", "AB|q0\nend");
  expect_rows(text(), "a\tb\n\\.\nwhat follows\n", "a|b\nend");
  CopyFormat bar = text();
  bar.delimiter = '|';
  bar.null = "none";
  expect_rows(bar, "none|\\none\n", "∅|\none\nend");
}

TEST(CopyReader, ReadsCsv) {
  expect_rows(csv(), "a,b\n", "a|b\nend");
  expect_rows(csv(), "a,\n", "a|∅\nend");
  expect_rows(csv(), "a,\"\"\n", "a|\nend");
  expect_rows(csv(), "\"a,\"\"b\"\"\nc\",d\n", "a,\"b\"\nc|d\nend");
  expect_rows(csv(), "a\"b,\"c,d\r\n", "ab,c|d\nend");
  expect_rows(csv(), "\\N,\\.\n", "\\N|\\.\nend");
  CopyFormat header = csv();
  header.header = CopyFormat::Header::line;
  expect_rows(header, "sku,title\na,b\n", "a|b\nend");
  header.header = CopyFormat::Header::match;
  expect_rows(header, "sku,\"title\"\r\na,b\n", "a|b\nend");
  expect_rows(
      header, "title,sku\na,b\n",
      "line 1: column name mismatch in header line field 1: got \"title\", expected \"sku\"");
  expect_rows(header, "sku\na,b\n",
              "line 1: wrong number of fields in header line: expected 2, got 1");
  expect_rows(header, "sku,title,x,y\n",
              "line 1: wrong number of fields in header line: expected 2, got more");
  expect_rows(header, "", "end");
  CopyFormat escaped = csv();
  escaped.escape = '\\';
  expect_rows(escaped, "\"a\\\"b\\\\\",c\n", "a\"b\\|c\nend");
}

TEST(CopyReader, ReadsBinary) {
  const std::string start = std::string("PGCOPY\n\377\r\n\0", 11) + std::string(8, '\0');
  const auto row = [](std::string_view sku, std::int64_t units) {
    std::string out("\0\2", 2);
    const auto put = [&](std::uint64_t value, int bytes) {
      while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
    };
    put(sku.size(), 4);
    out += sku;
    put(8, 4);
    put(static_cast<std::uint64_t>(units), 8);
    return out;
  };
  const std::vector<SqlType> columns = {SqlType::text, SqlType::int8};
  expect_rows(binary(), start + row("SKU", -5) + row("", 7) + "\xff\xff", "SKU|-5\n|7\nend",
              columns);
  expect_rows(binary(), start, "line 0: unexpected EOF in COPY data", columns);
  expect_rows(binary(), "PGCOPX", "line 0: COPY file signature not recognized", columns);
  expect_rows(binary(), start + std::string("\0\1", 2), "line 1: row field count is 1, expected 2",
              columns);
  const std::string null = start + std::string("\0\2\xff\xff\xff\xff\0\0\0\2ab", 12);
  EXPECT_THAT(rows_of(binary(), null, 3, columns), testing::HasSubstr("insufficient data left"));
}

TEST(CopyReader, SaysWhatIsWrongAndWhere) {
  expect_rows(text(), "a\tb\nc\n", "a|b\nline 2: missing data for column \"title\"");
  expect_rows(text(), "a\tb\tc\n", "line 1: extra data after last expected column");
  expect_rows(csv(), "a,\"b\n", "line 1: unterminated CSV quoted field");
  expect_rows(csv(), "\"a\nb\",c\nd,e,f\n",
              "a\nb|c\nline 3: extra data after last expected column");
  const std::string endless(300 * 1024, 'x');
  EXPECT_THAT(rows_of(text(), endless, 8192), testing::HasSubstr("at most 262144 bytes"));
  EXPECT_THAT(rows_of(text(), endless + "\n", 400'000), testing::HasSubstr("at most 262144 bytes"));
}

}  // namespace
}  // namespace holdfast
