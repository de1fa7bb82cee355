// Transactions over a real engine: what is held, seen, kept, given back, and what conflicts.
#include "engine/transactions.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "engine/client_for_test.h"

namespace holdfast {
namespace {

class TransactionsTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    stock_up("A", 3);
  }
  void TearDown() override {
    EXPECT_EQ(engine_->stock().digest(), engine_->stock().recomputed_digest());
    EngineTest::TearDown();
  }
  // What everybody sees.
  std::int64_t level(Term term) {
    Client nobody(*engine_);
    return nobody.see("A", term).units();
  }
  std::int64_t free() { return level(Term::available); }
  Client begin() {
    Client client(*engine_);
    client.begin();
    return client;
  }
};

TEST_F(TransactionsTest, AClaimIsHeldAtOnceAndCommittedAtCommit) {
  Client ann = begin();
  const Answer answer = ann.claim("A", 2);
  EXPECT_EQ(answer.outcome, Outcome::granted);
  EXPECT_EQ(answer.state, ClaimState::committed);
  EXPECT_EQ(answer.available, Quantity(1));
  EXPECT_EQ(free(), 1);
  EXPECT_EQ(level(Term::held), 2);
  EXPECT_EQ(ann.see("A", Term::committed), Quantity(2)) << "as it will be";
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(level(Term::committed), 2);
  EXPECT_EQ(level(Term::held), 0);
}

TEST_F(TransactionsTest, ARollbackLeavesNothing) {
  Client ann = begin();
  const Answer claim = ann.claim("A", 2);
  ann.run(Receive{.sku = "A", .quantity = Quantity(9)});
  ann.run(DefineItem{.sku = "B"});
  EXPECT_TRUE(ann.roll_back());
  EXPECT_EQ(free(), 3);
  EXPECT_EQ(level(Term::on_hand), 3);
  EXPECT_EQ(engine_->stock().find_item("B"), ItemId());
  EXPECT_FALSE(engine_->stock().find_claim(claim.claim).exists());
}

TEST_F(TransactionsTest, WhatGivesIsSeenByItselfAloneUntilCommit) {
  Client ann = begin();
  EXPECT_EQ(ann.run(Receive{.sku = "A", .quantity = Quantity(4)}).outcome, Outcome::done);
  EXPECT_EQ(ann.see("A", Term::available), Quantity(7));
  EXPECT_EQ(free(), 3);
  // Units that it gives itself can be taken by itself, at COMMIT.
  EXPECT_EQ(ann.claim("A", 6).outcome, Outcome::granted);
  EXPECT_EQ(free(), 3);
  EXPECT_EQ(ann.claim("A", 2).outcome, Outcome::short_of_stock);
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(free(), 1);
  EXPECT_EQ(level(Term::committed), 6);
}

TEST_F(TransactionsTest, ANewItemCanBeStockedAndSoldInOne) {
  Client ann = begin();
  EXPECT_EQ(ann.run(DefineItem{.sku = "B"}).outcome, Outcome::done);
  EXPECT_EQ(ann.run(Receive{.sku = "B", .quantity = Quantity(1)}).outcome, Outcome::done);
  const Answer answer = ann.claim("B", 1);
  EXPECT_EQ(answer.outcome, Outcome::granted);
  EXPECT_EQ(ann.run(Fulfil{.claim = answer.claim}).outcome, Outcome::done);
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(engine_->stock().sum(engine_->stock().find_claim(answer.claim)).fulfilled, Quantity(1));
}

TEST_F(TransactionsTest, TwoThatTakeOneSkuNeverConflict) {
  Client ann = begin();
  Client bob = begin();
  EXPECT_EQ(ann.claim("A", 1).outcome, Outcome::granted);
  EXPECT_EQ(bob.claim("A", 1).outcome, Outcome::granted);
  EXPECT_EQ(bob.claim("A", 1).outcome, Outcome::granted);
  EXPECT_EQ(ann.claim("A", 1).outcome, Outcome::contended);
  EXPECT_TRUE(ann.commit());
  EXPECT_TRUE(bob.commit());
  EXPECT_EQ(level(Term::committed), 3);
}

