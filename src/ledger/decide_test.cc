// Tables for stock commands, definitions and repeated requests.
#include <gtest/gtest.h>

#include "ledger/test_script.h"

namespace holdfast {
namespace {

TEST(Receive, FillsShortageFirst) {
  TestScript::run(R"(
    item A
    sale 4 A               -> done requested=4 available=0
    level A                -> on_hand=-4 shortage=4
    claim c1 1 A           -> short_of_stock
    receive 3 A            -> done available=0
    level A                -> on_hand=-1 shortage=1
    receive 3 A            -> done available=2
    level A                -> on_hand=2 available=2
    receive 0 A            -> quantity_invalid
    receive 1 nope         -> item_unknown
    receive 1 A@nope       -> location_unknown
    receive 1 A channel=nope            -> channel_unknown
    receive 9007199254740989 A          -> done
    receive 3 A   -> quantity_invalid requested=3 available=9007199254740991 limit=9007199254740991
    adjust 3 A    -> quantity_invalid requested=3 available=9007199254740991
    receive 1 A/L1         -> wrong_state
  )");
}

TEST(Adjust, IsARequestUnlessForced) {
  TestScript::run(R"(
    item A
    adjust 5 A             -> done requested=5 available=5
    claim c1 3 A
    adjust -3 A            -> short_of_stock requested=3 available=2
    adjust -2 A            -> done requested=-2 available=0
    adjust -2 A force      -> done
    level A                -> on_hand=1 committed=3 shortage=2
    adjust 3 A             -> done available=1
    level A                -> on_hand=4 available=1 committed=3
    adjust 0 A             -> quantity_invalid
    adjust -1 A@main/L1    -> wrong_state
  )");
}

TEST(Sale, IsAFactAndLeavesAShortage) {
  TestScript::run(R"(
    item A
    item L tracking=lot
    item S tracking=none
    receive 2 A
    time 10:00
    claim c1 1 A hold=10m
    sale 2 A               -> done requested=2 available=0
    level A                -> held=1 shortage=1
    sale 1 A               -> done
    level A                -> on_hand=-1 held=1 shortage=2
    # What comes back fills the shortage before anyone can take it.
    time 10:10
    level A                -> on_hand=-1 shortage=1
    claim c2 1 A           -> short_of_stock
    sale 1 L/new           -> done entries=2
    level L/new            -> on_hand=-1 shortage=1
    sale 1 nope            -> item_unknown
    # Nobody counts an untracked item, unless somebody received it.
    sale 3 S               -> done entries=1
    level S                ->
    receive 2 S
    sale 3 S
    level S                ->
  )");
}

TEST(Define, IsAnUpsert) {
  TestScript::run(R"(
    item A                           -> done entries=1
    item A                           -> already entries=0
    item A title=Shoe                -> done
    item A title=Shoe hold_for=10m   -> done
    item A                           -> already
    location BER 5                   -> done
    location BER 5                   -> already
    location BER 4                   -> done
    channel web BER main             -> done
    channel web BER main             -> already
    channel web main BER             -> done
    channel web                      -> already
    channel web BER nope             -> location_unknown @nope:location_unknown=0/0
    channel web inactive             -> done
  )");
}

// A level has a lot exactly when its item is tracked by lot.
TEST(Define, TrackingByLotBeginsAndEndsWithoutUnits) {
  TestScript::run(R"(
    item L tracking=lot
    receive 1 L                      -> wrong_state entries=0
    adjust 1 L                       -> wrong_state
    sale 1 L                         -> wrong_state
    level L                          ->
    receive 2 L/L1
    item L tracking=quantity         -> wrong_state requested=0 available=2 entries=0
    item L tracking=lot title=Wine   -> done
    sale 2 L/L1
    item L tracking=quantity         -> done
    receive 3 L
    claim c1 1 L
    item L tracking=lot              -> wrong_state requested=1 available=3
    item L tracking=none             -> done
    item L tracking=lot              -> wrong_state
    item U tracking=none
    receive 1 U
    item U tracking=lot              -> wrong_state available=1
    item U tracking=quantity         -> done
  )");
}

TEST(Define, HoldsFitWhateverIsGivenFirst) {
  TestScript::run(R"(
    item A hold_max=1h               -> done
    item A hold_for=2h               -> limit_exceeded requested=7200 limit=3600 entries=0
    item A hold_for=2h hold_max=2h   -> done
    item A hold_max=1h               -> limit_exceeded requested=7200 limit=3600
    item A title=Shoe                -> done
  )");
}

TEST(Idempotency, GivesTheSameAnswerOnce) {
  TestScript::run(R"(
    item A
    receive 5 A
    claim c1 2 A key=k1              -> granted available=3 entries=3
    claim c1 2 A key=k1              -> granted available=3 1:A@main=2 replayed entries=0
    claim c1 2 A@main key=k1         -> request_mismatch entries=0
    claim c1 2 A key=k1              -> granted replayed
    claim c2 2 A key=k1 actor=other  -> granted entries=3
    level A                          -> on_hand=5 available=1 committed=4
    release c1 key=k2                -> done entries=2
    release c1 key=k3                -> already entries=1
    release c1 key=k2                -> done replayed
  )");
}

// A refusal is remembered for a day: its late duplicate cannot succeed after a restock.
TEST(Idempotency, RemembersRefusalsForADay) {
  TestScript::run(R"(
    item A
    time 10:00
    claim c1 1 A key=k1              -> short_of_stock requested=1 entries=1
    receive 1 A
    time 33:59 59s
    claim c1 1 A key=k1              -> short_of_stock requested=1 available=0 replayed entries=0
    time 34:00
    claim c1 1 A key=k1              -> granted entries=3
    time 99:00
    claim c1 1 A key=k1              -> granted replayed
  )");
}

TEST(Idempotency, ValidationBurnsNoKey) {
  TestScript::run(R"(
    item A
    receive 2 A
    claim c1 0 A key=k1              -> quantity_invalid entries=0
    claim c1 1 A key=k1              -> granted
    # What depends on the state is remembered.
    cancel c1 2 A key=k2             -> quantity_invalid requested=2 available=1 entries=1
    claim c2 1 nope key=k3           -> item_unknown entries=1
    item nope
    claim c2 1 nope key=k3           -> item_unknown replayed
  )");
}

// The gate is the highest version of everything the answer depends on.
TEST(Gate, CoversWhatWasConsulted) {
  TestShop shop;
  DefineItem item;
  item.sku = "A";
  shop.submit({{}, item});
  const LineRequest one{"A", Quantity(1), "", ""};
  ClaimUnits claim;
  claim.lines = {&one, 1};
  EXPECT_EQ(shop.submit({{}, claim}).outcome, Outcome::short_of_stock);
  EXPECT_EQ(shop.decision().gate, shop.seq());  // the item's definition
  shop.submit({{}, Receive{"A", "", "", Quantity(1), {}}});
  const Seq received = shop.seq();
  item.sku = "B";
  shop.submit({{}, item});
  const LineRequest two{"A", Quantity(2), "", ""};
  claim.lines = {&two, 1};
  EXPECT_EQ(shop.submit({{}, claim}).outcome, Outcome::short_of_stock);
  EXPECT_EQ(shop.decision().gate, received);  // the level; B has nothing to do with it
  EXPECT_EQ(shop.answer().seq, received);
}

}  // namespace
}  // namespace holdfast
