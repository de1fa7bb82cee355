// SERIALIZABLE, REPEATABLE READ and FOR UPDATE as an application sees them: what was read is so at
// COMMIT, or nothing takes effect. How it is validated: engine/transactions_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_for_test.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";

class IsolationTest : public TwoSessionsTest {
 protected:
  void SetUp() override {
    TwoSessionsTest::SetUp();
    stock_up("B", 3);
  }
  // Something that only COMMIT does.
  void change() { ASSERT_EQ(row("SELECT outcome FROM receive('B', 1)"), "done"); }
  // The end of the open block: its tag, or "40001".
  std::string end() {
    const Reply reply = run("COMMIT");
    if (!reply.error) return reply.tag;
    EXPECT_EQ(reply.error->code, ErrorCode::serialization_failure) << reply.error->message;
    EXPECT_EQ(reply.status, TransactionStatus::none);
    return "40001";
  }
};

TEST_F(IsolationTest, WhatWasReadHoldsAtCommit) {
  struct Line {
    std::string_view read, change, end;
  };
  for (const Line& line : std::initializer_list<Line>{
           {"SELECT available FROM stock WHERE sku = 'A'", "SELECT * FROM sale('A', 1)", "40001"},
           {"SELECT on_hand FROM stock WHERE sku = 'A'", "SELECT * FROM receive('A', 1)", "40001"},
           // what it did not look at
           {"SELECT sku FROM stock WHERE sku = 'A'", "SELECT * FROM receive('A', 1)", "COMMIT"},
           {"SELECT version FROM stock WHERE sku = 'A'", "SELECT * FROM receive('A', 1)", "40001"},
           {"SELECT * FROM stock WHERE sku = 'A'", "SELECT * FROM receive('B', 1)", "COMMIT"},
           {"SELECT salable FROM availability WHERE sku = 'A'", "SELECT * FROM receive('A', 1)",
            "40001"},
           {"SELECT can_claim FROM can_claim('A', 'default', 2)", "SELECT * FROM receive('A', 1)",
            "COMMIT"},
           {"SELECT salable FROM can_claim('A', 'default', 2)", "SELECT * FROM receive('A', 1)",
            "40001"},
           // a row that is not there
           {"SELECT * FROM items WHERE sku = 'N'", "SELECT * FROM define_item('N')", "40001"},
           {"SELECT title FROM items WHERE sku IN ('A', 'B')",
            "SELECT * FROM define_item('A', title => 'Ale')", "40001"},
           {"SELECT location FROM locations", "SELECT * FROM define_location('L')", "40001"},
           {"SELECT active FROM channels LIMIT 1", "SELECT * FROM define_channel('web')", "COMMIT"},
       }) {
    ASSERT_EQ(run(begin).tag, "BEGIN");
    ASSERT_FALSE(run(line.read).error) << line.read;
    change();
    ASSERT_FALSE(others(line.change).error) << line.change;
    EXPECT_EQ(end(), line.end) << line.read << "; " << line.change;
  }
}

TEST_F(IsolationTest, AClaimThatWasReadIsTheSame) {
  const std::string id = claim("A", 1, ", hold_for => '10 minutes'");
  const std::string look = "SELECT * FROM claims WHERE claim_id = '" + id + "'";
  run(begin);
  EXPECT_THAT(run(look).rows, SizeIs(1));
  change();
  others("SELECT * FROM extend($1, '20 minutes')", {id});
  EXPECT_EQ(end(), "40001");
  run(begin);
  EXPECT_THAT(run(look).rows, SizeIs(1));
  EXPECT_EQ(row("SELECT outcome FROM confirm($1)", {id}), "done");
  EXPECT_THAT(run(look).row(), HasSubstr("committed"));
  clock_.pass(Duration::seconds(1));
  EXPECT_EQ(end(), "COMMIT");
}

// Its own rows get their versions and times at COMMIT.
TEST_F(IsolationTest, ItsOwnRowsAreNoConflict) {
  for (const char* before : {"SELECT 1", "SELECT * FROM stock WHERE sku = 'A'"}) {
    run(begin);
    run(before);
    const std::string id = claim("A", 1);
    clock_.pass(Duration::seconds(1));
    EXPECT_THAT(run("SELECT * FROM claims WHERE claim_id = $1", {id}).rows, SizeIs(1));
    EXPECT_THAT(run("SELECT * FROM stock WHERE sku = 'A'").rows, SizeIs(1));
    EXPECT_EQ(run("UPDATE items SET title = 'Ale' WHERE sku = 'A' RETURNING *").rows.size(), 1u);
    EXPECT_EQ(row("SELECT title FROM items WHERE sku = 'A'"), "Ale");
    others("SELECT * FROM receive('B', 1)");
    clock_.pass(Duration::seconds(1));
    EXPECT_EQ(end(), "COMMIT") << before;
  }
}

