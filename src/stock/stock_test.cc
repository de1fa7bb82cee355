// Stock: what each method promises, one by one. Random runs against a naive model are in
// stock_model_test.cc.
#include "stock/stock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "stock/snapshot.h"
#include "stock/stock_samples.h"

namespace holdfast {
namespace {

// Two locations, three items, nothing on hand.
class StockTest : public ::testing::Test {
 protected:
  StockTest() {
    stock.define(LocationId(1), location_named("BER"), next());
    stock.define(LocationId(2), location_named("HAM"), next());
    stock.define(ChannelId(1), channel_named("web"), next());
    for (std::uint32_t item = 1; item <= 3; ++item) {
      stock.define(ItemId(item), item_named("SKU-" + std::to_string(item)), next());
    }
  }
  ~StockTest() override { EXPECT_EQ(stock.digest(), stock.recomputed_digest()); }

  Seq next() { return seq = seq.next(); }
  Quantity available(const LevelKey& key) const {
    return stock.quantity(stock.find_level(key), Term::available);
  }

  Stock stock;
  Seq seq;
};

// — catalogue —

TEST_F(StockTest, FindsItemsByNameOfAnyLength) {
  const std::string at_the_limit(39, 'a');
  const std::string beyond(40, 'a');
  const std::string longest(128, 'a');
  std::uint32_t id = 3;
  for (const auto& sku : {at_the_limit, beyond, longest}) {
    stock.define(ItemId(++id), item_named(sku), next());
  }
  EXPECT_EQ(stock.find_item("SKU-2"), ItemId(2));
  EXPECT_EQ(stock.find_item(at_the_limit), ItemId(4));
  EXPECT_EQ(stock.find_item(beyond), ItemId(5));
  EXPECT_EQ(stock.find_item(longest), ItemId(6));
  EXPECT_EQ(stock.find_item("sku-2"), ItemId());
  EXPECT_EQ(stock.find_item(std::string(41, 'a')), ItemId());
  EXPECT_EQ(stock.find_item(""), ItemId());
  EXPECT_EQ(stock.last_item(), ItemId(6));
}

TEST_F(StockTest, ARedefinitionReplacesTheRecordAndItsVersion) {
  ItemRecord record = item_named("SKU-1");
  record.title = "a red shoe, left";
  record.hold_for = Duration::minutes(5);
  const Seq first = stock.version(ItemId(1));
  stock.define(ItemId(1), record, next());
  EXPECT_EQ(stock.item(ItemId(1)), record);
  EXPECT_GT(stock.version(ItemId(1)), first);
  EXPECT_EQ(stock.version(ItemId(1)), seq);
  EXPECT_EQ(stock.last_item(), ItemId(3));
  EXPECT_EQ(stock.find_item("SKU-1"), ItemId(1));
}

TEST_F(StockTest, ARenamedItemIsFoundByItsNewNameOnly) {
  stock.define(ItemId(1), item_named("NEW"), next());
  EXPECT_EQ(stock.find_item("NEW"), ItemId(1));
  EXPECT_EQ(stock.find_item("SKU-1"), ItemId());
  stock.define(LocationId(1), location_named("MUC"), next());
  EXPECT_EQ(stock.find_location("MUC"), LocationId(1));
  EXPECT_EQ(stock.find_location("BER"), LocationId());
}

TEST_F(StockTest, LotsAreNamedInOrder) {
  EXPECT_EQ(stock.find_lot("L1"), LotId());
  stock.name_lot(LotId(1), "L1", next());
  stock.name_lot(LotId(2), "L2", next());
  EXPECT_EQ(stock.find_lot("L2"), LotId(2));
  EXPECT_EQ(stock.find_lot(""), LotId());
  EXPECT_EQ(stock.lot_name(LotId(1)), "L1");
  EXPECT_EQ(stock.lot_name(LotId()), "");
  EXPECT_EQ(stock.last_lot(), LotId(2));
}

TEST_F(StockTest, AChannelOfAllLocationsSellsByPriorityThenId) {
  stock.define(LocationId(3), location_named("MUC", 1), next());
  stock.define(LocationId(4), location_named("FRA", 100, false), next());
  const auto order = stock.selling_order(ChannelId(1));
  EXPECT_EQ(std::vector(order.begin(), order.end()),
            (std::vector{LocationId(3), LocationId(1), LocationId(2)}));
}

TEST_F(StockTest, AChannelWithAListSellsInItsOrderFromWhatIsActive) {
  stock.define(ChannelId(2), channel_named("pos", {LocationId(2), LocationId(1)}), next());
  auto order = stock.selling_order(ChannelId(2));
  EXPECT_EQ(std::vector(order.begin(), order.end()), (std::vector{LocationId(2), LocationId(1)}));
  stock.define(LocationId(2), location_named("HAM", 100, false), next());
  order = stock.selling_order(ChannelId(2));
  EXPECT_EQ(std::vector(order.begin(), order.end()), (std::vector{LocationId(1)}));
  ChannelRecord closed = channel_named("pos", {LocationId(1)});
  closed.active = false;
  stock.define(ChannelId(2), closed, next());
  EXPECT_TRUE(stock.selling_order(ChannelId(2)).empty());
}

TEST_F(StockTest, AChannelsVersionIsThatOfAllItDependsOn) {
  const Seq channel = stock.version(ChannelId(1));
  stock.move(key_of(1, 1), received(1), next());
  EXPECT_EQ(stock.version(ChannelId(1)), channel);
  stock.define(LocationId(1), location_named("BER", 7), next());
  EXPECT_EQ(stock.version(ChannelId(1)), seq);
  stock.define(ChannelId(1), channel_named("web"), next());
  EXPECT_EQ(stock.version(ChannelId(1)), seq);
}

// — levels —

TEST_F(StockTest, AnAbsentLevelReadsAsZeros) {
  const LevelRef absent = stock.find_level(key_of(1, 1));
  EXPECT_FALSE(absent.exists());
  for (std::size_t term = 0; term < term_count; ++term) {
    EXPECT_EQ(stock.quantity(absent, static_cast<Term>(term)), Quantity());
  }
  EXPECT_EQ(stock.version(absent), Seq());
  EXPECT_FALSE(stock.find_level(key_of(99, 1)).exists());
  EXPECT_TRUE(stock.levels_of(ItemId(1)).empty());
}

TEST_F(StockTest, EveryTermMovesAndIsReadBack) {
  Quantities all = received(100);
  for (std::size_t term = 2; term < term_count; ++term) {
    all[static_cast<Term>(term)] = Quantity(static_cast<std::int64_t>(term));
  }
  stock.move(key_of(1, 1), all, next());
  stock.move(key_of(1, 1), delta_of({{Term::shortage, -8}, {Term::incoming, 1}}), next());
  const Level level = stock.level(stock.find_level(key_of(1, 1)));
  EXPECT_EQ(level.key, key_of(1, 1));
  EXPECT_EQ(level.version, seq);
  all[Term::shortage] = Quantity(0);
  all[Term::incoming] = Quantity(10);
  EXPECT_EQ(level.quantities, all);
  EXPECT_EQ(stock.level_count(), 1u);
}

TEST_F(StockTest, LevelsOfAnItemComeByLocationThenLot) {
  for (std::uint32_t lot = 1; lot <= 3; ++lot) {
    stock.name_lot(LotId(lot), "L" + std::to_string(lot), next());
  }
  const std::vector<LevelKey> in_order = {key_of(1, 1), key_of(1, 1, 2), key_of(1, 1, 3),
                                          key_of(1, 2, 1)};
  for (const std::size_t index : {3u, 1u, 0u, 2u}) {
    stock.move(in_order[index], received(1), next());
  }
  stock.move(key_of(2, 1), received(1), next());
  std::vector<LevelKey> found;
  for (const LevelRef level : stock.levels_of(ItemId(1))) found.push_back(stock.key(level));
  EXPECT_EQ(found, in_order);
  EXPECT_EQ(stock.levels_of(ItemId(1), LocationId(1)).size(), 3u);
  EXPECT_EQ(stock.levels_of(ItemId(1), LocationId(2)).size(), 1u);
  EXPECT_TRUE(stock.levels_of(ItemId(2), LocationId(2)).empty());
  EXPECT_FALSE(stock.find_level(key_of(1, 1, 1)).exists());
  EXPECT_FALSE(stock.find_level(key_of(1, 2, 0)).exists());
}

TEST_F(StockTest, ThousandsOfLotsInOnePlaceStayInOrder) {
  constexpr std::uint32_t lots = 5'000;
  std::vector<std::uint32_t> order(lots);
  for (std::uint32_t lot = 0; lot < lots; ++lot) {
    stock.name_lot(LotId(lot + 1), "L" + std::to_string(lot), next());
    order[lot] = lot + 1;
  }
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  for (const std::uint32_t lot : order) stock.move(key_of(1, 2, lot), received(lot), next());
  const auto levels = stock.levels_of(ItemId(1), LocationId(2));
  ASSERT_EQ(levels.size(), lots);
  for (std::uint32_t lot = 1; lot <= lots; ++lot) {
    ASSERT_EQ(stock.key(levels[lot - 1]).lot, LotId(lot));
    ASSERT_EQ(available(key_of(1, 2, lot)), Quantity(lot));
  }
}

TEST_F(StockTest, ATermBelowZeroIsABug) {
  stock.move(key_of(1, 1), received(1), next());
  EXPECT_DEATH(stock.move(key_of(1, 1), received(-2), next()), "left its range");
  EXPECT_DEATH(stock.move(key_of(4, 1), received(1), next()), "not handed out");
}

// — claims —

TEST_F(StockTest, AClaimKeepsWhatItWasOpenedWith) {
  GroupContext context = context_of("ann", "r1", Timestamp::us(5));
  context.customer = "c-9";
  context.reference = "order:1";
  context.channel = ChannelId(1);
  stock.open_claim(claim_id(1), Timestamp::us(99), context, next());
  const ClaimRef claim = stock.find_claim(claim_id(1));
  ASSERT_TRUE(claim.exists());
  const ClaimHead head = stock.head(claim);
  EXPECT_EQ(head.id, claim_id(1));
  EXPECT_EQ(head.actor, "ann");
  EXPECT_EQ(head.customer, "c-9");
  EXPECT_EQ(head.reference, "order:1");
  EXPECT_EQ(head.channel, ChannelId(1));
  EXPECT_EQ(head.opened_at, Timestamp::us(5));
  EXPECT_EQ(head.expires_at, Timestamp::us(99));
  EXPECT_EQ(head.opened, seq);
  EXPECT_EQ(head.version, seq);
  EXPECT_EQ(head.line_count, 0u);
  EXPECT_FALSE(stock.find_claim(claim_id(2)).exists());
  EXPECT_FALSE(stock.find_claim(ClaimId()).exists());
  EXPECT_EQ(stock.claim_count(), 1u);
}

TEST_F(StockTest, TextsWithTheSameBytesInOtherPlacesAreNotShared) {
  GroupContext one = context_of("ab");
  one.customer = "c";
  GroupContext two = context_of("a");
  two.customer = "bc";
  stock.open_claim(claim_id(1), Timestamp::never(), one, next());
  stock.open_claim(claim_id(2), Timestamp::never(), two, next());
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(1))).actor, "ab");
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(2))).customer, "bc");
}

