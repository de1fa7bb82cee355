// Provisional claims, from being taken to being settled or undone.
#include "ledger/transaction.h"

#include <gtest/gtest.h>

#include "ledger/test_shop.h"

namespace holdfast {
namespace {

class TransactionTest : public testing::Test {
 protected:
  void SetUp() override {
    shop_.submit({{}, DefineItem{.sku = "A"}});
    shop_.submit({{}, Receive{.sku = "A", .quantity = Quantity(3)}});
  }
  void TearDown() override { shop_.compare(); }

  Command claim(std::int64_t units, std::string_view key = {}) {
    line_ = {.sku = "A", .quantity = Quantity(units)};
    return {{.actor = "ann", .request_id = key}, ClaimUnits{.lines = std::span(&line_, 1)}};
  }
  Timestamp lease() { return shop_.now() + Duration::seconds(30); }
  // A claim held by a transaction, told that it will be committed.
  ClaimId take(std::int64_t units) {
    const Answer& answer = shop_.submit_until(lease(), claim(units));
    EXPECT_EQ(answer.outcome, Outcome::granted);
    EXPECT_EQ(answer.state, ClaimState::committed);
    return answer.claim;
  }
  Level level() {
    return shop_.stock().level(shop_.stock().find_level({ItemId(1), LocationId(1)}));
  }
  std::int64_t units(Term term) { return level().quantities[term].units(); }
  bool exists(const ClaimId& id) { return shop_.stock().find_claim(id).exists(); }

  TestShop shop_;
  LineRequest line_;
};

TEST_F(TransactionTest, UnitsAreHeldAtOnceAndBecomeWhatWasAnswered) {
  const Command command = claim(2);
  const ClaimId id = take(2);
  EXPECT_EQ(units(Term::available), 1);
  EXPECT_EQ(units(Term::held), 2);
  EXPECT_TRUE(shop_.settle({id, Timestamp::never(), command, {}}));
  EXPECT_EQ(units(Term::held), 0);
  EXPECT_EQ(units(Term::committed), 2);
  const ClaimHead head = shop_.stock().head(shop_.stock().find_claim(id));
  EXPECT_FALSE(head.provisional);
  EXPECT_TRUE(head.expires_at.is_never());
  EXPECT_TRUE(shop_.stock().provisional_claims().empty());
}

TEST_F(TransactionTest, AHoldKeepsTheEndThatWasAnswered) {
  Command command = claim(1);
  std::get<ClaimUnits>(command.body).hold = HoldMode::timed;
  std::get<ClaimUnits>(command.body).hold_for = Duration::minutes(10);
  const Answer answer = shop_.submit_until(lease(), command);
  EXPECT_EQ(answer.state, ClaimState::held);
  EXPECT_EQ(answer.expires_at, shop_.now() + Duration::minutes(10));
  EXPECT_EQ(shop_.stock().next_expiry(), lease());
  EXPECT_TRUE(shop_.settle({answer.claim, answer.expires_at, command, {}}));
  EXPECT_EQ(shop_.stock().next_expiry(), answer.expires_at);
  EXPECT_EQ(units(Term::held), 1);
}

TEST_F(TransactionTest, NothingIsLeftOfWhatWasUndone) {
  const ClaimId id = take(2);
  shop_.undo(id);
  EXPECT_EQ(units(Term::available), 3);
  EXPECT_EQ(units(Term::held), 0);
  EXPECT_FALSE(exists(id));
  Command again = claim(3);
  std::get<ClaimUnits>(again.body).claim = id;
  EXPECT_EQ(shop_.submit(again).outcome, Outcome::granted);
  EXPECT_EQ(shop_.answer().claim, id);
}

TEST_F(TransactionTest, ALeaseEndsExactlyAndMayBeExtended) {
  const Command command = claim(1);
  const ClaimId lost = take(1);
  const ClaimId kept = take(1);
  shop_.extend_lease(kept, lease() + Duration::us(1));
  shop_.advance_to(lease());
  EXPECT_FALSE(exists(lost));
  EXPECT_TRUE(exists(kept));
  EXPECT_EQ(units(Term::available), 2);
  EXPECT_FALSE(shop_.settle({lost, Timestamp::never(), command, {}}));
  EXPECT_TRUE(shop_.settle({kept, Timestamp::never(), command, {}}));
  EXPECT_EQ(units(Term::committed), 1);
}

TEST_F(TransactionTest, OthersSeeNoClaimAndAreToldWhatIsContended) {
  const ClaimId id = take(2);
  EXPECT_EQ(shop_.submit({{}, Confirm{.claim = id}}).outcome, Outcome::claim_unknown);
  EXPECT_EQ(shop_.submit({{}, Release{.claim = id}}).outcome, Outcome::claim_unknown);
  EXPECT_EQ(shop_.submit(claim(2, "k")).outcome, Outcome::contended);
  EXPECT_EQ(shop_.answer().requested, Quantity(2));
  EXPECT_EQ(shop_.answer().available, Quantity(1));
  EXPECT_EQ(shop_.submit(claim(4)).outcome, Outcome::short_of_stock);
  Command same_id = claim(1);
  std::get<ClaimUnits>(same_id.body).claim = id;
  EXPECT_EQ(shop_.submit(same_id).outcome, Outcome::contended);

  const Command adjust{{.actor = "shop", .request_id = "lost", .reason = "correction"},
                       Adjust{.sku = "A", .delta = Quantity(-2)}};
  EXPECT_EQ(shop_.submit(adjust).outcome, Outcome::contended);

  shop_.undo(id);
  EXPECT_EQ(shop_.submit(claim(2, "k")).outcome, Outcome::granted) << "it was not remembered";
}

// A paid order is not refused for a day because somebody else's block was open.
TEST_F(TransactionTest, AReclaimWaitsForNoBlock) {
  Command cart = claim(3);
  auto& body = std::get<ClaimUnits>(cart.body);
  body.hold = HoldMode::timed;
  body.hold_for = Duration::seconds(1);
  const ClaimId expired = shop_.submit(cart).claim;
  shop_.advance_to(shop_.now() + Duration::seconds(1));
  const ClaimId other = take(1);
  const Command pay{{.actor = "shop", .request_id = "pay"},
                    Confirm{.claim = expired, .if_expired = IfExpired::reclaim}};
  EXPECT_EQ(shop_.submit(pay).outcome, Outcome::contended);
  shop_.undo(other);
  EXPECT_EQ(shop_.submit(pay).outcome, Outcome::granted);
}

TEST_F(TransactionTest, AKeyIsUsedWhenItIsSettled) {
  const Command command = claim(1, "k");
  const ClaimId undone = shop_.submit_until(lease(), command).claim;
  shop_.undo(undone);
  const ClaimId id = shop_.submit_until(lease(), command).claim;
  ByteWriter told;
  shop_.answer().encode(told);
  const ClaimId late = shop_.submit_until(lease(), command).claim;
  EXPECT_TRUE(shop_.settle({id, Timestamp::never(), command, as_text(told.bytes())}));
  EXPECT_FALSE(shop_.settle({late, Timestamp::never(), command, as_text(told.bytes())}));
  shop_.undo(late);
  EXPECT_TRUE(shop_.submit(command).replayed);
  EXPECT_EQ(shop_.answer().claim, id);
  EXPECT_EQ(units(Term::committed), 1);
}

}  // namespace
}  // namespace holdfast
