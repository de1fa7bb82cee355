// For tests: a ledger in memory. Every command is decided, encoded, decoded and folded twice, from
// the decision and from the bytes, and both states must have the same digest.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "ledger/transaction.h"

namespace holdfast {

class TestShop {
 public:
  TestShop() {
    DefineLocation main;
    main.code = default_location;
    DefineChannel channel;
    channel.code = default_channel;
    submit({{.actor = system_actor}, main});
    submit({{.actor = system_actor}, channel});
  }

  // Time goes on; what is due is expired, each claim at its turn.
  void advance_to(Timestamp now) {
    now_ = now;
    for (ClaimRef due = stock_.due(now_); due.exists(); due = stock_.due(now_)) {
      expired_.push_back(stock_.head(due).id);
      decide_expiry(stock_, due, now_, decision_);
      fold_decision();
    }
  }

  // Decides and folds. The answer lives until the next command.
  const Answer& submit(const Command& command) {
    const std::uint64_t before = stock_.digest();
    decide(stock_, {.fresh_claim = fresh_claim()}, command, now_, decision_, answer_);
    EXPECT_EQ(stock_.digest(), before) << "decide changed the state";
    if (decision_.entries.empty()) {
      EXPECT_EQ(answer_.seq, decision_.gate);
    } else {
      fold_decision();
      answer_.seq = seq_;
    }
    EXPECT_LE(decision_.gate, seq_);
    return answer_;
  }

  // The same in a transaction whose lease ends then.
  const Answer& submit_until(Timestamp lease, const Command& command) {
    decide(stock_, {.fresh_claim = fresh_claim(), .lease = lease}, command, now_, decision_,
           answer_);
    if (!decision_.entries.empty()) fold_decision();
    return answer_;
  }
  bool settle(const Settlement& settlement) {
    if (!decide_settlement(stock_, settlement, now_, decision_)) return false;
    fold_decision();
    return true;
  }
  void undo(const ClaimId& claim) {
    decide_undoing(stock_, stock_.find_claim(claim), now_, decision_);
    fold_decision();
  }
  void extend_lease(const ClaimId& claim, Timestamp until) {
    decide_lease(std::span(&claim, 1), until, now_, decision_);
    fold_decision();
  }

  [[nodiscard]] const Stock& stock() const { return stock_; }
  [[nodiscard]] const Decision& decision() const { return decision_; }
  [[nodiscard]] const Answer& answer() const { return answer_; }
  [[nodiscard]] Timestamp now() const { return now_; }
  [[nodiscard]] Seq seq() const { return seq_; }
  // Claims in the order in which they expired.
  [[nodiscard]] const std::vector<ClaimId>& expired() const { return expired_; }
  // The state as the bytes of the ledger give it.
  [[nodiscard]] const Stock& replayed() const { return replayed_; }
  void compare() const {
    EXPECT_EQ(stock_.digest(), stock_.recomputed_digest());
    EXPECT_EQ(stock_.digest(), replayed_.digest());
  }

 private:
  ClaimId fresh_claim() { return ClaimId::v7(1'700'000'000'000, 0, ++claims_); }

  void fold_decision() {
    bytes_.clear();
    encode_group(bytes_, decision_.context, decision_.entries);
    ASSERT_LE(bytes_.size(), group_bytes_max);
    ByteReader in(bytes_.bytes());
    ASSERT_TRUE(decode_group(in, decoded_) && in.complete());
    ASSERT_EQ(decoded_.entries.size(), decision_.entries.size());
    decoded_.context.at = now_;
    for (std::size_t index = 0; index < decision_.entries.size(); ++index) {
      seq_ = seq_.next();
      fold(stock_, decision_.context, decision_.entries[index], seq_);
      fold(replayed_, decoded_.context, decoded_.entries[index], seq_);
    }
    EXPECT_EQ(stock_.digest(), replayed_.digest());
  }

  Stock stock_;
  Stock replayed_;
  Decision decision_;
  Answer answer_;
  DecodedGroup decoded_;
  ByteWriter bytes_;
  Timestamp now_ = Timestamp::us(1'700'000'000'000'000);
  Seq seq_;
  std::uint64_t claims_ = 0;
  std::vector<ClaimId> expired_;
};

}  // namespace holdfast