TEST_F(StockTest, LinesAreOpenedInOrderAndMovedByNumber) {
  stock.move(key_of(1, 1), received(9), next());
  stock.move(key_of(2, 2), received(9), next());
  stock.open_claim(claim_id(1), Timestamp::never(), context_of("a"), next());
  stock.move_line(claim_id(1), 1, key_of(1, 1), {.committed = Quantity(3)}, next());
  stock.move_line(claim_id(1), 2, key_of(2, 2), {.committed = Quantity(4)}, next());
  stock.move_line(claim_id(1), 1, key_of(1, 1),
                  {.committed = Quantity(-1), .fulfilled = Quantity(1)}, next());
  const ClaimRef claim = stock.find_claim(claim_id(1));
  EXPECT_EQ(stock.head(claim).line_count, 2u);
  EXPECT_EQ(stock.head(claim).version, seq);
  const ClaimLine line = stock.line(claim, 1);
  EXPECT_EQ(line.line, 1u);
  EXPECT_EQ(line.level, key_of(1, 1));
  EXPECT_EQ(line.quantities, (LineQuantities{.committed = Quantity(2), .fulfilled = Quantity(1)}));
  EXPECT_EQ(stock.sum(claim), (LineQuantities{.committed = Quantity(6), .fulfilled = Quantity(1)}));
  EXPECT_EQ(stock.snapshot(stock.head(claim).version)->sum(claim), stock.sum(claim));
}

