// INSERT, UPDATE and DELETE as an application sees them: rows, tags, errors with their constraint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_for_test.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ChangeTest : public TwoSessionsTest {
 protected:
  // The tag, or the error's constraint or code, and its detail or message.
  std::string outcome_of(std::string_view sql, const std::vector<std::string>& texts = {}) {
    const Reply reply = run(sql, texts);
    if (!reply.error) return reply.tag;
    const Error& error = *reply.error;
    return fmt::format("{}: {}",
                       error.constraint.empty() ? std::to_string(static_cast<int>(error.code))
                                                : std::string(error.constraint),
                       error.detail.empty() ? error.message : error.detail);
  }
  std::string level(std::string_view sku = "A") {
    return row(
        fmt::format("SELECT on_hand, available, held, committed FROM stock WHERE sku = '{}'", sku));
  }
};

constexpr const char* take_one =
    "UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = 'main' AND available >= "
    "1 RETURNING available, on_hand";

TEST_F(ChangeTest, AGuardedDecrementTakesAUnitOrFindsNoRow) {
  const Reply first = run(take_one);
  EXPECT_EQ(first.tag, "UPDATE 1");
  EXPECT_EQ(first.row(), "2|2");
  EXPECT_EQ(run(take_one).row(), "1|1");
  EXPECT_EQ(run(take_one).row(), "0|0");
  const Reply sold_out = run(take_one);
  EXPECT_EQ(sold_out.tag, "UPDATE 0");
  EXPECT_THAT(sold_out.rows, IsEmpty());
  EXPECT_EQ(level(), "0|0|0|0");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'Z' AND location = "
                       "'main' AND available >= 1"),
            "UPDATE 0");
}

TEST_F(ChangeTest, ItIsAClaimThatWasFulfilled) {
  const std::uint32_t before = engine_->stock().claim_count();
  run(take_one);
  EXPECT_EQ(engine_->stock().claim_count(), before + 1);
}

TEST_F(ChangeTest, WithoutAGuardOversellingIsACheckViolation) {
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = on_hand - 2 WHERE sku = 'A' AND location = "
                       "'main'"),
            "UPDATE 1");
  const Reply over =
      run("UPDATE stock SET on_hand = on_hand - 2 WHERE sku = 'A' AND location = 'main'");
  ASSERT_TRUE(over.error);
  EXPECT_EQ(over.error->code, ErrorCode::check_violation);
  EXPECT_EQ(over.error->table, "stock");
  EXPECT_EQ(over.error->constraint, "stock_available_nonneg");
  EXPECT_EQ(over.error->message,
            "new row for relation \"stock\" violates check constraint \"stock_available_nonneg\"");
  EXPECT_EQ(over.error->detail, "A at main: requested 2, available 1");
  EXPECT_EQ(level(), "1|1|0|0");
}

TEST_F(ChangeTest, AnAbsoluteValueReplacesTheOneItNames) {
  const std::string version = row("SELECT version FROM stock WHERE sku = 'A'");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = 7 WHERE sku = 'A' AND location = 'main' AND "
                       "version = $1",
                       {version}),
            "UPDATE 1");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = 9 WHERE sku = 'A' AND location = 'main' AND "
                       "version = $1",
                       {version}),
            "UPDATE 0");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = 5 WHERE sku = 'A' AND location = 'main' AND "
                       "on_hand = 7"),
            "UPDATE 1");
  EXPECT_EQ(level(), "5|5|0|0");
  claim("A", 4);
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = 2 WHERE sku = 'A' AND location = 'main' AND "
                       "on_hand = 5"),
            "stock_available_nonneg: A at main: requested 3, available 1");
}

TEST_F(ChangeTest, SetStockIsTheSameAsAFunction) {
  EXPECT_EQ(row("SELECT outcome, available FROM set_stock('A', 8, 3, 'cycle_count')"), "done|8");
  EXPECT_EQ(row("SELECT outcome, message FROM set_stock('A', 9, 3, 'cycle_count')"),
            "stale_expectation|A at main: on_hand is 8, expected 3");
  EXPECT_EQ(row("SELECT outcome FROM set_stock('A', 8, 8, 'cycle_count')"), "already");
  EXPECT_EQ(level(), "8|8|0|0");
}

