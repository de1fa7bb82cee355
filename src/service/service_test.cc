// Statements over a real engine, from text to rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_for_test.h"
#include "service/statement.h"
#include "sql/planner.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(ServiceTest, AClaimIsARowAndSoIsItsRefusal) {
  stock_up("SKU-1", 3);
  const Reply first =
      run("SELECT granted, outcome, state, expires_at, available, replayed, message "
          "FROM claim('SKU-1', 2)");
  EXPECT_EQ(first.row(), "t|granted|committed|∅|1|f|∅");
  EXPECT_EQ(first.tag, "SELECT 1");
  EXPECT_EQ(row("SELECT granted, outcome, claim_id, state, available, message FROM claim($1, $2)",
                {"SKU-1", "3"}),
            "f|short_of_stock|∅|∅|1|SKU-1: requested 3, available 1");
  EXPECT_EQ(row("SELECT granted, outcome, message FROM claim('NOPE', 1)"),
            "f|item_unknown|NOPE: unknown item");
  EXPECT_EQ(run("SELECT * FROM claim('SKU-1', 1)").rows.size(), 1u);
  EXPECT_EQ(row("SELECT available, on_hand, committed FROM stock WHERE sku = 'SKU-1'"), "0|3|3");
}

TEST_F(ServiceTest, AReplyIsDurable) {
  stock_up("SKU-1", 3);
  const auto seq = row("SELECT seq FROM claim('SKU-1', 1)");
  EXPECT_GE(std::stoull(row("SHOW holdfast.seq")), std::stoull(seq));
}

TEST_F(ServiceTest, AHoldLivesItsLife) {
  stock_up("A", 5);
  const std::string id = claim("A", 2, ", hold_for => '10 minutes', reference => 'cart:7'");
  EXPECT_EQ(
      row("SELECT state, held, committed, reference, actor FROM claims WHERE claim_id = $1", {id}),
      "held|2|0|cart:7|alice");
  EXPECT_EQ(row("SELECT outcome, state FROM extend($1, '20 minutes')", {id}), "done|held");
  EXPECT_EQ(row("SELECT outcome, state, expires_at FROM confirm($1)", {id}), "done|committed|∅");
  EXPECT_EQ(row("SELECT outcome, state FROM confirm($1)", {id}), "already|committed");
  EXPECT_EQ(row("SELECT state, expires_at FROM claims WHERE claim_id = $1", {id}), "committed|∅");
  EXPECT_EQ(
      row("SELECT outcome, state FROM fulfil($1, lines => '[{\"line\":1,\"quantity\":1}]')", {id}),
      "done|committed");
  EXPECT_EQ(row("SELECT outcome, state FROM fulfil($1)", {id}), "done|fulfilled");
  EXPECT_EQ(row("SELECT on_hand, available, held, committed FROM stock WHERE sku = 'A'"),
            "3|3|0|0");
  EXPECT_EQ(row("SELECT outcome, message FROM release($1)", {id}),
            "wrong_state|release needs an open claim; this one is fulfilled");

  const std::string second = claim("A", 1, ", hold_for => interval '1 minute'");
  clock_.pass(Duration::minutes(1) + Duration::ms(1));  // logged time runs ahead by 1 µs a turn
  EXPECT_EQ(row("SELECT state, expired FROM claims WHERE id = $1", {second}), "expired|1");
  EXPECT_EQ(row("SELECT outcome FROM confirm($1)", {second}), "claim_expired");
  EXPECT_EQ(row("SELECT outcome, state FROM confirm($1, if_expired => 'reclaim')", {second}),
            "granted|committed");
  EXPECT_EQ(row("SELECT outcome, state FROM cancel($1)", {second}), "done|cancelled");
  EXPECT_EQ(row("SELECT outcome FROM confirm('00000000-0000-0000-0000-0000000000aa')"),
            "claim_unknown");
}

TEST_F(ServiceTest, ACartIsAllOrNothingUnlessPartial) {
  stock_up("A", 5);
  stock_up("B", 1);
  const std::string lines = R"([{"sku":"A","quantity":2},{"sku":"B","quantity":2}])";
  EXPECT_EQ(row("SELECT granted, outcome, message FROM claim(lines => $1)", {lines}),
            "f|short_of_stock|B: requested 2, available 1");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "5");
  const Reply partial = run(
      "SELECT granted, outcome, lines, message FROM claim(lines => $1, partial => true)", {lines});
  EXPECT_THAT(partial.row(), StartsWith("t|partially_granted|[{\"line\": 1, \"sku\": \"A\""));
  EXPECT_THAT(partial.row(), HasSubstr("\"sku\": \"B\", \"location\": \"main\""));
  EXPECT_THAT(partial.row(), testing::EndsWith("|B: 2 asked, 1 granted"));
}

