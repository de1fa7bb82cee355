// Transaction blocks as SQL sees them. What they do to stock: engine/transactions_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_for_test.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BlockTest : public TwoSessionsTest {
 protected:
  // As everybody sees it.
  std::string available() { return others("SELECT available FROM stock WHERE sku = 'A'").row(); }
};

TEST_F(BlockTest, ACommittedClaimIsAClaim) {
  EXPECT_EQ(run("BEGIN").tag, "BEGIN");
  const Reply claim = run("SELECT granted, seq, state, claim_id FROM claim('A', 2)");
  EXPECT_EQ(claim.status, TransactionStatus::open);
  EXPECT_THAT(claim.row(), testing::StartsWith("t|∅|committed|"));
  const std::string id = claim.row().substr(claim.row().rfind('|') + 1);
  EXPECT_EQ(available(), "1");
  EXPECT_THAT(others("SELECT * FROM claims WHERE claim_id = $1", {id}).rows, IsEmpty());
  EXPECT_EQ(row("SELECT state FROM claims WHERE claim_id = $1", {id}), "committed");
  const Reply commit = run("COMMIT");
  EXPECT_EQ(commit.tag, "COMMIT");
  EXPECT_EQ(commit.status, TransactionStatus::none);
  EXPECT_EQ(others("SELECT state FROM claims WHERE claim_id = $1", {id}).row(), "committed");
}

TEST_F(BlockTest, ARefusalIsARowAndEndsNothing) {
  run("BEGIN");
  const Reply refused = run("SELECT outcome FROM claim('A', 9)");
  EXPECT_EQ(refused.row(), "short_of_stock");
  EXPECT_EQ(refused.status, TransactionStatus::open);
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 3)"), "granted");
  EXPECT_EQ(
      others("SELECT outcome, message FROM claim('A', 1)").row(),
      "contended|A: requested 1, available 0, and transactions under way hold the rest; try again");
  EXPECT_EQ(run("ROLLBACK").tag, "ROLLBACK");
  EXPECT_EQ(available(), "3");
}

TEST_F(BlockTest, AnErrorLeavesOnlyTheRollback) {
  run("BEGIN");
  row("SELECT outcome FROM claim('A', 1)");
  const Reply wrong = run("SELECT * FROM claim('A', 0 - $1)", {"x"});
  EXPECT_TRUE(wrong.error);
  session_->statement_failed();  // what the protocol does when it could not be planned
  for (const char* sql : {"SELECT 1", "SHOW TimeZone", "SELECT * FROM claim('A', 1)", "BEGIN",
                          "SELECT sku FROM stock WHERE sku = 'A'", "SAVEPOINT s"}) {
    const Reply reply = run(sql);
    ASSERT_TRUE(reply.error) << sql;
    EXPECT_EQ(reply.error->code, ErrorCode::failed_transaction) << sql;
    EXPECT_EQ(reply.status, TransactionStatus::failed) << sql;
  }
  const Reply commit = run("COMMIT");
  EXPECT_EQ(commit.tag, "ROLLBACK");
  EXPECT_EQ(commit.status, TransactionStatus::none);
  EXPECT_EQ(available(), "3");
}

TEST_F(BlockTest, ABadValueFailsTheBlock) {
  run("BEGIN");
  EXPECT_EQ(error_of("SELECT * FROM claim('A', 0)"), ErrorCode::invalid_value);
  EXPECT_EQ(error_of("SELECT 1"), ErrorCode::failed_transaction);
  run("ROLLBACK");
  EXPECT_EQ(row("SELECT 1"), "1");
}

// What the engine did not take is missing: nothing of the block may be committed without it.
TEST_F(BlockTest, AStatementThatWasNotExecutedFailsTheBlock) {
  run("BEGIN");
  EXPECT_EQ(run("SELECT granted FROM claim('A', 1)").status, TransactionStatus::open);
  ASSERT_TRUE(engine_->shut_down());
  const Reply lost = run("SELECT granted FROM claim('A', 1)");
  ASSERT_TRUE(lost.error);
  EXPECT_EQ(lost.error->code, ErrorCode::shutting_down);
  EXPECT_EQ(lost.status, TransactionStatus::failed);
  EXPECT_EQ(error_of("SELECT granted FROM claim('A', 1)"), ErrorCode::failed_transaction);
}