TEST_F(StockTest, LinesThatOtherClaimsInterruptAreAllFound) {
  for (std::uint32_t item = 1; item <= 3; ++item) stock.move(key_of(item, 1), received(1), next());
  stock.open_claim(claim_id(1), Timestamp::never(), context_of("a"), next());
  stock.open_claim(claim_id(2), Timestamp::never(), context_of("a"), next());
  // Runs of 1, 2 and 3 lines, each followed by a line of the other claim.
  std::uint32_t mine = 0;
  std::uint32_t other = 0;
  for (std::uint32_t run = 1; run <= 3; ++run) {
    for (std::uint32_t line = 0; line < run; ++line) {
      ++mine;
      stock.move_line(claim_id(1), mine, key_of(run, 1), {.held = Quantity(mine)}, next());
    }
    ++other;
    stock.move_line(claim_id(2), other, key_of(1, 1), {.committed = Quantity(100 + other)}, next());
  }
  for (std::uint32_t line = 1; line <= mine; ++line) {
    EXPECT_EQ(stock.line(stock.find_claim(claim_id(1)), line).quantities.held, Quantity(line));
  }
  for (std::uint32_t line = 1; line <= other; ++line) {
    EXPECT_EQ(stock.line(stock.find_claim(claim_id(2)), line).quantities.committed,
              Quantity(100 + line));
  }
}