TEST_F(ServiceTest, ARequestIdAnswersOnce) {
  stock_up("A", 5);
  const std::string sql =
      "SELECT granted, claim_id, seq, replayed FROM claim('A', 1, request_id => 'r')";
  const std::string first = row(sql);
  const std::string second = row(sql);
  EXPECT_THAT(first, testing::EndsWith("|f"));
  EXPECT_EQ(second, first.substr(0, first.size() - 1) + "t");
  EXPECT_EQ(row("SELECT outcome, message FROM claim('A', 2, request_id => 'r')"),
            fmt::format("request_mismatch|request_id \"r\" was used at seq {} with other arguments",
                        row("SELECT seq FROM claim('A', 1, request_id => 'r')")));
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "4");
}

TEST_F(ServiceTest, StockChangesSayWhereAndWhatIsLeft) {
  ASSERT_EQ(row("SELECT outcome FROM define_item('A')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM define_location('BER', title => 'Berlin', priority => 1)"),
            "done");
  EXPECT_EQ(row("SELECT outcome, sku, location, lot, available FROM receive('A', 7, 'BER')"),
            "done|A|BER||7");
  EXPECT_EQ(row("SELECT outcome, location, available FROM adjust('A', -2, 'damaged', 'BER')"),
            "done|BER|5");
  EXPECT_EQ(row("SELECT outcome, location, available FROM sale('A', 1, 'BER')"), "done|BER|4");
  EXPECT_EQ(row("SELECT outcome FROM receive('A', 1, 'NOWHERE')"), "location_unknown");
  EXPECT_EQ(row("SELECT title, priority, active FROM locations WHERE code = 'BER'"), "Berlin|1|t");
  EXPECT_EQ(run("SELECT * FROM locations").rows.size(), 2u);
}

TEST_F(ServiceTest, AvailabilityIsPerChannel) {
  stock_up("A", 3);
  ASSERT_EQ(row("SELECT outcome FROM define_location('BER')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM define_channel('web', locations => '[\"BER\"]')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM receive('A', 2, 'BER')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM define_item('GIFT', tracking => 'none')"), "done");
  EXPECT_THAT(run("SELECT channel, salable, on_hand FROM availability WHERE sku = 'A'").rows,
              ElementsAre("default|5|5", "web|2|2"));
  EXPECT_EQ(row("SELECT salable FROM availability WHERE sku = $1 AND channel = 'web'", {"A"}), "2");
  EXPECT_EQ(row("SELECT salable FROM availability WHERE sku = 'GIFT' AND channel = 'web'"), "∅");
  EXPECT_EQ(row("SELECT can_claim('A', 'web', 2)"), "t");
  EXPECT_EQ(row("SELECT * FROM can_claim('A', 'web', 3)"), "f|2|A: requested 3, available 2");
  EXPECT_EQ(row("SELECT * FROM can_claim(sku => 'A', quantity => 5)"), "t|5|∅");
  EXPECT_EQ(row("SELECT * FROM can_claim('NOPE', 'web', 1)"), "f|∅|NOPE: unknown item");
  EXPECT_EQ(row("SELECT * FROM can_claim('A', 'nope', 1)"), "f|∅|nope: unknown channel");
  EXPECT_EQ(row("SELECT can_claim('GIFT', 'web', 1000)"), "t");
  EXPECT_EQ(row("SELECT can_claim('NOPE', 'web', 1)"), "f");
  EXPECT_EQ(row("SELECT locations FROM channels WHERE channel = 'web'"), "[\"BER\"]");
  // Through an inactive channel nothing is sold, not even what is not counted.
  ASSERT_EQ(row("SELECT outcome FROM define_channel('web', active => false)"), "done");
  EXPECT_EQ(row("SELECT * FROM can_claim('A', 'web', 1)"), "f|0|web: the channel is not active");
  EXPECT_EQ(row("SELECT * FROM can_claim('GIFT', 'web', 1)"), "f|∅|web: the channel is not active");
  EXPECT_EQ(row("SELECT outcome FROM claim('GIFT', 1, channel => 'web')"), "channel_unknown");
}