TEST_F(BlockTest, SavepointsBringBackABlock) {
  run("BEGIN");
  run("SELECT * FROM claim('A', 1)");
  EXPECT_EQ(run("SAVEPOINT s").tag, "SAVEPOINT");
  run("SELECT * FROM claim('A', 1)");
  EXPECT_EQ(error_of("SELECT * FROM claim('A', 0)"), ErrorCode::invalid_value);
  const Reply back = run("ROLLBACK TO s");
  EXPECT_EQ(back.tag, "ROLLBACK");
  EXPECT_EQ(back.status, TransactionStatus::open);
  EXPECT_EQ(available(), "2");
  EXPECT_EQ(run("RELEASE s").tag, "RELEASE");
  EXPECT_EQ(error_of("ROLLBACK TO s"), ErrorCode::undefined_savepoint);
  EXPECT_EQ(run("COMMIT").tag, "ROLLBACK");
  EXPECT_EQ(available(), "3");
}

TEST_F(BlockTest, OutOfPlaceIsSaid) {
  EXPECT_THAT(run("COMMIT").notices, ElementsAre("there is no transaction in progress"));
  EXPECT_EQ(run("ROLLBACK").tag, "ROLLBACK");
  EXPECT_EQ(error_of("SAVEPOINT s"), ErrorCode::no_transaction);
  EXPECT_EQ(error_of("ROLLBACK TO s"), ErrorCode::no_transaction);
  EXPECT_THAT(run("SET LOCAL statement_timeout = 5").notices,
              ElementsAre("SET LOCAL can only be used in transaction blocks"));
  run("BEGIN");
  EXPECT_THAT(run("BEGIN").notices, ElementsAre("there is already a transaction in progress"));
  EXPECT_EQ(error_of("DISCARD ALL"), ErrorCode::already_in_transaction);
}

TEST_F(BlockTest, ReadOnlyReads) {
  run("BEGIN READ ONLY");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'A'"), "3");
  EXPECT_EQ(error_of("SELECT * FROM claim('A', 1)"), ErrorCode::read_only_transaction);
  run("ROLLBACK");
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 1)"), "granted");
}

TEST_F(BlockTest, SettingsFollowTheBlock) {
  run("BEGIN");
  run("SET LOCAL application_name = 'x'");
  run("SET statement_timeout = 7");
  EXPECT_EQ(row("SHOW application_name"), "x");
  EXPECT_THAT(run("COMMIT").settings, ElementsAre("application_name="));
  EXPECT_EQ(row("SHOW statement_timeout"), "7ms");
  run("BEGIN");
  run("SET application_name = 'y'");
  EXPECT_THAT(run("ROLLBACK").settings, ElementsAre("application_name="));
  EXPECT_EQ(row("SHOW application_name"), "");
}

TEST_F(BlockTest, ALostSessionGivesBackWhatItHeld) {
  run("BEGIN");
  run("SELECT * FROM claim('A', 2)");
  EXPECT_EQ(available(), "1");
  session_ = database_->open_session("alice");
  EXPECT_EQ(available(), "3");
}

