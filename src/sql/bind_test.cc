// Plans and values become commands, or say which argument is wrong.
#include "sql/bind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/lines.h"
#include "sql/planner.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

Value text_value(std::string_view text) {
  return {.type = SqlType::unknown, .is_null = false, .text = text, .uuid = {}};
}
Value integer_value(std::int64_t number) {
  return {.type = SqlType::int8, .is_null = false, .integer = number, .text = {}, .uuid = {}};
}
Value null_value() { return {.text = {}, .uuid = {}}; }

class Bind : public testing::Test {
 protected:
  Status bind(std::string_view sql, std::vector<Value> values = {}) {
    auto plan = plan_statement(sql, {});
    if (!plan.has_value()) return fail(std::move(plan).error());
    plan_ = *plan;
    values_ = std::move(values);
    return bind_command(*plan_, 0, {.values = values_, .rules = {}, .actor = "tester"}, storage_,
                        command_);
  }
  template <class Body>
  const Body& body() const {
    return std::get<Body>(command_.body);
  }
  void expect_error(const Status& status, ErrorCode code, const std::string& message) {
    ASSERT_FALSE(status.has_value()) << message;
    EXPECT_EQ(static_cast<int>(status.error().code), static_cast<int>(code))
        << status.error().message;
    EXPECT_THAT(status.error().message, HasSubstr(message));
  }

  PlanPtr plan_;
  std::vector<Value> values_;
  CommandStorage storage_;
  Command command_;
};

TEST_F(Bind, AClaimOfOneLine) {
  ASSERT_TRUE(bind("SELECT * FROM claim($1, $2, reference => 'o:1')",
                   {text_value("SKU-1"), text_value(" 3 ")})
                  .has_value());
  const auto& claim = body<ClaimUnits>();
  ASSERT_EQ(claim.lines.size(), 1u);
  EXPECT_EQ(claim.lines[0].sku, "SKU-1");
  EXPECT_EQ(claim.lines[0].quantity, Quantity(3));
  EXPECT_EQ(claim.hold, HoldMode::commit);
  EXPECT_EQ(command_.context.actor, "tester");
  EXPECT_EQ(command_.context.reference, "o:1");
  EXPECT_EQ(command_.context.channel, "");
}

TEST_F(Bind, HoldsInEveryForm) {
  const auto hold = [&](const Value& value) {
    EXPECT_TRUE(bind("SELECT * FROM claim('A', 1, hold_for => $1)", {value}).has_value());
    return body<ClaimUnits>();
  };
  EXPECT_EQ(hold(text_value("10 minutes")).hold_for, Duration::minutes(10));
  EXPECT_EQ(hold(text_value("PT10M")).hold, HoldMode::timed);
  EXPECT_EQ(hold(text_value("default")).hold, HoldMode::by_policy);
  EXPECT_EQ(hold(null_value()).hold, HoldMode::commit);
  Value interval = integer_value(5'000'000);
  interval.type = SqlType::interval;
  EXPECT_EQ(hold(interval).hold_for, Duration::seconds(5));
  for (const Value& cast : {interval, text_value("5 seconds")}) {
    ASSERT_TRUE(bind("SELECT * FROM claim('A', 1, hold_for => $1::interval)", {cast}).has_value());
    EXPECT_EQ(body<ClaimUnits>().hold_for, Duration::seconds(5));
  }
  expect_error(bind("SELECT * FROM claim('A', 1, hold_for => 'soon')"), ErrorCode::invalid_text,
               "hold_for");
}

TEST_F(Bind, NullMeansOmittedButNotWhereItIsNeeded) {
  ASSERT_TRUE(bind("SELECT * FROM claim('A', 1, channel => $1, partial => $2)",
                   {null_value(), null_value()})
                  .has_value());
  expect_error(bind("SELECT * FROM claim($1, 1)", {null_value()}), ErrorCode::null_not_allowed,
               "sku must not be null");
  expect_error(bind("SELECT * FROM claim('A', NULL)"), ErrorCode::null_not_allowed, "quantity");
  expect_error(bind("SELECT * FROM release(NULL)"), ErrorCode::null_not_allowed, "claim_id");
}

