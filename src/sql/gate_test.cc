// Hostile statements meet a limit by name, never a stack overflow.
#include "sql/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/planner.h"
#include "sql/syntax.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string times(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t index = 0; index < count; ++index) out += text;
  return out;
}

Status parsed(std::string_view text) {
  return parse_sql(text, [](auto) -> Status { return {}; });
}

TEST(Gate, RefusesWhatIsTooLargeOrNoText) {
  const auto large = pass_gate(std::string(statement_bytes_max + 1, ' '));
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(large.error().message, HasSubstr("statement must be at most 1048576 bytes"));
  EXPECT_TRUE(pass_gate(std::string(statement_bytes_max, ' ')).has_value());
  const auto nul = pass_gate(std::string_view("SELECT 1\0", 9));
  ASSERT_FALSE(nul.has_value());
  EXPECT_EQ(nul.error().code, ErrorCode::invalid_encoding);
  const auto bytes = pass_gate("SELECT '\xff'");
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().code, ErrorCode::invalid_encoding);
}

// It is for the parser to say that a comment has no end.
TEST(Gate, AnEndlessCommentIsNotNothing) {
  EXPECT_TRUE(pass_gate("/* ( /* */")->has_tokens);
  EXPECT_FALSE(pass_gate("/* */")->has_tokens);
}

TEST(Gate, CountsTokensButNotWhatIsQuotedOrCommented) {
  struct Line {
    std::string_view text;
    std::size_t tokens;
  };
  const Line table[] = {
      {"", 0},
      {" -- ((((\n", 0},
      {"/* ( /* ( */ ( */", 0},
      {"SELECT 1", 2},
      {"SELECT 'a''( b', \"c\"\"(d\"", 4},
      {"SELECT E'\\'((' , 1", 4},
      {"SELECT $$ ((( $$, $tag$ $$ ( $tag$", 4},
      {"SELECT $1", 3},
      {"SELECT a$b$c, 1", 4},
      {"SELECT 1; SELECT a, b, c", 6},
  };
  for (const Line& line : table) {
    const auto report = pass_gate(line.text);
    ASSERT_TRUE(report.has_value()) << line.text;
    EXPECT_EQ(report->tokens, line.tokens) << line.text;
    EXPECT_EQ(report->has_tokens, line.tokens > 0) << line.text;
  }
}

TEST(Gate, StopsDeepNesting) {
  struct Line {
    const char* what;
    std::string text;
  };
  const Line table[] = {
      {"parentheses", "SELECT " + times("(", 100'000) + "1" + times(")", 100'000)},
      {"unclosed parentheses", times("(", 100'000)},
      {"calls", "SELECT " + times("f(", 100'000) + "1" + times(")", 100'000)},
      {"arrays", "SELECT ARRAY" + times("[", 100'000) + "1" + times("]", 100'000)},
      {"subqueries", "SELECT " + times("(SELECT ", 50'000) + "1" + times(")", 50'000)},
      {"NOT", "SELECT " + times("NOT ", 100'000) + "true"},
      {"minus", "SELECT " + times("- ", 100'000) + "a"},
      {"casts", "SELECT 1" + times("::int", 100'000)},
      {"sums", "SELECT 1" + times("+1", 200'000)},
      {"unions", "SELECT 1" + times(" UNION SELECT 1", 50'000)},
      {"joins", "SELECT 1 FROM a" + times(" JOIN b ON c", 50'000)},
      {"cases", "SELECT " + times("CASE WHEN ", 50'000)},
      {"comments", times("/*", 100'000)},
      {"a huge IN list", "SELECT * FROM stock WHERE sku IN ('a'" + times(",'a'", 100'000) + ")"},
  };
  for (const Line& line : table) {
    const auto status = parsed(line.text);
    ASSERT_FALSE(status.has_value()) << line.what;
    EXPECT_EQ(status.error().code, ErrorCode::limit_exceeded) << line.what;
  }
}

// What passes the gate at its very limit is parsed and freed on the stack that is made for it: the
// proof of stack_bytes_per_token, for the deepest shape per token that the grammar has.
TEST(Gate, WhatItLetsPassFitsTheStack) {
  const std::string table[] = {
      "SELECT a" + times(" ISNULL", tokens_max - 2),
      "SELECT 1" + times("+1", (tokens_max - 2) / 2),
      "SELECT 1" + times("::a", (tokens_max - 2) / 3),
      "SELECT a" + times(" COLLATE b", (tokens_max - 2) / 2),
      "SELECT 1" + times(" UNION SELECT 1", (tokens_max - 2) / 3),
      "SELECT " + times("NOT ", tokens_max - 2) + "true",
      "SELECT " + times("- ", tokens_max - 2) + "a",
      "SELECT a" + times(" ISNULL", 500),
  };
  for (const std::string& text : table) {
    const auto status = parsed(text);
    EXPECT_TRUE(status.has_value()) << text.substr(0, 20) << ": " << status.error().message;
  }
}

TEST(Gate, AnInListMayHaveAThousandKeys) {
  const auto text = [](std::size_t keys) {
    return "SELECT * FROM stock WHERE sku IN ('a'" + times(",'a'", keys - 1) + ")";
  };
  EXPECT_TRUE(plan_statement(text(keys_max), {}).has_value());
  const auto more = plan_statement(text(keys_max + 1), {});
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(more.error().message, HasSubstr("sku has 1001 values, at most 1000"));
}

TEST(Gate, PositionsCountCharacters) {
  EXPECT_EQ(character_position("abc", 0), 1);
  EXPECT_EQ(character_position("äbc", 2), 2);
  EXPECT_EQ(character_position("€€x", 6), 3);
}

}  // namespace
}  // namespace holdfast