TEST_F(ChangeTest, RowsAreInsertedAllOrNone) {
  EXPECT_EQ(outcome_of("INSERT INTO items (sku, title) VALUES ('B', 'Boot'), ('C', 'Cap')"),
            "INSERT 0 2");
  EXPECT_EQ(outcome_of("INSERT INTO items (sku) VALUES ('D'), ('B'), ('E')"),
            "items_pkey: Key (sku)=(B) already exists.");
  EXPECT_THAT(run("SELECT sku FROM items WHERE sku IN ('B', 'C', 'D', 'E')").rows,
              ElementsAre("B", "C"));
  EXPECT_EQ(outcome_of("INSERT INTO items (sku) VALUES ('D'), ('B'), ('E') ON CONFLICT DO NOTHING"),
            "INSERT 0 2");
  EXPECT_EQ(outcome_of("INSERT INTO items (sku, title) VALUES ('B', 'Bag') ON CONFLICT (sku) DO "
                       "UPDATE SET title = excluded.title"),
            "INSERT 0 1");
  EXPECT_EQ(row("SELECT title FROM items WHERE sku = 'B'"), "Bag");
}

// What a refusal has seen may not be durable yet, while the other rows fail at once.
TEST_F(ChangeTest, TheErrorIsThatOfTheRowAtFault) {
  const auto update = session_->prepare(
      "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'A' AND location = 'main'", {});
  TextSink sink;
  Listener listener;
  Execution& before = session_->run(*update, {}, sink, listener);
  EXPECT_EQ(outcome_of("INSERT INTO stock (sku, on_hand) VALUES ('A', 1), ('B', 1)"),
            "stock_pkey: Key (sku, location, lot)=(A, main, ) already exists.");
  while (!before.is_finished()) engine_->drive();
  session_->recycle(before);
}

TEST_F(ChangeTest, ReturningShowsTheRowsAsTheyAreNow) {
  const Reply items =
      run("INSERT INTO items (sku, title) VALUES ('B', 'Boot'), ('C', 'Cap') RETURNING sku, title, "
          "tracking");
  EXPECT_EQ(items.tag, "INSERT 0 2");
  EXPECT_THAT(items.rows, ElementsAre("B|Boot|quantity", "C|Cap|quantity"));
  EXPECT_EQ(row("UPDATE items SET title = NULL WHERE sku = 'B' RETURNING sku, title"), "B|∅");
  EXPECT_EQ(row("INSERT INTO locations (location, priority) VALUES ('BER', 3) RETURNING code, "
                "priority, active"),
            "BER|3|t");
  EXPECT_EQ(row("INSERT INTO stock (sku, location, on_hand) VALUES ('B', 'BER', 5) RETURNING sku, "
                "location, lot, available"),
            "B|BER||5");
  EXPECT_EQ(
      row("INSERT INTO stock (sku, location, on_hand) VALUES ('B', 'BER', 5) ON CONFLICT "
          "(sku, location) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand RETURNING "
          "on_hand"),
      "10");
}

TEST_F(ChangeTest, AnInsertedLevelIsThereWithoutUnits) {
  ASSERT_EQ(outcome_of("INSERT INTO items (sku) VALUES ('B')"), "INSERT 0 1");
  EXPECT_EQ(outcome_of("INSERT INTO stock (sku, location) VALUES ('B', 'main')"), "INSERT 0 1");
  EXPECT_EQ(level("B"), "0|0|0|0");
  EXPECT_EQ(outcome_of("INSERT INTO stock (sku, location) VALUES ('B', 'main')"),
            "stock_pkey: Key (sku, location, lot)=(B, main, ) already exists.");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = on_hand + 4 WHERE sku = 'B' AND location = "
                       "'main'"),
            "UPDATE 1");
  EXPECT_EQ(level("B"), "4|4|0|0");
}

