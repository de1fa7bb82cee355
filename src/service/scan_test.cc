// All rows of a relation, from a snapshot: what they are, of which moment, and who may have them.
#include "service/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_for_test.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScanTest : public ServiceTest {
 protected:
  struct Open {
    std::unique_ptr<RowStream> stream;
    std::string error;
  };
  Open open(Session& session, const std::string& copy) {
    auto statements = session.prepare_all(copy);
    if (!statements) return {.stream = {}, .error = statements.error().message};
    TextSink sink;
    Listener listener;
    Execution& execution = session.run(statements->front(), {}, sink, listener);
    while (!execution.is_finished()) engine_->drive();
    Open out;
    if (execution.status()) {
      out.stream = execution.take_stream();
      EXPECT_NE(out.stream, nullptr);
    } else {
      out.error = execution.status().error().message;
    }
    session.recycle(execution);
    return out;
  }
  Open open(const std::string& copy) { return open(*session_, copy); }

  // In steps of one row, so that there are as many as can be.
  static std::vector<std::string> rest(Open opened) {
    EXPECT_EQ(opened.error, "");
    TextSink sink;
    while (opened.stream != nullptr && opened.stream->next(sink, 1)) {
    }
    return sink.rows;
  }
  std::vector<std::string> all(const std::string& copy) { return rest(open(copy)); }
};

TEST_F(ScanTest, ItIsWhatLookUpsFind) {
  stock_up("A", 5);
  stock_up("B", 3);
  const std::string id = claim("A", 2, ", hold_for => '10 minutes', customer => 'c'");
  ASSERT_EQ(row("SELECT outcome FROM define_location('BER')"), "done");
  ASSERT_EQ(row("SELECT outcome FROM receive('A', 7, 'BER')"), "done");
  const auto keys = [](std::string_view what) {
    return fmt::format("SELECT * FROM {} WHERE ", what);
  };
  EXPECT_THAT(all("COPY (SELECT * FROM stock) TO STDOUT"),
              testing::UnorderedElementsAreArray(run(keys("stock") + "sku IN ('A', 'B')").rows));
  EXPECT_EQ(all("COPY (SELECT * FROM items) TO STDOUT"),
            run(keys("items") + "sku IN ('A', 'B')").rows);
  EXPECT_EQ(all("COPY (SELECT * FROM claims) TO STDOUT"),
            run(keys("claims") + "claim_id = $1", {id}).rows);
  EXPECT_THAT(all("COPY stock TO STDOUT"), ElementsAre("A|main||5", "B|main||3", "A|BER||7"));
  EXPECT_THAT(all("COPY stock (held, sku) TO STDOUT"), ElementsAre("2|A", "0|B", "0|A"));
  EXPECT_THAT(all("COPY (SELECT sku FROM items LIMIT 1) TO STDOUT"), ElementsAre("A"));
  EXPECT_THAT(all("COPY (SELECT sku FROM items LIMIT 0) TO STDOUT"), IsEmpty());
}

TEST_F(ScanTest, OfAnEmptyRelationThereIsNone) {
  EXPECT_THAT(all("COPY items TO STDOUT"), IsEmpty());
  EXPECT_THAT(all("COPY claims TO STDOUT"), IsEmpty());
}

TEST_F(ScanTest, ItIsOfOneMomentHoweverLongItTakes) {
  for (int item = 0; item < 300; ++item) stock_up(fmt::format("A-{}", item), 1);
  Open before = open("COPY stock (on_hand, version) TO STDOUT");
  TextSink first;
  EXPECT_TRUE(before.stream->next(first, 100));
  const std::string seq = row("SHOW holdfast.seq");
  for (int item = 0; item < 300; ++item) {
    ASSERT_EQ(row("SELECT outcome FROM receive($1, 1)", {fmt::format("A-{}", item)}), "done");
  }
  std::vector<std::string> rows = rest(std::move(before));
  rows.insert(rows.end(), first.rows.begin(), first.rows.end());
  ASSERT_EQ(rows.size(), 300u);
  for (const std::string& one : rows) {
    EXPECT_TRUE(one.starts_with("1|")) << one;
    EXPECT_LE(std::stoull(one.substr(2)), std::stoull(seq));
  }
  EXPECT_THAT(all("COPY (SELECT on_hand FROM stock LIMIT 1) TO STDOUT"), ElementsAre("2"));
}