TEST_F(StockTest, WhatCannotApplyIsABug) {
  stock.move(key_of(1, 1), received(1), next());
  stock.open_claim(claim_id(1), Timestamp::never(), context_of("a"), next());
  const auto line = [&](std::uint64_t claim, std::uint32_t number, const LevelKey& key,
                        std::int64_t held) {
    stock.move_line(claim_id(claim), number, key, {.held = Quantity(held)}, next());
  };
  line(1, 1, key_of(1, 1), 1);
  EXPECT_DEATH(stock.open_claim(claim_id(1), Timestamp::never(), context_of("a"), next()),
               "opened before");
  EXPECT_DEATH(line(2, 1, key_of(1, 1), 1), "unknown");
  EXPECT_DEATH(line(1, 1, key_of(1, 1), -2), "left its range");
  EXPECT_DEATH(line(1, 1, key_of(2, 1), 1), "another level");
  EXPECT_DEATH(line(1, 2, key_of(2, 1), 1), "absent level");
  EXPECT_DEATH(line(1, 3, key_of(1, 1), 1), "line 3 of 1");
}

// — expiry —

class ExpiryTest : public StockTest {
 protected:
  ExpiryTest() { stock.move(key_of(1, 1), received(100), next()); }
  void hold(std::uint64_t claim, Timestamp expires_at) {
    stock.open_claim(claim_id(claim), expires_at, context_of("a"), next());
    stock.move_line(claim_id(claim), 1, key_of(1, 1), {.held = Quantity(2)}, next());
  }
  void move(std::uint64_t claim, const LineQuantities& delta) {
    stock.move_line(claim_id(claim), 1, key_of(1, 1), delta, next());
  }
  // The claims that expire until `now`, in order, each expired as fold would.
  std::vector<ClaimId> expire_until(Timestamp now) {
    std::vector<ClaimId> out;
    for (ClaimRef claim = stock.due(now); claim.exists(); claim = stock.due(now)) {
      out.push_back(stock.head(claim).id);
      const Quantity held = stock.sum(claim).held;
      stock.move_line(out.back(), 1, key_of(1, 1), {.held = -held, .expired = held}, next());
    }
    return out;
  }
};

