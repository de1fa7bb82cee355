// Conversations: each test says what a client says and reads the reply as words
// (client_for_test.h).
#include "pgwire/session.h"

#include <gtest/gtest.h>

#include <random>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using client::bind;
using client::close;
using client::describe;
using client::execute;
using client::flush;
using client::message;
using client::parse;
using client::query;
using client::sync;
using client::zero;

std::string repeat(std::string_view text, int times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

// ---- simple queries

TEST(SimpleQuery, AnswersOneStatement) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("select 7")), "T(n:20) D(7) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(query("delete")), "C(DONE) Z");
}

TEST(SimpleQuery, NothingIsAnEmptyQuery) {
  TestSession test;
  test.open();
  for (const auto* sql : {"", ";", " ; ; ", "\n"}) EXPECT_EQ(test.ask(query(sql)), "I Z") << sql;
}

TEST(SimpleQuery, RunsAScriptUntilItsFirstError) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("select 1; set a b;; select 2;")),
            "T(n:20) D(1) C(SELECT 1) C(SET) S(a=b) T(n:20) D(2) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(query("select 1; fail; select 2")), "T(n:20) D(1) C(SELECT 1) E(22003) Z");
  EXPECT_EQ(test.database.ran.back(), "fail");
  EXPECT_EQ(test.ask(query("select 1; bad")), "E(42601) Z");
}

TEST(SimpleQuery, TheNextStatementOfAScriptWaitsForTheLast) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(query("select 1; select 2") + query("select 3"));
  EXPECT_EQ(test.database.ran.size(), 1u);
  test.database.finish();
  EXPECT_EQ(test.hear(), "T(n:20) D(1) C(SELECT 1)");
  EXPECT_EQ(test.database.ran.size(), 2u);
  test.database.finish(
      0, Error{.code = ErrorCode::overloaded, .message = "busy", .detail = {}, .hint = {}});
  EXPECT_EQ(test.hear(), "E(53400) Z");
  test.settle();
  test.database.finish();
  EXPECT_EQ(test.hear(), "T(n:20) D(3) C(SELECT 1) Z");
}

TEST(SimpleQuery, ACancelStopsAScriptBeforeItsNextStatement) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(query("select 1; select 2"));
  test.session.cancel();
  test.database.finish();
  EXPECT_EQ(test.hear(), "T(n:20) D(1) C(SELECT 1) E(57014) Z");
  EXPECT_EQ(test.ask(query("select 3")), "");
  test.session.cancel();  // nothing a single statement minds
  test.database.finish();
  EXPECT_EQ(test.hear(), "T(n:20) D(3) C(SELECT 1) Z");
}

TEST(SimpleQuery, ReportsPositionDetailAndHint) {
  TestSession test;
  test.open();
  test.say(query("bad syntax"));
  std::string said = test.hear_raw().substr(5);
  EXPECT_EQ(client::error_field(said, 'S'), "ERROR");
  EXPECT_EQ(client::error_field(said, 'V'), "ERROR");
  EXPECT_EQ(client::error_field(said, 'P'), "5");
  test.database.deferred = true;
  test.say(query("select 1"));
  test.database.finish(
      0, Error{.code = ErrorCode::unknown_result, .message = "m", .detail = "d", .hint = {}});
  said = test.hear_raw().substr(5);
  EXPECT_EQ(client::error_field(said, 'C'), "08007");
  EXPECT_EQ(client::error_field(said, 'D'), "d");
  EXPECT_NE(client::error_field(said, 'H').find("request_id"), std::string::npos);
}

// ---- the extended protocol

TEST(Extended, PreparesBindsDescribesAndExecutes) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(parse("s", "select $1") + describe('S', "s") + sync()), "1 t(20) T(n:20) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"5"}) + describe('P', "") + execute() + sync()),
            "2 T(n:20) D(5) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"6"}) + execute() + sync()), "2 D(6) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(parse("", "delete") + bind("", "") + describe('P', "") + execute() + sync()),
            "1 2 n C(DONE) Z");
  EXPECT_EQ(test.ask(parse("", "") + bind("", "") + describe('P', "") + execute("", 1) + sync()),
            "1 2 n I Z");
}

TEST(Extended, DescribesAStatementBeforeItIsBound) {
  TestSession test;
  test.open();
  // As postgres.js: Parse, Describe, Flush, and only then Bind.
  EXPECT_EQ(
      test.ask(parse("x", "echo $1::uuid $2::text", {0, 1043}) + describe('S', "x") + flush()),
      "1 t(2950,1043) T(echo:25)");
  EXPECT_EQ(test.ask(bind("", "x", {"0190163d8694739baea5966c26f8ad90", "a"}) + execute() + sync()),
            "2 D(0190163d-8694-739b-aea5-966c26f8ad90 'a' ) C(SELECT 1) Z");
}

