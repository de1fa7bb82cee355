// PostgreSQL's input rules, one line per value.
#include "sql/convert.h"
#include "sql/text_array.h"

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

// The elements as array_in of PostgreSQL 15 reads them, or the word of its error.
std::vector<std::string> elements_of(std::string_view text) {
  std::string storage;
  const auto elements = parse_array("sku", text, storage);
  if (!elements)
    return {elements.error().code == ErrorCode::invalid_text ? "malformed" : "refused"};
  std::vector<std::string> out;
  for (const auto& element : *elements) {
    out.push_back(element ? fmt::format("<{}>", *element) : "null");
  }
  return out;
}

TEST(Arrays, AreReadAsPostgreSqlReadsThem) {
  EXPECT_THAT(elements_of("{}"), ElementsAre());
  EXPECT_THAT(elements_of(" { } "), ElementsAre());
  EXPECT_THAT(elements_of("{A}"), ElementsAre("<A>"));
  EXPECT_THAT(elements_of(" { A , B C ,\"d,\\\"e\" , \"NULL\", \"\" } "),
              ElementsAre("<A>", "<B C>", "<d,\"e>", "<NULL>", "<>"));
  EXPECT_THAT(elements_of("{NULL,null,Null,\\NULL,NULLS}"),
              ElementsAre("null", "null", "null", "<NULL>", "<NULLS>"));
  EXPECT_THAT(elements_of("{A\\ ,\\ B\t}"), ElementsAre("<A >", "< B>"));
  for (const char* bad : {"", "A", "{", "{A", "{A,", "{A,}", "{,A}", "{\"A}", "{A}x", "{\"A\"b}",
                          "{A\\", "{A\\}", "{A\"b\"}", "{A{B}}", "{ , }"}) {
    EXPECT_THAT(elements_of(bad), ElementsAre("malformed")) << bad;
  }
  for (const char* other : {"{{A}}", "{A,{B}}", "[0:1]={A,B}"}) {
    EXPECT_THAT(elements_of(other), ElementsAre("refused")) << other;
  }
}

TEST(Arrays, AreNotLongerThanTheirLimit) {
  std::string text;
  for (std::size_t count = 0; count < array_elements_max; ++count) {
    append_array_element(text, std::nullopt);
  }
  std::string storage;
  EXPECT_EQ(parse_array("sku", text + "}", storage)->size(), array_elements_max);
  append_array_element(text, "A");
  const auto more = parse_array("sku", text + "}", storage);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(more.error().message, "sku has 1001 elements, at most 1000");
}

TEST(Arrays, AreWrittenAsTheyAreRead) {
  std::string text;
  for (const char* element : {"a", "", "NULL", "b \"c\" \\d", "{x,y}"}) {
    append_array_element(text, element);
  }
  append_array_element(text, std::nullopt);
  EXPECT_THAT(elements_of(text + "}"),
              ElementsAre("<a>", "<>", "<NULL>", "<b \"c\" \\d>", "<{x,y}>", "null"));
}

TEST(Arrays, HaveElementsOfTheirType) {
  const auto code = [](std::string_view text, SqlType type) {
    const Value given{.type = SqlType::unknown, .is_null = false, .text = text, .uuid = {}};
    const auto out = convert("x", given, type, {});
    return out ? std::optional<ErrorCode>() : out.error().code;
  };
  EXPECT_EQ(code("{1,NULL,-2}", SqlType::int2_array), std::nullopt);
  EXPECT_EQ(code("{1,x}", SqlType::int2_array), ErrorCode::invalid_text);
  EXPECT_EQ(code("{32768}", SqlType::int2_array), ErrorCode::out_of_range);
  EXPECT_EQ(code("{4294967295}", SqlType::oid_array), std::nullopt);
  EXPECT_EQ(code("{4294967296}", SqlType::oid_array), ErrorCode::out_of_range);
  EXPECT_EQ(code("{0190163d-8694-739b-aea5-966c26f8ad90}", SqlType::uuid_array), std::nullopt);
  EXPECT_EQ(code("{0190163d}", SqlType::uuid_array), ErrorCode::invalid_text);
  EXPECT_TRUE(can_convert(SqlType::text_array, SqlType::uuid_array));
  EXPECT_TRUE(can_convert(SqlType::text, SqlType::uuid_array));
  EXPECT_FALSE(can_convert(SqlType::int8_array, SqlType::text_array));
  EXPECT_FALSE(can_convert(SqlType::text_array, SqlType::text));
}

}  // namespace
}  // namespace holdfast