TEST_F(ChangeTest, WhatIsNotThereIsAForeignKey) {
  EXPECT_EQ(outcome_of("INSERT INTO stock (sku, location, on_hand) VALUES ('Z', 'main', 1)"),
            "stock_sku_fkey: Key (sku)=(Z) is not present in table \"items\".");
  EXPECT_EQ(outcome_of("INSERT INTO stock (sku, location, on_hand) VALUES ('A', 'Mars', 1)"),
            "stock_location_fkey: Key (location)=(Mars) is not present in table \"locations\".");
  EXPECT_EQ(outcome_of("INSERT INTO claims (sku, quantity) VALUES ('Z', 1)"),
            "claims_sku_fkey: Key (sku)=(Z) is not present in table \"items\".");
  EXPECT_EQ(outcome_of("INSERT INTO claims (sku, quantity, channel) VALUES ('A', 1, 'moon')"),
            "claims_channel_fkey: Key (channel)=(moon) is not present in table \"channels\".");
  run("UPDATE locations SET active = false WHERE location = 'main'");
  EXPECT_EQ(outcome_of("INSERT INTO claims (sku, location, quantity) VALUES ('A', 'main', 1)"),
            "claims_location_fkey: Key (location)=(main) is not present in table \"locations\", or "
            "is not an active location of the channel.");
  run("UPDATE channels SET active = false WHERE channel = 'default'");
  EXPECT_EQ(outcome_of("INSERT INTO claims (sku, quantity) VALUES ('A', 1)"),
            "claims_channel_fkey: default: the channel is not active");
  run("SET holdfast.channel = 'moon'");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'A' AND location = "
                       "'main' AND on_hand >= 1"),
            "stock_channel_fkey: Key (channel)=(moon) is not present in table \"channels\".");
}

TEST_F(ChangeTest, AClaimIsInsertedConfirmedAndDeleted) {
  const char* id = "0193a000-0000-7000-8000-000000000001";
  EXPECT_EQ(row("INSERT INTO claims (claim_id, sku, quantity, hold_for) VALUES ($1, 'A', 2, '10 "
                "minutes') RETURNING state, held, available, granted",
                {id}),
            "held|2|1|t");
  EXPECT_EQ(outcome_of("INSERT INTO claims (claim_id, sku, quantity) VALUES ($1, 'A', 1)", {id}),
            fmt::format("claims_pkey: Key (claim_id)=({}) already exists.", id));
  EXPECT_EQ(outcome_of("INSERT INTO claims (claim_id, sku, quantity) VALUES ($1, 'A', 1) ON "
                       "CONFLICT (claim_id) DO NOTHING",
                       {id}),
            "INSERT 0 0");
  EXPECT_EQ(outcome_of("INSERT INTO claims (sku, quantity) VALUES ('A', 2)"),
            "stock_available_nonneg: A: requested 2, available 1");
  EXPECT_EQ(row("UPDATE claims SET state = 'committed' WHERE claim_id = $1 AND state = 'held' "
                "RETURNING state, committed",
                {id}),
            "committed|2");
  EXPECT_EQ(outcome_of("UPDATE claims SET state = 'committed' WHERE claim_id = $1 AND state = "
                       "'held'",
                       {id}),
            "UPDATE 0");
  EXPECT_EQ(outcome_of("DELETE FROM claims WHERE claim_id = $1", {id}), "DELETE 1");
  EXPECT_EQ(outcome_of("DELETE FROM claims WHERE claim_id = $1", {id}), "DELETE 0");
  EXPECT_EQ(level(), "3|3|0|0");
  EXPECT_THAT(outcome_of("UPDATE claims SET state = 'fulfilled' WHERE claim_id = $1", {id}),
              HasSubstr("fulfil needs a committed claim; this one is released"));
}

TEST_F(ChangeTest, AnItemWithLotsNeedsTheLot) {
  ASSERT_EQ(row("SELECT outcome FROM define_item('L', tracking => 'lot')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM receive('L', 5, lot => 'L1')"), "done");
  EXPECT_THAT(outcome_of("UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'L' AND location = "
                         "'main' AND available >= 1"),
              HasSubstr("L is tracked by lot: lot is missing"));
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'L' AND location = "
                       "'main' AND lot = 'L1' AND available >= 1"),
            "UPDATE 1");
}

// — in a block —

TEST_F(ChangeTest, InABlockUnitsAreTakenAtOnce) {
  run("BEGIN");
  EXPECT_EQ(run(take_one).row(), "2|2");
  EXPECT_EQ(others("SELECT on_hand, available, held FROM stock WHERE sku = 'A'").row(), "3|2|1");
  EXPECT_EQ(run("COMMIT").tag, "COMMIT");
  EXPECT_EQ(level(), "2|2|0|0");
  run("BEGIN");
  EXPECT_EQ(run(take_one).row(), "1|1");
  run("ROLLBACK");
  EXPECT_EQ(level(), "2|2|0|0");
}