TEST(Extended, AfterAnErrorSkipsUntilSync) {
  TestSession test;
  test.open();
  const std::string one = parse("", "select 1") + bind("", "") + execute();
  EXPECT_EQ(test.ask(one + parse("", "bad") + one + query("select 9") + sync() + one + sync()),
            "1 2 D(1) C(SELECT 1) E(42601) Z 1 2 D(1) C(SELECT 1) Z");
  EXPECT_EQ(test.database.ran.size(), 2u);
  EXPECT_EQ(test.ask(parse("", "fail") + bind("", "") + execute() + one + sync()),
            "1 2 E(22003) Z");
  EXPECT_EQ(test.database.ran.size(), 3u);
}

TEST(Extended, NamesAreKeptAndForgottenAsInPostgres) {
  TestSession test;
  test.open();
  const auto end = [](std::string_view bytes) { return std::string(bytes) + sync(); };
  EXPECT_EQ(test.ask(end(parse("s", "select 1"))), "1 Z");
  EXPECT_EQ(test.ask(end(parse("s", "select 2"))), "E(42P05) Z");
  EXPECT_EQ(test.ask(end(bind("", "none"))), "E(26000) Z");
  EXPECT_EQ(test.ask(end(bind("", ""))), "E(26000) Z");
  EXPECT_EQ(test.ask(end(describe('S', "none"))), "E(26000) Z");
  EXPECT_EQ(test.ask(end(describe('P', "none"))), "E(34000) Z");
  EXPECT_EQ(test.ask(end(execute("none"))), "E(34000) Z");
  EXPECT_EQ(test.ask(end(bind("p", "s") + bind("p", "s"))), "2 E(42P03) Z");
  EXPECT_EQ(test.ask(end(execute("p"))), "E(34000) Z");  // portals end at Sync
  EXPECT_EQ(test.ask(end(bind("p", "s") + close('P', "p") + execute("p"))), "2 3 E(34000) Z");
  EXPECT_EQ(test.ask(end(close('S', "s") + close('S', "s") + bind("", "s"))), "3 3 E(26000) Z");
  // The unnamed ones are replaced silently, and a Query ends both.
  EXPECT_EQ(test.ask(end(parse("", "select 1") + parse("", "select 2") + bind("", "") +
                         bind("", "") + execute())),
            "1 1 2 2 D(2) C(SELECT 1) Z");
  test.ask(query("select 1"));
  EXPECT_EQ(test.ask(end(bind("", ""))), "E(26000) Z");
  // A portal outlives its statement.
  EXPECT_EQ(test.ask(end(parse("t", "select 3") + bind("p", "t") + close('S', "t") + execute("p"))),
            "1 2 3 D(3) C(SELECT 1) Z");
  // A Parse that fails leaves no unnamed statement behind.
  EXPECT_EQ(test.ask(end(parse("", "select 1")) + end(parse("", "bad")) + end(bind("", ""))),
            "1 Z E(42601) Z E(26000) Z");
}

TEST(Extended, DeallocateForgetsWhatTheProtocolKeeps) {
  TestSession test;
  test.open();
  const std::string two = parse("s", "select 1") + parse("*", "select 2") + sync();
  EXPECT_EQ(test.ask(two), "1 1 Z");
  EXPECT_EQ(test.ask(query("deallocate s")), "C(DONE) Z");
  EXPECT_EQ(test.ask(bind("", "s") + sync()), "E(26000) Z");
  EXPECT_EQ(test.ask(query("deallocate s")), "E(26000) Z");
  EXPECT_EQ(test.ask(query("select 1; deallocate s; select 3")),
            "T(n:20) D(1) C(SELECT 1) E(26000) Z");
  // One that is called "*" is one, not all.
  EXPECT_EQ(test.ask(parse("s", "select 1") + parse("", "deallocate *") + bind("", "") + execute() +
                     bind("", "s") + execute() + sync()),
            "1 1 2 C(DONE) 2 D(1) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(query("select 1; deallocate")), "T(n:20) D(1) C(SELECT 1) C(DONE) Z");
  EXPECT_EQ(test.ask(bind("", "s") + sync()), "E(26000) Z");
}

TEST(Extended, TheSessionKnowsItsProcess) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.database.settings["pg_backend_pid"], "7");
}

