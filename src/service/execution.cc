// Commands answer in released(): the row is written from the answer when everything it saw is
// durable. Reads write their rows in read(), in their turn, and only finish in released().
#include "service/execution.h"

#include <algorithm>
#include <type_traits>

#include "base/check.h"
#include "service/answer_row.h"
#include "service/refusal_error.h"
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

Status SqlExecution::bind(const InputRules& rules, std::string_view actor, const Manner& manner) {
  const Plan& what = plan();
  Binding values = binding(rules, actor);
  raises_refusals_ = manner.raises_refusals;
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
    return bind_change(*plan, values);
  }
  kind = Kind::read;
  request_class = RequestClass::reading;
  if (const auto* plan = std::get_if<CanClaimPlan>(&what.body)) {
    return bind_can_claim(*plan, values);
  }
  return lookup_.bind(std::get<LookupPlan>(what.body), values);
}

Status SqlExecution::bind_can_claim(const CanClaimPlan& plan, const Binding& binding) {
  ASSIGN(const Value sku, bind_operand(plan.sku, "sku", SqlType::text, binding));
  ASSIGN(const Value channel, bind_operand(plan.channel, "channel", SqlType::text, binding));
  ASSIGN(const Value quantity, bind_operand(plan.quantity, "quantity", SqlType::int8, binding));
  if (sku.is_null || quantity.is_null) {
    return fail(ErrorCode::null_not_allowed, "{} must not be null",
                sku.is_null ? "sku" : "quantity");
  }
  if (quantity.integer < 1) {
    return fail(ErrorCode::invalid_value, "quantity must be at least 1, got {}", quantity.integer);
  }
  if (!channel.is_null && channel.text.empty()) {
    return fail(ErrorCode::invalid_value,
                "channel must not be empty; leave it out, or NULL, for the default one");
  }
  can_claim_ = {.sku = sku.text,
                .channel = channel.is_null ? default_channel : channel.text,
                .quantity = Quantity(quantity.integer)};
  return {};
}

Result<Seq> SqlExecution::read(const Stock& stock, Timestamp /*now*/) {
  if (kind == Kind::command) return read_row(*this, stock);
  if (std::holds_alternative<CanClaimPlan>(plan().body)) return read_can_claim(stock);
  const LookupTarget target{.relation = std::get<LookupPlan>(plan().body).relation,
                            .sources = plan().sources};
  const LookupResult result = read_lookup(stock, target, lookup_, *sink_, scratch_);
  affected_ = result.rows;
  work = result.work;
  if (sink_->is_full()) return fail(sink_->overflow());
  return result.gate;
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

Seq SqlExecution::read_can_claim(const Stock& stock) {
  const ItemId item = stock.find_item(can_claim_.sku);
  const ChannelId channel = stock.find_channel(can_claim_.channel);
  Salable salable;
  const bool is_known = item != ItemId() && channel != ChannelId();
  if (is_known) salable = salable_of(stock, item, channel);
  work = salable.work;
  const bool is_active = is_known && stock.channel(channel).active;
  const bool is_enough = !salable.is_known || salable.available >= can_claim_.quantity;
  sink_->begin_row(plan().sources.size());
  for (const std::uint8_t source : plan().sources) {
    if (static_cast<AnswerColumn>(source) == AnswerColumn::can_claim) {
      sink_->boolean(is_active && is_enough);
    } else if (static_cast<AnswerColumn>(source) == AnswerColumn::message) {
      if (is_active && is_enough) {
        sink_->null();
      } else if (channel == ChannelId()) {
        sink_->text(fmt::format("{}: unknown channel", can_claim_.channel));
      } else if (item == ItemId()) {
        sink_->text(fmt::format("{}: unknown item", can_claim_.sku));
      } else if (!is_active) {
        sink_->text(fmt::format("{}: the channel is not active", can_claim_.channel));
      } else {
        sink_->text(fmt::format("{}: requested {}, available {}", can_claim_.sku,
                                can_claim_.quantity.units(), salable.available.units()));
      }
    } else if (is_known && salable.is_known) {
      sink_->integer(salable.available.units());
    } else {
      sink_->null();
    }
  }
  sink_->end_row();
  affected_ = 1;
  return salable.version;
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
  if (is_counted) fmt::format_to(std::back_inserter(tag_), " {}", affected_);
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
  if (texts_.capacity() > kept_bytes_max) texts_ = std::string();
  if (scratch_.capacity() > kept_bytes_max) scratch_ = std::string();
  row_pool_.clear();
  row_count_ = 0;
  if (values_.capacity() * sizeof(Value) > kept_bytes_max) values_ = std::vector<Value>();
}

}  // namespace holdfast