TEST_F(ScanTest, WhatItShowsIsDurable) {
  stock_up("A", 1);
  auto statement = session_->prepare("SELECT seq FROM receive('A', 1)", {});
  auto copy = session_->prepare("COPY stock (version) TO STDOUT", {});
  TextSink sink;
  Listener listener;
  Execution& received = session_->run(*statement, {}, sink, listener);
  Execution& execution = session_->run(*copy, {}, sink, listener);
  while (!execution.is_finished()) engine_->drive();
  EXPECT_TRUE(received.is_finished());
  TextSink rows;
  execution.take_stream()->next(rows, 100);
  EXPECT_EQ(rows.rows, sink.rows);  // it stands behind the other
  EXPECT_LE(std::stoull(rows.rows[0]), engine_->durable().value());
  session_->recycle(execution);
  session_->recycle(received);
}

TEST_F(ScanTest, ABlockThatChangedSomethingIsToldWhyNot) {
  stock_up("A", 5);
  ASSERT_EQ(run("BEGIN").tag, "BEGIN");
  EXPECT_THAT(all("COPY stock TO STDOUT"), ElementsAre("A|main||5"));
  EXPECT_EQ(row("SELECT on_hand FROM stock WHERE sku = 'A'"), "5");
  EXPECT_THAT(all("COPY stock TO STDOUT"), ElementsAre("A|main||5"));
  ASSERT_EQ(row("SELECT outcome FROM receive('A', 1)"), "done");
  EXPECT_EQ(open("COPY stock TO STDOUT").error,
            "COPY of all of stock in a transaction that has changed something is not supported");
  EXPECT_THAT(row("SELECT 1"), HasSubstr("error"));
  ASSERT_EQ(run("ROLLBACK").tag, "ROLLBACK");
  // Named rows show what the block has done.
  ASSERT_EQ(run("BEGIN").tag, "BEGIN");
  ASSERT_EQ(run("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'A' AND location = 'main'").tag,
            "UPDATE 1");
  const Reply named = run("COPY (SELECT on_hand FROM stock WHERE sku = 'A') TO STDOUT");
  EXPECT_EQ(named.row(), "6");
  EXPECT_EQ(named.tag, "COPY 1");
  ASSERT_EQ(run("COMMIT").tag, "COMMIT");
}

TEST_F(ScanTest, WhatAnotherBlockHoldsIsNotYetAClaim) {
  stock_up("A", 5);
  const auto other = database_->open_session("bob");
  ASSERT_EQ(run_on(*other, "BEGIN").tag, "BEGIN");
  ASSERT_EQ(run_on(*other, "SELECT outcome FROM claim('A', 2)").row(), "granted");
  EXPECT_THAT(all("COPY claims TO STDOUT"), IsEmpty());
  EXPECT_THAT(all("COPY stock (available) TO STDOUT"), ElementsAre("3"));
  ASSERT_EQ(run_on(*other, "ROLLBACK").tag, "ROLLBACK");
  EXPECT_THAT(all("COPY claims TO STDOUT"), IsEmpty());
  EXPECT_THAT(all("COPY stock (available) TO STDOUT"), ElementsAre("5"));
}

TEST_F(ScanTest, ThereAreNotTooManyAtOnce) {
  stock_up("A", 1);
  std::vector<Open> opened;
  for (int scan = 0; scan < scans_max; ++scan) opened.push_back(open("COPY stock TO STDOUT"));
  EXPECT_EQ(open("COPY stock TO STDOUT").error, "at most 8 COPY TO of a whole relation at once");
  opened.pop_back();
  EXPECT_THAT(all("COPY stock TO STDOUT"), ElementsAre("A|main||1"));
  EXPECT_THAT(all("COPY stock TO STDOUT"), ElementsAre("A|main||1"));
}

TEST_F(ScanTest, SmallRelationsAreReadInTheTurn) {
  EXPECT_EQ(run("COPY locations (location) TO STDOUT").row(), "main");
  EXPECT_EQ(run("COPY locations TO STDOUT").tag, "COPY 1");
  EXPECT_EQ(run("COPY (SELECT channel FROM channels) TO STDOUT").row(), "default");
  EXPECT_EQ(run("COPY (SELECT 1, 'x') TO STDOUT").row(), "1|x");
}

}  // namespace
}  // namespace holdfast