TEST_F(TransactionsTest, WhatItRestedOnHasChanged) {
  const Answer claim = this->claim("A", 2, {}, Duration::minutes(10));
  Client ann = begin();
  Client bob = begin();
  EXPECT_EQ(ann.claim("A", 1).outcome, Outcome::granted);
  EXPECT_EQ(ann.run(Confirm{.claim = claim.claim}).outcome, Outcome::done);
  EXPECT_EQ(bob.run(Release{.claim = claim.claim}).outcome, Outcome::done);
  EXPECT_TRUE(bob.commit());
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
  EXPECT_EQ(free(), 3) << "its own claim went back too";
}

TEST_F(TransactionsTest, ASavepointBringsBackWhatCameBefore) {
  Client ann = begin();
  ann.claim("A", 1);
  EXPECT_TRUE(ann.operate(TransactionVerb::savepoint, "s"));
  ann.claim("A", 1);
  ann.run(Receive{.sku = "A", .quantity = Quantity(5)});
  EXPECT_EQ(free(), 1);
  EXPECT_TRUE(ann.operate(TransactionVerb::rollback_to, "s"));
  EXPECT_EQ(free(), 2);
  EXPECT_TRUE(ann.operate(TransactionVerb::rollback_to, "s")) << "it is still there";
  EXPECT_TRUE(ann.operate(TransactionVerb::release, "s"));
  const Status unknown = ann.operate(TransactionVerb::rollback_to, "s");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::undefined_savepoint);
  ann.claim("A", 1);
  EXPECT_EQ(ann.error->code, ErrorCode::failed_transaction);
  EXPECT_TRUE(ann.commit());
  EXPECT_TRUE(ann.rolled_back);
  EXPECT_EQ(free(), 3);
}

TEST_F(TransactionsTest, ALeaseIsRenewedByEveryStatementAndEndsWithoutThem) {
  Client ann = begin();
  ann.claim("A", 2);
  for (int statement = 0; statement < 5; ++statement) {
    clock_.pass(Duration::seconds(20));
    ann.see("A", Term::available);
    EXPECT_FALSE(ann.error);
  }
  EXPECT_EQ(free(), 1);
  clock_.pass(Duration::seconds(30));
  EXPECT_EQ(free(), 3);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
}

TEST_F(TransactionsTest, ARestartUndoesWhatWasNotCommitted) {
  Client ann = begin();
  Client bob = begin();
  const Answer kept = ann.claim("A", 1);
  const Answer lost = bob.claim("A", 1);
  EXPECT_TRUE(ann.commit());
  reopen();
  EXPECT_EQ(free(), 2);
  EXPECT_TRUE(engine_->stock().find_claim(kept.claim).exists());
  EXPECT_FALSE(engine_->stock().find_claim(lost.claim).exists());
  EXPECT_TRUE(engine_->stock().provisional_claims().empty());
}

TEST_F(TransactionsTest, AKeyIsUsedByCommitAndByNoRollback) {
  Client ann = begin();
  const Answer first = ann.claim("A", 1, "k");
  EXPECT_EQ(ann.claim("A", 1, "k").claim, first.claim);
  EXPECT_EQ(ann.claim("A", 2, "k").outcome, Outcome::request_mismatch);
  EXPECT_TRUE(ann.roll_back());
  Client again = begin();
  const Answer second = again.claim("A", 1, "k");
  EXPECT_FALSE(second.replayed);
  EXPECT_EQ(again.run(Receive{.sku = "A", .quantity = Quantity(2)}, "r").outcome, Outcome::done);
  EXPECT_TRUE(again.commit());
  Client later(*engine_);
  EXPECT_TRUE(later.claim("A", 1, "k").replayed);
  EXPECT_TRUE(later.run(Receive{.sku = "A", .quantity = Quantity(2)}, "r").replayed);
  EXPECT_EQ(free(), 4);
  reopen();
  Client restarted(*engine_);
  EXPECT_EQ(restarted.claim("A", 1, "k").claim, second.claim);
}

