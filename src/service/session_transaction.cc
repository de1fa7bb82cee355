// BEGIN … COMMIT of one session. The Transaction is the engine's; here is which one a statement
// belongs to, and what is a matter of the session: settings, warnings, the block's state.
#include "service/session.h"

namespace holdfast {
namespace {

TransactionOp op_of(TransactionVerb verb) {
  switch (verb) {
    case TransactionVerb::commit:
      return TransactionOp::commit;
    case TransactionVerb::begin:
    case TransactionVerb::rollback:
      return TransactionOp::rollback;
    case TransactionVerb::savepoint:
      return TransactionOp::savepoint;
    case TransactionVerb::rollback_to:
      return TransactionOp::rollback_to;
    case TransactionVerb::release:
      return TransactionOp::release;
  }
  return TransactionOp::rollback;
}

bool ends(TransactionVerb verb) {
  return verb == TransactionVerb::commit || verb == TransactionVerb::rollback;
}

Error no_block(std::string_view what) {
  return {.code = ErrorCode::no_transaction,
          .message = fmt::format("{} can only be used in transaction blocks", what),
          .detail = {},
          .hint = {}};
}

}  // namespace

Duration SqlSession::lease() const {
  constexpr Duration longest = Duration::hours(1);
  const Duration timeout =
      timeout_of(settings_.value(*find_setting("idle_in_transaction_session_timeout")));
  return timeout > Duration() ? std::min(timeout, longest) : longest;
}

void SqlSession::begin_block(bool read_only) {
  transaction_ = std::make_shared<Transaction>(lease());
  is_read_only_ = read_only;
  settings_before_ = settings_;
  local_.clear();
}

// The settings of a block that is committed stay, but for the local ones.
void SqlSession::end_block(SqlExecution& execution, bool committed) {
  transaction_.reset();
  is_read_only_ = false;
  if (committed) {
    for (const auto& [setting, value] : local_) {  // the newest first
      if (settings_.set(*setting, value)) tell(execution, *setting);
    }
  } else {
    const SessionSettings during = std::exchange(settings_, settings_before_);
    for (const SettingInfo& setting : all_settings()) {
      if (during.value(setting) != settings_.value(setting)) tell(execution, setting);
    }
  }
  local_.clear();
}

void SqlSession::transact(SqlExecution& execution, const TransactionPlan& plan) {
  const bool is_open = transaction_ != nullptr;
  if (plan.verb == TransactionVerb::begin) {
    if (is_open && transaction_->has_failed()) return refuse(execution, fail(failed_transaction()));
    if (is_open) {
      execution.listener().notice({.code = ErrorCode::already_in_transaction,
                                   .message = "there is already a transaction in progress",
                                   .detail = {},
                                   .hint = {}});
    } else {
      begin_block(plan.read_only);
    }
    execution.join(transaction_);
    return execution.finish({});
  }
  if (!is_open && ends(plan.verb)) {
    execution.listener().notice({.code = ErrorCode::no_transaction,
                                 .message = "there is no transaction in progress",
                                 .detail = {},
                                 .hint = {}});
    return execution.finish({});
  }
  if (!is_open) {
    const bool is_rollback = plan.verb == TransactionVerb::rollback_to;
    return execution.finish(
        fail(no_block(is_rollback ? "ROLLBACK TO SAVEPOINT" : execution.plan().tag)));
  }
  execution.join(transaction_);
  execution.operate(op_of(plan.verb), plan.savepoint);
  if (ends(plan.verb)) {
    end_block(execution, plan.verb == TransactionVerb::commit && !transaction_->has_failed());
  }
  engine_.submit(execution);
}

// Whether the block lets it run at all.
Status SqlSession::check_block(const PlanBody& body) const {
  if (transaction_ == nullptr) return {};
  if (transaction_->has_failed()) return fail(failed_transaction());
  if (std::holds_alternative<DiscardAllPlan>(body)) {
    return fail(ErrorCode::already_in_transaction,
                "DISCARD ALL cannot run inside a transaction block");
  }
  if (is_read_only_ && std::holds_alternative<CommandPlan>(body)) {
    return fail(ErrorCode::read_only_transaction, "cannot execute {}() in a read-only transaction",
                info_of(std::get<CommandPlan>(body).function).name);
  }
  return {};
}

void SqlSession::statement_failed() {
  if (transaction_ != nullptr) transaction_->fail();
}

bool SqlSession::in_transaction() const { return transaction_ != nullptr; }

// Statements of a block run one after the other: any of them may end it.
bool SqlSession::may_fail_late(const Statement& statement) const {
  const PlanBody& body = static_cast<const PlannedStatement&>(statement).plan().body;
  return transaction_ != nullptr || std::holds_alternative<TransactionPlan>(body);
}

void SqlSession::abandon_block() {
  if (transaction_ != nullptr) abandoned_.leave(engine_, std::move(transaction_));
}

}  // namespace holdfast
