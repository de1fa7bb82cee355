// Stock: what each method promises.
#include "stock/stock.h"

#include <gtest/gtest.h>

#include "stock/snapshot.h"

namespace holdfast {
namespace {

ItemRecord item_named(std::string sku) {
  ItemRecord record;
  record.sku = std::move(sku);
  return record;
}

LocationRecord location_named(std::string code, std::int32_t priority = 100) {
  LocationRecord record;
  record.code = std::move(code);
  record.priority = priority;
  return record;
}

ClaimId claim_id(std::uint64_t number) {
  return ClaimId::v7(1'700'000'000'000, number, number * 7);
}

Quantities received(std::int64_t units) {
  Quantities delta;
  delta[Term::on_hand] = Quantity(units);
  delta[Term::available] = Quantity(units);
  return delta;
}

TEST(Stock, Smoke) {
  Stock stock;
  stock.define(LocationId(1), location_named("main"), Seq(1));
  stock.define(ItemId(1), item_named("A"), Seq(2));
  const LevelKey key{ItemId(1), LocationId(1), LotId()};
  stock.move(key, received(5), Seq(3));
  EXPECT_EQ(stock.quantity(stock.find_level(key), Term::available), Quantity(5));
  EXPECT_EQ(stock.digest(), stock.recomputed_digest());
  GroupContext context;
  context.actor = "me";
  stock.open_claim(claim_id(1), Timestamp::us(10), context, Seq(4));
  stock.move_line(claim_id(1), 1, key, {.held = Quantity(2)}, Seq(5));
  EXPECT_EQ(stock.digest(), stock.recomputed_digest());
  EXPECT_TRUE(stock.due(Timestamp::us(10)).exists());
  const auto snapshot = stock.snapshot(Seq(5));
  stock.move(key, received(1), Seq(6));
  EXPECT_EQ(snapshot->level(LevelRef{1}).quantities[Term::available], Quantity(5));
}

}  // namespace
}  // namespace holdfast