// More than are looked for together, and some that are not there.
TEST_F(ServiceTest, APageOfSkusIsReadWhole) {
  std::string array = "{NOPE-1,NOPE-2";
  std::vector<std::string> rows;
  for (int index = 10; index < 58; ++index) {
    const std::string sku = "PAGE-" + std::to_string(index);
    stock_up(sku, index);
    array += "," + sku;
    rows.push_back(sku + "|" + std::to_string(index));
  }
  array += "}";
  EXPECT_EQ(run("SELECT sku, salable FROM availability WHERE sku = ANY($1)", {array}).rows, rows);
  EXPECT_EQ(run("SELECT sku, on_hand FROM stock WHERE sku = ANY($1)", {array}).rows, rows);
  EXPECT_EQ(run("SELECT sku FROM items WHERE sku = ANY($1) LIMIT 20", {array}).rows.size(), 20u);
}

TEST_F(ServiceTest, LookupsFindRowsOnceAndOnlyThoseNamed) {
  stock_up("A", 1);
  stock_up("B", 2);
  EXPECT_THAT(run("SELECT sku FROM stock WHERE sku IN ('B', 'A', 'B', 'NOPE', NULL)").rows,
              ElementsAre("A", "B"));
  EXPECT_THAT(run("SELECT sku FROM stock WHERE sku = ANY($1)", {"{A,\"B\"}"}).rows,
              ElementsAre("A", "B"));
  EXPECT_THAT(run("SELECT sku FROM stock WHERE sku = ANY($1) LIMIT $2", {"{A,B}", "1"}).rows,
              ElementsAre("A"));
  EXPECT_EQ(run("SELECT sku FROM stock WHERE sku = 'A' LIMIT 0").tag, "SELECT 0");
  EXPECT_THAT(run("SELECT * FROM stock WHERE sku = 'NOPE'").rows, IsEmpty());
  EXPECT_EQ(row("SELECT sku, location, lot, available FROM stock WHERE sku = 'A' AND location = "
                "'main' AND lot = ''"),
            "A|main||1");
  EXPECT_THAT(run("SELECT * FROM stock WHERE sku = 'A' AND location = 'x'").rows, IsEmpty());
  EXPECT_THAT(run("SELECT * FROM claims WHERE claim_id = ANY($1)", {"{}"}).rows, IsEmpty());
  const std::string claimed = claim("A", 1);
  EXPECT_THAT(run("SELECT state FROM claims WHERE claim_id = ANY($1)",
                  {"{NULL," + claimed + "," + claimed + "}"})
                  .rows,
              ElementsAre("committed"));
  EXPECT_THAT(run("SELECT sku FROM stock WHERE sku = ANY($1::text[])", {"{NULL,B}"}).rows,
              ElementsAre("B"));
  EXPECT_THAT(run("SELECT sku FROM stock WHERE sku = ANY('{B}')").rows, ElementsAre("B"));
  EXPECT_EQ(row("SELECT sku FROM stock WHERE sku = ANY($1)", {"{{B}}"}),
            error_text(ErrorCode::not_supported,
                       "sku: an array of more than one dimension is not supported: \"{{B}}\""));
  EXPECT_EQ(row("SELECT sku, title, price_minor, barcodes, tracking FROM items WHERE sku = 'A'"),
            "A|∅|∅|[]|quantity");
  EXPECT_THAT(row("SELECT * FROM stock WHERE sku = 'A' LIMIT -1"), HasSubstr("LIMIT"));
}

// What turns and sessions are bounded by: all that was looked at, and nothing is looked at for a
// row that nobody wants.
TEST_F(ServiceTest, AReadWeighsWhatItLookedAt) {
  constexpr std::uint32_t locations = 20;
  ASSERT_EQ(row("SELECT outcome FROM define_item('WIDE')"), "done");
  for (std::uint32_t index = 0; index < locations; ++index) {
    ASSERT_EQ(row(fmt::format("SELECT outcome FROM define_location('L{}')", index)), "done");
    ASSERT_EQ(row(fmt::format("SELECT outcome FROM receive('WIDE', 1, 'L{}')", index)), "done");
  }
  EXPECT_EQ(run("SELECT sku FROM stock WHERE sku = 'WIDE'").work, locations);
  EXPECT_EQ(run("SELECT sku FROM stock WHERE sku = 'WIDE' LIMIT 3").work, 3);
  EXPECT_GE(run("SELECT salable FROM availability WHERE sku = 'WIDE'").work, locations);
  EXPECT_EQ(run("SELECT salable FROM availability WHERE sku = 'WIDE' LIMIT 0").work, 0);
  EXPECT_GE(run("SELECT can_claim('WIDE', 'default', 1)").work, locations);
  EXPECT_GE(run("SELECT * FROM channels WHERE channel = 'default'").work, locations);

  const std::string wide = claim("WIDE", static_cast<int>(locations));
  EXPECT_GE(run("SELECT state FROM claims WHERE claim_id = $1", {wide}).work, locations);
  EXPECT_GE(run("SELECT outcome FROM release($1)", {wide}).work, locations);

  rows_max_ = 2;
  const Reply cut = run("SELECT sku FROM stock WHERE sku = 'WIDE'");
  EXPECT_EQ(cut.rows.size(), 2);
  EXPECT_EQ(cut.work, 2);
}