TEST_F(BlockTest, WhatIsForgottenIsHeldAsLongAsTheTimeoutSays) {
  run("SET idle_in_transaction_session_timeout = '5s'");
  run("BEGIN");
  run("SELECT * FROM claim('A', 2)");
  clock_.pass(Duration::ms(4'900));
  EXPECT_EQ(available(), "1");
  clock_.pass(Duration::ms(200));
  EXPECT_EQ(available(), "3");
  const Reply late = run("COMMIT");
  ASSERT_TRUE(late.error);
  EXPECT_EQ(late.error->code, ErrorCode::serialization_failure);
  EXPECT_EQ(late.status, TransactionStatus::none);
}

TEST_F(BlockTest, TheTimeoutCountsFromWhereItIsSet) {
  run("BEGIN");
  run("SELECT * FROM claim('A', 1)");
  run("SET LOCAL idle_in_transaction_session_timeout = '5s'");
  run("SELECT * FROM claim('A', 1)");
  clock_.pass(Duration::ms(5'100));
  EXPECT_EQ(available(), "3");
  const Reply late = run("SELECT available FROM stock WHERE sku = 'A'");
  ASSERT_TRUE(late.error);
  EXPECT_EQ(late.error->code, ErrorCode::serialization_failure);
  EXPECT_THAT(late.error->detail, testing::HasSubstr("idle_in_transaction_session_timeout"));
}

// ---- groups: what is sent up to one Sync, or in one Query

class GroupTest : public BlockTest {
 protected:
  // Runs statements as a protocol does that has not seen Sync yet: nothing need be finished.
  void send(const std::string& sql) {
    Sent& sent = *sent_.emplace_back(std::make_unique<Sent>());
    auto statement = session_->prepare(sql, {});
    ASSERT_TRUE(statement.has_value()) << statement.error().message;
    sent.execution = &session_->run(*statement, {}, sent.sink, sent.listener);
  }
  // As at Sync. Returns what was answered, statement by statement, and what the end said.
  std::vector<std::string> sync() {
    if (session_->has_group_block()) {
      Sent& sent = *sent_.emplace_back(std::make_unique<Sent>());
      sent.execution = &session_->end_group_block(sent.sink, sent.listener);
    } else {
      session_->submit_group();
    }
    std::vector<std::string> out;
    for (auto& sent : sent_) {
      while (!sent->execution->is_finished()) engine_->drive();
      EXPECT_EQ(sent->execution->transaction_status(), TransactionStatus::none);
      const Status& status = sent->execution->status();
      out.push_back(!status                   ? "error"
                    : sent->sink.rows.empty() ? std::string(sent->execution->tag())
                                              : sent->sink.rows.front());
      session_->recycle(*sent->execution);
    }
    sent_.clear();
    return out;
  }

  struct Sent {
    TextSink sink;
    Listener listener;
    Execution* execution = nullptr;
  };
  std::vector<std::unique_ptr<Sent>> sent_;
};

TEST_F(GroupTest, AnErrorInItUndoesWhatWasAnsweredBefore) {
  const char* take_one =
      "UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'main' AND available "
      ">= 1 RETURNING available";
  session_->begin_group(false);
  send(take_one);
  send("SELECT outcome, seq FROM claim('A', 1)");
  send("INSERT INTO items (sku) VALUES ('A')");
  send(take_one);
  EXPECT_THAT(sync(), ElementsAre("2", testing::StartsWith("granted|"), "error", "error"));
  EXPECT_EQ(available(), "3");
  session_->begin_group(false);
  send(take_one);
  send(take_one);
  EXPECT_THAT(sync(), ElementsAre("2", "1"));
  EXPECT_EQ(available(), "1");
}

TEST_F(GroupTest, NothingHappensBeforeItsEndAndThenAllOfIt) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  send("SELECT outcome FROM claim('A', 9)");
  send("SELECT available FROM stock WHERE sku = 'A'");
  EXPECT_EQ(available(), "3");
  EXPECT_THAT(sync(), ElementsAre("granted", "short_of_stock", "2"));
  EXPECT_EQ(available(), "2");
}

TEST_F(GroupTest, AnErrorUndoesWhatCameBeforeAndWasAnswered) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  send("SELECT outcome FROM receive('A', 10)");
  session_->statement_failed();
  EXPECT_THAT(sync(), ElementsAre("granted", "done", "ROLLBACK"));
  EXPECT_EQ(available(), "3");
}

TEST_F(GroupTest, ABadValueUndoesItToo) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  send("SELECT outcome FROM claim('A', 0)");
  EXPECT_THAT(sync(), ElementsAre("granted", "error", "ROLLBACK"));
  EXPECT_EQ(available(), "3");
}

TEST_F(GroupTest, AFlushAnswersAndTheEndDecides) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  session_->flush_group();
  send("SELECT outcome FROM receive('A', 10)");
  while (!sent_.back()->execution->is_finished()) engine_->drive();
  EXPECT_EQ(available(), "2") << "taken at once, given at the end";
  EXPECT_THAT(sync(), ElementsAre("granted", "done", "COMMIT"));
  EXPECT_EQ(available(), "12");
}

TEST_F(GroupTest, BeginTakesWhatCameBeforeIntoItsBlock) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  session_->flush_group();
  while (!sent_.back()->execution->is_finished()) engine_->drive();
  EXPECT_EQ(run("BEGIN").status, TransactionStatus::open);
  EXPECT_TRUE(session_->in_transaction());
  run("ROLLBACK");
  EXPECT_EQ(available(), "3");
  EXPECT_THAT(sync(), ElementsAre("granted"));
}

TEST_F(GroupTest, CommitEndsItAndAnotherBegins) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  send("COMMIT");
  send("SELECT outcome FROM claim('A', 1)");
  session_->statement_failed();
  EXPECT_THAT(sync(), ElementsAre("granted", "COMMIT", "granted", "ROLLBACK"));
  EXPECT_EQ(available(), "2");
}

TEST_F(GroupTest, WhatWaitsWhenTheClientGoesIsNotExecuted) {
  session_->begin_group(false);
  send("SELECT outcome FROM claim('A', 1)");
  session_->abort_group();
  EXPECT_THAT(sync(), ElementsAre("error"));
  EXPECT_EQ(available(), "3");
}

