// Values as text and as binary, in both directions.
#include <gtest/gtest.h>

#include "pgwire/session_for_test.h"
#include "pgwire/wire_types.h"
#include "sql/convert.h"
#include "sql/type_questions.h"

namespace holdfast {
namespace {

using client::bind;
using client::describe;
using client::execute;
using client::message;
using client::parse;
using client::query;
using client::sync;

// What the catalogue's questions are told (sql/type_questions.h) is what goes over the wire.
TEST(Formats, TypesHaveOneNumber) {
  using enum SqlType;
  for (const SqlType type :
       {boolean, int2, int4, int8, text, uuid, timestamptz, interval, jsonb, oid, int2_array,
        int4_array, int8_array, text_array, uuid_array, oid_array}) {
    const KnownType* known = find_type(wire_type(type).oid);
    ASSERT_NE(known, nullptr) << name_of(type);
    EXPECT_EQ(known->regtype, name_of(type));
  }
  for (const KnownType& known : known_types()) {
    const auto type = declared_type(static_cast<Oid>(known.oid));
    ASSERT_TRUE(type.has_value()) << known.name;
    EXPECT_EQ(is_array(*type), known.element != 0) << known.name;
    if (known.element == 0) continue;
    EXPECT_EQ(find_type(known.element)->array, known.oid) << known.name;
    EXPECT_EQ(declared_type(static_cast<Oid>(known.element)), element_of(*type)) << known.name;
  }
}

TEST(Formats, SaysHowToSendWhatIsNotTaken) {
  for (const auto& [type, hint] : std::initializer_list<std::pair<Oid, const char*>>{
           {701, "HQuantities and amounts are bigint"}, {1231, "lists text[] or uuid[]"}}) {
    TestSession test;
    test.open();
    test.say(parse("", "echo $1", {type}) + sync());
    EXPECT_NE(test.hear_raw().find(hint), std::string::npos) << type;
  }
}

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

void expect_reply(const ParameterCase& row) {
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
      {"bool", 1, "", "E(08P01)"},
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
      {"int8", 1, client::be32(1), "E(08P01)"},
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
      {"uuid", 1, uuid.substr(1), "E(08P01)"},
      {"timestamptz", 0, "2026-11-20 10:00:00+00", "?2026-11-20 10:00:00+00"},
      {"timestamptz", 1, client::be64(0), "946684800000000"},
      {"timestamptz", 1, client::be64(0x7fffffffffffffffull), "9223372036854775807"},
      {"timestamptz", 1, client::be64(0x7ffffffffffffffeull), "E(22003)"},
      {"timestamptz", 1, client::be32(0), "E(08P01)"},
      {"interval", 0, "10 minutes", "?10 minutes"},
      {"interval", 1, client::be64(5) + client::be32(1) + client::be32(0), "86400000005"},
      {"interval", 1, client::be64(0) + client::be32(~0u) + client::be32(1), "2505600000000"},
      {"interval", 1, client::be64(0x7fffffffffffffffull) + client::be32(1) + client::be32(0),
       "E(22003)"},
      {"interval", 1, client::be64(5), "E(08P01)"},
      {"jsonb", 0, "{}", "'{}'"},
      {"jsonb", 1, "\x01{}", "'{}'"},
      {"jsonb", 1, "{}", "'{}'"},
      {"jsonb", 1, "\x01\xff", "E(22021)"},
  };
  for (const ParameterCase& row : table) expect_reply(row);
}

// An array in binary: its dimensions, flags, the type of its elements, their number, the lower
// bound, the elements.
std::string array_header(unsigned dimensions, unsigned flags, Oid element, unsigned count) {
  std::string out = client::be32(dimensions) + client::be32(flags) + client::be32(element);
  if (dimensions > 0) out += client::be32(count) + client::be32(1);
  return out;
}
std::string array_element(const std::string& bytes) {
  return client::be32(static_cast<unsigned>(bytes.size())) + bytes;
}

TEST(Formats, DecodesArraysOrSaysWhyNot) {
  const std::string null = client::be32(~0u);
  const std::string uuid = "\x01\x90\x16\x3d\x86\x94\x73\x9b\xae\xa5\x96\x6c\x26\xf8\xad\x90";
  const std::string two = array_header(1, 0, 25, 2);
  const ParameterCase table[] = {
      {"text[]", 0, "{a,\"b c\",NULL}", "'{a,\"b c\",NULL}'"},
      {"text[]", 0, "{a", "E(22P02)"},
      {"text[]", 0, "{{a}}", "E(0A000)"},
      {"uuid[]", 0, "{0190163d-8694-739b-aea5-966c26f8ad90}",
       "'{0190163d-8694-739b-aea5-966c26f8ad90}'"},
      {"uuid[]", 0, "{0190163d}", "E(22P02)"},
      {"int2[]", 0, "{1,32768}", "E(22003)"},
      {"text[]", 1, two + array_element("a") + array_element("b \"c\" \\"),
       "'{\"a\",\"b \\\"c\\\" \\\\\"}'"},
      {"text[]", 1, array_header(1, 0, 1043, 1) + array_element("NULL"), "'{\"NULL\"}'"},
      {"text[]", 1, array_header(1, 1, 25, 2) + null + array_element(""), "'{NULL,\"\"}'"},
      {"text[]", 1, array_header(0, 0, 25, 0), "'{}'"},
      {"text[]", 1, array_header(1, 0, 25, 0), "'{}'"},
      {"text[]", 1, std::nullopt, "null"},
      {"uuid[]", 1, array_header(1, 0, 2950, 1) + array_element(uuid),
       "'{\"0190163d-8694-739b-aea5-966c26f8ad90\"}'"},
      {"int2[]", 1, array_header(1, 0, 21, 1) + array_element("\xff\xfe"), "'{\"-2\"}'"},
      {"int4[]", 1, array_header(1, 0, 23, 1) + array_element(client::be32(7)), "'{\"7\"}'"},
      {"int8[]", 1, array_header(1, 0, 20, 1) + array_element(client::be64(7)), "'{\"7\"}'"},
      {"oid[]", 1, array_header(1, 0, 26, 1) + array_element(client::be32(~0u)),
       "'{\"4294967295\"}'"},
      {"text[]", 1, array_header(2, 0, 25, 1), "E(0A000)"},
      {"text[]", 1, array_header(1, 0, 23, 1) + array_element(client::be32(7)), "E(42804)"},
      {"text[]", 1, array_header(1, 0, 25, 1'001), "E(54000)"},
      {"text[]", 1, array_header(1, 0, 25, ~0u), "E(54000)"},
      {"text[]", 1, array_header(1, 2, 25, 1) + array_element("a"), "E(22P03)"},
      {"text[]", 1, two + array_element("a"), "E(22P03)"},
      {"text[]", 1, two + array_element("a") + client::be32(5) + "b", "E(22P03)"},
      {"text[]", 1, two + array_element("a") + array_element("b") + "x", "E(22P03)"},
      {"text[]", 1, two.substr(0, 11), "E(22P03)"},
      {"text[]", 1, two.substr(0, 19), "E(22P03)"},
      {"text[]", 1, "", "E(22P03)"},
      {"uuid[]", 1, array_header(1, 0, 2950, 1) + array_element(uuid.substr(1)), "E(22P03)"},
      {"int2[]", 1, array_header(1, 0, 21, 1) + array_element(client::be32(1)), "E(22P03)"},
      {"text[]", 1, array_header(1, 0, 25, 1) + array_element("a\xff"), "E(22021)"},
  };
  for (const ParameterCase& row : table) expect_reply(row);
}

TEST(Formats, AnArrayIsSaidByItsType) {
  TestSession test;
  test.open();
  EXPECT_EQ(test.ask(parse("", "echo $1::text[]") + describe('S', "") + sync()),
            "1 t(1009) T(echo:25) Z");
  EXPECT_EQ(test.ask(parse("", "echo $1::uuid[]") + describe('S', "") + sync()),
            "1 t(2951) T(echo:25) Z");
  EXPECT_EQ(test.ask(parse("", "echo $1", {1015}) + describe('S', "") + sync()),
            "1 t(1015) T(echo:25) Z");
  test.say(parse("", "echo $1::text[]") + bind("", "", {array_header(1, 0, 25, 1'001)}, {1}) +
           sync());
  EXPECT_NE(test.hear_raw().find("parameter $1 has 1001 elements, at most 1000"),
            std::string::npos);
}

TEST(Formats, TheDeclaredTypeDecidesHowAParameterIsRead) {
  TestSession test;
  test.open();
  // psycopg 3 sends small numbers as int2.
  EXPECT_EQ(test.ask(parse("", "select $1", {21}) + describe('S', "") +
                     bind("", "", {"\x01\x02"}, {1}) + execute() + sync()),
            "1 t(21) T(n:20) 2 D(258) C(SELECT 1) Z");
}

}  // namespace
}  // namespace holdfast