TEST(Extended, APortalRunsOnce) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(parse("", "select 1") + bind("", "") + execute() + execute() + sync()),
            "1 2 D(1) C(SELECT 1) C(SELECT 0) Z");
  EXPECT_EQ(test.ask(parse("", "delete") + bind("", "") + execute() + execute() + sync()),
            "1 2 C(DONE) E(55000) Z");
  EXPECT_EQ(test.database.ran.size(), 2u);
}

TEST(Extended, HandsOutRowsInPortions) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(parse("", "rows 5") + bind("c", "") + describe('P', "c") + execute("c", 2) +
                     flush()),
            "1 2 T(i:20,t:25) D(0,row 0) D(1,row 1) s");
  EXPECT_EQ(test.ask(execute("c", 2) + flush()), "D(2,row 2) D(3,row 3) s");
  EXPECT_EQ(test.ask(execute("c", 2) + flush()), "D(4,row 4) C(SELECT 1)");
  EXPECT_EQ(test.ask(execute("c", 2) + sync()), "C(SELECT 0) Z");
  // The limit is met exactly: suspended, then an empty rest. All at once with no limit on the
  // second.
  EXPECT_EQ(test.ask(bind("", "") + execute("", 5) + execute("", 5) + sync()),
            "2 D(0,row 0) D(1,row 1) D(2,row 2) D(3,row 3) D(4,row 4) s C(SELECT 0) Z");
  EXPECT_EQ(test.ask(bind("", "") + execute("", 4) + execute() + sync()),
            "2 D(0,row 0) D(1,row 1) D(2,row 2) D(3,row 3) s D(4,row 4) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(bind("", "") + execute("", 6) + sync()),
            "2 D(0,row 0) D(1,row 1) D(2,row 2) D(3,row 3) D(4,row 4) C(SELECT 5) Z");
  // JDBC sends a limit of 1 with statements that return nothing.
  EXPECT_EQ(test.ask(parse("", "delete") + bind("", "") + execute("", 1) + sync()),
            "1 2 C(DONE) Z");
  EXPECT_EQ(test.database.ran.size(), 5u);
}

TEST(Extended, ASecondExecuteOfARunningPortalWaitsForIt) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  EXPECT_EQ(test.ask(parse("", "rows 3") + bind("", "") + execute("", 2) + execute("", 2) + sync()),
            "1 2");
  EXPECT_TRUE(test.session.waits());
  test.database.finish();
  test.settle();
  EXPECT_EQ(test.hear(), "D(0,row 0) D(1,row 1) s D(2,row 2) C(SELECT 1) Z");
  EXPECT_EQ(test.database.ran.size(), 1u);
}

TEST(Extended, ARunningPortalMayBeReplaced) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string limited = bind("", "") + execute("", 2);
  EXPECT_EQ(test.ask(parse("", "rows 3") + limited + limited + sync()), "1 2");
  EXPECT_EQ(test.database.waiting.size(), 2u);
  test.database.finish(1);
  test.database.finish(0);
  EXPECT_EQ(test.hear(), "D(0,row 0) D(1,row 1) s 2 D(0,row 0) D(1,row 1) s Z");
}

// ---- pipelines

// As many may be in flight as ever: the session has seen that its statements are light.
void widen(TestSession& test) {
  test.ask(parse("w", "select 1") +
           repeat(bind("", "w") + execute(), static_cast<int>(in_flight_max)) + sync());
}

TEST(Pipeline, RepliesLeaveInTheOrderOfTheRequests) {
  TestSession test;
  test.open();
  widen(test);
  test.database.deferred = true;
  std::string expected = "1";
  std::string said = parse("s", "select $1");
  for (int index = 0; index < 1'000; ++index) {
    const std::string number = std::to_string(index);
    said += bind("", "s", {number}) + execute();
    expected += " 2 D(" + number + ") C(SELECT 1)";
    if (index % 10 == 9) {
      said += sync();
      expected += " Z";
    }
  }
  test.say(said);
  EXPECT_EQ(test.unread(), 0u);
  EXPECT_EQ(test.database.waiting.size(), 1'000u);
  std::mt19937 random(7);
  while (!test.database.waiting.empty()) {
    test.database.finish(random() % test.database.waiting.size());
  }
  EXPECT_EQ(test.hear(), expected);
  EXPECT_EQ(test.database.outstanding, 0u);
}

TEST(Pipeline, AFailureInTheMiddleSilencesItsGroupOnly) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(parse("s", "select $1") + sync());
  EXPECT_EQ(test.hear(), "1 Z");
  const auto one = [](int number) { return bind("", "s", {std::to_string(number)}) + execute(); };
  test.say(one(1) + one(2) + one(3) + sync() + one(4) + sync());
  test.database.finish(3);
  test.database.finish(2);
  test.database.finish(
      1, Error{.code = ErrorCode::unknown_result, .message = "m", .detail = {}, .hint = {}});
  EXPECT_EQ(test.hear(), "2");  // BindComplete of the first left at once
  test.database.finish(0);
  EXPECT_EQ(test.hear(), "D(1) C(SELECT 1) 2 E(08007) Z 2 D(4) C(SELECT 1) Z");
}