// A refusal names what it is about, with the numbers, and reads the same when it is remembered.
TEST_F(ServiceTest, RefusalsSayWhatWhereAndHowMany) {
  stock_up("U", 8);
  stock_up("Z9", 5);
  for (const char* sql :
       {"SELECT outcome FROM define_item('W', hold_max => '1 hour')",
        "SELECT outcome FROM define_item('L', tracking => 'lot')",
        "SELECT outcome FROM define_item('N', tracking => 'none')",
        "SELECT outcome FROM receive('N', 1)", "SELECT outcome FROM define_location('BER')",
        "SELECT outcome FROM define_location('OFF', active => false)",
        "SELECT outcome FROM define_channel('off', active => false)",
        "SELECT outcome FROM define_channel('dark', locations => '[\"OFF\"]')"}) {
    ASSERT_EQ(row(sql), "done") << sql;
  }
  const std::string held = claim("U", 3, ", hold_for => '1 hour'");
  const std::string sold = claim("Z9", 5);
  ASSERT_EQ(row("SELECT outcome FROM sale('Z9', 1)"), "done");
  const std::string nobody = "00000000-0000-0000-0000-00000000ffff";
  const auto with_ids = [&](std::string_view text) {
    std::string out(text);
    for (const auto& [word, id] :
         {std::pair("<held>", &held), {"<sold>", &sold}, {"<nobody>", &nobody}}) {
      for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word)) {
        out.replace(at, std::string_view(word).size(), *id);
      }
    }
    return out;
  };
  struct Line {
    std::string_view call;
    std::string_view answer;
  };
  static constexpr Line table[] = {
      {"receive('UNKNOWN', 3)", "item_unknown|UNKNOWN: unknown item"},
      {"sale('NOPE', 1)", "item_unknown|NOPE: unknown item"},
      {"receive('U', 1, 'PAR')", "location_unknown|PAR: unknown location"},
      {"define_channel('web', locations => '[\"BER\",\"NOPE\",\"NADA\"]')",
       "location_unknown|NOPE: unknown location; NADA: unknown location"},
      {"claim('U', 1, channel => 'nochan')", "channel_unknown|nochan: unknown channel"},
      {"claim('U', 1, channel => 'off')", "channel_unknown|off: the channel is not active"},
      {"claim('U', 1, channel => 'dark')",
       "location_unknown|U: channel dark has no active location"},
      {"claim('U', 1, location => 'OFF')",
       "location_unknown|U at OFF: unknown location, or not an active one of channel default"},
      {"release('<nobody>')", "claim_unknown|<nobody>: unknown claim"},
      {"claim('U', 1, claim_id => '<held>')",
       "claim_exists|<held>: another claim has this claim_id"},
      {"claim('W', 1, hold_for => '2 hours')",
       "limit_exceeded|W: hold_for 7200 s, hold_max 3600 s"},
      {"define_item('W', hold_for => '2 hours')",
       "limit_exceeded|W: hold_for 7200 s, hold_max 3600 s"},
      {"confirm('<held>', lines => '[{\"line\":1,\"quantity\":9}]')",
       "quantity_invalid|line 1 (U at main): requested 9, there is 3"},
      {"confirm('<held>', lines => '[{\"line\":1},{\"line\":7}]')",
       "quantity_invalid|line 7: not in the claim, which has 1 line"},
      {"cancel('<sold>', lines => '[{\"sku\":\"U\",\"location\":\"BER\"}]')",
       "quantity_invalid|U at BER: not in the claim"},
      {"cancel('<sold>', lines => '[{\"sku\":\"U\",\"quantity\":2}]')",
       "quantity_invalid|U: not in the claim"},
      {"cancel('<sold>', lines => '[{\"sku\":\"U\"},{\"sku\":\"Z9\",\"quantity\":9}]')",
       "quantity_invalid|U: not in the claim; Z9: requested 9, there is 5"},
      {"cancel('<sold>', lines => '[{\"line\":1,\"quantity\":9},{\"line\":7}]')",
       "quantity_invalid|line 1 (Z9 at main): requested 9, there is 5; line 7: not in the claim"},
      {"fulfil('<held>')", "wrong_state|fulfil needs a committed claim; this one is held"},
      {"extend('<sold>', '1 hour')",
       "wrong_state|extend needs a held claim; this one is committed"},
      {"fulfil('<sold>')", "short_of_stock|Z9 at main: 5 to ship, 4 on hand"},
      {"adjust('U', -6, 'lost')", "short_of_stock|U at main: requested 6, available 5"},
      {"receive('U', 9007199254740991)",
       "quantity_invalid|U at main: on_hand would be 9007199254740999, the most is "
       "9007199254740991"},
      {"adjust('U', 9007199254740991, 'restock')",
       "quantity_invalid|U at main: on_hand would be 9007199254740999, the most is "
       "9007199254740991"},
      {"receive('U', 3, lot => 'L1')",
       "wrong_state|U is not tracked by lot: lot \"L1\" is not allowed"},
      {"receive('L', 3)", "wrong_state|L is tracked by lot: lot is missing"},
      {"define_item('N', tracking => 'lot')",
       "wrong_state|N: tracking cannot become 'lot' with 1 on hand and 0 promised"},
  };
  int number = 0;
  for (const Line& line : table) {
    const std::string call = with_ids(line.call);
    const std::string answer = with_ids(line.answer);
    EXPECT_EQ(row("SELECT outcome, message FROM " + call), answer) << call;
    const std::string keyed =
        fmt::format("SELECT outcome, message, replayed FROM {}, request_id => 'k-{}')",
                    call.substr(0, call.size() - 1), ++number);
    EXPECT_EQ(row(keyed), answer + "|f") << call;
    EXPECT_EQ(row(keyed), answer + "|t") << call;
  }
  // What only moves a claim's units says nothing of what is available.
  EXPECT_THAT(row("SELECT lines FROM confirm($1)", {held}),
              testing::EndsWith("\"requested\": 3, \"granted\": 3}]"));
}