TEST_F(IsolationTest, AnUpdateThatFoundNoRowFindsNone) {
  const char* take =
      "UPDATE stock SET on_hand = on_hand - 4 WHERE sku = 'A' AND "
      "location = 'main' AND available >= 4";
  run(begin);
  EXPECT_EQ(run(take).tag, "UPDATE 0");
  change();
  EXPECT_EQ(end(), "COMMIT");
  run(begin);
  EXPECT_EQ(run(take).tag, "UPDATE 0");
  change();
  others("SELECT * FROM receive('A', 1)");
  EXPECT_EQ(end(), "40001");
}

TEST_F(IsolationTest, ReturningIsARead) {
  run(begin);
  EXPECT_EQ(run("UPDATE items SET title = 'Ale' WHERE sku = 'A' RETURNING title, brand").tag,
            "UPDATE 1");
  others("UPDATE items SET brand = 'Bee' WHERE sku = 'A'");
  EXPECT_EQ(end(), "40001");
  EXPECT_EQ(row("SELECT title FROM items WHERE sku = 'A'"), "∅");
}

TEST_F(IsolationTest, ReadOnlyOnesAreValidatedToo) {
  run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  EXPECT_EQ(row("SHOW transaction_isolation"), "repeatable read");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  others("SELECT * FROM receive('A', 1)");
  const Reply later = run("SELECT available FROM stock WHERE sku = 'B'");
  ASSERT_TRUE(later.error);
  EXPECT_EQ(later.error->code, ErrorCode::serialization_failure);
  EXPECT_EQ(later.status, TransactionStatus::failed);
  EXPECT_EQ(run("COMMIT").tag, "ROLLBACK");
}

TEST_F(IsolationTest, ReadCommittedValidatesOnlyWhatItReadsForUpdate) {
  run("BEGIN");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  change();
  others("SELECT * FROM receive('A', 1)");
  EXPECT_EQ(end(), "COMMIT");
  run("BEGIN");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A' FOR UPDATE"), "4");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'B'"), "4");
  others("SELECT * FROM receive('B', 1)");
  EXPECT_EQ(end(), "COMMIT");
  run("BEGIN");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A' FOR UPDATE"), "4");
  others("SELECT * FROM receive('A', 1)");
  EXPECT_EQ(end(), "40001");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A' FOR UPDATE"), "5");
  run("BEGIN READ ONLY");
  EXPECT_EQ(run("SELECT * FROM stock WHERE sku = 'A' FOR SHARE").error->message,
            "cannot execute SELECT FOR SHARE in a read-only transaction");
  run("ROLLBACK");
}

