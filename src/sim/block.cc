// The next statement depends only on the phase and the dice.
#include "sim/block.h"

namespace holdfast {
namespace {

constexpr std::size_t no_attempt = ~std::size_t{0};

}  // namespace

BlockClient::BlockClient(const Home& home, Rng rng, Verdict& verdict)
    : home_(home), rng_(rng), verdict_(verdict) {
  connect();
}

// With a lease that sometimes ends between two statements.
void BlockClient::connect() {
  door_ = sql_door(home_.database, *this, home_.locations);
  say(Said::nothing, fmt::format("SET idle_in_transaction_session_timeout = {}",
                                 rng_.percent(50) ? rng_.between(1, 20) : rng_.between(20, 5'000)));
}

// The connection goes; whatever it held is given back.
void BlockClient::cut() {
  end(BlockEnd::undone);
  door_->reap();
  door_.reset();
  connect();
}

void BlockClient::leave() {
  const bool has_block = phase_ == Phase::open || phase_ == Phase::failed;
  if (said_ == Said::nothing && has_block) cut();
}

void BlockClient::bury() {
  if (phase_ == Phase::open || phase_ == Phase::failed) {
    const bool may_be_committed = phase_ == Phase::open && said_ == Said::commit;
    end(may_be_committed ? BlockEnd::unknown : BlockEnd::undone);
  }
  phase_ = Phase::buried;
}

void BlockClient::step() {
  if (said_ != Said::nothing) return;
  switch (phase_) {
    case Phase::idle:
      is_serializable_ = rng_.percent(40);
      return say(Said::begin, is_serializable_ ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN");
    case Phase::open:
      return step_open();
    case Phase::failed:
      return step_failed();
    case Phase::buried:
      return;
  }
}

void BlockClient::step_open() {
  const std::uint64_t dice = rng_.below(100);
  if (dice < 66) return say_operation();
  if (dice < 74) return say(Said::savepoint, "SAVEPOINT s");
  if (dice < 79 && savepoint_) return say(Said::rollback_to, "ROLLBACK TO s");
  if (dice < 92) return say(Said::commit, "COMMIT");
  if (dice < 97) return say(Said::rollback, "ROLLBACK");
  cut();
}

void BlockClient::step_failed() {
  const std::uint64_t dice = rng_.below(100);
  if (dice < 40 && savepoint_) return say(Said::rollback_to, "ROLLBACK TO s");
  if (dice < 60) return say(Said::commit, "COMMIT");
  if (dice < 95) return say(Said::rollback, "ROLLBACK");
  cut();
}

void BlockClient::say(Said what, std::string_view sql) {
  said_ = what;
  door_->say(sql, no_attempt);
}

void BlockClient::say_operation() {
  const Operation operation = home_.workload.next_in_block();
  said_ = Said::operation;
  door_->send(operation, home_.announce(operation, block_));
}

void BlockClient::replied(std::size_t attempt, Reply reply, bool shows_gate) {
  if (phase_ == Phase::buried) return;
  heard(reply);
  if (attempt != no_attempt) home_.taker.replied(attempt, std::move(reply), shows_gate);
}

void BlockClient::heard(const Reply& reply) {
  const Said what = std::exchange(said_, Said::nothing);
  const bool is_good = !reply.error;
  switch (what) {
    case Said::nothing:
      return;
    case Said::begin:
      block_ = home_.auditor.block_begun(is_serializable_);
      savepoint_.reset();
      phase_ = Phase::open;
      return;
    case Said::operation:
      if (!is_good) phase_ = Phase::failed;
      return;
    case Said::savepoint:
      if (is_good) savepoint_ = home_.auditor.size_of_block(block_);
      if (!is_good) phase_ = Phase::failed;
      return;
    case Said::rollback_to:
      if (is_good) home_.auditor.block_rolled_back_to(block_, *savepoint_);
      phase_ = is_good ? Phase::open : Phase::failed;
      return;
    case Said::commit:
    case Said::rollback:
      said_ = what;
      heard_end(reply);
      said_ = Said::nothing;
      return;
  }
}

// COMMIT says COMMIT, or ROLLBACK of what had failed, or why nothing of it took effect.
void BlockClient::heard_end(const Reply& reply) {
  const bool is_commit = said_ == Said::commit;
  if (!reply.error) {
    const bool says_commit = reply.message == "COMMIT";
    if (says_commit != (is_commit && phase_ == Phase::open)) {
      verdict_.wrong("the end of a block is answered {}", reply.message);
    }
    return end(says_commit ? BlockEnd::committed : BlockEnd::undone);
  }
  const ErrorCode code = *reply.error;
  if (code == ErrorCode::unknown_result) {
    return end(is_commit && phase_ == Phase::open ? BlockEnd::unknown : BlockEnd::undone);
  }
  const bool is_lawful =
      code == ErrorCode::shutting_down || code == ErrorCode::disk_full ||
      (code == ErrorCode::serialization_failure && is_commit && phase_ == Phase::open);
  if (!is_lawful) verdict_.wrong("the end of a block fails: {}", reply.message);
  end(code == ErrorCode::serialization_failure ? BlockEnd::conflicted : BlockEnd::undone);
}

void BlockClient::end(BlockEnd how) {
  home_.auditor.block_ended(block_, how);
  phase_ = Phase::idle;
}

}  // namespace holdfast