// Each is one clear error that names what is wrong, and nothing has changed.
TEST_F(ServiceTest, BadInputChangesNothing) {
  stock_up("A", 5);
  const std::uint64_t digest = engine_->stock().digest();
  const Seq live = engine_->stats().live;
  std::string many = "[";
  for (int index = 0; index < 10'000; ++index) {
    many += fmt::format("{}{{\"sku\":\"A\",\"quantity\":1}}", index > 0 ? "," : "");
  }
  many += ']';
  struct Line {
    std::string sql;
    std::vector<std::string> values;
    ErrorCode code;
    std::string message;
  };
  using enum ErrorCode;
  const Line table[] = {
      {"SELECT * FROM claim('A', 0)", {}, invalid_value, "quantity must be at least 1, got 0"},
      {"SELECT * FROM claim('A', $1)",
       {"-1"},
       invalid_value,
       "quantity must be at least 1, got -1"},
      {"SELECT * FROM claim('A', $1)", {"9223372036854775808"}, out_of_range, "quantity"},
      {"SELECT * FROM claim('A', $1)", {"9007199254740992"}, out_of_range, "9007199254740991"},
      {"SELECT * FROM claim('A', $1)", {"abc"}, invalid_text, "quantity"},
      {"SELECT * FROM claim($1, 1)", {"\xff"}, invalid_encoding, "sku"},
      {"SELECT * FROM claim($1, 1)", {std::string("A\0", 2)}, invalid_encoding, "sku"},
      {"SELECT * FROM claim($1, 1)",
       {std::string(200, 'S')},
       limit_exceeded,
       "sku must be at most 128 bytes, got 200"},
      {"SELECT * FROM claim($1, 1)", {""}, invalid_value, "sku must not be empty"},
      {"SELECT * FROM claim($1, 1)", {"a\tb"}, invalid_value, "sku"},
      {"SELECT * FROM claim(lines => $1)", {many}, limit_exceeded, "lines must be at most"},
      {"SELECT * FROM claim(lines => '[]')", {}, invalid_value, "lines must not be empty"},
      {"SELECT * FROM claim('A', 1, hold_for => '-1 s')", {}, invalid_value, "hold_for"},
      {"SELECT * FROM claim('A', 1, hold_for => '400 days')", {}, limit_exceeded, "hold_for"},
      {"SELECT * FROM claim('A', 1, claim_id => 'x')", {}, invalid_text, "claim_id"},
      {"SELECT * FROM adjust('A', 1, 'because')", {}, invalid_value, "reason"},
      {"SELECT * FROM sale('A', 1, occurred_at => $1)",
       {"1969-12-31T23:59:59Z"},
       out_of_range,
       "occurred_at must be 1970-01-01 00:00:00.000001+00 to 9999-12-31 23:59:59.999999+00"},
      {"SELECT * FROM sale('A', 1, occurred_at => $1)",
       {"1970-01-01T00:00:00Z"},
       out_of_range,
       "got 1970-01-01 00:00:00+00"},
      {"SELECT * FROM receive('A', 1, occurred_at => '9999-12-31T23:59:59-12')",
       {},
       out_of_range,
       "got 10000-01-01 11:59:59+00"},
      {"SELECT * FROM claim($1, 1)",
       {std::string(2 * 1024 * 1024, 'x')},
       limit_exceeded,
       "parameter values must be at most"},
      {"SELECT * FROM claim($1, 1)", {"A", "B"}, protocol_violation, "1 parameters"},
  };
  for (const Line& line : table) {
    const Reply reply = run(line.sql, line.values);
    ASSERT_TRUE(reply.error.has_value()) << line.sql << "\n" << reply.row();
    EXPECT_EQ(static_cast<int>(reply.error->code), static_cast<int>(line.code))
        << line.sql << "\n"
        << reply.error->message;
    EXPECT_THAT(reply.error->message, HasSubstr(line.message)) << line.sql;
    EXPECT_THAT(reply.rows, IsEmpty()) << line.sql;
  }
  EXPECT_EQ(engine_->stock().digest(), digest);
  EXPECT_EQ(engine_->stats().live, live);
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1)"), "granted");
}

