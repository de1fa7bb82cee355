// Transaction blocks on the wire: the letter of every ReadyForQuery, and what lives as long as a
// block.
#include <gtest/gtest.h>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using namespace client;

std::string run(std::string_view sql) { return parse("", sql) + bind("", "") + execute(); }

TEST(Block, EveryReadyForQuerySaysWhereTheSessionStands) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("begin")), "C(DONE) Z(T)");
  EXPECT_EQ(test.ask(run("select 1") + sync()), "1 2 D(1) C(SELECT 1) Z(T)");
  EXPECT_EQ(test.ask(query("fail")), "E(22003) Z(E)");
  EXPECT_EQ(test.ask(sync()), "Z(E)");
  EXPECT_EQ(test.ask(query("commit")), "C(DONE) Z");
}

// The letter is that of its own place in the order, whatever has been run behind it.
TEST(Block, ThePlaceInTheOrderCounts) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(run("begin") + sync() + run("select 1") + sync() + run("commit") + sync());
  test.database.finish_all();
  EXPECT_EQ(test.hear(), "1 2 C(DONE) Z(T) 1 2 D(1) C(SELECT 1) Z(T) 1 2 C(DONE) Z");
}

TEST(Block, WhatTheProtocolRefusesFailsTheBlock) {
  for (const std::string& wrong :
       {query("bad"), parse("", "bad") + sync(), bind("", "nope") + sync(),
        run("select 1") + describe('P', "nope") + sync(), message('F', "")}) {
    TestSession test;
    test.open();
    test.ask(query("begin"));
    EXPECT_TRUE(test.ask(wrong).ends_with("Z(E)"));
    EXPECT_EQ(test.ask(query("commit")), "C(DONE) Z");
  }
}

TEST(Block, AnErrorBehindWhatIsInFlightCountsWhenItLeaves) {
  TestSession test;
  test.open();
  test.ask(query("begin"));
  test.database.deferred = true;
  EXPECT_EQ(test.ask(run("select 1") + bind("", "nope") + sync()), "1 2");
  test.database.finish_all();
  EXPECT_EQ(test.hear(), "D(1) C(SELECT 1) E(26000) Z(E)");
}

TEST(Block, AFailedOnePreparesOnlyWhatLeavesIt) {
  TestSession test;
  test.open();
  test.ask(parse("s", "select 1") + sync() + query("begin") + query("fail"));
  EXPECT_EQ(test.ask(parse("", "select 1") + sync()), "E(25P02) Z(E)");
  EXPECT_EQ(test.ask(parse("", "bad") + sync()), "E(42601) Z(E)");
  EXPECT_EQ(test.ask(bind("", "s") + sync()), "E(25P02) Z(E)");
  EXPECT_EQ(test.ask(describe('S', "s") + sync()), "E(25P02) Z(E)");
  EXPECT_EQ(test.ask(run("commit") + sync()), "1 2 C(DONE) Z");
}

// Else the session would be in a block that nobody opened.
TEST(Block, ABeginWaitsForWhatIsBeforeIt) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(run("select 1") + run("late begin") + sync());
  EXPECT_EQ(test.database.ran.size(), 1u);
  test.database.finish(0, Error{});
  test.settle();
  EXPECT_EQ(test.hear(), "1 2 E(XX000) Z");
  EXPECT_EQ(test.database.ran.size(), 1u);
}

// What a failed block refuses drops nothing.
TEST(Block, ARefusedDeallocateKeepsWhatIsPrepared) {
  TestSession test;
  test.open();
  test.ask(parse("s", "select 1") + sync() + query("begin") + query("fail"));
  EXPECT_EQ(test.ask(query("deallocate *")), "C(DONE) Z(E)");
  EXPECT_EQ(test.ask(query("commit")), "C(DONE) Z");
  EXPECT_EQ(test.ask(bind("", "s") + execute() + sync()), "2 D(1) C(SELECT 1) Z");
}

TEST(Block, PortalsLiveAsLongAsIt) {
  TestSession test;
  test.open();
  test.ask(query("begin"));
  EXPECT_EQ(test.ask(parse("", "rows 3") + bind("c", "") + execute("c", 1) + sync()),
            "1 2 D(0,row 0) s Z(T)");
  EXPECT_EQ(test.ask(execute("c", 1) + sync()), "D(1,row 1) s Z(T)");
  EXPECT_EQ(test.ask(query("commit")), "C(DONE) Z");
  EXPECT_EQ(test.ask(execute("c", 1) + sync()), "E(34000) Z");
}

