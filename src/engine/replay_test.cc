// Replay reads ahead of what it folds; the state must be that of one entry after the other.
#include "engine/replay.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "ledger/law.h"

namespace holdfast {
namespace {

ClaimId claim_id(std::uint64_t number) { return ClaimId::v7(1'700'000'000'000, number, ~number); }

// Entries are folded as they are added, one by one, and encoded as one batch.
class ReplayTest : public testing::Test {
 protected:
  ReplayTest() {
    ItemRecord item;
    item.sku = "A";
    LocationRecord location;
    location.code = "BER";
    group({ItemDefined{.item = ItemId(1), .record = &item},
           LocationDefined{.location = LocationId(1), .record = &location}});
  }

  static StockMoved moved(MoveKind kind, std::uint32_t item, std::int64_t available,
                          std::int64_t held = 0, std::int64_t committed = 0) {
    StockMoved out{.kind = kind, .level = {.item = ItemId(item), .location = LocationId(1)}};
    out.delta[Term::available] = Quantity(available);
    out.delta[Term::held] = Quantity(held);
    out.delta[Term::committed] = Quantity(committed);
    out.delta[Term::on_hand] = Quantity(available + held + committed);
    return out;
  }
  static StockMoved on_line(StockMoved move, std::uint64_t claim) {
    move.claim = claim_id(claim);
    move.line = 1;
    return move;
  }

  void group(const std::vector<Entry>& entries) {
    GroupContext context;
    context.at = at_;
    context.actor = "ann";
    for (const Entry& entry : entries) fold(one_by_one_, context, entry, last_ = last_.next());
    encode_group(payload_, context, entries);
    group_ends_.push_back(last_);
  }
  void receive(std::uint32_t item) { group({moved(MoveKind::receive, item, 1'000)}); }
  void hold(std::uint64_t claim, std::uint32_t item) {
    group({ClaimOpened{.claim = claim_id(claim), .expires_at = Timestamp::us(9'000)},
           on_line(moved(MoveKind::claim, item, -1, 1), claim)});
  }
  void confirm(std::uint64_t claim, std::uint32_t item) {
    group({on_line(moved(MoveKind::confirm, item, 0, -1, 1), claim)});
  }
  // A claim of a transaction that was rolled back: its id is free again.
  void hold_and_undo(std::uint64_t claim, std::uint32_t item) {
    group({ClaimOpened{.claim = claim_id(claim), .provisional = true},
           on_line(moved(MoveKind::claim, item, -1, 0, 1), claim),
           on_line(moved(MoveKind::cancel, item, 1, 0, -1), claim),
           ClaimUndone{.claim = claim_id(claim)}});
  }
  // What one look ahead covers: levels and claims that are made, used and undone right away.
  void add_busy_groups() {
    for (std::uint32_t item = 2; item <= 200; ++item) {
      ItemRecord record;
      record.sku = "SKU-" + std::to_string(item);
      group({ItemDefined{.item = ItemId(item), .record = &record}});
      receive(item);
      hold_and_undo(item, item);
      hold(item, item);
      if (item % 5 != 0) confirm(item, item);
      if (item % 3 == 0 && item > 3 && item / 2 % 5 != 0) release(item / 2);
    }
  }
  void release(std::uint32_t item) {
    group({on_line(moved(MoveKind::release, item, 1, 0, -1), item),
           ExpirySet{.claim = claim_id(item), .expires_at = Timestamp::us(7'000)}});
  }

  BatchHeader header() const {
    return {.info = {.first = Seq(1), .last = last_, .at = at_, .digest = one_by_one_.digest()}};
  }
  Status replay() { return replay_.batch(header(), payload_.bytes()); }

  const Timestamp at_ = Timestamp::us(1'000);
  Stock one_by_one_;
  Stock stock_;
  Replay replay_{stock_};
  ByteWriter payload_;
  Seq last_;
  std::vector<Seq> group_ends_;
};

TEST_F(ReplayTest, WhatIsMadeAndUsedWithinOneLookAheadComesOutTheSame) {
  add_busy_groups();
  std::vector<Seq> ends;
  replay_.after_group = [&](const DecodedGroup& group, Seq last) {
    EXPECT_EQ(group.context.actor, "ann");
    EXPECT_EQ(group.context.at, at_);
    ends.push_back(last);
  };
  const Status status = replay();
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(stock_.recomputed_digest(), one_by_one_.recomputed_digest());
  EXPECT_EQ(stock_.next_expiry(), one_by_one_.next_expiry());
  EXPECT_EQ(ends, group_ends_);
  EXPECT_EQ(replay_.groups(), group_ends_.size());
  EXPECT_EQ(replay_.entries(), last_.value());
}

TEST_F(ReplayTest, AGroupMayBeLongerThanTheLookAhead) {
  receive(1);
  std::vector<Entry> entries = {
      ClaimOpened{.claim = claim_id(1), .expires_at = Timestamp::never()}};
  for (std::uint32_t line = 1; line <= 500; ++line) {
    StockMoved move = on_line(moved(MoveKind::claim, 1, -1, 0, 1), 1);
    move.line = line;
    entries.emplace_back(move);
  }
  group(entries);
  hold(2, 1);
  const Status status = replay();
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(stock_.recomputed_digest(), one_by_one_.recomputed_digest());
  EXPECT_EQ(replay_.groups(), group_ends_.size());
}

TEST_F(ReplayTest, GroupsInFrontOfDamagedBytesAreFolded) {
  add_busy_groups();
  const std::uint64_t whole = last_.value();
  payload_.fixed<std::uint8_t>(0xff);
  const Status status = replay();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::corrupt);
  EXPECT_EQ(replay_.entries(), whole);
  EXPECT_EQ(stock_.digest(), one_by_one_.digest());
}

TEST_F(ReplayTest, AnotherDigestOrLengthThanTheHeaderSaysIsCorrupt) {
  receive(1);
  BatchHeader wrong = header();
  wrong.info.digest ^= 1;
  EXPECT_EQ(replay_.batch(wrong, payload_.bytes()).error().code, ErrorCode::corrupt);
  Stock fresh;
  wrong = header();
  wrong.info.last = wrong.info.last.next();
  EXPECT_EQ(Replay(fresh).batch(wrong, payload_.bytes()).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace holdfast
