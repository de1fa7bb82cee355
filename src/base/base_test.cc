// base: what every other room leans on.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"

namespace holdfast {
namespace {

TEST(Crc32c, MatchesRfc3720) {
  // RFC 3720 B.4: 32 bytes of zeros, and the ascending sequence.
  std::vector<std::byte> zeros(32);
  EXPECT_EQ(crc32c(zeros), 0x8a9136aau);
  std::vector<std::byte> ascending(32);
  for (unsigned index = 0; index < 32; ++index) ascending[index] = static_cast<std::byte>(index);
  EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

TEST(Bytes, VarintsRoundTripAtEveryLength) {
  ByteWriter out;
  std::vector<std::int64_t> values;
  for (int shift = 0; shift < 63; ++shift) {
    values.push_back(std::int64_t{1} << shift);
    values.push_back(-(std::int64_t{1} << shift));
  }
  for (const auto value : values) out.svarint(value);
  ByteReader in(out.bytes());
  for (const auto value : values) EXPECT_EQ(in.svarint(), value);
  EXPECT_TRUE(in.complete());
}

TEST(Bytes, AShortReadFailsOnceAndForAll) {
  ByteWriter out;
  out.text("abc");
  ByteReader in(out.bytes().first(3));
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.fixed<std::uint8_t>(), 0);
}

TEST(Bytes, AVarintOfMoreThan64BitsIsRefused) {
  const std::vector<std::byte> bytes(10, std::byte{0xff});
  ByteReader in(bytes);
  in.varint();
  EXPECT_FALSE(in.ok());
}

struct IdentifierCase {
  std::string value;
  bool valid;
};

TEST(Identifier, FollowsTheRule) {
  const IdentifierCase cases[] = {
      {"SKU-1", true},
      {"größe 42", true},
      {std::string(128, 'a'), true},
      {std::string(129, 'a'), false},
      {"", false},
      {" a", false},
      {"a ", false},
      {"a\nb", false},
      {std::string("a\0b", 3), false},
      {"\xff", false},             // not UTF-8
      {"\xc0\xaf", false},         // overlong
      {"\xed\xa0\x80", false},     // a surrogate
      {"a\xe2\x80\xae b", false},  // right-to-left override
      {"\xf0\x9f\x8e\x81", true},  // a gift
  };
  for (const auto& test : cases) {
    EXPECT_EQ(check_identifier("sku", test.value).has_value(), test.valid) << quoted(test.value);
  }
}

// Texts are looked at in words, so a byte is one of a word, of the rest, or in between.
TEST(Identifier, FindsEveryByteInEveryPlace) {
  for (std::size_t size = 1; size <= 18; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'a');
        value[place] = static_cast<char>(byte);
        const bool is_outer_space = byte == ' ' && (place == 0 || place + 1 == size);
        const bool is_valid = byte >= 0x20 && byte <= 0x7e && !is_outer_space;
        ASSERT_EQ(check_identifier("sku", value).has_value(), is_valid) << quoted(value);
        ASSERT_EQ(is_utf8(value), byte < 0x80) << quoted(value);
      }
    }
  }
}

TEST(Identifier, TheErrorNamesTheByte) {
  const auto control = check_identifier("sku", "0123456789\n");
  ASSERT_FALSE(control.has_value());
  EXPECT_EQ(control.error().message,
            "sku must not contain control or bidirectional characters, got U+000A at byte 11");
  const auto broken = check_identifier("sku", "01234567\xff");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().message, "sku is not valid UTF-8 at byte 9");
}

TEST(Identifier, TheErrorNamesFieldValueAndLimit) {
  const auto status = check_identifier("sku", std::string(200, 'x'));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "sku must be at most 128 bytes, got 200");
}

TEST(ParseInt64, ReadsAsPostgresDoes) {
  EXPECT_EQ(parse_int64("n", " +7 ").value(), 7);
  EXPECT_EQ(parse_int64("n", "-9223372036854775808").value(), INT64_MIN);
  EXPECT_EQ(parse_int64("n", "9223372036854775808").error().code, ErrorCode::out_of_range);
  EXPECT_EQ(parse_int64("n", "1.0").error().code, ErrorCode::invalid_text);
  EXPECT_EQ(parse_int64("n", "").error().code, ErrorCode::invalid_text);
  EXPECT_EQ(parse_int64("n", "+-1").error().code, ErrorCode::invalid_text);
}

TEST(Text, KnowsWhatWasProbablyMeant) {
  const std::vector<std::string_view> names = {"data-dir", "pg-listen", "max-connections"};
  for (const auto& [word, meant] : std::initializer_list<std::pair<const char*, const char*>>{
           {"data-dri", "data-dir"},
           {"data_dir", "data-dir"},
           {"max-conections", "max-connections"},
           {"pg-lisen", "pg-listen"},
           {"directory", ""},
           {"x", ""},
           {"", ""},
       }) {
    EXPECT_EQ(nearest(word, names), meant) << word;
  }
}

}  // namespace
}  // namespace holdfast