TEST_F(ExpiryTest, NothingIsDueInAnEmptyLedger) {
  EXPECT_TRUE(stock.next_expiry().is_never());
  EXPECT_FALSE(stock.due(Timestamp::never()).exists());
}

TEST_F(ExpiryTest, EarliestFirstAndTiesInOrderOfOpening) {
  hold(1, Timestamp::us(30));
  hold(2, Timestamp::us(20));
  hold(3, Timestamp::us(20));
  hold(4, Timestamp::us(10));
  hold(5, Timestamp::never());
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(10));
  EXPECT_FALSE(stock.due(Timestamp::us(9)).exists());
  EXPECT_EQ(expire_until(Timestamp::us(29)), (std::vector{claim_id(4), claim_id(2), claim_id(3)}));
  EXPECT_EQ(expire_until(Timestamp::us(30)), (std::vector{claim_id(1)}));
  EXPECT_TRUE(stock.next_expiry().is_never());
}

TEST_F(ExpiryTest, OnlyClaimsWithHeldUnitsExpire) {
  hold(1, Timestamp::us(10));
  hold(2, Timestamp::us(20));
  stock.open_claim(claim_id(3), Timestamp::us(5), context_of("a"), next());  // no lines
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(10));
  move(1, {.held = Quantity(-1), .committed = Quantity(1)});
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(10));  // one unit is still held
  move(1, {.held = Quantity(-1), .committed = Quantity(1)});
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(20));
  move(1, {.held = Quantity(1)});  // taken again
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(10));
}

TEST_F(ExpiryTest, AnEndCanMoveEitherWay) {
  hold(1, Timestamp::us(10));
  hold(2, Timestamp::us(20));
  stock.set_expiry(claim_id(1), Timestamp::us(30), next());
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(20));
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(1))).version, seq);
  stock.set_expiry(claim_id(2), Timestamp::us(40), next());
  EXPECT_EQ(expire_until(Timestamp::us(40)), (std::vector{claim_id(1), claim_id(2)}));
  stock.set_expiry(claim_id(1), Timestamp::us(50), next());  // nothing held: not revived
  EXPECT_TRUE(stock.next_expiry().is_never());
}

TEST_F(ExpiryTest, AnOutageExtendsLiveHoldsOnly) {
  hold(1, Timestamp::us(10));
  hold(2, Timestamp::us(20));
  hold(3, Timestamp::never());
  move(2, {.held = Quantity(-2), .committed = Quantity(2)});
  stock.extend_holds(Duration::us(5), next());
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(1))).expires_at, Timestamp::us(15));
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(1))).version, seq);
  EXPECT_EQ(stock.head(stock.find_claim(claim_id(2))).expires_at, Timestamp::us(20));
  EXPECT_LT(stock.head(stock.find_claim(claim_id(2))).version, seq);
  EXPECT_TRUE(stock.head(stock.find_claim(claim_id(3))).expires_at.is_never());
  EXPECT_EQ(stock.next_expiry(), Timestamp::us(15));
}

// — remembered requests —

class RequestTest : public StockTest {
 protected:
  void remember(std::string_view actor, std::string_view id, Timestamp at, bool refused,
                std::string_view answer) {
    RequestRemembered entry;
    entry.fingerprint = {.low = answer.size(), .high = 7};
    entry.answer = answer;
    entry.refused = refused;
    stock.remember(context_of(actor, id, at), entry, next());
  }
  static constexpr Timestamp start = Timestamp::us(1'000'000);
  static constexpr Timestamp day_later = start + Duration::hours(24);
};

TEST_F(RequestTest, AnAnswerIsFoundByActorAndRequest) {
  remember("ann", "r1", start, false, "granted");
  const auto found = stock.find_request("ann", "r1", start);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answer, "granted");
  EXPECT_EQ(found->fingerprint, (Hash128{.low = 7, .high = 7}));
  EXPECT_EQ(found->seq, seq);
  EXPECT_EQ(found->at, start);
  EXPECT_FALSE(found->refused);
  EXPECT_FALSE(stock.find_request("bob", "r1", start).has_value());
  EXPECT_FALSE(stock.find_request("ann", "r2", start).has_value());
  EXPECT_FALSE(stock.find_request("annr", "1", start).has_value());
}

