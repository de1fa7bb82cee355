// Many statements in flight: replies keep the order of the requests, an error ends its group, and
// input waits for whoever is slow.
#include <gtest/gtest.h>

#include <random>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using client::bind;
using client::describe;
using client::execute;
using client::flush;
using client::parse;
using client::query;
using client::sync;

std::string repeat(std::string_view text, int times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

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
  EXPECT_EQ(test.database.ran, (std::vector<std::string>{"select 2"}));  // it waits itself
  test.database.finish_all();
  test.settle();
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
  const std::string one = bind("", "s") + execute() + sync();
  test.say(parse("s", "select 1") + repeat(one, 30));
  EXPECT_EQ(test.database.waiting.size(), in_flight_start);
  test.database.finish();
  test.settle();
  EXPECT_EQ(test.database.waiting.size(), in_flight_start + 1);
}

TEST(Pipeline, AHeavyOneLeavesOnlyOneInFlight) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  const std::string one = bind("", "s") + execute() + sync();
  test.say(parse("s", "heavy") + repeat(one, 30));
  EXPECT_EQ(test.database.waiting.size(), in_flight_start);
  test.database.finish_all();
  test.settle();
  EXPECT_EQ(test.database.waiting.size(), 1u);
}

TEST(Pipeline, InputWaitsWhenTooMuchIsInFlight) {
  TestSession test;
  test.open();
  widen(test);
  const std::string one = bind("", "s") + execute() + sync();
  test.database.deferred = true;
  test.say(parse("s", "select 1") + repeat(one, static_cast<int>(in_flight_max) + 5));
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
            "1" + repeat(" 2 D(1) C(SELECT 1) Z", static_cast<int>(in_flight_max) + 5));
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
  test.settle();
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

}  // namespace
}  // namespace holdfast
