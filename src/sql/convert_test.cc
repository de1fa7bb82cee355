// PostgreSQL's input rules, one line per value.
#include "sql/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/bind.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Value text_value(std::string_view text) {
  return {.type = SqlType::text, .is_null = false, .text = text, .uuid = {}};
}

// The code of what was wrong, −1 when nothing was.
template <class T>
int code_of(const Result<T>& result) {
  return result.has_value() ? -1 : static_cast<int>(result.error().code);
}

TEST(Convert, IntegersFromText) {
  struct Line {
    std::string_view text;
    SqlType type;
    std::int64_t value;
    int code = -1;
  };
  constexpr int range = static_cast<int>(ErrorCode::out_of_range);
  constexpr int text = static_cast<int>(ErrorCode::invalid_text);
  const Line table[] = {
      {"0", SqlType::int8, 0},
      {" -17 ", SqlType::int8, -17},
      {"+5", SqlType::int8, 5},
      {"9223372036854775807", SqlType::int8, INT64_MAX},
      {"-9223372036854775808", SqlType::int8, INT64_MIN},
      {"9223372036854775808", SqlType::int8, 0, range},
      {"2147483648", SqlType::int4, 0, range},
      {"32768", SqlType::int2, 0, range},
      {"abc", SqlType::int8, 0, text},
      {"", SqlType::int8, 0, text},
      {"1.5", SqlType::int8, 0, text},
      {"1e3", SqlType::int8, 0, text},
      {"0x10", SqlType::int8, 0, text},
      {"1 2", SqlType::int8, 0, text},
  };
  for (const Line& line : table) {
    const auto value = convert("quantity", text_value(line.text), line.type, {});
    EXPECT_EQ(code_of(value), line.code) << line.text;
    if (!value.has_value()) {
      EXPECT_THAT(value.error().message, HasSubstr("quantity"));
      continue;
    }
    EXPECT_EQ(value->integer, line.value) << line.text;
  }
}