TEST_F(RequestTest, ARefusalIsForgottenAfterADayAndAGrantIsNot) {
  remember("ann", "refused", start, true, "no");
  remember("ann", "granted", start, false, "yes");
  EXPECT_TRUE(stock.find_request("ann", "refused", day_later + Duration::us(-1)).has_value());
  EXPECT_FALSE(stock.find_request("ann", "refused", day_later).has_value());
  EXPECT_TRUE(stock.find_request("ann", "granted", day_later + Duration::hours(9'999)).has_value());
}

TEST_F(RequestTest, AForgottenKeyCanBeUsedAgain) {
  remember("ann", "r1", start, true, "no");
  remember("ann", "r1", day_later, false, "yes");
  EXPECT_EQ(stock.find_request("ann", "r1", day_later)->answer, "yes");
}

TEST_F(RequestTest, ForgottenRefusalsGiveTheirMemoryBack) {
  const std::string answer(500, 'x');
  for (int request = 0; request < 1'000; ++request) {
    remember("ann", "r" + std::to_string(request), start, true, answer);
  }
  const std::uint64_t full = stock.memory_bytes();
  for (int request = 1'000; request < 3'000; ++request) {
    const Timestamp at = start + Duration::hours(25 * (request / 500));
    remember("ann", "r" + std::to_string(request), at, true, answer);
  }
  EXPECT_LT(stock.memory_bytes(), full + full / 4);
  EXPECT_FALSE(stock.find_request("ann", "r1", start).has_value());  // dropped, not only ignored
}

// — digest —

TEST(Digest, IsTheSameInWhateverOrderRowsWereOpened) {
  const auto make = [](bool forward) {
    auto stock = std::make_unique<Stock>();
    stock->define(LocationId(1), location_named("a"), Seq(1));
    for (std::uint32_t item = 1; item <= 200; ++item) {
      stock->define(ItemId(item), item_named("s" + std::to_string(item)), Seq(1 + item));
    }
    for (std::uint32_t step = 0; step < 200; ++step) {
      const std::uint32_t item = forward ? step + 1 : 200 - step;
      stock->move(key_of(item, 1), received(item), Seq(1'000 + item));
    }
    return stock->digest();
  };
  EXPECT_EQ(make(true), make(false));
}

TEST(Digest, TellsStatesApart) {
  using Change = std::function<void(Stock&)>;
  const auto held = [](Stock& stock, std::uint64_t claim, std::int64_t units) {
    stock.move_line(claim_id(claim), 1, key_of(1, 1), {.held = Quantity(units)}, Seq(50));
  };
  const auto open = [](Stock& stock, std::uint64_t claim, GroupContext context, std::int64_t end) {
    stock.open_claim(claim_id(claim), Timestamp::us(end), context, Seq(50));
  };
  const auto remember = [](Stock& stock, std::string_view actor, std::string_view id,
                           std::string_view answer, bool refused) {
    RequestRemembered entry;
    entry.answer = answer;
    entry.refused = refused;
    stock.remember(context_of(actor, id), entry, Seq(50));
  };
  GroupContext with_customer = context_of("a");
  with_customer.customer = "c";
  GroupContext with_reference = context_of("a");
  with_reference.reference = "c";
  // Each differs from every other in one thing only.
  const std::vector<Change> changes = {
      [](Stock&) {},
      [](Stock& s) { s.move(key_of(1, 1), received(1), Seq(50)); },
      [](Stock& s) { s.move(key_of(1, 1), received(1), Seq(51)); },
      [](Stock& s) { s.move(key_of(1, 1), received(2), Seq(50)); },
      [](Stock& s) { s.move(key_of(2, 1), received(1), Seq(50)); },
      [](Stock& s) { s.move(key_of(1, 2), received(1), Seq(50)); },
      [](Stock& s) { s.move(key_of(1, 1, 1), received(1), Seq(50)); },
      [](Stock& s) { s.move(key_of(1, 1), {}, Seq(50)); },
      [](Stock& s) {
        s.move(key_of(1, 1), delta_of({{Term::incoming, 1}}), Seq(50));
      },
      [](Stock& s) {
        s.move(key_of(1, 1), delta_of({{Term::damaged, 1}}), Seq(50));
      },
      [](Stock& s) {  // equal sums, in swapped rows
        s.move(key_of(1, 1), received(3), Seq(50));
        s.move(key_of(2, 1), received(4), Seq(50));
      },
      [](Stock& s) {
        s.move(key_of(1, 1), received(4), Seq(50));
        s.move(key_of(2, 1), received(3), Seq(50));
      },
      [&](Stock& s) { open(s, 1, context_of("a"), 9); },
      [&](Stock& s) { open(s, 2, context_of("a"), 9); },
      [&](Stock& s) { open(s, 1, context_of("a"), 8); },
      [&](Stock& s) { open(s, 1, context_of("b"), 9); },
      [&](Stock& s) { open(s, 1, with_customer, 9); },
      [&](Stock& s) { open(s, 1, with_reference, 9); },
      [&](Stock& s) {
        s.move(key_of(1, 1), {}, Seq(50));
        open(s, 1, context_of("a"), 9);
        held(s, 1, 1);
      },
      [&](Stock& s) {
        s.move(key_of(1, 1), {}, Seq(50));
        open(s, 1, context_of("a"), 9);
        held(s, 1, 2);
      },
      [](Stock& s) { s.define(ItemId(1), item_named("other"), Seq(50)); },
      [](Stock& s) { s.define(ItemId(1), item_named("one"), Seq(50)); },
      [](Stock& s) { s.define(LocationId(1), location_named("L1", 5), Seq(50)); },
      [](Stock& s) { s.define(ChannelId(1), channel_named("web", {LocationId(1)}), Seq(50)); },
      [](Stock& s) { s.name_lot(LotId(2), "x", Seq(50)); },
      [](Stock& s) { s.name_lot(LotId(2), "y", Seq(50)); },
      [&](Stock& s) { remember(s, "a", "r", "x", false); },
      [&](Stock& s) { remember(s, "a", "r", "x", true); },
      [&](Stock& s) { remember(s, "a", "r", "y", false); },
      [&](Stock& s) { remember(s, "a", "s", "x", false); },
      [&](Stock& s) { remember(s, "b", "r", "x", false); },
  };
  std::vector<std::uint64_t> digests;
  for (const Change& change : changes) {
    Stock stock;
    stock.define(LocationId(1), location_named("L1"), Seq(1));
    stock.define(LocationId(2), location_named("L2"), Seq(2));
    stock.define(ChannelId(1), channel_named("web"), Seq(3));
    stock.define(ItemId(1), item_named("one"), Seq(4));
    stock.define(ItemId(2), item_named("two"), Seq(5));
    stock.name_lot(LotId(1), "lot", Seq(6));
    change(stock);
    EXPECT_EQ(stock.digest(), stock.recomputed_digest()) << "change " << digests.size();
    digests.push_back(stock.digest());
  }
  for (std::size_t a = 0; a < digests.size(); ++a) {
    for (std::size_t b = a + 1; b < digests.size(); ++b) {
      EXPECT_NE(digests[a], digests[b]) << "changes " << a << " and " << b;
    }
  }
}

// As if nothing had ever happened: names, orders of selling, queue, rows.
TEST(Attempt, IsTakenBackWhole) {
  Stock stock;
  stock.define(LocationId(1), location_named("main"), Seq(1));
  stock.define(ChannelId(1), channel_named("web"), Seq(2));
  stock.define(ItemId(1), item_named("A"), Seq(3));
  stock.move(key_of(1, 1), received(5), Seq(4));
  stock.open_claim(claim_id(1), Timestamp::us(50), context_of("ann"), Seq(5));
  stock.move_line(claim_id(1), 1, key_of(1, 1), {.held = Quantity(2)}, Seq(6));
  const std::uint64_t digest = stock.digest();

  for (int round = 0; round < 3; ++round) {
    stock.begin_attempt();
    stock.define(LocationId(1), location_named("depot", 1, false), Seq(7));
    stock.define(LocationId(2), location_named("shop"), Seq(8));
    stock.define(ChannelId(1), channel_named("app"), Seq(9));
    stock.define(ChannelId(2), channel_named("pos"), Seq(10));
    stock.define(ItemId(1), item_named("A2"), Seq(11));
    stock.define(ItemId(2), item_named("B"), Seq(12));
    stock.name_lot(LotId(1), "L", Seq(13));
    stock.move(key_of(1, 1), received(-5), Seq(14));
    stock.move(key_of(2, 2, 1), received(9), Seq(15));
    stock.set_expiry(claim_id(1), Timestamp::us(20), Seq(16));
    stock.move_line(claim_id(1), 1, key_of(1, 1), {.held = Quantity(-2), .released = Quantity(2)},
                    Seq(17));
    stock.move_line(claim_id(1), 2, key_of(2, 2, 1), {.held = Quantity(1)}, Seq(18));
    stock.open_claim(claim_id(2), Timestamp::us(10), context_of("bob"), Seq(19));
    EXPECT_EQ(stock.find_item("B"), ItemId(2));
    EXPECT_EQ(stock.selling_order(ChannelId(1)).size(), 1);
    stock.undo_attempt();

    EXPECT_EQ(stock.find_location("main"), LocationId(1));
    EXPECT_EQ(stock.find_channel("web"), ChannelId(1));
    EXPECT_EQ(stock.find_item("A"), ItemId(1));
    for (const char* name : {"depot", "shop"}) EXPECT_EQ(stock.find_location(name), LocationId());
    for (const char* name : {"app", "pos"}) EXPECT_EQ(stock.find_channel(name), ChannelId());
    for (const char* name : {"A2", "B"}) EXPECT_EQ(stock.find_item(name), ItemId());
    EXPECT_EQ(stock.find_lot("L"), LotId());
    EXPECT_EQ(stock.last_item(), ItemId(1));
    EXPECT_THAT(stock.selling_order(ChannelId(1)), testing::ElementsAre(LocationId(1)));
    EXPECT_EQ(stock.version(ChannelId(1)), Seq(2));
    EXPECT_EQ(stock.level_count(), 1);
    EXPECT_EQ(stock.claim_count(), 1);
    EXPECT_FALSE(stock.find_claim(claim_id(2)).exists());
    EXPECT_EQ(stock.head(stock.find_claim(claim_id(1))).line_count, 1);
    EXPECT_EQ(stock.sum(stock.find_claim(claim_id(1))).held, Quantity(2));
    EXPECT_EQ(stock.next_expiry(), Timestamp::us(50));
    EXPECT_EQ(stock.level(stock.find_level(key_of(1, 1))).version, Seq(4));
    EXPECT_EQ(stock.digest(), digest);
    EXPECT_EQ(stock.recomputed_digest(), digest);
  }
}

// Whoever tries again and again needs no memory for it.
TEST(Attempt, LeavesNoMemoryBehind) {
  Stock stock;
  stock.define(ItemId(1), item_named("A"), Seq(1));
  stock.define(LocationId(1), location_named("main"), Seq(2));
  const auto attempt = [&stock] {
    stock.begin_attempt();
    for (std::uint32_t number = 1; number <= 200; ++number) {
      const std::string customer = "customer " + std::to_string(number);
      GroupContext context = context_of("ann");
      context.customer = customer;
      stock.name_lot(LotId(number), customer, Seq(3));
      stock.move(key_of(1, 1, number), received(5), Seq(4));
      stock.open_claim(claim_id(number), Timestamp::us(50), context, Seq(5));
      stock.move_line(claim_id(number), 1, key_of(1, 1, number), {.held = Quantity(2)}, Seq(6));
      context.request_id = customer;
      for (const bool refused : {false, true}) {
        stock.remember(context, {.fingerprint = {}, .answer = "no", .refused = refused}, Seq(7));
      }
    }
    stock.undo_attempt();
  };
  attempt();
  const std::uint64_t bytes = stock.memory_bytes();
  for (int round = 0; round < 10; ++round) attempt();
  EXPECT_EQ(stock.memory_bytes(), bytes);
}

}  // namespace
}  // namespace holdfast