// A client may be silent for as long as its settings say, counted from the last ReadyForQuery.
TEST(Block, ASilentClientIsCutOff) {
  TestSession test;
  test.database.idle_in_block = Duration::seconds(30);
  test.open();
  EXPECT_EQ(test.transport.deadline, Duration()) << "without a block it may wait for ever";
  test.ask(query("begin"));
  EXPECT_EQ(test.transport.deadline, Duration::seconds(30));
  test.database.deferred = true;
  test.say(query("select 1"));
  EXPECT_EQ(test.transport.deadline, Duration()) << "it is not the client's turn";
  test.session.deadline_passed();
  test.database.finish_all();
  EXPECT_EQ(test.hear(), "T(n:20) D(1) C(SELECT 1) Z(T)");
  test.session.deadline_passed();
  EXPECT_EQ(test.hear(), "E(!25P03)");
  EXPECT_TRUE(test.transport.is_closed);

  TestSession other;
  other.database.idle = Duration::seconds(5);
  other.open();
  EXPECT_EQ(other.transport.deadline, Duration::seconds(5));
  other.session.deadline_passed();
  EXPECT_EQ(other.hear(), "E(!57P05)");
}

TEST(Block, WarningsComeBeforeTheTag) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("warn")), "N(25P01) C(DONE) Z");
}

// ---- groups

TEST(Group, OneStatementAloneIsNone) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(run("select 1") + sync()), "1 2 D(1) C(SELECT 1) Z");
  EXPECT_EQ(test.ask(query("select 1")), "T(n:20) D(1) C(SELECT 1) Z");
  EXPECT_TRUE(test.database.groups.empty());
}

TEST(Group, APipelineUpToSyncGoesTogether) {
  TestSession test;
  test.open();
  test.ask(run("select 1") + run("select 2") + sync() + run("select 3") + run("select 4") + sync());
  EXPECT_EQ(test.database.groups, (std::vector<std::string>{"together", "together"}));
}

TEST(Group, AScriptAFlushAndAnErrorAreEndedBySync) {
  for (const std::string& group :
       {query("select 1; select 2"), run("select 1") + flush() + run("select 2") + sync(),
        run("select 1") + bind("", "nope") + sync()}) {
    TestSession test;
    test.open();
    const std::string said = test.ask(group);
    EXPECT_TRUE(said.ends_with("Z"));
    EXPECT_EQ(test.database.groups, (std::vector<std::string>{"flush", "end"})) << said;
  }
}

TEST(Group, ItsEndIsHeardOnlyWhenItFails) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(query("select 1; delete")), "T(n:20) D(1) C(SELECT 1) C(DONE) Z");
  test.database.group_error = Error{.code = ErrorCode::serialization_failure,
                                    .message = "it has changed",
                                    .detail = {},
                                    .hint = {}};
  EXPECT_EQ(test.ask(query("select 1; delete")), "T(n:20) D(1) C(SELECT 1) C(DONE) E(40001) Z");
}

TEST(Group, WhatFollowsABlockInAScriptIsOneAgain) {
  TestSession test;
  test.open();
  test.ask(query("begin; commit; select 1; select 2"));
  EXPECT_EQ(test.database.groups, (std::vector<std::string>{"flush", "end"}));
}

// The second Execute waits for the first, which waits for the end of its group.
TEST(Group, APortalIsRunTwiceInOne) {
  TestSession test;
  test.open();
  test.database.deferred = true;
  test.say(parse("", "rows 1") + bind("c", "") + execute("c", 1) + execute("c", 1) + sync());
  EXPECT_EQ(test.database.groups, (std::vector<std::string>{"flush"}));
  test.database.finish_all();
  test.settle();
  EXPECT_EQ(test.hear(), "1 2 D(0,row 0) s C(SELECT 0) Z");
}

TEST(Group, BeginMakesItABlock) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(run("begin") + run("select 1") + sync()),
            "1 2 C(DONE) 1 2 D(1) C(SELECT 1) Z(T)");
}

}  // namespace
}  // namespace holdfast