TEST_F(ChangeTest, InABlockAnErrorLeavesOnlyRollback) {
  run("BEGIN");
  EXPECT_EQ(run(take_one).tag, "UPDATE 1");
  const Reply over =
      run("UPDATE stock SET on_hand = on_hand - 9 WHERE sku = 'A' AND location = 'main'");
  ASSERT_TRUE(over.error);
  EXPECT_EQ(over.error->constraint, "stock_available_nonneg");
  EXPECT_EQ(over.status, TransactionStatus::failed);
  EXPECT_EQ(run("SELECT 1").error->code, ErrorCode::failed_transaction);
  EXPECT_EQ(run("COMMIT").tag, "ROLLBACK");
  EXPECT_EQ(level(), "3|3|0|0");
}

TEST_F(ChangeTest, InABlockALostUpdateIsAConflict) {
  run("BEGIN");
  EXPECT_EQ(outcome_of("UPDATE stock SET on_hand = 5 WHERE sku = 'A' AND location = 'main' AND "
                       "on_hand = 3"),
            "UPDATE 1");
  EXPECT_EQ(others("SELECT outcome FROM sale('A', 1)").row(), "done");
  EXPECT_EQ(run("COMMIT").error->code, ErrorCode::serialization_failure);
  EXPECT_EQ(level(), "2|2|0|0");
}

TEST_F(ChangeTest, InABlockManyRowsAreOneStatement) {
  run("BEGIN");
  const Reply rows = run("INSERT INTO items (sku) VALUES ('B'), ('C') RETURNING sku");
  EXPECT_EQ(rows.tag, "INSERT 0 2");
  EXPECT_THAT(rows.rows, ElementsAre("B", "C"));
  run("SAVEPOINT s");
  EXPECT_EQ(outcome_of("INSERT INTO items (sku) VALUES ('D'), ('A')"),
            "items_pkey: Key (sku)=(A) already exists.");
  run("ROLLBACK TO s");
  run("COMMIT");
  EXPECT_THAT(run("SELECT sku FROM items WHERE sku IN ('B', 'C', 'D')").rows,
              ElementsAre("B", "C"));
}

TEST_F(ChangeTest, AReadOnlyBlockRefusesIt) {
  run("BEGIN READ ONLY");
  EXPECT_EQ(run(take_one).error->message, "cannot execute UPDATE in a read-only transaction");
  run("ROLLBACK");
}

// — what the session says —

TEST_F(ChangeTest, ARequestIdIsTheTransactions) {
  EXPECT_THAT(run("SET holdfast.request_id = 'r-1'").error->hint, HasSubstr("SET LOCAL"));
  EXPECT_EQ(run("SELECT set_config('holdfast.request_id', 'r-1', false)").error->code,
            ErrorCode::invalid_value);
  EXPECT_EQ(run("SELECT set_config('holdfast.refusals', 'loud', false)").error->code,
            ErrorCode::invalid_value);
  for (int time = 0; time < 2; ++time) {
    run("BEGIN");
    EXPECT_EQ(row("SELECT set_config('holdfast.request_id', $1, true)", {"r-1"}), "r-1");
    EXPECT_EQ(run(take_one).tag, "UPDATE 1");
    EXPECT_EQ(run("COMMIT").tag, "COMMIT");
    EXPECT_EQ(level(), "2|2|0|0") << time;
  }
  run("BEGIN");
  run("SET LOCAL holdfast.request_id = 'r-1'");
  EXPECT_THAT(outcome_of("UPDATE stock SET on_hand = on_hand - 2 WHERE sku = 'A' AND location = "
                         "'main'"),
              testing::StartsWith("request_id_key: request_id \"r-1\" was used"));
  run("ROLLBACK");
}

TEST_F(ChangeTest, RefusalsAreErrorsToWhoWantsThem) {
  EXPECT_EQ(run("SET holdfast.refusals = 'error'").tag, "SET");
  EXPECT_EQ(outcome_of("SELECT * FROM claim('A', 4)"),
            "stock_available_nonneg: A: requested 4, available 3");
  EXPECT_EQ(run("SELECT * FROM confirm('0193a000-0000-7000-8000-000000000001')").error->code,
            ErrorCode::not_found);
  others("BEGIN");
  others("SELECT * FROM claim('A', 3)");
  EXPECT_EQ(run("SELECT * FROM claim('A', 1)").error->code, ErrorCode::contended);
  others("ROLLBACK");
  run("SET holdfast.refusals = 'row'");
  EXPECT_EQ(row("SELECT outcome FROM claim('A', 4)"), "short_of_stock");
}

}  // namespace
}  // namespace holdfast
