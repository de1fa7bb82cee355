// Commands answer in released(): the row is written from the answer when everything it saw is
// durable. Reads write their rows in read(), in their turn, and only finish in released().
#include "service/execution.h"

#include <algorithm>
#include <numeric>
#include <type_traits>

#include "base/check.h"
#include "base/text.h"
#include "service/answer_row.h"
#include "service/refusal_error.h"
#include "service/repeated_rows.h"
#include "service/statement.h"

namespace holdfast {
namespace {

struct ClassOf {
  template <class Body>
  RequestClass operator()(const Body& /*body*/) const {
    constexpr bool takes = is_one_of<Body, ClaimUnits, Amend, Adjust, Sale, SetLevel>;
    constexpr bool defines = is_one_of<Body, DefineItem, DefineLocation, DefineChannel>;
    return takes ? RequestClass::taking : defines ? RequestClass::defining : RequestClass::freeing;
  }
  template <class Body, class... Others>
  static constexpr bool is_one_of = (std::is_same_v<Body, Others> || ...);
};

}  // namespace

namespace {

// Whether the statement returns what a command answered beyond its outcome.
bool returns_numbers(const Plan& plan) {
  const bool is_function = std::holds_alternative<CommandPlan>(plan.body);
  return std::ranges::any_of(plan.sources, [&](std::uint8_t source) {
    if (!is_function && source < answer_source) return false;  // a column of the relation
    const auto column = static_cast<AnswerColumn>(is_function ? source : source - answer_source);
    return column == AnswerColumn::available || column == AnswerColumn::expires_at ||
           column == AnswerColumn::lines || column == AnswerColumn::message;
  });
}

// An assigned empty string would keep its memory.
void forget(std::string& text) {
  if (text.capacity() > kept_bytes_max) std::string().swap(text);
}

}  // namespace

// What gives units back, settles promises or defines keeps capacity when claims are refused.
RequestClass class_of(const CommandBody& body) { return std::visit(ClassOf(), body); }

const Plan& SqlExecution::plan() const {
  return static_cast<const PlannedStatement&>(*statement_).plan();
}

void SqlExecution::begin(StatementPtr statement, RowSink& sink, ExecutionListener& listener) {
  statement_ = std::move(statement);
  sink_ = &sink;
  listener_ = &listener;
  affected_ = 0;
  row_count_ = 0;
  open_rows_ = 1;
  rows_status_ = {};
  reads_behind = false;
  is_undone_by_failure = false;
  is_validated = false;
  committed = seq_max;
  patience = {};
  forget_cancel();
  one_by_one_ = nullptr;
  work = 0;
  rolled_back = false;
  status_ = {};
  is_finished_.store(false, std::memory_order_relaxed);
}

void SqlExecution::join(std::shared_ptr<Transaction> block, bool is_group) {
  block_ = std::move(block);
  is_group_ = is_group;
  transaction = block_.get();
}

void SqlExecution::operate(TransactionVerb what, std::string_view savepoint_name) {
  kind = Kind::transact;
  request_class = RequestClass::freeing;
  verb = what;
  savepoint = savepoint_name;
}

Status SqlExecution::take_values(std::span<const Value> values) {
  TRY(check_values(plan(), values));
  std::size_t bytes = 0;
  for (const Value& value : values) bytes += value.text.size();
  if (bytes > values_bytes_max) {
    return fail(ErrorCode::limit_exceeded, "parameter values must be at most {} bytes, got {}",
                values_bytes_max, bytes);
  }
  values_.assign(values.begin(), values.end());
  texts_.clear();
  texts_.reserve(bytes);  // the views below stay good: it does not grow again
  for (Value& value : values_) {
    const std::size_t start = texts_.size();
    texts_ += value.text;
    value.text = std::string_view(texts_).substr(start);
  }
  return {};
}

void SqlExecution::take_manner(const Manner& manner, Request& request) const {
  request.is_validated = manner.validates;
  request.patience = manner.patience;
  request.tells_numbers = manner.validates && returns_numbers(plan());
}

Status SqlExecution::bind(const InputRules& rules, std::string_view actor, const Manner& manner) {
  const Plan& what = plan();
  Binding values = binding(rules, actor);
  raises_refusals_ = manner.raises_refusals;
  take_manner(manner, *this);
  if (std::holds_alternative<CommandPlan>(what.body)) {
    kind = Kind::command;
    TRY(bind_command(what, 0, values, storage_, command));
    request_class = class_of(command.body);
    is_undone_by_failure = raises_refusals_;
    return check_command(command);
  }
  if (const auto* plan = std::get_if<ChangePlan>(&what.body)) {
    take_context(manner.context);
    values.context = &context_;
    return bind_change(*plan, values, manner);
  }
  kind = Kind::read;
  request_class = RequestClass::reading;
  if (const auto* plan = std::get_if<CanClaimPlan>(&what.body)) {
    ASSIGN(can_claim_, bind_can_claim(*plan, values));
    return {};
  }
  const auto& lookup = std::get<LookupPlan>(what.body);
  if (!lookup.locking.empty()) is_validated = true;
  return lookup_.bind(lookup, values);
}

Result<Seq> SqlExecution::read(const Stock& stock, Timestamp /*now*/) {
  if (kind == Kind::command) return read_row(*this, stock);
  const auto* lookup = std::get_if<LookupPlan>(&plan().body);
  has_looked_ = lookup != nullptr;
  const LookupResult result =
      lookup == nullptr
          ? read_can_claim(stock, can_claim_, plan().sources, *sink_)
          : read_lookup(
                stock,
                {.relation = lookup->relation, .sources = plan().sources, .committed = committed},
                lookup_, *sink_, scratch_);
  affected_ = result.rows;
  work = result.work;
  if (sink_->is_full()) return fail(sink_->overflow());
  return result.gate;
}

std::span<const std::string_view> SqlExecution::skus() const {
  const auto* lookup = std::get_if<LookupPlan>(&plan().body);
  return lookup == nullptr ? std::span<const std::string_view>() : lookup_.skus(lookup->relation);
}

void SqlExecution::scan_at(ScanPlaces::Place place) {
  kind = Kind::snapshot;
  transaction = nullptr;
  place_ = std::move(place);
}

std::unique_ptr<RowStream> SqlExecution::take_stream() {
  if (snapshot == nullptr) return nullptr;
  return std::make_unique<Scan>(std::exchange(snapshot, nullptr), *std::move(place_),
                                std::get<LookupPlan>(plan().body).relation, plan().sources,
                                lookup_.limit);
}

// Of the last row of a change, too.
std::unique_ptr<RepeatableRead> SqlExecution::repeatable() const {
  const Plan& what = plan();
  if (std::holds_alternative<CanClaimPlan>(what.body)) {
    return repeat_can_claim(can_claim_, what.sources);
  }
  return has_looked_ ? repeatable_lookup() : nullptr;
}

// FOR UPDATE is about the rows, whichever of their columns are shown.
std::unique_ptr<RepeatableRead> SqlExecution::repeatable_lookup() const {
  const Plan& what = plan();
  if (const auto* change = std::get_if<ChangePlan>(&what.body)) {
    return repeat_lookup(change->relation, what.sources, lookup_);
  }
  const auto& lookup = std::get<LookupPlan>(what.body);
  if (lookup.locking.empty()) return repeat_lookup(lookup.relation, what.sources, lookup_);
  std::vector<std::uint8_t> all(info_of(lookup.relation).columns.size());
  std::iota(all.begin(), all.end(), std::uint8_t{0});
  return repeat_lookup(lookup.relation, all, lookup_);
}

void SqlExecution::cancel_all() {
  cancel();
  for (const auto& row : row_pool_) row->cancel();
}

void SqlExecution::foresee_release() const {
  Request::foresee_release();
  prefetch(listener_, 3 * cache_line_bytes);
}

void SqlExecution::released(Seq /*durable*/) {
  if (kind != Kind::command) return finish({});
  if (std::holds_alternative<ChangePlan>(plan().body)) return row_released(*this, 0);
  if (is_refusal(answer.outcome) && raises_refusals_) {
    return failed(refusal_error(command, answer));
  }
  write_answer_row(command, answer, plan().sources, *sink_, scratch_);
  affected_ = 1;
  finish({});
}

// Its transaction cannot be committed without it.
void SqlExecution::failed(const Error& error) {
  if (std::holds_alternative<ChangePlan>(plan().body)) return row_failed(error);
  if (block_ != nullptr) block_->fail();
  finish(fail(Error(error)));
}

void SqlExecution::finish(Status status) {
  status_ = std::move(status);
  const Plan& what = plan();
  const auto* plan = std::get_if<TransactionPlan>(&what.body);
  const bool ends_block = plan != nullptr && is_end(plan->verb);
  const bool is_outside = block_ == nullptr || is_group_ || ends_block;
  transaction_status_ = is_outside             ? TransactionStatus::none
                        : block_->has_failed() ? TransactionStatus::failed
                                               : TransactionStatus::open;
  tag_.assign(ends_block && rolled_back ? "ROLLBACK" : what.tag);
  const bool is_counted =
      what.tag == "SELECT" || what.copy_to || std::holds_alternative<ChangePlan>(what.body);
  if (is_counted) append(tag_, " ", affected_);
  is_finished_.store(true, std::memory_order_release);
  listener_->finished(*this);
}

void SqlExecution::recycle() {
  CHECK(is_finished());
  statement_.reset();
  sink_ = nullptr;
  listener_ = nullptr;
  join(nullptr, false);
  snapshot.reset();
  place_.reset();
  mark = 0;
  forget(texts_);
  forget(scratch_);
  row_pool_.clear();
  row_count_ = 0;
  if (values_.capacity() * sizeof(Value) > kept_bytes_max) values_ = std::vector<Value>();
}

}  // namespace holdfast