TEST(Pipeline, ALateFailureBeforeItsSyncStopsWhatFollows) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(parse("s", "select $1") + bind("", "s", {"1"}) + execute() + flush());
  test.database.finish(
      0, Error{.code = ErrorCode::shutting_down, .message = "m", .detail = {}, .hint = {}});
  EXPECT_EQ(test.hear(), "1 2 E(57P01)");
  EXPECT_EQ(test.ask(bind("", "s", {"2"}) + execute() + sync()), "Z");
  EXPECT_EQ(test.database.ran.size(), 1u);
}

TEST(Pipeline, WhatMayFailLateIsNotOvertaken) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string late = parse("", "late fail") + bind("", "") + execute();
  const std::string next = parse("", "select 2") + bind("", "") + execute();
  test.say(next + late + next + sync());
  EXPECT_EQ(test.database.ran, (std::vector<std::string>{"select 2", "late fail"}));
  test.database.finish_all();
  test.settle();
  EXPECT_EQ(test.hear(), "1 2 D(2) C(SELECT 1) 1 2 E(22003) Z");
  EXPECT_EQ(test.database.ran.size(), 2u);
  test.say(next + sync());
  test.database.finish_all();
  EXPECT_EQ(test.hear(), "1 2 D(2) C(SELECT 1) Z");
}

TEST(Pipeline, AnErrorAtBindComesBehindEarlierReplies) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  EXPECT_EQ(test.ask(parse("s", "select $1") + bind("", "s", {"1"}) + execute() +
                     bind("", "s", {"x"}) + execute() + sync() + describe('S', "s") + sync()),
            "1 2");
  test.database.finish();
  EXPECT_EQ(test.hear(), "D(1) C(SELECT 1) E(22P02) Z t(20) T(n:20) Z");
}

TEST(Pipeline, FewAreInFlightUntilTheyAreSeenToBeLight) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string one = bind("", "s") + execute();
  test.say(parse("s", "select 1") + repeat(one, 30) + sync());
  EXPECT_EQ(test.database.waiting.size(), in_flight_start);
  test.database.finish();
  test.settle();
  EXPECT_EQ(test.database.waiting.size(), in_flight_start + 1);
}

TEST(Pipeline, AHeavyOneLeavesOnlyOneInFlight) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string one = bind("", "s") + execute();
  test.say(parse("s", "heavy") + repeat(one, 30) + sync());
  EXPECT_EQ(test.database.waiting.size(), in_flight_start);
  test.database.finish_all();
  test.settle();
  EXPECT_EQ(test.database.waiting.size(), 1u);
}

TEST(Pipeline, InputWaitsWhenTooMuchIsInFlight) {
  TestSession test;
  test.open();
  widen(test);
  const std::string one = bind("", "s") + execute();
  test.database.deferred = true;
  test.say(parse("s", "select 1") + repeat(one, static_cast<int>(in_flight_max) + 5) + sync());
  EXPECT_EQ(test.database.waiting.size(), in_flight_max);
  EXPECT_TRUE(test.session.waits());
  test.database.finish();
  EXPECT_TRUE(test.transport.is_resumed);
  test.settle();
  EXPECT_EQ(test.database.waiting.size(), in_flight_max);
  test.database.finish_all();
  test.settle();
  test.database.finish_all();
  EXPECT_EQ(test.hear(),
            "1" + repeat(" 2 D(1) C(SELECT 1)", static_cast<int>(in_flight_max) + 5) + " Z");
}

TEST(Pipeline, InputWaitsWhenTooMuchIsHeldBehindOneExecution) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(parse("s", "select 1") + bind("", "s") + execute());
  const int many = 100'000;
  test.say(repeat(describe('S', "s"), many) + sync());
  EXPECT_TRUE(test.session.waits());
  EXPECT_GT(test.unread(), 0u);
  test.database.finish();
  test.settle();
  EXPECT_EQ(test.unread(), 0u);
  EXPECT_EQ(test.hear().size(),
            std::string("1 2 D(1) C(SELECT 1) Z").size() + many * std::string(" t T(n:20)").size());
}