// The clock stands still, so that every turn takes no time at all.
TEST_F(ServiceTest, HowLongTurnsTookIsShown) {
  stock_up("A", 1);
  ASSERT_TRUE(engine_->checkpoint());
  const std::uint64_t turns = engine_->stats().turns.count;
  const Reply reply = run("SHOW holdfast.turns");
  EXPECT_EQ(reply.tag, "SHOW");
  EXPECT_THAT(reply.rows, ElementsAre(fmt::format("turn|{0}|0|∅|{{\"1\": {0}}}", turns),
                                      "turn beside a checkpoint|0|0|∅|{}",
                                      "wait for a checkpoint|1|0|∅|{\"1\": 1}"));
}

TEST_F(ServiceTest, SettingsAreShownChangedAndReset) {
  EXPECT_TRUE(session_->start_setting("application_name", "shop"));
  EXPECT_TRUE(session_->start_setting("datestyle", "ISO"));
  EXPECT_TRUE(session_->start_setting("client_encoding", "'utf-8'"));
  EXPECT_TRUE(session_->start_setting("nobody_knows", "x"));
  EXPECT_FALSE(session_->start_setting("statement_timeout", "abc"));
  EXPECT_FALSE(session_->start_setting("default_transaction_isolation", "serialisable"));
  EXPECT_FALSE(session_->start_setting("holdfast.request_id", "cart-1"));
  EXPECT_EQ(row("SHOW application_name"), "shop");
  EXPECT_EQ(session_->setting("application_name"), "shop");
  EXPECT_EQ(session_->setting("client_encoding"), "UTF8");
  EXPECT_EQ(session_->setting("session_authorization"), "alice");
  EXPECT_THAT(session_->setting("server_version"), StartsWith("15."));

  const Reply set = run("SET application_name = 'psql'");
  EXPECT_EQ(set.tag, "SET");
  EXPECT_THAT(set.settings, ElementsAre("application_name=psql"));
  EXPECT_THAT(run("SET application_name = 'psql'").settings, IsEmpty());
  EXPECT_THAT(run("SET statement_timeout = 5").settings, IsEmpty());
  EXPECT_EQ(row("SHOW statement_timeout"), "5ms");
  EXPECT_THAT(run("RESET ALL").settings, ElementsAre("application_name=shop"));
  EXPECT_EQ(row("SHOW statement_timeout"), "0");
  EXPECT_THAT(run("SET TIME ZONE 'Europe/Berlin'").settings, ElementsAre("TimeZone=Europe/Berlin"));
  EXPECT_EQ(run("SHOW ALL").tag, "SHOW");

  // A time without an offset is not guessed in another zone.
  stock_up("A", 1);
  EXPECT_THAT(row("SELECT * FROM claim('A', 1, occurred_at => $1)", {"2023-11-14 10:00"}),
              HasSubstr("has no offset"));
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1, occurred_at => $1)", {"2023-11-14 10:00Z"}),
            "granted");
}