TEST_F(TransactionsTest, ATransactionHasItsLimits) {
  Client ann = begin();
  for (std::size_t step = 0; step < transaction_steps_max; ++step) {
    ASSERT_EQ(ann.run(Receive{.sku = "A", .quantity = Quantity(1)}).outcome, Outcome::done);
  }
  ann.run(Receive{.sku = "A", .quantity = Quantity(1)});
  ASSERT_TRUE(ann.error);
  EXPECT_EQ(ann.error->code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(ann.commit());
  EXPECT_TRUE(ann.rolled_back);
  EXPECT_EQ(level(Term::on_hand), 3);
}

TEST_F(TransactionsTest, CommitIsOneBatchAndWaitsForTheDisk) {
  const std::uint64_t batches = engine_->stats().batches;
  Client ann = begin();
  for (int step = 0; step < 50; ++step) ann.run(Receive{.sku = "A", .quantity = Quantity(1)});
  EXPECT_EQ(engine_->stats().batches, batches) << "nothing was written before";
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(engine_->stats().batches, batches + 1);
  EXPECT_EQ(engine_->durable(), engine_->stats().live);
  EXPECT_EQ(free(), 53);
}

// A claim that is held at once must not take from an earlier one that waits for COMMIT.
TEST_F(TransactionsTest, EachStepTakesInItsOwnTurn) {
  Client ann = begin();
  ann.run(Receive{.sku = "A", .quantity = Quantity(6)});
  EXPECT_EQ(ann.claim("A", 9).outcome, Outcome::granted);
  ann.run(Receive{.sku = "A", .quantity = Quantity(5)});
  EXPECT_EQ(ann.claim("A", 3).outcome, Outcome::granted);
  EXPECT_EQ(ann.see("A", Term::available), Quantity(2));
  EXPECT_EQ(ann.claim("A", 3).outcome, Outcome::short_of_stock);
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(free(), 2);
  EXPECT_EQ(level(Term::committed), 12);
  reopen();
  EXPECT_EQ(free(), 2) << "the entries say the same";
}

// The id of a claim that COMMIT will open was told; who hears of it may use it first.
TEST_F(TransactionsTest, AnIdThatWasToldMayBeUsedByOthers) {
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  Client ann = begin();
  ann.run(Sale{.sku = "A", .quantity = Quantity(1)});
  const Answer told = ann.run(ClaimUnits{.lines = lines});
  ASSERT_EQ(told.outcome, Outcome::granted);
  EXPECT_EQ(run(ClaimUnits{.lines = lines, .claim = told.claim}).outcome, Outcome::granted);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
  EXPECT_EQ(free(), 2);
}

// Not other lines, places or ends than the client was told.
TEST_F(TransactionsTest, CommitDoesWhatWasAnsweredLineByLine) {
  stock_up("B", 3);
  const LineRequest before[] = {{.sku = "A", .quantity = Quantity(2)},
                                {.sku = "B", .quantity = Quantity(1)}};
  const LineRequest after[] = {{.sku = "A", .quantity = Quantity(1)},
                               {.sku = "B", .quantity = Quantity(2)}};
  const Answer order = run(ClaimUnits{.lines = before});
  Client ann = begin();
  ASSERT_EQ(ann.run(Fulfil{.claim = order.claim}).outcome, Outcome::done);
  ASSERT_EQ(run(Amend{.claim = order.claim, .lines = after}).outcome, Outcome::done);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
  EXPECT_EQ(level(Term::on_hand), 3);
}

TEST_F(TransactionsTest, AHoldEndsWhenTheClientWasTold) {
  const Answer hold = claim("A", 1, {}, Duration::minutes(10));
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  Client ann = begin();
  const Answer extended = ann.run(Extend{.claim = hold.claim, .hold_for = Duration::minutes(12)});
  ann.run(Sale{.sku = "A", .quantity = Quantity(1)});
  const Answer late = ann.run(
      ClaimUnits{.lines = lines, .hold = HoldMode::timed, .hold_for = Duration::minutes(5)});
  clock_.pass(Duration::seconds(20));
  EXPECT_TRUE(ann.commit());
  const Stock& stock = engine_->stock();
  EXPECT_EQ(stock.head(stock.find_claim(hold.claim)).expires_at, extended.expires_at);
  EXPECT_EQ(stock.head(stock.find_claim(late.claim)).expires_at, late.expires_at);
}

// What a block defines holds for its own claims, and never stands in the way of itself.
TEST_F(TransactionsTest, ItsOwnDefinitionsCount) {
  run(DefineItem{.sku = "N", .tracking = Tracking::none});
  run(Receive{.sku = "N", .quantity = Quantity(1)});
  Client ann = begin();
  ann.run(DefineItem{.sku = "N", .tracking = Tracking::quantity});
  ann.run(DefineItem{.sku = "A", .hold_for = Duration::minutes(1)});
  EXPECT_EQ(ann.claim("N", 1).outcome, Outcome::granted);
  EXPECT_EQ(ann.claim("N", 1).outcome, Outcome::short_of_stock);
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  const Answer hold = ann.run(ClaimUnits{.lines = lines, .hold = HoldMode::by_policy});
  EXPECT_TRUE(ann.commit());
  const Stock& stock = engine_->stock();
  const ClaimHead head = stock.head(stock.find_claim(hold.claim));
  EXPECT_LE(head.expires_at - head.opened_at, Duration::minutes(1));
}

// Running it again would not help, so it is no conflict.
TEST_F(TransactionsTest, TooMuchForOneCommitIsALimit) {
  std::vector<std::string> skus;
  for (int index = 0; index < 100; ++index) {
    skus.push_back(fmt::format("S{}", index));
    stock_up(skus.back(), 10'000);
  }
  std::vector<LineRequest> lines;
  for (const std::string& sku : skus) lines.push_back({.sku = sku, .quantity = Quantity(1)});
  int tries = 0;
  const auto try_with = [&](int claims) -> Status {
    Client ann = begin();
    ++tries;
    for (int number = 1; number <= claims; ++number) {
      ann.run(ClaimUnits{.lines = lines}, fmt::format("key {} of {}", number, tries));
      if (ann.error) return fail(*ann.error);
    }
    return ann.commit();
  };
  // COMMIT writes more than the statements did, so the last ones of them are let in: what is just
  // too much for it is among these.
  int good = 5;
  int bad = 140;
  ASSERT_TRUE(try_with(good));
  while (bad - good > 1) {
    const int claims = (good + bad) / 2;
    const Status done = try_with(claims);
    if (!done) {
      ASSERT_EQ(done.error().code, ErrorCode::limit_exceeded) << done.error().message;
    }
    (done ? good : bad) = claims;
  }
  EXPECT_GT(good, 20);
  EXPECT_LT(bad, 140);
}

// A hold that is over before COMMIT cannot be what was answered.
TEST_F(TransactionsTest, AHoldThatEndedMeanwhileIsNotCommitted) {
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  Client ann = begin();
  const Answer answer = ann.run(
      ClaimUnits{.lines = lines, .hold = HoldMode::timed, .hold_for = Duration::seconds(10)});
  ASSERT_EQ(answer.outcome, Outcome::granted);
  clock_.pass(Duration::seconds(11));
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
  EXPECT_EQ(free(), 3);
}

// A lease that ended gives the id away with the units.
TEST_F(TransactionsTest, WhoLostItsClaimTouchesNoOtherOfThatId) {
  const ClaimId id{.bytes = {7}};
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  const auto claim = [&](Client& client) {
    return client.run(ClaimUnits{.lines = lines, .claim = id}).outcome;
  };
  for (const bool commits : {true, false}) {
    Client ann = begin();
    ASSERT_EQ(claim(ann), Outcome::granted);
    clock_.pass(Duration::seconds(31));
    Client bob = begin();
    ASSERT_EQ(claim(bob), Outcome::granted);
    if (commits) {
      const Status committed = ann.commit();
      ASSERT_FALSE(committed);
      EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
    } else {
      EXPECT_TRUE(ann.roll_back());
    }
    EXPECT_EQ(level(Term::held), 1) << "it is bob's";
    EXPECT_TRUE(bob.roll_back());
    EXPECT_EQ(free(), 3);
  }
}

// What was granted in part is that part at COMMIT, or nothing is.
TEST_F(TransactionsTest, APartialGrantIsKeptOrConflicts) {
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(8)}};
  Client ann = begin();
  ann.run(Receive{.sku = "A", .quantity = Quantity(2)});
  const Answer part = ann.run(ClaimUnits{.lines = lines, .partial = true});
  EXPECT_EQ(part.outcome, Outcome::partially_granted);
  EXPECT_EQ(part.lines.at(0).granted, Quantity(5));
  claim("A", 1);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::serialization_failure);
  EXPECT_EQ(level(Term::on_hand), 3);
}