TEST(Pipeline, NothingIsTakenWhileTheReaderIsSlow) {
  TestSession test;
  test.open();
  test.transport.is_congested = true;
  EXPECT_EQ(test.ask(query("select 1")), "");
  EXPECT_FALSE(test.session.waits());  // the connection feeds again by itself
  test.transport.is_congested = false;
  EXPECT_EQ(test.ask(""), "T(n:20) D(1) C(SELECT 1) Z");
}

TEST(Pipeline, AClientIsWokenOncePerSyncAndAfterAFlush) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string one = bind("", "s") + execute();
  test.say(parse("s", "select 1") + flush());
  test.transport.flushes = 0;
  test.say(sync());
  EXPECT_EQ(test.transport.flushes, 1);
  test.say(one + one);
  EXPECT_EQ(test.transport.flushes, 1);
  test.database.finish();
  EXPECT_EQ(test.transport.flushes, 1);  // nobody reads half an answer
  test.say(sync());
  EXPECT_EQ(test.transport.flushes, 1);
  test.database.finish();
  EXPECT_EQ(test.transport.flushes, 2);
  // After a Flush every reply leaves as soon as it is there.
  test.say(one + one + flush());
  EXPECT_EQ(test.transport.flushes, 3);
  test.database.finish();
  EXPECT_EQ(test.transport.flushes, 4);
  test.say(sync());
  test.database.finish();
  EXPECT_EQ(test.hear(),
            "1 Z 2 D(1) C(SELECT 1) 2 D(1) C(SELECT 1) Z 2 D(1) C(SELECT 1) 2 D(1) C(SELECT 1) Z");
  // An error does not wait for its Sync.
  const int before = test.transport.flushes;
  test.say(parse("", "bad"));
  EXPECT_EQ(test.transport.flushes, before + 1);
}

TEST(Pipeline, ExecutionsThatEndOnAnotherThreadComeHome) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.transport.foreign = true;
  test.say(query("select 1") + query("select 2"));
  test.database.finish(1);
  test.database.finish(0);
  EXPECT_EQ(test.hear(), "");
  test.go_home();
  EXPECT_EQ(test.hear(), "T(n:20) D(1) C(SELECT 1) Z T(n:20) D(2) C(SELECT 1) Z");
}

// ---- bad input

struct BadMessage {
  std::string name;
  std::string bytes;
  std::string reply;
  bool closes = false;
};

class Malformed : public testing::TestWithParam<BadMessage> {};

TEST_P(Malformed, IsAnsweredAndSurvivedUnlessFramingIsLost) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(GetParam().bytes), GetParam().reply);
  EXPECT_EQ(test.transport.is_closed, GetParam().closes);
  if (GetParam().closes) return;
  EXPECT_EQ(test.ask(sync() + query("select 1")), "Z T(n:20) D(1) C(SELECT 1) Z");
}