TEST_F(ServiceTest, PingsAreAnswered) {
  EXPECT_EQ(row("SELECT 1"), "1");
  EXPECT_EQ(run("SELECT 1").tag, "SELECT 1");
  EXPECT_EQ(row("SELECT $1, $2::int8, 'x', NULL, true", {"echo", "5"}), "echo|5|x|∅|t");
  EXPECT_EQ(row("SELECT current_database(), current_user, current_schema()"), "shop|alice|public");
  EXPECT_THAT(row("select version();"), StartsWith("PostgreSQL 15."));
  EXPECT_TRUE(session_->start_setting("pg_backend_pid", "4711"));
  EXPECT_EQ(row("SELECT pg_backend_pid()"), "4711");
  EXPECT_EQ(row("SELECT interval '90 minutes', $1::uuid", {"00000000-0000-0000-0000-00000000000a"}),
            "01:30:00|00000000-0000-0000-0000-00000000000a");
  EXPECT_THAT(row("SELECT $1::int8", {"x"}), HasSubstr("type bigint"));
  const auto empty = session_->prepare(" -- ping", {});
  ASSERT_TRUE(empty.has_value());
  EXPECT_TRUE((*empty)->is_empty());
  EXPECT_EQ(run("").tag, "SELECT 0");
}

TEST_F(ServiceTest, QuestionsAboutTypesAreAnsweredFromThoseThereAre) {
  const char* by_oid =
      "SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type "
      "t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1";
  EXPECT_EQ(row(by_oid, {"3802"}), "t|pg_catalog|jsonb");
  EXPECT_EQ(row(by_oid, {"1009"}), "t|pg_catalog|_text");
  EXPECT_THAT(run(by_oid, {"701"}).rows, IsEmpty());
  EXPECT_EQ(run(by_oid, {"701"}).tag, "SELECT 0");
  const char* by_name =
      "SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim "
      "AS delimiter FROM pg_type t WHERE t.oid = to_regtype($1) ORDER BY t.oid";
  EXPECT_EQ(row(by_name, {"bigint"}), "int8|20|1016|bigint|,");
  EXPECT_EQ(row(by_name, {"uuid"}), "uuid|2950|2951|uuid|,");
  EXPECT_THAT(run(by_name, {"hstore"}).rows, IsEmpty());
  EXPECT_EQ(run("SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = "
                "ns.oid WHERE typname = 'hstore'")
                .tag,
            "SELECT 0");
}

TEST_F(ServiceTest, AListOfNamesMayBeAnArray) {
  const char* define = "SELECT outcome, message FROM define_item('A', barcodes => $1::text[])";
  EXPECT_EQ(row(define, {"{400638,\"a \\\"b\\\"\"}"}), "done|∅");
  EXPECT_EQ(row("SELECT barcodes FROM items WHERE sku = 'A'"), "[\"400638\", \"a \\\"b\\\"\"]");
  EXPECT_EQ(row(define, {"{a,NULL}"}),
            error_text(ErrorCode::null_not_allowed, "barcodes: element 2 must not be null"));
  std::string many = "{b";
  for (int count = 0; count < 20; ++count) many += ",b";
  EXPECT_EQ(row(define, {many + "}"}),
            error_text(ErrorCode::limit_exceeded, "barcodes must be at most 20, got 21"));
  EXPECT_EQ(row("SELECT barcodes FROM items WHERE sku = 'A'"), "[\"400638\", \"a \\\"b\\\"\"]");
  EXPECT_EQ(run("UPDATE items SET barcodes = $1::text[] WHERE sku = 'A'", {"{}"}).tag, "UPDATE 1");
  EXPECT_EQ(row("SELECT barcodes FROM items WHERE sku = 'A'"), "[]");
  EXPECT_EQ(
      run("INSERT INTO channels (channel, locations) VALUES ('web', $1::text[])", {"{main}"}).tag,
      "INSERT 0 1");
  EXPECT_EQ(row("SELECT locations FROM channels WHERE channel = 'web'"), "[\"main\"]");
}

