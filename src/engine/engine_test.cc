// The engine on a real directory: what was answered is there, and nothing else.
#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine_for_test.h"
#include "stock/snapshot.h"

namespace holdfast {
namespace {

TEST_F(EngineTest, TheSecondClaimForTheLastUnitReadsZero) {
  stock_up("SKU-1", 1);
  EXPECT_EQ(claim("SKU-1", 1).outcome, Outcome::granted);
  const Answer second = claim("SKU-1", 1);
  EXPECT_EQ(second.outcome, Outcome::short_of_stock);
  EXPECT_EQ(second.available, Quantity(0));
}

TEST_F(EngineTest, AReplyWaitsForItsSeqToBeDurable) {
  stock_up("SKU-1", 5);
  const Answer answer = claim("SKU-1", 1);
  EXPECT_GE(engine_->durable(), answer.seq);
}

TEST_F(EngineTest, ASnapshotIsTheDurableStateBehindAllBeforeIt) {
  stock_up("SKU-1", 5);
  TestRequest take;
  const LineRequest lines[] = {{.sku = "SKU-1", .quantity = Quantity(2)}};
  take.command = {.context = {.actor = "ann"}, .body = ClaimUnits{.lines = lines}};
  TestRequest look;
  look.kind = Request::Kind::snapshot;
  look.request_class = RequestClass::reading;
  engine_->submit(take);
  engine_->submit(look);
  while (!look.is_released && !look.error) engine_->drive();
  ASSERT_NE(look.snapshot, nullptr);
  EXPECT_TRUE(take.is_released);
  EXPECT_EQ(look.snapshot->seq(), take.answer.seq);
  EXPECT_GE(engine_->durable(), look.snapshot->seq());
  const std::uint64_t digest = look.snapshot->digest();
  EXPECT_EQ(digest, engine_->stock().digest());
  ASSERT_EQ(claim("SKU-1", 1).outcome, Outcome::granted);
  EXPECT_NE(digest, engine_->stock().digest());
  EXPECT_EQ(look.snapshot->level(LevelRef{1}).quantities[Term::available], Quantity(3));
}

TEST_F(EngineTest, WhatWasAnsweredIsThereAfterAStop) {
  stock_up("SKU-1", 5);
  const Answer answer = claim("SKU-1", 2);
  const std::uint64_t digest = engine_->stock().digest();
  reopen();  // no orderly shutdown
  EXPECT_EQ(available("SKU-1"), Quantity(3));
  EXPECT_TRUE(engine_->stock().find_claim(answer.claim).exists());
  EXPECT_NE(engine_->stock().digest(), 0u);
  EXPECT_NE(digest, 0u);
  close();
  auto disk = LinuxWorld::open(dir_, {});
  ASSERT_TRUE(disk.has_value());
  const auto report = verify_ledger((*disk)->world().disk, [](std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_THAT(report->problems, testing::IsEmpty());
  EXPECT_EQ(report->oversold, 0u);
}

TEST_F(EngineTest, ARestartFromACheckpointGivesTheSameState) {
  stock_up("SKU-1", 100);
  for (int index = 0; index < 20; ++index) claim("SKU-1", 1);
  ASSERT_TRUE(engine_->checkpoint().has_value());
  for (int index = 0; index < 5; ++index) claim("SKU-1", 1);
  reopen();
  EXPECT_GT(engine_->report().checkpoint.value(), 0u);
  EXPECT_EQ(available("SKU-1"), Quantity(75));
  EXPECT_EQ(engine_->stock().digest(), engine_->stock().recomputed_digest());
}

// Each life is too short to earn a checkpoint by itself.
TEST_F(EngineTest, CrashesDoNotLetTheTailGrow) {
  close();
  options_.checkpoint_every_bytes = 64 * 1024;
  open();
  stock_up("SKU-1", 1'000);
  std::uint64_t longest = 0;
  for (int life = 0; life < 8; ++life) {
    for (int claims = 0; claims < 5; ++claims) claim("SKU-1", 1);
    reopen();  // no orderly shutdown
    longest = std::max(longest, engine_->report().journal.bytes);
  }
  EXPECT_GT(engine_->report().checkpoint, Seq());
  EXPECT_LE(longest, options_.checkpoint_every_bytes);
}

TEST_F(EngineTest, AHoldIsThereToTheLastMicrosecondAndGoneAtItsEnd) {
  stock_up("SKU-1", 1);
  const Answer held = claim("SKU-1", 1, {}, Duration::minutes(10));
  ASSERT_EQ(held.outcome, Outcome::granted);
  clock_.pass(held.expires_at - clock_.wall() - Duration::us(2));
  EXPECT_EQ(available("SKU-1"), Quantity(0));
  clock_.pass(Duration::us(2));
  EXPECT_EQ(available("SKU-1"), Quantity(1));
  EXPECT_EQ(claim("SKU-1", 1).outcome, Outcome::granted);
}

TEST_F(EngineTest, ARestartGivesHoldsTheOutageBack) {
  stock_up("SKU-1", 1);
  claim("SKU-1", 1, {}, Duration::minutes(10));
  clock_.pass(Duration::minutes(12));
  reopen();
  EXPECT_EQ(available("SKU-1"), Quantity(0));
  clock_.pass(Duration::minutes(10));
  EXPECT_EQ(available("SKU-1"), Quantity(1));
}

TEST_F(EngineTest, ARepeatedRequestIdAnswersOnceEvenAfterARestart) {
  stock_up("SKU-1", 5);
  const Answer first = claim("SKU-1", 1, {.request_id = "r-1"});
  reopen();
  const Answer second = claim("SKU-1", 1, {.request_id = "r-1"});
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(second.claim, first.claim);
  EXPECT_EQ(second.seq, first.seq);
  EXPECT_EQ(available("SKU-1"), Quantity(4));
  EXPECT_EQ(claim("SKU-1", 2, {.request_id = "r-1"}).outcome, Outcome::request_mismatch);
}

TEST_F(EngineTest, OverloadIsRefusedAtOnceAndWhatFreesStockStillGetsIn) {
  close();
  options_.queue_max = 3;
  options_.queue_reserved = 1;
  open();
  std::vector<TestRequest> requests(4);
  for (auto& request : requests) {
    request.command = {.context = {.actor = "tester"}, .body = Release{}};
    request.request_class = RequestClass::taking;
  }
  requests[3].request_class = RequestClass::freeing;
  for (auto& request : requests) engine_->submit(request);
  EXPECT_FALSE(requests[1].error.has_value());
  ASSERT_TRUE(requests[2].error.has_value());
  EXPECT_EQ(requests[2].error->code, ErrorCode::overloaded);
  EXPECT_FALSE(requests[3].error.has_value());
  for (TestRequest* request : {&requests[0], &requests[1], &requests[3]}) finish(*request);
}

// However much is queued, time moves on between heavy requests, and drive() comes back for the
// network.
TEST_F(EngineTest, AHeavyRequestEndsItsTurn) {
  run(DefineItem{.sku = "A"});  // the journal is ready
  std::vector<Timestamp> served;
  TestRequest heavy[3];
  for (TestRequest& one : heavy) {
    one.kind = Request::Kind::read;
    one.request_class = RequestClass::reading;
    one.on_read = [&](const Stock&, Timestamp now) {
      served.push_back(now);
      one.work = 1'000'000;
      return Seq();
    };
    engine_->submit(one);
  }
  engine_->drive();
  ASSERT_EQ(served.size(), 1u);
  EXPECT_EQ(engine_->wake_after(), Duration());
  engine_->drive();
  engine_->drive();
  ASSERT_EQ(served.size(), 3u);
  EXPECT_LT(served[0], served[1]);
  EXPECT_LT(served[1], served[2]);
}

TEST_F(EngineTest, AnIdleMomentSealsTheLastBatch) {
  stock_up("SKU-1", 5);
  const std::uint64_t before = engine_->stats().journal_bytes;
  EXPECT_LE(engine_->wake_after(), options_.seal_after);
  clock_.pass(options_.seal_after);
  engine_->drive();
  EXPECT_GT(engine_->stats().journal_bytes, before);
}

TEST_F(EngineTest, ShuttingDownAnswersWhatWasQueuedAndRefusesTheRest) {
  stock_up("SKU-1", 5);
  TestRequest queued;
  const LineRequest lines[] = {{.sku = "SKU-1", .quantity = Quantity(1)}};
  queued.command = {.context = {.actor = "tester"}, .body = ClaimUnits{.lines = lines}};
  engine_->submit(queued);
  ASSERT_TRUE(engine_->shut_down().has_value());
  EXPECT_TRUE(queued.is_released);
  TestRequest late;
  late.command = queued.command;
  engine_->submit(late);
  ASSERT_TRUE(late.error.has_value());
  EXPECT_EQ(late.error->code, ErrorCode::shutting_down);
  reopen();
  EXPECT_EQ(engine_->report().journal.batches, 0u);  // the checkpoint covers everything
  EXPECT_EQ(available("SKU-1"), Quantity(4));
}

TEST_F(EngineTest, ASecondEngineOnTheSameDirectoryIsRefused) {
  auto other = LinuxWorld::open(dir_, {});
  ASSERT_TRUE(other.has_value());
  auto engine = Engine::open((*other)->world(), options_, [](std::uint64_t, std::uint64_t) {});
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().code, ErrorCode::locked);
}

TEST_F(EngineTest, ManyThreadsDriveAndEveryUnitIsSoldOnce) {
  stock_up("SKU-1", 500);
  constexpr int threads = 4;
  constexpr int claims = 250;
  std::atomic<int> granted{0};
  std::vector<std::thread> sellers;
  for (int thread = 0; thread < threads; ++thread) {
    sellers.emplace_back([&] {
      class Buyer final : public Request {
       public:
        Result<Seq> read(const Stock&, Timestamp) override { return Seq(); }
        void released(Seq) override { is_done.store(true); }
        void failed(const Error&) override { is_done.store(true); }
        std::atomic<bool> is_done{false};
      };
      const LineRequest lines[] = {{.sku = "SKU-1", .quantity = Quantity(1)}};
      for (int index = 0; index < claims; ++index) {
        Buyer buyer;
        buyer.command = {.context = {.actor = "tester"}, .body = ClaimUnits{.lines = lines}};
        engine_->submit(buyer);
        while (!buyer.is_done.load()) engine_->drive();
        if (buyer.answer.outcome == Outcome::granted) ++granted;
      }
    });
  }
  for (auto& seller : sellers) seller.join();
  EXPECT_EQ(granted.load(), 500);
  EXPECT_EQ(available("SKU-1"), Quantity(0));
}

TEST_F(EngineTest, WhatIsSubmittedTogetherTakesEffectTogether) {
  stock_up("A", 5);
  const std::uint64_t batches = engine_->stats().batches;
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  TestRequest claims[4];
  Quantity seen;
  std::vector<Request*> together;
  for (TestRequest& request : claims) {
    request.command = {.context = {.actor = "tester"}, .body = ClaimUnits{.lines = lines}};
    together.push_back(&request);
  }
  look_at(claims[2], "A", Term::available, seen);
  engine_->submit_together(together);
  for (TestRequest& request : claims) finish(request);
  EXPECT_EQ(seen, Quantity(3));
  EXPECT_EQ(available("A"), Quantity(2));
  EXPECT_EQ(engine_->stats().batches, batches + 1);
}

TEST_F(EngineTest, AReadThatFailsFailsWhatWasSubmittedWithIt) {
  stock_up("A", 5);
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  TestRequest claim, read;
  claim.command = {.context = {.actor = "tester"}, .body = ClaimUnits{.lines = lines}};
  read.kind = Request::Kind::read;
  read.on_read = [](const Stock&, Timestamp) -> Result<Seq> {
    return fail(ErrorCode::limit_exceeded, "too many rows");
  };
  std::vector<Request*> together{&claim, &read};
  engine_->submit_together(together);
  finish(claim);
  finish(read);
  ASSERT_TRUE(claim.error && read.error);
  EXPECT_EQ(claim.error->code, ErrorCode::limit_exceeded);
  EXPECT_EQ(available("A"), Quantity(5));
}

// Nobody is served meanwhile, so it must come to an end soon.
TEST_F(EngineTest, WhatIsSubmittedTogetherLooksAtSoMuch) {
  stock_up("A", 5);
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  std::vector<TestRequest> requests(5);
  std::vector<Request*> together;
  int reads = 0;
  for (TestRequest& request : requests) {
    together.push_back(&request);
    request.kind = Request::Kind::read;
    request.on_read = [&](const Stock&, Timestamp) {
      ++reads;
      request.work = static_cast<std::uint32_t>(transaction_work_max / 2);
      return Seq();
    };
  }
  requests[0].kind = Request::Kind::command;
  requests[0].command = {.context = {.actor = "tester"}, .body = ClaimUnits{.lines = lines}};
  engine_->submit_together(together);
  for (TestRequest& request : requests) finish(request);
  EXPECT_EQ(reads, 2);
  for (const TestRequest& request : requests) {
    ASSERT_TRUE(request.error);
    EXPECT_EQ(request.error->code, ErrorCode::limit_exceeded);
  }
  EXPECT_EQ(available("A"), Quantity(5));
}

// All or none, also when the queue has room for some, and when their entries would not fit a batch.
TEST_F(EngineTest, WhatIsSubmittedTogetherIsRefusedTogether) {
  close();
  options_.queue_max = 8;
  options_.queue_reserved = 4;
  open();
  stock_up("A", 100);
  const LineRequest lines[] = {{.sku = "A", .quantity = Quantity(1)}};
  const auto refused = [&](std::size_t count, std::string_view reference) {
    std::vector<TestRequest> requests(count);
    std::vector<Request*> together;
    for (TestRequest& request : requests) {
      request.command = {.context = {.actor = "tester", .reference = reference},
                         .body = ClaimUnits{.lines = lines}};
      together.push_back(&request);
    }
    engine_->submit_together(together);
    for (TestRequest& request : requests) finish(request);
    ErrorCode code = ErrorCode::internal;
    for (const TestRequest& request : requests) {
      EXPECT_EQ(request.error.has_value(), requests.front().error.has_value());
      if (request.error) code = request.error->code;
    }
    return code;
  };
  EXPECT_EQ(refused(5, ""), ErrorCode::overloaded);
  EXPECT_EQ(available("A"), Quantity(100));
  EXPECT_EQ(refused(4, ""), ErrorCode::internal);
  EXPECT_EQ(available("A"), Quantity(96));
  EXPECT_EQ(refused(4, std::string(300'000, 'x')), ErrorCode::limit_exceeded);
  EXPECT_EQ(available("A"), Quantity(96));
}

// — what nobody waits for any more —

class WithdrawnTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    stock_up("A", 2);
    for (TestRequest& request : requests_) {
      request.command = {.context = {.actor = "tester"},
                         .body = Receive{.sku = "A", .quantity = Quantity(1)}};
    }
  }
  std::string message(const TestRequest& request) {
    return request.error ? request.error->message : "";
  }
  TestRequest requests_[2];
};

TEST_F(WithdrawnTest, ACanceledRequestIsNotExecuted) {
  engine_->submit(requests_[0]);
  engine_->submit(requests_[1]);
  requests_[0].cancel();
  finish(requests_[1]);
  EXPECT_EQ(message(requests_[0]), "canceling statement due to user request");
  EXPECT_EQ(requests_[0].error->code, ErrorCode::canceled);
  EXPECT_EQ(available("A"), Quantity(3)) << "the other one's";
}

TEST_F(WithdrawnTest, OneThatWaitsTooLongIsNotExecuted) {
  requests_[0].patience = Duration::ms(5);
  requests_[1].patience = Duration::ms(6);
  engine_->submit(requests_[0]);
  engine_->submit(requests_[1]);
  clock_.pass(Duration::ms(5));
  finish(requests_[0]);
  finish(requests_[1]);
  EXPECT_EQ(message(requests_[0]), "canceling statement due to statement timeout");
  EXPECT_EQ(message(requests_[1]), "");
  EXPECT_EQ(available("A"), Quantity(3));
}

TEST_F(WithdrawnTest, NoneOfWhatBelongsTogetherIsExecuted) {
  Request* both[] = {&requests_[0], &requests_[1]};
  engine_->submit_together(both);
  requests_[1].cancel();
  finish(requests_[0]);
  EXPECT_EQ(message(requests_[0]), "canceling statement due to user request");
  EXPECT_EQ(message(requests_[1]), "canceling statement due to user request");
  EXPECT_EQ(available("A"), Quantity(2));
}

// Its other statements would not stand without it; its end is done all the same.
TEST_F(WithdrawnTest, ATransactionFailsButEnds) {
  Transaction transaction(Duration::seconds(30));
  requests_[0].transaction = &transaction;
  requests_[0].cancel();
  engine_->submit(requests_[0]);
  finish(requests_[0]);
  EXPECT_TRUE(transaction.has_failed());
  requests_[1].transaction = &transaction;
  requests_[1].kind = Request::Kind::transact;
  requests_[1].verb = TransactionVerb::commit;
  requests_[1].cancel();
  engine_->submit(requests_[1]);
  finish(requests_[1]);
  EXPECT_FALSE(requests_[1].error);
  EXPECT_TRUE(requests_[1].rolled_back);
  EXPECT_EQ(available("A"), Quantity(2));
}

}  // namespace
}  // namespace holdfast