TEST_F(Bind, LinesOfJson) {
  ASSERT_TRUE(bind("SELECT * FROM claim(lines => $1)", {text_value(R"([{"sku":"A","quantity":2},
                                   {"sku":"B","quantity":1,"location":"BER","lot":null}])")})
                  .has_value());
  const auto& claim = body<ClaimUnits>();
  ASSERT_EQ(claim.lines.size(), 2u);
  EXPECT_EQ(claim.lines[1].sku, "B");
  EXPECT_EQ(claim.lines[1].location, "BER");
  EXPECT_EQ(claim.lines[1].lot, "");
}

TEST_F(Bind, LinesOfJsonSayWhatIsWrong) {
  using enum ErrorCode;
  std::string many = "[";
  for (int index = 0; index < 101; ++index) {
    many += fmt::format("{}{{\"sku\":\"S{}\",\"quantity\":1}}", index > 0 ? "," : "", index);
  }
  many += "]";
  struct Line {
    std::string json;
    ErrorCode code;
    std::string message;
  };
  const Line table[] = {
      {"", invalid_text, "type json"},
      {"[", invalid_text, "type json"},
      {"{}", wrong_type, "lines must be a JSON array"},
      {"[1]", wrong_type, "line 1 must be an object"},
      {R"([{"quantity":1}])", null_not_allowed, "line 1: sku is missing"},
      {R"([{"sku":"A"}])", null_not_allowed, "line 1: quantity is missing"},
      {R"([{"sku":"A","quantity":1},{"sku":"B","quantity":1.5}])", wrong_type,
       "line 2: quantity must be a whole number"},
      {R"([{"sku":"A","quantity":"1"}])", wrong_type, "line 1: quantity must be a whole number"},
      {R"([{"sku":"A","quantity":9223372036854775808}])", out_of_range, "line 1: quantity"},
      {R"([{"sku":7,"quantity":1}])", wrong_type, "line 1: sku must be a string"},
      {R"([{"sku":"A","qty":1}])", invalid_value, "line 1 has the unknown key \"qty\""},
      {R"([{"sku":"A","sku":"B","quantity":1}])", invalid_value, "key \"sku\" twice"},
      {R"([{"sku":"A\u0000","quantity":1}])", invalid_encoding, "NUL"},
      {R"([{"sku":["A"],"quantity":1}])", wrong_type, "line 1: sku must be a string"},
      {many, limit_exceeded, "lines must be at most 100, got 101"},
      {std::string(100'000, '['), invalid_text, "type json"},
      {std::string(lines_json_bytes_max + 1, ' '), limit_exceeded, "lines must be at most"},
  };
  for (const Line& line : table) {
    const auto status = bind("SELECT * FROM claim(lines => $1)", {text_value(line.json)});
    ASSERT_FALSE(status.has_value()) << line.json.substr(0, 80);
    EXPECT_EQ(static_cast<int>(status.error().code), static_cast<int>(line.code))
        << line.json.substr(0, 80) << "\n"
        << status.error().message;
    EXPECT_THAT(status.error().message, HasSubstr(line.message)) << line.json.substr(0, 80);
  }
}

TEST_F(Bind, SelectionsOfLines) {
  const Value claim = text_value("00000000-0000-0000-0000-000000000001");
  ASSERT_TRUE(bind("SELECT * FROM confirm($1, lines => $2, release_rest => true)",
                   {claim, text_value(R"([{"line":1,"quantity":2},{"sku":"A"}])")})
                  .has_value());
  const auto& confirm = body<Confirm>();
  ASSERT_EQ(confirm.lines.size(), 2u);
  EXPECT_EQ(confirm.lines[0].line, 1u);
  EXPECT_EQ(confirm.lines[0].quantity, Quantity(2));
  EXPECT_EQ(confirm.lines[1].sku, "A");
  EXPECT_TRUE(confirm.release_rest);
  expect_error(bind("SELECT * FROM cancel($1, lines => $2)",
                    {claim, text_value(R"([{"line":1,"quantity":0}])")}),
               ErrorCode::invalid_value, "quantity must be at least 1");
  expect_error(
      bind("SELECT * FROM cancel($1, lines => $2)", {claim, text_value(R"([{"line":-1}])")}),
      ErrorCode::invalid_value, "line must be at least 1");
  for (const char* function : {"confirm", "cancel", "fulfil"}) {
    expect_error(
        bind(fmt::format("SELECT * FROM {}($1, lines => $2)", function), {claim, text_value("[]")}),
        ErrorCode::invalid_value, "lines must not be empty");
  }
}

// A driver's array is no JSON: the error shows what came and says what to do.
TEST_F(Bind, AnArrayIsNoJson) {
  const auto status = bind("SELECT * FROM claim(lines => $1)",
                           {text_value(R"({"{\"sku\":\"A\",\"quantity\":1}"})")});
  expect_error(status, ErrorCode::invalid_text, R"(type json: "{"{\"sku\":\"A\")");
  EXPECT_THAT(status.error().hint, HasSubstr("JSON.stringify"));
}

// What means "not given" inside a command is not what a client may send for it.
TEST_F(Bind, EmptyIsNotLeftOut) {
  for (const char* argument : {"request_id", "channel", "location"}) {
    const std::string sql = fmt::format("SELECT * FROM sale('A', 1, {} => $1)", argument);
    expect_error(bind(sql, {text_value("")}), ErrorCode::invalid_value,
                 fmt::format("{} must not be empty", argument));
    EXPECT_TRUE(bind(sql, {null_value()}).has_value()) << sql;
    expect_error(bind(fmt::format("SELECT * FROM claim('A', 1, {} => '')", argument)),
                 ErrorCode::invalid_value, fmt::format("{} must not be empty", argument));
  }
  expect_error(bind(R"(SELECT * FROM claim(lines => '[{"sku":"A","quantity":1,"location":""}]'))"),
               ErrorCode::invalid_value, "line 1: location must not be empty");
  for (const char* call : {"claim('A', 1, claim_id => $1)", "release($1)"}) {
    expect_error(bind(fmt::format("SELECT * FROM {}", call),
                      {text_value("00000000-0000-0000-0000-000000000000")}),
                 ErrorCode::invalid_value, "claim_id must not be the nil uuid");
  }
  expect_error(bind("SELECT * FROM amend('00000000-0000-0000-0000-000000000001', quantity => 5)"),
               ErrorCode::null_not_allowed, "amend needs sku or lines");
}

// One plan, many sessions: a constant time without an offset is each session's own.
TEST_F(Bind, ATimeWithoutAnOffsetIsTheSessions) {
  for (const char* time : {"'2026-11-20 10:00'", "'2026-11-20 10:00'::timestamptz", "$1"}) {
    values_ = {text_value("2026-11-20 10:00")};
    const auto plan =
        plan_statement(fmt::format("SELECT * FROM sale('A', 1, occurred_at => {})", time), {});
    ASSERT_TRUE(plan.has_value()) << time;
    const auto bound_in = [&](bool utc) {
      return bind_command(
          **plan, 0, {.values = values_, .rules = {.time_zone_is_utc = utc}, .actor = "tester"},
          storage_, command_);
    };
    ASSERT_TRUE(bound_in(true).has_value()) << time;
    EXPECT_EQ(command_.context.occurred_at, Timestamp::us(1'795'168'800'000'000)) << time;
    expect_error(bound_in(false), ErrorCode::invalid_value, "has no offset");
  }
}

TEST_F(Bind, Definitions) {
  ASSERT_TRUE(bind("SELECT * FROM define_item('A', title => 'Shoe', scale => 2, price_minor => 5, "
                   "currency => 'EUR', barcodes => '[\"1\",\"2\"]', tracking => 'lot', hold_for => "
                   "'10 min', hold_max => '1 h', attributes => '{\"a\":1}')")
                  .has_value());
  const auto& item = body<DefineItem>();
  EXPECT_EQ(item.title, "Shoe");
  EXPECT_EQ(item.scale, 2);
  ASSERT_TRUE(item.barcodes.has_value());
  EXPECT_EQ(item.barcodes->size(), 2u);
  EXPECT_EQ(item.tracking, Tracking::lot);
  EXPECT_EQ(item.hold_max, Duration::hours(1));
  EXPECT_FALSE(item.brand.has_value());
  expect_error(bind("SELECT * FROM define_item('A', tracking => 'loose')"),
               ErrorCode::invalid_value, "tracking");
  expect_error(bind("SELECT * FROM define_item('A', scale => 300)"), ErrorCode::out_of_range,
               "scale");
  ASSERT_TRUE(
      bind("SELECT * FROM define_channel('web', locations => '[\"BER\",\"MUC\"]')").has_value());
  EXPECT_EQ(body<DefineChannel>().locations->size(), 2u);
}

TEST_F(Bind, ACastOfAParameterIsCheckedFirst) {
  expect_error(bind("SELECT * FROM claim('A', $1::int2)", {text_value("70000")}),
               ErrorCode::out_of_range, "smallint");
  ASSERT_TRUE(bind("SELECT * FROM claim('A', $1::int2)", {text_value("7")}).has_value());
  EXPECT_EQ(body<ClaimUnits>().lines[0].quantity, Quantity(7));
}

TEST_F(Bind, CountsValues) {
  const auto plan = plan_statement("SELECT * FROM claim($1, $2)", {});
  ASSERT_TRUE(plan.has_value());
  const Value one[] = {text_value("A")};
  expect_error(check_values(**plan, one), ErrorCode::protocol_violation, "needs 2 parameters");
}

}  // namespace
}  // namespace holdfast