TEST(Convert, TypedValuesMustFit) {
  const Value number{
      .type = SqlType::int4, .is_null = false, .integer = 70'000, .text = {}, .uuid = {}};
  EXPECT_EQ(convert("q", number, SqlType::int8, {})->integer, 70'000);
  EXPECT_EQ(code_of(convert("q", number, SqlType::int2, {})), int(ErrorCode::out_of_range));
  EXPECT_EQ(code_of(convert("q", number, SqlType::text, {})), int(ErrorCode::wrong_type));
  EXPECT_EQ(code_of(convert("q", number, SqlType::uuid, {})), int(ErrorCode::wrong_type));
  EXPECT_TRUE(convert("q", Value{.text = {}, .uuid = {}}, SqlType::int8, {})->is_null);
}

TEST(Convert, TextIsUtf8WithoutNul) {
  EXPECT_TRUE(check_text("sku", "SKU-1").has_value());
  EXPECT_TRUE(check_text("sku", "Größe 42, 日本").has_value());
  for (const std::string_view bad :
       {std::string_view("\xff"), std::string_view("abcdefgh\xc3"), std::string_view("a\0b", 3),
        std::string_view("abcdefgh\0", 9), std::string_view("\xed\xa0\x80")}) {
    const auto status = check_text("sku", bad);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::invalid_encoding);
  }
}

TEST(Convert, BooleanWords) {
  for (const char* word : {"t", "TRUE", "tr", "yes", "y", "on", "1", " true "}) {
    const auto value = parse_boolean("partial", word);
    EXPECT_TRUE(value.has_value() && *value) << word;
  }
  for (const char* word : {"f", "False", "no", "n", "of", "off", "0"}) {
    const auto value = parse_boolean("partial", word);
    EXPECT_TRUE(value.has_value() && !*value) << word;
  }
  for (const char* word : {"", "o", "truth", "2", "ja"}) {
    EXPECT_EQ(code_of(parse_boolean("partial", word)), int(ErrorCode::invalid_text)) << word;
  }
}

TEST(Convert, Timestamps) {
  struct Line {
    std::string_view text;
    std::int64_t us;  // −1: refused
  };
  const Line table[] = {
      {"1970-01-01 00:00:00Z", 0},
      {"2026-11-20T10:00:00Z", 1'795'168'800'000'000},
      {"2026-11-20 10:00:00.5+00", 1'795'168'800'500'000},
      {"2026-11-20 11:00+01:00", 1'795'168'800'000'000},
      {"2026-11-20 11:30:00+0130", 1'795'168'800'000'000},
      {"2026-11-20 05:00-05", 1'795'168'800'000'000},
      {"2026-11-20 10:00:00 UTC", 1'795'168'800'000'000},
      {"2026-11-20 10:00", 1'795'168'800'000'000},
      {"2026-11-20", 1'795'132'800'000'000},
      {"2024-02-29", 1'709'164'800'000'000},
      {"2026-02-29", -1},
      {"2026-13-01", -1},
      {"2026-11-20 24:01", -1},
      {"2026-11-20T", -1},
      {"2026-11-20 10:00 Europe/Berlin", -1},
      {"2026-11-20 10:00:00Z junk", -1},
      {"yesterday", -1},
      {"", -1},
  };
  for (const Line& line : table) {
    const auto at = parse_timestamptz("occurred_at", line.text, true);
    EXPECT_EQ(at.has_value() ? at->us() : -1, line.us) << line.text;
  }
  // In another zone than UTC a time without offset would be a guess.
  EXPECT_EQ(code_of(parse_timestamptz("at", "2026-11-20 10:00", false)),
            int(ErrorCode::invalid_value));
  EXPECT_TRUE(parse_timestamptz("at", "2026-11-20 10:00Z", false).has_value());
}

TEST(Convert, Intervals) {
  struct Line {
    std::string_view text;
    std::int64_t us;
    int code = -1;
  };
  constexpr std::int64_t minute = 60'000'000;
  constexpr int text = static_cast<int>(ErrorCode::invalid_text);
  const Line table[] = {
      {"10 minutes", 10 * minute},
      {"10 min", 10 * minute},
      {"10minutes", 10 * minute},
      {"1 hour", 60 * minute},
      {"1 hour 30 minutes", 90 * minute},
      {"1.5 hours", 90 * minute},
      {"00:10:00", 10 * minute},
      {"00:10", 10 * minute},
      {"1 day 02:00:00", 26 * 60 * minute},
      {"1 week", 7 * 24 * 60 * minute},
      {"90", 90'000'000},
      {"0.25 s", 250'000},
      {"250 ms", 250'000},
      {"PT10M", 10 * minute},
      {"pt1h30m", 90 * minute},
      {"P1DT2H", 26 * 60 * minute},
      {"PT0.5S", 500'000},
      {"-10 minutes", -10 * minute},
      {"10 minutes ago", -10 * minute},
      {"1 month", 0, static_cast<int>(ErrorCode::invalid_value)},
      {"P1Y", 0, static_cast<int>(ErrorCode::invalid_value)},
      {"999999999999999 weeks", 0, static_cast<int>(ErrorCode::out_of_range)},
      {"", 0, text},
      {"soon", 0, text},
      {"10 parsecs", 0, text},
      {"PT", 0, text},
      {"P10", 0, text},
      {"10 minutes junk", 0, text},
  };
  for (const Line& line : table) {
    const auto length = parse_interval("hold_for", line.text);
    EXPECT_EQ(code_of(length), line.code) << line.text;
    EXPECT_EQ(length.has_value() ? length->us() : 0, line.us) << line.text;
  }
}

TEST(Convert, IntervalsAreWrittenBack) {
  std::string out;
  append_interval(out, Duration::minutes(10));
  EXPECT_EQ(out, "00:10:00");
  out.clear();
  append_interval(out, Duration::hours(26) + Duration::us(500'000));
  EXPECT_EQ(out, "1 day 02:00:00.5");
}

TEST(Convert, ArraysOfText) {
  std::string storage;
  const auto elements = [&](std::string_view text) {
    return parse_text_array("sku", text, storage);
  };
  EXPECT_THAT(*elements("{}"), ElementsAre());
  EXPECT_THAT(*elements("{A}"), ElementsAre("A"));
  EXPECT_THAT(*elements(" { A , B C ,\"d,\\\"e\" , NULL, \"NULL\", \"\" } "),
              ElementsAre("A", "B C", "d,\"e", "NULL", ""));
  for (const char* bad :
       {"", "A", "{", "{A", "{A,", "{A,}", "{,A}", "{{A}}", "{\"A}", "{A}x", "{\"A\"b}", "{A\\"}) {
    const auto result = elements(bad);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_text) << bad;
  }
}

}  // namespace
}  // namespace holdfast
