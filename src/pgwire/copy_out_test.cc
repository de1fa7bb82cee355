// COPY … TO STDOUT as a conversation: in its place among the replies, a portion at a time, and
// given up when nobody reads.
#include <gtest/gtest.h>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using client::query;

constexpr std::size_t row_bytes = 1'000;

class CopyOutTest : public testing::Test {
 protected:
  void SetUp() override {
    test_.open();
    test_.database.big_row_bytes = row_bytes;
  }
  // Takes what was said as a connection that has sent it; true if it is to hear of that.
  bool send() {
    said_ += test_.hear_raw();
    return std::exchange(test_.transport.tells_sent, false);
  }
  void send_all() {
    while (send()) test_.session.output_sent();
    test_.settle();
    said_ += test_.hear_raw();
  }
  // The types of the messages, "d" once however many there are.
  std::string types() {
    std::string out;
    std::string_view rest = said_;
    while (!rest.empty()) {
      if (rest[0] != 'd' || !out.ends_with('d')) out += rest[0];
      rest.remove_prefix(1 + WireReader(as_bytes(rest.substr(1))).int32());
    }
    said_.clear();
    return out;
  }

  TestSession test_;
  std::string said_;
};

TEST_F(CopyOutTest, NamedRowsComeAtOnce) {
  test_.say(query("copy 3"));
  send();
  EXPECT_TRUE(said_.find("COPY 3") != std::string::npos);
  EXPECT_EQ(types(), "HdcCZ");
  test_.say(query("rows 1; copy 2; rows 1"));
  send();
  EXPECT_EQ(types(), "TDCHdcCTDCZ");
}

TEST_F(CopyOutTest, AWholeRelationComesInPortionsAsTheyAreSent) {
  constexpr std::size_t rows = 1'000;
  test_.say(query(fmt::format("copy all {}; rows 1", rows)) + query("rows 1"));
  std::size_t portions = 0;
  std::size_t most = 0;
  while (test_.transport.tells_sent) {
    most = std::max(most, test_.transport.out.size());
    EXPECT_TRUE(send());
    EXPECT_TRUE(test_.hear_raw().empty());  // nothing more before that is sent
    ++portions;
    test_.session.output_sent();
  }
  EXPECT_GT(portions, 5u);
  EXPECT_LT(most, 256u * 1024);
  send_all();
  EXPECT_TRUE(said_.find(fmt::format("COPY {}", rows)) != std::string::npos);
  EXPECT_EQ(types(), "HdcCTDCZTDCZ");
  EXPECT_EQ(test_.database.streams, 0u);
}

TEST_F(CopyOutTest, ACancelEndsItAndLetsGoOfTheState) {
  test_.say(query("copy all 1000; rows 1"));
  EXPECT_EQ(test_.database.streams, 1u);
  test_.session.cancel();
  EXPECT_EQ(test_.database.streams, 0u);
  send_all();
  EXPECT_TRUE(said_.find("57014") != std::string::npos);
  EXPECT_EQ(types(), "HdEZ");
  test_.say(query("rows 1"));
  send_all();
  EXPECT_EQ(types(), "TDCZ");
}

TEST_F(CopyOutTest, ACancelBeforeItBeginsLeavesNothingToSay) {
  test_.database.deferred = true;
  test_.say(query("copy all 1000"));
  test_.session.cancel();
  test_.database.finish();
  send_all();
  EXPECT_EQ(types(), "EZ");
  EXPECT_EQ(test_.database.streams, 0u);
}

TEST_F(CopyOutTest, WhatFailsIsAnErrorInItsPlace) {
  test_.say(query("copy 1; copy fail; rows 1"));
  send_all();
  EXPECT_EQ(types(), "HdcCEZ");
}

TEST_F(CopyOutTest, WhoIsGoneHoldsNoState) {
  test_.say(query("copy all 1000"));
  EXPECT_EQ(test_.database.streams, 1u);
  test_.session.connection_lost();
  EXPECT_EQ(test_.database.streams, 0u);
  EXPECT_TRUE(test_.transport.is_settled);
}

TEST_F(CopyOutTest, WhoGoesBeforeItsTurnHoldsNoState) {
  test_.database.deferred = true;
  test_.say(query("copy all 1000"));
  test_.session.connection_lost();
  EXPECT_FALSE(test_.transport.is_settled);
  test_.database.finish();
  EXPECT_TRUE(test_.transport.is_settled);
  EXPECT_EQ(test_.database.streams, 0u);
}

// shutdown(SHUT_WR) behind a Query: what was asked for still comes.
TEST_F(CopyOutTest, WhoSendsNoMoreStillHearsAllOfIt) {
  test_.say(query("copy all 1000"));
  test_.session.leave();
  EXPECT_FALSE(test_.transport.is_closed);
  send_all();
  EXPECT_TRUE(said_.find("COPY 1000") != std::string::npos);
  EXPECT_TRUE(test_.transport.is_closed);
}

TEST_F(CopyOutTest, ADrainWaitsForIt) {
  test_.say(query("copy all 1000"));
  test_.session.drain();
  EXPECT_FALSE(test_.transport.is_closed);
  send_all();
  EXPECT_EQ(types(), "HdcCZE");
  EXPECT_TRUE(test_.transport.is_closed);
}

TEST_F(CopyOutTest, GarbageBehindItEndsIt) {
  test_.say(query("copy all 1000") + "!!!!!!");
  EXPECT_EQ(test_.database.streams, 0u);
  send_all();
  EXPECT_EQ(types(), "HdE");
  EXPECT_TRUE(test_.transport.is_closed);
}

TEST_F(CopyOutTest, ItCannotBePrepared) {
  EXPECT_EQ(test_.ask(client::parse("", "copy 1") + client::sync()), "E(0A000) Z");
}

}  // namespace
}  // namespace holdfast