// Whatever transactions do to one another, no unit is sold twice, one alone never conflicts with
// itself, and the entries give the same state again (a restart compares digests).
TEST_F(TransactionsTest, RandomTransactionsKeepTheLedgerWhole) {
  const char* given = std::getenv("HOLDFAST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("HOLDFAST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937_64 random(seed);
  const auto draw = [&random](std::uint64_t below) {
    return static_cast<std::int64_t>(random() % below);
  };
  stock_up("B", 6);
  const std::string_view skus[] = {"A", "B"};
  for (int round = 0; round < 60; ++round) {
    const bool is_alone = draw(2) == 0;
    std::vector<Client> clients;
    std::vector<std::vector<ClaimId>> claims(3);
    std::vector<bool> has_savepoint(3);
    for (int index = 0; index < 3; ++index) clients.push_back(begin());
    for (std::int64_t steps = 3 + draw(12); steps > 0; --steps) {
      const auto who = static_cast<std::size_t>(is_alone ? 0 : draw(3));
      Client& client = clients[who];
      const std::string_view sku = skus[draw(2)];
      const LineRequest lines[] = {{.sku = sku, .quantity = Quantity(1 + draw(5))}};
      const ClaimId old = claims[who].empty() ? ClaimId() : claims[who].back();
      switch (draw(9)) {
        case 0:
          client.run(Receive{.sku = sku, .quantity = Quantity(1 + draw(4))});
          break;
        case 1:
          client.run(Sale{.sku = sku, .quantity = Quantity(1 + draw(2))});
          break;
        case 2:
          client.run(Adjust{.sku = sku, .delta = Quantity(draw(5) - 3)});
          break;
        case 3:
          client.run(Release{.claim = old});
          break;
        case 4:
          client.run(Amend{.claim = old, .lines = lines});
          break;
        case 5:
          if (client.operate(TransactionVerb::savepoint, "s")) {
            has_savepoint[who] = true;
          } else {
            ASSERT_FALSE(is_alone);  // the others may have made it fail
          }
          break;
        case 6:
          if (has_savepoint[who]) {
            ASSERT_TRUE(client.operate(TransactionVerb::rollback_to, "s"));
          }
          break;
        default:
          claims[who].push_back(
              client.run(ClaimUnits{.lines = lines, .partial = draw(2) == 0}).claim);
      }
      client.see(sku, Term::available);
    }
    for (std::size_t who = 0; who < clients.size(); ++who) {
      if (draw(4) == 0) {
        ASSERT_TRUE(clients[who].roll_back());
        continue;
      }
      const Status committed = clients[who].commit();
      if (is_alone) {
        ASSERT_TRUE(committed) << committed.error().message;
      }
    }
    ASSERT_TRUE(engine_->stock().provisional_claims().empty());
    ASSERT_EQ(engine_->stock().digest(), engine_->stock().recomputed_digest());
    if (round % 20 == 19) reopen();
  }
  const Status stopped = engine_->shut_down();
  ASSERT_TRUE(stopped) << stopped.error().message;
  close();
  auto files = LinuxWorld::open(dir_, {});
  ASSERT_TRUE(files);
  const auto proof = verify_ledger((*files)->world().disk, [](std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_TRUE(proof->problems.empty()) << proof->problems.front();
  files->reset();
  open();
}

// — validation —

class ValidationTest : public TransactionsTest {
 protected:
  void SetUp() override {
    TransactionsTest::SetUp();
    stock_up("B", 3);
  }
  Client begin_serializable() {
    Client client = begin();
    client.validates = true;
    return client;
  }
  static bool is_conflict(const Status& status) {
    return !status && status.error().code == ErrorCode::serialization_failure;
  }
};

TEST_F(ValidationTest, WhatWasReadIsTheSameAtCommit) {
  Client ann = begin_serializable();
  EXPECT_EQ(ann.see("A", Term::available), Quantity(3));
  ann.run(Receive{.sku = "B", .quantity = Quantity(1)});
  EXPECT_TRUE(ann.commit());
  Client bob = begin_serializable();
  EXPECT_EQ(bob.see("A", Term::available), Quantity(3));
  bob.run(Receive{.sku = "B", .quantity = Quantity(1)});
  claim("A", 1);
  EXPECT_TRUE(is_conflict(bob.commit()));
  EXPECT_EQ(engine_->stock().digest(), engine_->stock().recomputed_digest());
  EXPECT_EQ(available("B"), Quantity(4)) << "bob's unit was not received";
}

// Each reads what the other takes from: at most one of them may go on as if it were alone.
TEST_F(ValidationTest, NoWriteSkew) {
  Client ann = begin_serializable();
  Client bob = begin_serializable();
  ann.see("A", Term::available);
  bob.see("B", Term::available);
  EXPECT_EQ(ann.claim("B", 1).outcome, Outcome::granted);
  EXPECT_EQ(bob.claim("A", 1).outcome, Outcome::granted);
  EXPECT_TRUE(ann.commit());
  EXPECT_TRUE(is_conflict(bob.commit()));
  EXPECT_EQ(available("B"), Quantity(2));
  EXPECT_EQ(free(), 3);
}

TEST_F(ValidationTest, ItsOwnChangesAreNoConflict) {
  Client ann = begin_serializable();
  EXPECT_EQ(ann.claim("A", 1).outcome, Outcome::granted);  // held
  EXPECT_EQ(ann.see("A", Term::available), Quantity(2));
  EXPECT_EQ(ann.claim("A", 1).outcome, Outcome::granted);  // behind a read: decided at COMMIT
  EXPECT_EQ(ann.see("A", Term::available), Quantity(1));
  EXPECT_EQ(free(), 2);
  ann.run(Receive{.sku = "A", .quantity = Quantity(5)});
  EXPECT_EQ(ann.see("A", Term::available), Quantity(6));
  EXPECT_TRUE(ann.commit());
  EXPECT_EQ(free(), 6);
}

// The state between two of its reads is never seen, not even by one that would not commit.
TEST_F(ValidationTest, ALaterStatementHearsOfTheConflict) {
  Client ann = begin_serializable();
  ann.see("A", Term::available);
  claim("A", 1);
  ann.see("B", Term::available);
  ASSERT_TRUE(ann.error);
  EXPECT_EQ(ann.error->code, ErrorCode::serialization_failure);
  EXPECT_EQ(ann.error->detail, "Its step 1, a read, would find other rows now.");
  EXPECT_TRUE(ann.roll_back());
}

TEST_F(ValidationTest, ARefusalIsTheSameAtCommit) {
  Client ann = begin_serializable();
  EXPECT_EQ(ann.claim("A", 4).outcome, Outcome::short_of_stock);
  EXPECT_TRUE(ann.commit());
  ann.begin();
  EXPECT_EQ(ann.claim("A", 4).outcome, Outcome::short_of_stock);
  run(Receive{.sku = "A", .quantity = Quantity(1)});
  EXPECT_TRUE(is_conflict(ann.commit()));
  EXPECT_EQ(free(), 4);
  // … and there is none in a transaction that does not ask for it.
  Client bob = begin();
  EXPECT_EQ(bob.claim("A", 5).outcome, Outcome::short_of_stock);
  run(Receive{.sku = "A", .quantity = Quantity(1)});
  EXPECT_TRUE(bob.commit());
}

TEST_F(ValidationTest, WhatWasReadBeforeARollbackToASavepointCounts) {
  Client ann = begin_serializable();
  EXPECT_TRUE(ann.operate(TransactionVerb::savepoint, "s"));
  ann.see("A", Term::available);
  ann.run(Receive{.sku = "B", .quantity = Quantity(1)});
  EXPECT_TRUE(ann.operate(TransactionVerb::rollback_to, "s"));
  claim("A", 1);
  EXPECT_TRUE(is_conflict(ann.commit()));
}

TEST_F(ValidationTest, ReadsAreBounded) {
  Client ann = begin_serializable();
  for (std::size_t step = 0; step < transaction_steps_max; ++step) {
    ann.see("A", Term::available);
    ASSERT_FALSE(ann.error);
  }
  ann.see("A", Term::available);
  ASSERT_TRUE(ann.error);
  EXPECT_EQ(ann.error->code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(ann.roll_back());
}

}  // namespace
}  // namespace holdfast
