// Answers: what is remembered is what was answered.
#include "model/answer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast {
namespace {

Answer sample() {
  Answer out;
  out.outcome = Outcome::short_of_stock;
  out.state = ClaimState::held;
  out.claim = ClaimId::v7(1'800'000'000'000, 1, 2);
  out.expires_at = Timestamp::us(1'800'000'000'000'000);
  out.requested = Quantity(5);
  out.available = Quantity(3);
  out.limit = Quantity::max();
  AnswerLine& first = out.add_line("SKU-1", "BER", "");
  first.line = 1;
  first.outcome = Outcome::granted;
  first.requested = first.granted = Quantity(2);
  AnswerLine& second = out.add_line("SKU-2", "", "L7");
  second.outcome = Outcome::short_of_stock;
  second.requested = Quantity(5);
  second.available = Quantity(3);
  return out;
}

std::vector<std::byte> bytes_of(const Answer& answer) {
  ByteWriter out;
  answer.encode(out);
  return {out.bytes().begin(), out.bytes().end()};
}

TEST(Answer, ReadsBackWhatItWrote) {
  const Answer written = sample();
  const auto bytes = bytes_of(written);
  Answer read;
  read.add_line("left over from before", "", "");
  ByteReader in(bytes);
  ASSERT_TRUE(read.decode(in));
  EXPECT_TRUE(in.complete());
  EXPECT_EQ(read.outcome, Outcome::short_of_stock);
  EXPECT_EQ(read.state, ClaimState::held);
  EXPECT_EQ(read.claim, written.claim);
  EXPECT_EQ(read.expires_at, written.expires_at);
  EXPECT_EQ(read.requested, Quantity(5));
  EXPECT_EQ(read.available, Quantity(3));
  EXPECT_EQ(read.limit, Quantity::max());
  ASSERT_EQ(read.lines.size(), 2u);
  EXPECT_EQ(read.sku_of(read.lines[0]), "SKU-1");
  EXPECT_EQ(read.location_of(read.lines[0]), "BER");
  EXPECT_EQ(read.lines[0].line, 1u);
  EXPECT_EQ(read.lines[0].granted, Quantity(2));
  EXPECT_EQ(read.sku_of(read.lines[1]), "SKU-2");
  EXPECT_EQ(read.lot_of(read.lines[1]), "L7");
  EXPECT_EQ(read.lines[1].outcome, Outcome::short_of_stock);
  EXPECT_EQ(read.lines[1].available, Quantity(3));
  EXPECT_EQ(bytes_of(read), bytes);
}

TEST(Answer, AShortOneIsShort) {
  Answer answer;
  answer.outcome = Outcome::already;
  EXPECT_EQ(bytes_of(answer).size(), 4u);
}

TEST(Answer, HostileBytesAreRefused) {
  const auto bytes = bytes_of(sample());
  Answer read;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(ByteSpan(bytes).first(size));
    EXPECT_FALSE(read.decode(in)) << "cut at " << size;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    ByteReader in(flipped);
    if (read.decode(in)) (void)bytes_of(read);  // whatever it is, it is an answer
  }
  // Unknown outcome, flag, state; a billion lines.
  for (const std::vector<int>& wrong : std::vector<std::vector<int>>{
           {19, 0, 0, 0}, {0, 8, 0, 0}, {0, 0, 6, 0}, {0, 0, 0, 0xff, 0xff, 0xff, 0xff, 7}}) {
    ByteWriter out;
    for (const int byte : wrong) out.fixed(static_cast<std::uint8_t>(byte));
    ByteReader in(out.bytes());
    EXPECT_FALSE(read.decode(in));
  }
}

}  // namespace
}  // namespace holdfast