TEST_F(IsolationTest, TheLevelIsSaidBeforeTheFirstQuery) {
  EXPECT_EQ(row("SHOW transaction_isolation"), "read committed");
  EXPECT_THAT(run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").notices, SizeIs(1));
  EXPECT_EQ(row("SHOW transaction_isolation"), "read committed");
  run("BEGIN");
  EXPECT_THAT(run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").notices, IsEmpty());
  EXPECT_EQ(row("SHOW transaction_isolation"), "serializable");
  EXPECT_EQ(row("SELECT current_setting('transaction_isolation')"), "serializable");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  run("SET transaction_isolation = 'serializable'");  // as it is
  EXPECT_EQ(error_of("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"),
            ErrorCode::already_in_transaction);
  run("ROLLBACK");
  EXPECT_EQ(row("SHOW transaction_isolation"), "read committed");
  run("BEGIN");
  EXPECT_EQ(row("SELECT set_config('transaction_isolation', 'repeatable read', true)"),
            "repeatable read");
  EXPECT_EQ(row("SHOW transaction_isolation"), "repeatable read");
  run("SAVEPOINT a");
  run("SET TRANSACTION READ ONLY");
  EXPECT_EQ(row("SHOW transaction_read_only"), "on");
  run("ROLLBACK TO a");
  EXPECT_EQ(row("SHOW transaction_read_only"), "off");
  EXPECT_EQ(error_of("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"),
            ErrorCode::already_in_transaction);
  run("ROLLBACK");
}

// A DELETE that finds its claim gone reads no row, whatever was read before it.
TEST_F(IsolationTest, WhatReadsNothingRestsOnNothing) {
  const std::string gone = claim("A", 1, ", hold_for => '10 minutes'");
  const std::string other = claim("B", 1, ", hold_for => '10 minutes'");
  ASSERT_EQ(row("SELECT outcome FROM release($1)", {gone}), "done");
  run("SELECT state FROM claims WHERE claim_id = $1", {other});
  run(begin);
  EXPECT_EQ(run("DELETE FROM claims WHERE claim_id = $1 RETURNING state", {gone}).tag, "DELETE 0");
  others("SELECT * FROM confirm($1)", {other});
  EXPECT_EQ(end(), "COMMIT");
}

TEST_F(IsolationTest, ForUpdateIsAboutTheWholeRow) {
  run("BEGIN");
  EXPECT_EQ(row("SELECT sku FROM items WHERE sku = 'A' FOR UPDATE"), "A");
  run("UPDATE items SET brand = 'Bee' WHERE sku = 'A'");
  others("UPDATE items SET title = 'Ale' WHERE sku = 'A'");
  EXPECT_EQ(end(), "40001");
  EXPECT_EQ(row("SELECT title, brand FROM items WHERE sku = 'A'"), "Ale|∅");
}

TEST_F(IsolationTest, NumbersThatAreAnsweredAreValidated) {
  run(begin);
  EXPECT_EQ(row("SELECT available FROM sale('A', 1)"), "2");
  others("SELECT * FROM sale('A', 1)");
  EXPECT_EQ(end(), "40001");
  run(begin);
  EXPECT_EQ(row("SELECT available FROM claim('A', 5)"), "2");
  others("SELECT * FROM sale('A', 1)");
  EXPECT_EQ(end(), "40001");
}

// It gets another one at COMMIT, or none.
TEST_F(IsolationTest, TheVersionOfAnOwnChangeIsNotKnownYet) {
  const std::string before = row("SELECT version FROM items WHERE sku = 'A'");
  run("BEGIN");
  EXPECT_EQ(row("SELECT version FROM items WHERE sku = 'A'"), before);
  EXPECT_EQ(row("UPDATE items SET title = 'Ale' WHERE sku = 'A' RETURNING version"), "∅");
  EXPECT_EQ(row("SELECT version FROM items WHERE sku = 'A'"), "∅");
  run("COMMIT");
  EXPECT_GT(std::stoll(row("SELECT version FROM items WHERE sku = 'A'")), std::stoll(before));
}

TEST_F(IsolationTest, WhatCannotBeLookedAtAgainIsRefused) {
  run(begin);
  const Reply refused = run("COPY stock TO STDOUT");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->message,
            "COPY of all of stock in a serializable transaction is not supported");
  run("ROLLBACK");
}

TEST_F(IsolationTest, ASessionHasItsDefaults) {
  run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY");
  EXPECT_EQ(row("SHOW default_transaction_isolation"), "serializable");
  EXPECT_EQ(row("SHOW transaction_isolation"), "serializable");
  EXPECT_EQ(error_of("SELECT * FROM claim('A', 1)"), ErrorCode::read_only_transaction);
  run("BEGIN");
  EXPECT_EQ(row("SHOW transaction_read_only"), "on");
  EXPECT_EQ(error_of("SELECT * FROM claim('A', 1)"), ErrorCode::read_only_transaction);
  run("ROLLBACK");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  run("BEGIN READ WRITE");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1)"), "granted");
  others("SELECT * FROM claim('A', 1)");
  EXPECT_EQ(end(), "40001");
  run("BEGIN READ ONLY");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "2");
  EXPECT_EQ(error_of("SET TRANSACTION READ WRITE"), ErrorCode::already_in_transaction);
  run("ROLLBACK");
}

// — statement_timeout and cancel: what waits for its turn is not executed —

TEST_F(IsolationTest, AStatementWaitsNoLongerThanItsTimeout) {
  run("SET statement_timeout = '5ms'");
  const auto claim = session_->prepare("SELECT outcome FROM claim('A', 1)", {});
  TextSink sink;
  Listener listener;
  Execution& waiting = session_->run(*claim, {}, sink, listener);
  clock_.pass(Duration::ms(5));
  while (!waiting.is_finished()) engine_->drive();
  ASSERT_FALSE(waiting.status());
  EXPECT_EQ(waiting.status().error().code, ErrorCode::canceled);
  EXPECT_EQ(waiting.status().error().message, "canceling statement due to statement timeout");
  session_->recycle(waiting);
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1)"), "granted");
}

TEST_F(IsolationTest, ACancelReachesWhatWaits) {
  const auto insert =
      session_->prepare("INSERT INTO stock (sku, location, on_hand) VALUES ('A', 'x', 1)", {});
  TextSink sink;
  Listener listener;
  Execution& waiting = session_->run(*insert, {}, sink, listener);
  session_->cancel();
  while (!waiting.is_finished()) engine_->drive();
  ASSERT_FALSE(waiting.status());
  EXPECT_EQ(waiting.status().error().code, ErrorCode::canceled);
  session_->recycle(waiting);
  session_->cancel();  // nothing waits, and the next statement is another one
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1)"), "granted");
}

}  // namespace
}  // namespace holdfast