std::string bind_body(std::string_view tail) {
  return message('B', zero("") + zero("") + std::string(tail));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Malformed,
    testing::Values(
        BadMessage{"unknown_type", message('?', ""), "E(!08P01)", true},
        BadMessage{"zero_type", message('\0', ""), "E(!08P01)", true},
        BadMessage{"length_3", "Q" + client::be32(3), "E(!08P01)", true},
        BadMessage{"length_negative", "Q" + client::be32(~0u), "E(!08P01)", true},
        BadMessage{"length_2_gib", "Q" + client::be32(0x7fffffff), "E(!08P01)", true},
        BadMessage{"second_password", message('p', zero("x")), "E(!08P01)", true},
        BadMessage{"second_startup", client::startup({"user", "holdfast"}), "E(!08P01)", true},
        BadMessage{"query_no_nul", message('Q', "select 1"), "E(08P01) Z"},
        BadMessage{"query_trailing", message('Q', zero("select 1") + "x"), "E(08P01) Z"},
        BadMessage{"query_empty_frame", message('Q', ""), "E(08P01) Z"},
        BadMessage{"query_bad_utf8", query("select '\xff'"), "E(22021) Z"},
        BadMessage{"parse_no_counts", message('P', zero("") + zero("select 1")), "E(08P01)"},
        BadMessage{"parse_count_beyond",
                   message('P', zero("") + zero("x") + client::be16(2) + client::be32(20)),
                   "E(08P01)"},
        BadMessage{"parse_trailing", message('P', zero("") + zero("x") + client::be16(0) + "x"),
                   "E(08P01)"},
        BadMessage{"parse_bad_utf8", parse("", "\xc3"), "E(22021)"},
        BadMessage{"parse_name_too_long", parse(std::string(257, 'n'), "select 1"), "E(54000)"},
        BadMessage{"parse_float", parse("", "echo $1", {701}), "E(0A000)"},
        BadMessage{"parse_two_statements", parse("", "select 1; select 2"), "E(42601)"},
        BadMessage{"bind_formats_beyond", bind_body(client::be16(0xffff)), "E(08P01)"},
        BadMessage{"bind_count_beyond", bind_body(client::be16(0) + client::be16(0xffff)),
                   "E(08P01)"},
        BadMessage{"bind_length_beyond",
                   bind_body(client::be16(0) + client::be16(1) + client::be32(9) + "abc"),
                   "E(08P01)"},
        BadMessage{
            "bind_length_minus_2",
            bind_body(client::be16(0) + client::be16(1) + client::be32(~1u) + client::be16(0)),
            "E(08P01)"},
        BadMessage{"bind_results_beyond",
                   bind_body(client::be16(0) + client::be16(0) + client::be16(1)), "E(08P01)"},
        BadMessage{"describe_kind", describe('X', ""), "E(08P01)"},
        BadMessage{"describe_trailing", message('D', "S" + zero("") + "x"), "E(08P01)"},
        BadMessage{"close_empty", message('C', ""), "E(08P01)"},
        BadMessage{"execute_short", message('E', zero("")), "E(08P01)"},
        BadMessage{"function_call", message('F', "anything"), "E(0A000) Z"},
        BadMessage{"copy_data_ignored",
                   message('d', "x") + message('c', "") + message('f', zero("x")), ""}),
    [](const auto& row) { return row.param.name; });

TEST(BadInput, ParameterAndFormatCountsMustFit) {
  TestSession test;
  test.open();
  test.ask(parse("s", "echo $1 $2") + sync());
  EXPECT_EQ(test.ask(bind("", "s", {"1"}) + sync()), "E(08P01) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"1", "2"}, {0, 0, 0}) + sync()), "E(08P01) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"1", "2"}, {0, 2}) + sync()), "E(22023) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"1", "2"}, {}, {0, 0}) + sync()), "E(08P01) Z");
  EXPECT_EQ(test.ask(bind("", "s", {"1", "2"}, {}, {7}) + sync()), "E(22023) Z");
  EXPECT_EQ(test.ask(query("echo $1")), "E(42P02) Z");
}

