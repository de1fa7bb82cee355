// Rows → bytes, as PostgreSQL writes them; and back.
#include "pgwire/copy_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwire/client_for_test.h"
#include "pgwire/copy_reader.h"

namespace holdfast {
namespace {

using Kind = CopyFormat::Kind;
using Row = std::vector<std::optional<std::string>>;

constexpr std::size_t much = 1'000'000;
constexpr std::string_view binary_start{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

CopyFormat csv() { return {.kind = Kind::csv, .delimiter = ',', .null = ""}; }
CopyFormat binary() { return {.kind = Kind::binary, .null = {}}; }

std::vector<Column> texts(std::size_t count) {
  std::vector<Column> out;
  for (std::size_t column = 0; column < count; ++column) {
    out.push_back({.name = fmt::format("c{}", column), .type = SqlType::text});
  }
  return out;
}

// The payloads of CopyData between CopyOutResponse and CopyDone.
std::vector<std::string> data_of(std::string_view said) {
  std::vector<std::string> out;
  bool is_done = false;
  while (!said.empty()) {
    WireReader in(as_bytes(said.substr(1)));
    const std::size_t size = in.int32();
    if (said[0] == 'd') out.emplace_back(said.substr(5, size - 4));
    is_done = said[0] == 'c';
    said.remove_prefix(1 + size);
  }
  EXPECT_TRUE(is_done);
  return out;
}

std::vector<std::string> written(const CopyFormat& format, const std::vector<Row>& rows) {
  const std::vector<Column> columns = texts(rows.empty() ? 1 : rows[0].size());
  CopyWriter writer(format, columns, much);
  writer.begin();
  for (const Row& row : rows) {
    writer.begin_row(row.size());
    for (const auto& cell : row) cell ? writer.text(*cell) : writer.null();
    writer.end_row();
  }
  writer.end();
  EXPECT_EQ(writer.rows(), rows.size());
  return data_of(as_text(writer.out().bytes()));
}

std::string line(const CopyFormat& format, const Row& row) { return written(format, {row}).back(); }

TEST(CopyWriter, WritesText) {
  EXPECT_EQ(line({}, {"a", std::nullopt, ""}), "a\t\\N\t\n");
  EXPECT_EQ(line({}, {"\b\f\n\r\t\v\\"}), "\\b\\f\\n\\r\\t\\v\\\\\n");
  EXPECT_EQ(line({}, {"\\N", "\\.", "\x01h\xc3\xa9"}), "\\\\N\t\\\\.\t\x01h\xc3\xa9\n");
  CopyFormat bar;
  bar.delimiter = '|';
  bar.null = "none";
  EXPECT_EQ(line(bar, {"a|b", std::nullopt, "\t"}), "a\\|b|none|\\t\n");
  bar.header = CopyFormat::Header::line;
  EXPECT_EQ(written(bar, {{"x", "y"}}).front(), "c0|c1\n");
  EXPECT_TRUE(written({}, {}).empty());
}

TEST(CopyWriter, WritesCsv) {
  EXPECT_EQ(line(csv(), {"a", std::nullopt, ""}), "a,,\"\"\n");
  EXPECT_EQ(line(csv(), {"a,b", "c\"d", "e\nf", "g\rh", "i j"}),
            "\"a,b\",\"c\"\"d\",\"e\nf\",\"g\rh\",i j\n");
  EXPECT_EQ(line(csv(), {"\\."}), "\"\\.\"\n");
  EXPECT_EQ(line(csv(), {"\\.", "\\N"}), "\\.,\\N\n");
  CopyFormat odd = csv();
  odd.delimiter = ';';
  odd.quote = '\'';
  odd.escape = '\\';
  odd.null = "NULL";
  EXPECT_EQ(line(odd, {"it's", "a\\b", "a\\;b", std::nullopt, "NULL", ""}),
            "'it\\'s';a\\b;'a\\\\;b';NULL;'NULL';\n");
  CopyFormat forced = csv();
  forced.header = CopyFormat::Header::line;
  forced.quoted = {true, false, true};
  EXPECT_EQ(written(forced, {{"a", "b", std::nullopt}}),
            (std::vector<std::string>{"c0,c1,c2\n", "\"a\",b,\n"}));
}

TEST(CopyWriter, WritesBinary) {
  const std::string cell = client::be32(1) + "a";
  const std::string row = client::be16(2) + cell + client::be32(~0u);
  EXPECT_THAT(written(binary(), {{"a", std::nullopt}, {"a", std::nullopt}}),
              testing::ElementsAre(std::string(binary_start) + row, row, "\xff\xff"));
  EXPECT_THAT(written(binary(), {}), testing::ElementsAre(std::string(binary_start) + "\xff\xff"));
}

TEST(CopyWriter, WritesEachTypeAsADataRowDoes) {
  const std::vector<Column> columns = {{"b", SqlType::boolean},
                                       {"i", SqlType::int8},
                                       {"u", SqlType::uuid},
                                       {"at", SqlType::timestamptz},
                                       {"j", SqlType::jsonb}};
  const CopyFormat text;
  CopyWriter writer(text, columns, much);
  writer.begin();
  writer.begin_row(5);
  writer.boolean(true);
  writer.integer(-8);
  writer.uuid(*ClaimId::parse("0190163d-8694-739b-aea5-966c26f8ad90"));
  writer.timestamp(Timestamp::us(1'795'389'343'120'000));
  writer.text(R"({"a": "b\"c"})");
  writer.end_row();
  writer.end();
  EXPECT_EQ(data_of(as_text(writer.out().bytes())).back(),
            "t\t-8\t0190163d-8694-739b-aea5-966c26f8ad90\t2026-11-22 23:15:43.12+00\t"
            "{\"a\": \"b\\\\\"c\"}\n");
}

TEST(CopyWriter, KeepsNoMoreThanItsLimit) {
  const std::vector<Column> columns = texts(1);
  const CopyFormat text;
  CopyWriter writer(text, columns, 64);
  for (int row = 0; row < 10; ++row) {
    writer.begin_row(1);
    writer.text("0123456789");
    writer.end_row();
  }
  EXPECT_TRUE(writer.is_full());
  EXPECT_LE(writer.out().size(), 64u);
  EXPECT_EQ(writer.rows(), 4u);
  EXPECT_EQ(writer.overflow().message, "the rows of a COPY of named rows must be at most 64 bytes");
}

// What COPY TO writes is what COPY FROM reads, whatever is in it.
TEST(CopyWriter, WritesWhatTheReaderReads) {
  std::vector<Row> rows;
  for (const char* a :
       {"", "a", "\\N", "\\.", "NULL", ",", "\"", "\\", "\n", "\r\n", "\t", "'", " "}) {
    rows.push_back({a, std::nullopt});
    for (const char* b : {"x", "\\", "\"\"", "a\\", "|;,"}) rows.push_back({std::string(a) + b, a});
  }
  CopyFormat odd = csv();
  odd.delimiter = ';';
  odd.quote = '\'';
  odd.escape = '\\';
  odd.null = "NULL";
  CopyFormat bar;
  bar.delimiter = '|';
  bar.null = "\\none";
  CopyFormat forced = csv();
  forced.header = CopyFormat::Header::line;
  forced.quoted = {true, true};
  for (const CopyFormat& format : {CopyFormat(), bar, csv(), odd, forced, binary()}) {
    std::string bytes;
    for (const std::string& data : written(format, rows)) bytes += data;
    const SqlType columns[] = {SqlType::text, SqlType::text};
    CopyReader reader(format, columns);
    reader.feed(as_bytes(bytes));
    reader.end();
    std::vector<Row> read;
    std::vector<Value> values;
    while (reader.next(values) == CopyReader::Next::row) {
      Row& row = read.emplace_back();
      for (const Value& value : values) {
        row.push_back(value.is_null ? std::nullopt : std::optional(std::string(value.text)));
      }
      values.clear();
      reader.clear_texts();
    }
    EXPECT_EQ(reader.error().message, "");
    EXPECT_EQ(read, rows) << bytes;
  }
}

}  // namespace
}  // namespace holdfast