TEST_F(GroupTest, ManyStatementsAreOneTransactionAllTheSame) {
  stock_up("B", 5'000);
  session_->begin_group(false);
  for (int index = 0; index < 200; ++index) send("SELECT outcome FROM claim('B', 1)");
  session_->statement_failed();
  const std::vector<std::string> said = sync();
  EXPECT_EQ(said.size(), 201);
  EXPECT_EQ(said.front(), "granted");
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'B'"), "5000");
  session_->begin_group(false);
  for (int index = 0; index < 200; ++index) send("SELECT outcome FROM claim('B', 1)");
  sync();
  EXPECT_EQ(row("SELECT available FROM stock WHERE sku = 'B'"), "4800");
}

// — what PostgreSQL does, found by tests/real/differential_test.py —

TEST_F(BlockTest, ASavepointKeepsTheSettings) {
  run("SET application_name = 'before'");
  run("BEGIN");
  run("SET application_name = 'kept'");
  run("SAVEPOINT a");
  run("SET LOCAL application_name = 'local'");
  run("SAVEPOINT b");
  run("SET application_name = 'undone'");
  EXPECT_EQ(error_of("SELECT nope"), ErrorCode::undefined_column);
  session_->statement_failed();
  EXPECT_THAT(run("ROLLBACK TO b").settings, ElementsAre("application_name=local"));
  EXPECT_THAT(run("ROLLBACK TO a").settings, ElementsAre("application_name=kept"));
  EXPECT_EQ(error_of("ROLLBACK TO b"), ErrorCode::undefined_savepoint);
  run("ROLLBACK TO a");
  run("RELEASE a");
  run("COMMIT");
  EXPECT_EQ(row("SHOW application_name"), "kept");
}

TEST_F(BlockTest, AFailedBlockPreparesOnlyWhatLeavesIt) {
  const auto may = [&](std::string_view sql) {
    const auto statement = session_->prepare(sql, {});
    return session_->may_prepare(statement.has_value() ? statement->get() : nullptr).has_value();
  };
  run("BEGIN");
  EXPECT_TRUE(may("SELECT 1"));
  EXPECT_TRUE(may("SELECT nope"));
  session_->statement_failed();
  for (const char* sql : {"SELECT 1", "SELECT nope", "BEGIN", "SAVEPOINT a", "RELEASE a"}) {
    EXPECT_FALSE(may(sql)) << sql;
  }
  for (const char* sql : {"COMMIT", "ROLLBACK", "ROLLBACK TO a", ""}) EXPECT_TRUE(may(sql)) << sql;
  run("ROLLBACK");
  EXPECT_TRUE(may("SELECT 1"));
}

TEST_F(BlockTest, ARefusedStatementOfAScriptFailsAtItsTurn) {
  const auto script = session_->prepare_all("BEGIN; SELECT nope");
  ASSERT_TRUE(script.has_value());
  EXPECT_EQ(execute(*session_, script->at(0), {}).status, TransactionStatus::open);
  const Reply refused = execute(*session_, script->at(1), {});
  EXPECT_EQ(refused.error->code, ErrorCode::undefined_column);
  EXPECT_EQ(refused.status, TransactionStatus::failed);
  EXPECT_EQ(execute(*session_, script->at(1), {}).error->code, ErrorCode::failed_transaction);
  EXPECT_EQ(run("COMMIT").tag, "ROLLBACK");
}

TEST_F(BlockTest, SetLocalOfAScriptEndsWithIt) {
  session_->begin_group(true);
  EXPECT_THAT(run("SET LOCAL application_name = 'script'").notices, IsEmpty());
  EXPECT_EQ(row("SHOW application_name"), "script");
  ASSERT_TRUE(session_->has_group_block());
  TextSink sink;
  Listener listener;
  Execution& end = session_->end_group_block(sink, listener);
  while (!end.is_finished()) engine_->drive();
  session_->recycle(end);
  EXPECT_EQ(row("SHOW application_name"), "");
}

// The commands borrow the texts of the settings.
TEST_F(BlockTest, WhatIsSaidOutlivesARollback) {
  run("SET holdfast.reference = 'a reference that is too long to be kept in place'");
  run("BEGIN");
  run("ROLLBACK");
  EXPECT_EQ(run("INSERT INTO claims (sku, quantity) VALUES ('A', 1) RETURNING reference").row(),
            "a reference that is too long to be kept in place");
  run("BEGIN");
  run("SET LOCAL holdfast.customer = 'a customer that is too long to be kept in place'");
  run("SAVEPOINT a");
  run("ROLLBACK TO a");
  EXPECT_EQ(run("INSERT INTO claims (sku, quantity) VALUES ('A', 1) RETURNING customer").row(),
            "a customer that is too long to be kept in place");
  run("RESET holdfast.reason");
  EXPECT_EQ(run("INSERT INTO claims (sku, quantity) VALUES ('A', 1) RETURNING reference").row(),
            "a reference that is too long to be kept in place");
  run("ROLLBACK");
}

TEST_F(BlockTest, SaysWhatItIs) {
  EXPECT_THAT(run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").notices, testing::SizeIs(1));
  run("BEGIN READ ONLY");
  EXPECT_THAT(run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").notices, IsEmpty());
  EXPECT_EQ(row("SHOW transaction_read_only"), "on");
  run("COMMIT");
  EXPECT_EQ(row("SHOW transaction_read_only"), "off");
}

}  // namespace
}  // namespace holdfast
