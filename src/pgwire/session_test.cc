// Conversations: each test says what a client says and reads the reply as words
// (client_for_test.h).
#include "pgwire/session.h"

#include <gtest/gtest.h>

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
            "T(n:20) D(1) C(SELECT 1) C(SET) T(n:20) D(2) C(SELECT 1) S(a=b) Z");
  // Only what has changed since it was said last.
  EXPECT_EQ(test.ask(query("set a c; set a b; set a d")), "C(SET) C(SET) C(SET) S(a=d) Z");
  EXPECT_EQ(test.ask(query("set a c; set a d")), "C(SET) C(SET) Z");
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
  EXPECT_EQ(test.database.cancels, 1);
  test.session.cancel();  // the database knows whether it can be
  EXPECT_EQ(test.database.cancels, 2);
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
