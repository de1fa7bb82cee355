// BEGIN … COMMIT of one session. The Transaction is the engine's; here is which one a statement
// belongs to, and what is a matter of the session: settings, warnings, the block's state.
#include <algorithm>
#include <iterator>

#include "service/session.h"

namespace holdfast {
namespace {

StatementPtr statement_of(TransactionVerb verb) {
  Plan plan;
  plan.body = TransactionPlan{.verb = verb, .savepoint = {}, .modes = {}};
  plan.tag = verb == TransactionVerb::commit ? "COMMIT" : "ROLLBACK";
  return std::make_shared<const PlannedStatement>(std::make_shared<const Plan>(std::move(plan)));
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
  const Duration timeout = idle_in_transaction_timeout_;
  return timeout > Duration() ? std::min(timeout, longest) : longest;
}

void SqlSession::begin_block(const TransactionModes& modes) {
  transaction_ = std::make_shared<Transaction>(lease());
  isolation_ = modes.isolation.value_or(default_isolation_);
  is_read_only_ = modes.read_only.value_or(default_read_only_);
  has_run_ = false;
  block_changes_ = false;
  settings_before_ = settings_;
  local_.clear();
  savepoints_.clear();
}

// The settings of a block that is committed stay, but for the local ones.
void SqlSession::end_block(SqlExecution& execution, bool committed) {
  transaction_.reset();
  if (committed) {
    for (const auto& [setting, value] : local_) {  // the newest first
      if (settings_.set(*setting, value)) tell(execution, *setting);
    }
    read_settings();
  } else {
    restore(execution, settings_before_);
  }
  local_.clear();
  savepoints_.clear();
}

void SqlSession::restore(SqlExecution& execution, const SessionSettings& before) {
  const SessionSettings during = std::exchange(settings_, before);
  read_settings();
  for (const SettingInfo& setting : all_settings()) {
    if (during.value(setting) != settings_.value(setting)) tell(execution, setting);
  }
}

// A SAVEPOINT keeps the settings, and ROLLBACK TO brings them back. What names no savepoint, or
// comes in a failed block, is refused by the engine.
void SqlSession::keep_settings(SqlExecution& execution, const TransactionPlan& plan) {
  const bool is_rollback = plan.verb == TransactionVerb::rollback_to;
  if (transaction_->has_failed() && !is_rollback) return;
  if (plan.verb == TransactionVerb::savepoint) {
    savepoints_.push_back({plan.savepoint, settings_, local_, is_read_only_});
    return;
  }
  const auto newest =
      std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                   [&](const Savepoint& one) { return one.name == plan.savepoint; });
  if (newest == savepoints_.rend()) return;
  const auto found = std::prev(newest.base());
  if (is_rollback) {
    restore(execution, found->settings);
    local_ = found->local;
    is_read_only_ = found->is_read_only;
  }
  savepoints_.erase(is_rollback ? std::next(found) : found, savepoints_.end());
}

void SqlSession::transact(SqlExecution& execution, const TransactionPlan& plan) {
  flush_group();
  const bool is_block = transaction_ != nullptr && group_ == Group::none;
  if (plan.verb == TransactionVerb::begin) return begin(execution, plan);
  if (!is_block && !is_end(plan.verb)) {
    const bool is_rollback = plan.verb == TransactionVerb::rollback_to;
    return refuse(execution,
                  fail(no_block(is_rollback ? "ROLLBACK TO SAVEPOINT" : execution.plan().tag)));
  }
  if (!is_block) {
    execution.listener().notice({.code = ErrorCode::no_transaction,
                                 .message = "there is no transaction in progress",
                                 .detail = {},
                                 .hint = {}});
  }
  if (transaction_ == nullptr) return execution.finish({});
  if (is_end(plan.verb)) return end(execution, plan.verb);
  keep_settings(execution, plan);
  join(execution);
  execution.operate(plan.verb, plan.savepoint);
  engine_.submit(execution);
}

// A group that is flushed becomes the block: what it did so far is part of it.
void SqlSession::begin(SqlExecution& execution, const TransactionPlan& plan) {
  if (transaction_ != nullptr && transaction_->has_failed()) {
    return refuse(execution, fail(failed_transaction()));
  }
  if (transaction_ == nullptr) {
    begin_block(plan.modes);
  } else if (group_ == Group::block) {
    if (Status changed = change_modes(plan.modes); !changed) {
      return refuse(execution, std::move(changed));
    }
  } else {
    execution.listener().notice({.code = ErrorCode::already_in_transaction,
                                 .message = "there is already a transaction in progress",
                                 .detail = {},
                                 .hint = {}});
  }
  group_ = Group::none;
  join(execution);
  execution.finish({});
}

// COMMIT or ROLLBACK. In a group what follows is a group again.
void SqlSession::end(SqlExecution& execution, TransactionVerb verb) {
  const bool is_group = group_ == Group::block;
  if (is_group) group_ = Group::waiting;
  execution.join(transaction_, is_group);
  execution.operate(verb, {});
  end_block(execution, verb == TransactionVerb::commit && !transaction_->has_failed());
  engine_.submit(execution);
}

// — groups —

void SqlSession::begin_group(bool is_script) {
  is_script_ = is_script;
  if (transaction_ == nullptr && group_ == Group::none) group_ = Group::waiting;
}

void SqlSession::wait_for_group(SqlExecution& execution) {
  waiting_.push_back(&execution);
  waiting_requests_ += execution.request_count();
  waiting_bytes_ += execution.value_bytes();
  if (execution.kind == Request::Kind::command) ++waiting_commands_;
  if (waiting_requests_ >= group_statements_max || waiting_bytes_ > transaction_bytes_max) {
    flush_group();
  }
}

void SqlSession::flush_group() {
  if (group_ != Group::waiting) return;
  if (waiting_.empty()) return;
  open_group_block();
  has_run_ = true;
  for (SqlExecution* execution : std::exchange(waiting_, {})) {
    join(*execution);
    if (execution->kind == Request::Kind::command) block_changes_ = true;
    execution->submit(engine_, false);
  }
  forget_waiting();
}

// A group in which a setting changes: its end may have to undo it.
void SqlSession::become_block() {
  flush_group();
  if (group_ == Group::waiting) open_group_block();
}

void SqlSession::open_group_block() {
  group_ = Group::block;
  group_failed_ = false;
  begin_block({});
}

void SqlSession::forget_waiting() {
  waiting_.clear();
  waiting_requests_ = 0;
  waiting_bytes_ = 0;
  waiting_commands_ = 0;
}

void SqlSession::submit_group() {
  if (group_ != Group::waiting) return;
  group_ = Group::none;
  together_.clear();
  for (SqlExecution* execution : waiting_) execution->collect(together_);
  forget_waiting();
  if (together_.size() == 1) engine_.submit(*together_.front());
  if (together_.size() > 1) engine_.submit_together(together_);
}

Execution& SqlSession::end_group_block(RowSink& sink, ExecutionListener& listener) {
  static const StatementPtr commit = statement_of(TransactionVerb::commit);
  static const StatementPtr rollback = statement_of(TransactionVerb::rollback);
  SqlExecution& execution = take();
  execution.begin(group_failed_ ? rollback : commit, sink, listener);
  end(execution, group_failed_ ? TransactionVerb::rollback : TransactionVerb::commit);
  group_ = Group::none;
  return execution;
}

void SqlSession::abort_group() {
  if (group_ != Group::waiting) return;
  group_ = Group::none;
  std::vector<Request*> unheard;
  for (SqlExecution* execution : waiting_) execution->collect(unheard);
  forget_waiting();
  for (Request* request : unheard) {
    request->failed({.code = ErrorCode::shutting_down,
                     .message = "the connection ends before its Sync: nothing was executed",
                     .detail = {},
                     .hint = {}});
  }
}

// Whether the block lets it run at all.
Status SqlSession::check_block(const PlanBody& body) const {
  if (transaction_ == nullptr) return {};
  if (transaction_->has_failed()) return fail(failed_transaction());
  if (std::holds_alternative<DiscardAllPlan>(body)) {
    return fail(ErrorCode::already_in_transaction,
                "DISCARD ALL cannot run inside a transaction block");
  }
  return {};
}

// Whether what is only read may be so by it.
Status SqlSession::check_writable(const PlanBody& body) const {
  if (!is_read_only()) return {};
  const auto refused = [](std::string_view what) {
    return fail(ErrorCode::read_only_transaction, "cannot execute {} in a read-only transaction",
                what);
  };
  if (std::holds_alternative<ChangePlan>(body)) {
    const auto& change = std::get<ChangePlan>(body);
    constexpr std::string_view verbs[] = {"INSERT", "UPDATE", "DELETE"};
    return refused(change.copy ? "COPY FROM" : verbs[static_cast<std::size_t>(change.verb)]);
  }
  if (const auto* command = std::get_if<CommandPlan>(&body)) {
    return refused(fmt::format("{}()", info_of(command->function).name));
  }
  const auto* lookup = std::get_if<LookupPlan>(&body);
  if (lookup != nullptr && !lookup->locking.empty()) {
    return refused(fmt::format("SELECT {}", lookup->locking));
  }
  return {};
}

// — modes: isolation level, read only —

Isolation SqlSession::isolation() const {
  return transaction_ == nullptr ? default_isolation_ : isolation_;
}

bool SqlSession::is_read_only() const {
  return transaction_ == nullptr ? default_read_only_ : is_read_only_;
}

Status SqlSession::set_modes(SqlExecution& execution, const ModesPlan& plan) {
  become_block();
  if (plan.is_session) {
    set_default_modes(execution, plan.modes);
    return {};
  }
  warn_outside(execution, "SET TRANSACTION");
  return transaction_ == nullptr ? Status() : change_modes(plan.modes);
}

void SqlSession::set_default_modes(SqlExecution& execution, const TransactionModes& modes) {
  const auto set = [&](std::string_view name, std::string_view value) {
    const SettingInfo& setting = *find_setting(name);
    if (settings_.set(setting, value)) tell(execution, setting);
  };
  if (modes.isolation) set("default_transaction_isolation", name_of(*modes.isolation));
  if (modes.read_only) set("default_transaction_read_only", *modes.read_only ? "on" : "off");
  read_settings();
}

// Of the transaction that is open; its first statements may have been promised another level.
Status SqlSession::change_modes(const TransactionModes& modes) {
  if (modes.isolation && *modes.isolation != isolation_) {
    if (has_run_) {
      return fail(ErrorCode::already_in_transaction,
                  "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    if (!savepoints_.empty()) {
      return fail(ErrorCode::already_in_transaction,
                  "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
    }
    isolation_ = *modes.isolation;
  }
  if (modes.read_only) {
    if (is_read_only_ && !*modes.read_only && has_run_) {
      return fail(ErrorCode::already_in_transaction,
                  "transaction read-write mode must be set before any query");
    }
    is_read_only_ = *modes.read_only;
  }
  return {};
}

bool SqlSession::may_run(const Statement& statement) const {
  const PlanBody& body = static_cast<const PlannedStatement&>(statement).plan().body;
  return std::holds_alternative<TransactionPlan>(body) ||
         (check_block(body).has_value() && check_writable(body).has_value());
}

Status SqlSession::may_prepare(const Statement* statement) const {
  if (transaction_ == nullptr || !transaction_->has_failed()) return {};
  if (statement != nullptr) {
    const auto& planned = static_cast<const PlannedStatement&>(*statement);
    const auto* plan = std::get_if<TransactionPlan>(&planned.plan().body);
    const bool leaves =
        plan != nullptr && (is_end(plan->verb) || plan->verb == TransactionVerb::rollback_to);
    if (leaves || planned.is_empty()) return {};
  }
  return fail(failed_transaction());
}

void SqlSession::statement_failed() {
  flush_group();  // what came before is answered
  if (group_ == Group::block) {
    group_failed_ = true;
  } else if (transaction_ != nullptr) {
    transaction_->fail();
  }
}

bool SqlSession::in_transaction() const { return transaction_ != nullptr && group_ == Group::none; }

// Statements of a block run one after the other: any of them may end it.
bool SqlSession::may_fail_late(const Statement& statement) const {
  const PlanBody& body = static_cast<const PlannedStatement&>(statement).plan().body;
  return transaction_ != nullptr || std::holds_alternative<TransactionPlan>(body);
}

void SqlSession::abandon_block() {
  if (transaction_ != nullptr) abandoned_.leave(engine_, std::move(transaction_));
}

}  // namespace holdfast