TEST(BadInput, AMessagePastTheLimitIsPassedOver) {
  TestSession test({.message_bytes_max = 1'000});
  test.open();
  const std::string big(5'000, 'x');
  EXPECT_EQ(test.ask(query(big) + query("select 1")), "E(54000) Z T(n:20) D(1) C(SELECT 1) Z");
  // In small pieces, and in the extended protocol with everything behind it skipped.
  std::string heard;
  for (char c : parse("", big) + bind("", "") + sync() + query("select 2")) {
    test.say(std::string_view(&c, 1));
    heard += test.hear_raw();
  }
  EXPECT_EQ(client::words(heard), "E(54000) Z T(n:20) D(2) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(message('S', big)), "E(54000) Z");
  EXPECT_EQ(test.unread(), 0u);
}

TEST(BadInput, NamedStatementsAndPortalsAreLimited) {
  TestSession test;
  test.open();
  for (std::size_t index = 0; index < prepared_statements_max; ++index) {
    ASSERT_EQ(test.ask(parse("s" + std::to_string(index), "select 1")), "1");
  }
  EXPECT_EQ(test.ask(parse("more", "select 1") + sync()), "E(54000) Z");
  EXPECT_EQ(test.ask(close('S', "s0") + parse("more", "select 1") + sync()), "3 1 Z");
  for (std::size_t index = 0; index < portals_max; ++index) {
    ASSERT_EQ(test.ask(client::bind("p" + std::to_string(index), "s1")), "2");
  }
  EXPECT_EQ(test.ask(bind("more", "s1") + sync()), "E(54000) Z");
}

TEST(BadInput, AReplyPastTheLimitIsAnError) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("big 68")), "E(54000) Z");
  EXPECT_EQ(test.ask(query("select 1")), "T(n:20) D(1) C(SELECT 1) Z");
}

// Every way to cut a conversation in two gives the same conversation.
TEST(Framing, SplittingAnywhereChangesNothing) {
  const std::string said = TestSession::greeting() + query("select 1; select 2") +
                           parse("s", "echo $1 $2::text", {20}) + describe('S', "s") +
                           bind("", "s", {"1", std::nullopt}, {0}, {0}) + describe('P', "") +
                           execute("", 1) + execute("", 1) + sync() + parse("", "bad") + execute() +
                           sync() + close('S', "s") + sync();
  TestSession whole;
  const std::string expected = whole.ask(said);
  for (std::size_t at = 1; at < said.size(); ++at) {
    TestSession test;
    test.say(std::string_view(said).substr(0, at));
    test.say(std::string_view(said).substr(at));
    ASSERT_EQ(test.hear(), expected) << at;
  }
}

// ---- formats

TEST(Formats, EncodesEveryTypeInTextAndBinary) {
  TestSession test;
  test.open();
  const std::string columns = "b:16,i2:21,i4:23,i8:20,t:25,u:2950,at:1184,j:3802,none:20";
  EXPECT_EQ(test.ask(query("types")),
            "T(" + columns +
                ") D(t,-2,4,-8,h\xc3\xa9,0190163d-8694-739b-aea5-966c26f8ad90,"
                "2026-11-22 23:15:43.12+00,{\"a\":1},null) C(SELECT 1) Z");
  test.say(parse("", "types") + bind("", "", {}, {}, {1}) + describe('P', "") + execute() + sync());
  const std::string said = test.hear_raw();
  const std::string cells =
      client::be32(1) + "\x01" + client::be32(2) + "\xff\xfe" + client::be32(4) + client::be32(4) +
      client::be32(8) + client::be64(static_cast<std::uint64_t>(-8)) + client::be32(3) +
      "h\xc3\xa9" + client::be32(16) +
      "\x01\x90\x16\x3d\x86\x94\x73\x9b\xae\xa5\x96\x6c\x26\xf8\xad\x90" + client::be32(8) +
      client::be64(1'795'389'343'120'000 - 946'684'800'000'000) + client::be32(8) +
      "\x01{\"a\":1}" + client::be32(~0u);
  EXPECT_NE(said.find(message('D', client::be16(9) + cells)), std::string::npos);
  EXPECT_EQ(client::words(said).substr(0, 20), "1 2 T(b:16b,i2:21b,i");
  // One format each.
  EXPECT_EQ(test.ask(parse("", "rows 1") + bind("", "", {}, {}, {0, 1}) + describe('P', "") +
                     execute() + sync()),
            "1 2 T(i:20,t:25b) D(0,row 0) C(SELECT 1) Z");
}

struct ParameterCase {
  std::string type;
  unsigned format;
  client::Parameter bytes;
  std::string reply;  // the echo, or an error
};

TEST(Formats, DecodesParametersOrSaysWhyNot) {
  const std::string uuid = "\x01\x90\x16\x3d\x86\x94\x73\x9b\xae\xa5\x96\x6c\x26\xf8\xad\x90";
  const ParameterCase table[] = {
      {"bool", 0, "t", "true"},
      {"bool", 0, " FALSE ", "false"},
      {"bool", 0, "of", "false"},
      {"bool", 0, "o", "E(22P02)"},
      {"bool", 0, "", "E(22P02)"},
      {"bool", 1, "\x01", "true"},
      {"bool", 1, std::string(1, '\0'), "false"},
      {"bool", 1, "", "E(22P03)"},
      {"int2", 0, "-32768", "-32768"},
      {"int2", 0, "32768", "E(22003)"},
      {"int2", 1, "\xff\xfe", "-2"},
      {"int2", 1, client::be32(1), "E(22P03)"},
      {"int4", 0, " 7 ", "7"},
      {"int4", 0, "2147483648", "E(22003)"},
      {"int4", 1, client::be32(0x80000000u), "-2147483648"},
      {"int8", 0, "9223372036854775807", "9223372036854775807"},
      {"int8", 0, "9223372036854775808", "E(22003)"},
      {"int8", 0, "1.0", "E(22P02)"},
      {"int8", 0, "", "E(22P02)"},
      {"int8", 1, client::be64(~0ull), "-1"},
      {"int8", 1, client::be32(1), "E(22P03)"},
      {"int8", 1, client::be64(1) + "x", "E(22P03)"},
      {"int8", 1, std::nullopt, "null"},
      {"text", 0, "it's", "'it's'"},
      {"text", 1, "h\xc3\xa9", "'h\xc3\xa9'"},
      {"text", 0, "", "''"},
      {"text", 0, "a\xff", "E(22021)"},
      {"text", 1, std::string("a\0b", 3), "E(22021)"},
      {"unknown", 0, "x", "?x"},
      {"uuid", 0, "{0190163D-8694-739B-AEA5-966C26F8AD90}", "0190163d-8694-739b-aea5-966c26f8ad90"},
      {"uuid", 0, "0190163d", "E(22P02)"},
      {"uuid", 1, uuid, "0190163d-8694-739b-aea5-966c26f8ad90"},
      {"uuid", 1, uuid.substr(1), "E(22P03)"},
      {"timestamptz", 0, "2026-11-20 10:00:00+00", "?2026-11-20 10:00:00+00"},
      {"timestamptz", 1, client::be64(0), "946684800000000"},
      {"timestamptz", 1, client::be64(0x7fffffffffffffffull), "9223372036854775807"},
      {"timestamptz", 1, client::be64(0x7ffffffffffffffeull), "E(22003)"},
      {"timestamptz", 1, client::be32(0), "E(22P03)"},
      {"interval", 0, "10 minutes", "?10 minutes"},
      {"interval", 1, client::be64(5) + client::be32(1) + client::be32(0), "86400000005"},
      {"interval", 1, client::be64(0) + client::be32(~0u) + client::be32(1), "2505600000000"},
      {"interval", 1, client::be64(0x7fffffffffffffffull) + client::be32(1) + client::be32(0),
       "E(22003)"},
      {"interval", 1, client::be64(5), "E(22P03)"},
      {"jsonb", 0, "{}", "'{}'"},
      {"jsonb", 1, "\x01{}", "'{}'"},
      {"jsonb", 1, "{}", "'{}'"},
      {"jsonb", 1, "\x01\xff", "E(22021)"},
  };
  for (const ParameterCase& row : table) {
    TestSession test;
    test.open();
    const std::string expected = row.reply.starts_with("E(")
                                     ? "1 " + row.reply + " Z"
                                     : "1 2 D(" + row.reply + " ) C(SELECT 1) Z";
    EXPECT_EQ(test.ask(parse("", "echo $1::" + row.type) + bind("", "", {row.bytes}, {row.format}) +
                       execute() + sync()),
              expected)
        << row.type << " format " << row.format << " " << testing::PrintToString(row.bytes);
  }
}

TEST(Formats, TheDeclaredTypeDecidesHowAParameterIsRead) {
  TestSession test;
  test.open();
  // psycopg 3 sends small numbers as int2.
  EXPECT_EQ(test.ask(parse("", "select $1", {21}) + describe('S', "") +
                     bind("", "", {"\x01\x02"}, {1}) + execute() + sync()),
            "1 t(21) T(n:20) 2 D(258) C(SELECT 1) Z");
}

// ---- the end

TEST(End, TerminateClosesWithoutAWord) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(client::terminate() + query("select 1")), "");
  EXPECT_TRUE(test.transport.is_closed);
}

