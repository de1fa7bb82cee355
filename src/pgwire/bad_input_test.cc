// Messages that no client should send: each is answered by one clear error, and the session goes on
// unless nobody can tell where the next message begins.
#include <gtest/gtest.h>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

using client::bind;
using client::close;
using client::describe;
using client::execute;
using client::message;
using client::parse;
using client::query;
using client::sync;
using client::zero;

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

TEST(BadInput, NamesTheTypeThatIsRefused) {
  TestSession test;
  test.open();
  test.say(parse("", "echo $1 $2", {20, 1700}));
  const std::string said = test.hear_raw();
  EXPECT_NE(said.find("parameter $2 has type numeric, which is not"), std::string::npos) << said;
}

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

}  // namespace
}  // namespace holdfast