TEST_F(ServiceTest, PreparedStatementsAreForgottenByTheProtocol) {
  EXPECT_EQ(session_->prepare("DEALLOCATE p", {}).value()->deallocates(), "p");
  EXPECT_EQ(session_->prepare("DEALLOCATE ALL", {}).value()->deallocates(),
            Statement::all_statements);
  EXPECT_EQ(session_->prepare("DISCARD ALL", {}).value()->deallocates(), Statement::all_statements);
  EXPECT_EQ(session_->prepare("SELECT 1", {}).value()->deallocates(), "");
  EXPECT_EQ(run("DEALLOCATE ALL").tag, "DEALLOCATE ALL");
}

TEST_F(ServiceTest, EqualTextsShareOnePlanAcrossSessions) {
  const auto other = database_->open_session("bob");
  const std::string_view sql = "SELECT * FROM claim($1, $2)";
  EXPECT_EQ(session_->prepare(sql, {}).value(), other->prepare(sql, {}).value());
  const SqlType declared[] = {SqlType::text, SqlType::int4};
  EXPECT_NE(session_->prepare(sql, {}).value(), session_->prepare(sql, declared).value());
  EXPECT_EQ(session_->prepare_all("SELECT 1; SELECT 2").value().size(), 2u);
  EXPECT_EQ(session_->prepare_all("SELECT 1; SELECT 2").value(),
            other->prepare_all("SELECT 1; SELECT 2").value());
  EXPECT_FALSE(session_->prepare("SELECT * FROM nope", {}).has_value());
  // The scope of a request_id is the principal.
  stock_up("A", 5);
  EXPECT_EQ(run_on(*other, "SELECT replayed FROM claim('A', 1, request_id => 'r')").row(), "f");
  EXPECT_EQ(run("SELECT replayed FROM claim('A', 1, request_id => 'r')").row(), "f");
}

TEST(PlanCache, ForgetsTheLeastRecentlyUsed) {
  PlanCache cache;
  const auto statements = [](std::string_view sql) {
    return std::vector<StatementPtr>{
        std::make_shared<const PlannedStatement>(plan_statement(sql, {}).value())};
  };
  const auto one = statements("SELECT 1");
  for (std::size_t index = 0; index < PlanCache::entries_max; ++index) {
    cache.add({.sql = std::to_string(index), .declared = {}, .is_simple = false}, one);
  }
  EXPECT_TRUE(cache.find({.sql = "0", .declared = {}, .is_simple = false}).has_value());
  cache.add({.sql = "new", .declared = {}, .is_simple = false}, one);
  EXPECT_EQ(cache.size(), PlanCache::entries_max);
  EXPECT_TRUE(cache.find({.sql = "0", .declared = {}, .is_simple = false}).has_value());
  EXPECT_FALSE(cache.find({.sql = "1", .declared = {}, .is_simple = false}).has_value());
  EXPECT_FALSE(cache.find({.sql = "0", .declared = {}, .is_simple = true}).has_value());
  const std::string large(PlanCache::text_bytes_max + 1, ' ');
  cache.add({.sql = large, .declared = {}, .is_simple = false}, one);
  EXPECT_FALSE(cache.find({.sql = large, .declared = {}, .is_simple = false}).has_value());
}

// Many statements in flight on one session: each answers for itself, in the order of the engine.
TEST_F(ServiceTest, APipelineOfClaimsTakesEveryUnitOnce) {
  stock_up("A", 10);
  const auto statement = session_->prepare("SELECT granted FROM claim('A', 1)", {});
  ASSERT_TRUE(statement.has_value());
  constexpr int count = 16;
  std::vector<TextSink> sinks(count);
  std::vector<Listener> listeners(count);
  std::vector<Execution*> executions;
  for (int index = 0; index < count; ++index) {
    executions.push_back(&session_->run(*statement, {}, sinks[index], listeners[index]));
  }
  int granted = 0;
  for (int index = 0; index < count; ++index) {
    while (!executions[index]->is_finished()) engine_->drive();
    EXPECT_EQ(sinks[index].rows[0], index < 10 ? "t" : "f");
    granted += sinks[index].rows[0] == "t" ? 1 : 0;
    session_->recycle(*executions[index]);
  }
  EXPECT_EQ(granted, 10);
}

}  // namespace
}  // namespace holdfast