TEST(End, ALostConnectionSettlesWhenNothingIsInFlight) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(query("select 1; select 2") + query("select 3"));
  test.session.connection_lost();
  EXPECT_FALSE(test.transport.is_settled);
  test.database.finish();
  EXPECT_TRUE(test.transport.is_settled);
  EXPECT_EQ(test.database.ran.size(), 1u);
  EXPECT_EQ(test.database.outstanding, 0u);
}

TEST(End, DrainingFinishesWhatIsInFlight) {
  TestSession idle;
  idle.open();
  idle.session.drain();
  EXPECT_EQ(idle.hear(), "E(!57P01)");
  EXPECT_TRUE(idle.transport.is_closed);

  TestSession busy;
  busy.open();
  busy.database.deferred = true;
  busy.say(query("select 1"));
  busy.session.drain();
  EXPECT_EQ(busy.hear(), "");
  busy.database.finish();
  EXPECT_EQ(busy.hear(), "T(n:20) D(1) C(SELECT 1) Z E(!57P01)");
  EXPECT_TRUE(busy.transport.is_closed);

  TestSession nobody;
  nobody.session.drain();
  EXPECT_EQ(nobody.hear(), "E(!57P01)");
}

TEST(End, LostFramingStillAnswersWhatCameBefore) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(query("select 1") + message('?', ""));
  EXPECT_FALSE(test.transport.is_closed);
  test.database.finish();
  EXPECT_EQ(test.hear(), "T(n:20) D(1) C(SELECT 1) Z E(!08P01)");
  EXPECT_TRUE(test.transport.is_closed);
}

}  // namespace
}  // namespace holdfast
