// The plan's body decides where a statement runs. Everything that can be said without the engine is
// said here.
#include "service/session.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "service/turn_rows.h"
#include "sql/planner.h"
#include "sql/text_array.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

// One cell of a constant SELECT, as its type.
void write_value(RowSink& sink, const Value& value) {
  if (value.is_null) return sink.null();
  switch (value.type) {
    case SqlType::boolean:
      return sink.boolean(value.boolean);
    case SqlType::int2:
    case SqlType::int4:
    case SqlType::int8:
    case SqlType::oid:
      return sink.integer(value.integer);
    case SqlType::uuid:
      return sink.uuid(value.uuid);
    case SqlType::timestamptz:
      return sink.timestamp(Timestamp::us(value.integer));
    case SqlType::interval: {
      std::string text;
      append_interval(text, Duration::us(value.integer));
      return sink.text(text);
    }
    case SqlType::text:
    case SqlType::jsonb:
    case SqlType::unknown:
      return sink.text(value.text);
    default:
      CHECK(false, "no constant has the type {}", name_of(value.type));
  }
}

void write_element(RowSink& sink, const KnownType& type, TypeFact fact) {
  const KnownType* element = find_type(type.element);
  if (fact == TypeFact::element_delimiter) return element ? sink.text(",") : sink.null();
  sink.text(element != nullptr ? element->regtype : "-");
}

void write_fact(RowSink& sink, const KnownType& type, TypeFact fact, std::int64_t depth) {
  switch (fact) {
    case TypeFact::oid:
      return sink.integer(type.oid);
    case TypeFact::array_oid:
      return sink.integer(type.array);
    case TypeFact::element_oid:
      return sink.integer(type.element);
    case TypeFact::element_name:
    case TypeFact::element_delimiter:
      return write_element(sink, type, fact);
    case TypeFact::name:
      return sink.text(type.name);
    case TypeFact::regtype:
      return sink.text(type.regtype);
    case TypeFact::delimiter:
      return sink.text(",");
    case TypeFact::schema:
      return sink.text("pg_catalog");
    case TypeFact::is_visible:
      return sink.boolean(true);
    case TypeFact::is_array:
      return sink.boolean(type.element != 0);
    case TypeFact::kind:
      return sink.text("b");
    case TypeFact::depth:
      return sink.integer(depth);
    case TypeFact::nothing:
      return sink.null();
  }
}

// The types that a question is about, in the order of its answer.
struct AnsweredType {
  const KnownType* type = nullptr;
  std::int64_t depth = 0;
};

Result<std::vector<AnsweredType>> types_of(std::string_view oids) {
  std::string storage;
  ASSIGN(const ArrayElements elements, parse_array("the types", oids, storage));
  std::vector<AnsweredType> asked;
  std::vector<AnsweredType> out;
  for (const std::optional<std::string_view>& element : elements) {
    if (!element) continue;
    ASSIGN(const std::int64_t oid, parse_int64("the type", *element));
    const KnownType* type = find_type(oid);
    if (type == nullptr) continue;
    asked.push_back({.type = type, .depth = 0});
    if (type->element != 0) out.push_back({.type = find_type(type->element), .depth = 1});
  }
  out.insert(out.end(), asked.begin(), asked.end());
  return out;
}

Result<std::vector<AnsweredType>> types_of(TypeQuestion::By by, const Value& key) {
  using By = TypeQuestion::By;
  std::vector<AnsweredType> out;
  if (by == By::arrays) {
    for (const KnownType& type : known_types()) {
      if (type.array != 0) out.push_back({.type = &type});
    }
    return out;
  }
  if (key.is_null) return out;
  if (by == By::oids) return types_of(key.text);
  const KnownType* type = by == By::oid ? find_type(key.integer) : find_type(key.text);
  if (type != nullptr) out.push_back({.type = type});
  return out;
}

bool goes_to_engine(const PlanBody& body) {
  return std::holds_alternative<CommandPlan>(body) || std::holds_alternative<ChangePlan>(body) ||
         std::holds_alternative<LookupPlan>(body) || std::holds_alternative<CanClaimPlan>(body);
}

}  // namespace

SqlSession::SqlSession(std::string_view database, Engine& engine, PlanCache& plans,
                       AbandonedBlocks& abandoned, ScanPlaces& scans, std::string_view principal)
    : database_(database),
      engine_(engine),
      plans_(plans),
      abandoned_(abandoned),
      scans_(scans),
      principal_(principal) {
  settings_.start_with(*find_setting("session_authorization"), principal);
  read_settings();
}

SqlSession::~SqlSession() {
  abandon_block();
  CHECK(idle_.size() == executions_.size(), "{} executions are not recycled",
        executions_.size() - idle_.size());
}

Result<StatementPtr> SqlSession::prepare(std::string_view sql, std::span<const SqlType> declared) {
  const PlanCache::Key key{.sql = sql, .declared = declared, .is_simple = false};
  if (const auto known = plans_.find(key)) return known->front();
  ASSIGN(PlanPtr plan, plan_statement(sql, declared));
  const std::vector<StatementPtr> statements = {
      std::make_shared<const PlannedStatement>(std::move(plan))};
  plans_.add(key, statements);
  return statements.front();
}

Result<std::vector<StatementPtr>> SqlSession::prepare_all(std::string_view sql) {
  const PlanCache::Key key{.sql = sql, .declared = {}, .is_simple = true};
  if (auto known = plans_.find(key)) return *std::move(known);
  ASSIGN(std::vector<PlanPtr> plans, plan_statements(sql));
  std::vector<StatementPtr> statements;
  for (PlanPtr& plan : plans) {
    statements.push_back(std::make_shared<const PlannedStatement>(std::move(plan)));
  }
  plans_.add(key, statements);
  return statements;
}

Execution& SqlSession::run(const StatementPtr& statement, std::span<const Value> values,
                           RowSink& sink, ExecutionListener& listener) {
  SqlExecution& execution = take();
  execution.begin(statement, sink, listener);
  Status taken = execution.take_values(values);
  if (!taken) {
    refuse(execution, std::move(taken));
  } else {
    start(execution);
  }
  return execution;
}

// What is wrong with a statement of a block ends the block.
void SqlSession::refuse(SqlExecution& execution, Status status) {
  statement_failed();
  join(execution);
  execution.finish(std::move(status));
}

void SqlSession::start(SqlExecution& execution) {
  const PlanBody& body = execution.plan().body;
  if (const auto* plan = std::get_if<TransactionPlan>(&body)) return transact(execution, *plan);
  Status allowed = check_block(body);
  if (allowed) allowed = check_writable(body);
  if (!allowed) return refuse(execution, std::move(allowed));
  join(execution);
  if (!goes_to_engine(body)) {
    Status status = run_here(execution, body);
    return status ? execution.finish({}) : refuse(execution, std::move(status));
  }
  Status bound = execution.bind(rules_, principal_,
                                {.context = said_,
                                 .raises_refusals = raises_refusals_,
                                 .validates = validates(isolation()),
                                 .patience = statement_timeout_});
  has_run_ = true;
  if (!bound) return refuse(execution, std::move(bound));
  if (const auto* plan = std::get_if<LookupPlan>(&body); plan != nullptr && plan->is_scan) {
    return scan(execution, *plan);
  }
  if (execution.kind == Request::Kind::command) block_changes_ = true;
  if (group_ == Group::waiting) return wait_for_group(execution);
  execution.submit(engine_, true);
}

void SqlSession::cancel() {
  for (const auto& execution : executions_) {
    const bool waits = std::ranges::find(waiting_, execution.get()) != waiting_.end();
    if (!waits && !execution->is_finished()) execution->cancel_all();
  }
}

// A snapshot shows what is committed, not what a block has done, and is not looked at again by
// COMMIT: so it is taken where there is no difference.
void SqlSession::scan(SqlExecution& execution, const LookupPlan& plan) {
  flush_group();
  join(execution);
  const bool is_validated = transaction_ != nullptr && validates(isolation());
  if (is_validated || (transaction_ != nullptr && block_changes_)) {
    return refuse(
        execution,
        fail(Error{.code = ErrorCode::not_supported,
                   .message = fmt::format(
                       "COPY of all of {} in {} is not supported", info_of(plan.relation).name,
                       is_validated ? fmt::format("a {} transaction", name_of(isolation()))
                                    : "a transaction that has changed something"),
                   .detail = {},
                   .hint = "Say it outside of the transaction, or name the rows: COPY (SELECT … "
                           "WHERE …) TO STDOUT shows what the transaction has done."}));
  }
  auto place = scans_.take();
  if (!place) return refuse(execution, fail(std::move(place).error()));
  execution.scan_at(*std::move(place));
  engine_.submit(execution);
}

SqlExecution& SqlSession::take() {
  if (idle_.empty()) {
    executions_.push_back(std::make_unique<SqlExecution>());
    return *executions_.back();
  }
  SqlExecution& execution = *idle_.back();
  idle_.pop_back();
  if (!idle_.empty()) idle_.back()->foresee_run();  // a pipeline takes it next
  return execution;
}

void SqlSession::recycle(Execution& execution) {
  auto& own = static_cast<SqlExecution&>(execution);
  own.recycle();
  idle_.push_back(&own);
}

Status SqlSession::run_here(SqlExecution& execution, const PlanBody& body) {
  if (const auto* plan = std::get_if<ConstantPlan>(&body)) return constants(execution, *plan);
  if (const auto* plan = std::get_if<TypesPlan>(&body)) return types(execution, *plan);
  if (const auto* plan = std::get_if<RefusedPlan>(&body)) return fail(Error(plan->error));
  if (const auto* plan = std::get_if<NothingPlan>(&body)) warn_outside(execution, plan->warns);
  if (const auto* plan = std::get_if<ShowPlan>(&body)) show(execution, plan->setting);
  if (std::holds_alternative<ShowAllPlan>(body)) show_all(execution);
  if (std::holds_alternative<ShowTurnsPlan>(body)) write_turns(engine_.stats(), execution.sink());
  if (const auto* plan = std::get_if<SetPlan>(&body)) apply(execution, *plan);
  if (const auto* plan = std::get_if<ModesPlan>(&body)) return set_modes(execution, *plan);
  if (std::holds_alternative<ResetAllPlan>(body) || std::holds_alternative<DiscardAllPlan>(body)) {
    reset_all(execution);
  }
  return {};  // DEALLOCATE is the protocol's; the rest has nothing to do
}

// Of what has a meaning in a block only.
void SqlSession::warn_outside(SqlExecution& execution, std::string_view what) {
  const bool is_block = group_ == Group::none ? transaction_ != nullptr : is_script_;
  if (what.empty() || is_block) return;
  execution.listener().notice(
      {.code = ErrorCode::no_transaction,
       .message = fmt::format("{} can only be used in transaction blocks", what),
       .detail = {},
       .hint = {}});
}

std::string SqlSession::seq_text() const { return std::to_string(engine_.durable().value()); }

// What is of the transaction is not among the settings.
std::string_view SqlSession::shown(const SettingInfo& setting) const {
  if (setting.name == "transaction_isolation") return name_of(isolation());
  if (setting.name == "transaction_read_only") return is_read_only() ? "on" : "off";
  return settings_.value(setting);
}

void SqlSession::show(SqlExecution& execution, const SettingInfo* setting) {
  RowSink& sink = execution.sink();
  sink.begin_row(1);
  if (setting == nullptr) {
    sink.text(seq_text());
  } else {
    sink.text(shown(*setting));
  }
  sink.end_row();
}

void SqlSession::show_all(SqlExecution& execution) {
  RowSink& sink = execution.sink();
  for (const SettingInfo& setting : all_settings()) {
    sink.begin_row(2);
    sink.text(setting.name);
    sink.text(shown(setting));
    sink.end_row();
  }
}

Status SqlSession::constants(SqlExecution& execution, const ConstantPlan& plan) {
  // Every value is bound before the first cell is written, so that an error leaves no half a row.
  std::vector<Value> values(plan.cells.size());
  const Binding binding = execution.binding(rules_, principal_);
  for (std::size_t index = 0; index < values.size(); ++index) {
    const ConstantPlan::Cell& cell = plan.cells[index];
    const bool sets = cell.kind == ConstantPlan::Kind::set_config;
    if (cell.kind != ConstantPlan::Kind::operand && !sets) continue;
    ASSIGN(values[index], bind_operand(cell.operand, "value", cell.type, binding));
    if (sets) TRY(configure(execution, cell, values[index]));
  }
  RowSink& sink = execution.sink();
  const std::vector<std::uint8_t>& sources = execution.plan().sources;
  sink.begin_row(sources.size());
  for (const std::uint8_t source : sources) {
    const ConstantPlan::Cell& cell = plan.cells[source];
    switch (cell.kind) {
      case ConstantPlan::Kind::operand:
      case ConstantPlan::Kind::set_config:
        write_value(sink, values[source]);
        break;
      case ConstantPlan::Kind::database:
        sink.text(database_);
        break;
      case ConstantPlan::Kind::user:
        sink.text(principal_);
        break;
      case ConstantPlan::Kind::backend_pid:
        sink.integer(backend_pid_);
        break;
      case ConstantPlan::Kind::setting:
        if (cell.setting == nullptr) {
          sink.text(seq_text());
        } else {
          sink.text(shown(*cell.setting));
        }
        break;
    }
  }
  sink.end_row();
  execution.count_row();
  return {};
}

Status SqlSession::types(SqlExecution& execution, const TypesPlan& plan) {
  if (plan.by == TypeQuestion::By::nothing) return {};
  const Binding binding = execution.binding(rules_, principal_);
  Value key;
  if (const SqlType type = type_of(plan.by); type != SqlType::unknown) {
    ASSIGN(key, bind_operand(plan.key, "the type", type, binding));
  }
  ASSIGN(const std::vector<AnsweredType> answered, types_of(plan.by, key));
  RowSink& sink = execution.sink();
  const std::vector<std::uint8_t>& sources = execution.plan().sources;
  for (const AnsweredType& answer : answered) {
    sink.begin_row(sources.size());
    for (const std::uint8_t source : sources) {
      write_fact(sink, *answer.type, static_cast<TypeFact>(source), answer.depth);
    }
    sink.end_row();
    execution.count_row();
  }
  return {};
}

// NULL goes back to what the connection started with.
Status SqlSession::configure(SqlExecution& execution, const ConstantPlan::Cell& cell,
                             const Value& value) {
  SetPlan plan{.setting = cell.setting, .value = {}, .is_local = cell.is_local};
  if (!value.is_null) {
    ASSIGN(plan.value, check_setting(*cell.setting, value.text));
    if (const auto modes = modes_of(*cell.setting, *plan.value)) {
      return set_modes(execution, {.modes = *modes});
    }
  }
  apply(execution, plan);
  return {};
}

void SqlSession::read_settings() {
  const auto value = [this](std::string_view name) { return settings_.value(*find_setting(name)); };
  rules_.time_zone_is_utc = is_utc(value("TimeZone"));
  raises_refusals_ = value("holdfast.refusals") == "error";
  said_.request_id = value("holdfast.request_id");
  said_.reference = value("holdfast.reference");
  said_.reason = value("holdfast.reason");
  said_.customer = value("holdfast.customer");
  said_.channel = value("holdfast.channel");
  said_.occurred_at = occurred_at_of(value("holdfast.occurred_at"));
  default_isolation_ =
      isolation_of(value("default_transaction_isolation")).value_or(Isolation::read_committed);
  default_read_only_ = value("default_transaction_read_only") == "on";
  statement_timeout_ = timeout_of(value("statement_timeout"));
  idle_session_timeout_ = timeout_of(value("idle_session_timeout"));
  idle_in_transaction_timeout_ = timeout_of(value("idle_in_transaction_session_timeout"));
  if (transaction_ != nullptr) transaction_->set_lease(lease());
}

void SqlSession::tell(SqlExecution& execution, const SettingInfo& setting) {
  if (setting.is_reported) {
    execution.listener().setting_changed(setting.name, settings_.value(setting));
  }
}

void SqlSession::apply(SqlExecution& execution, const SetPlan& plan) {
  become_block();
  if (plan.is_local) warn_outside(execution, "SET LOCAL");
  if (plan.is_local && transaction_ == nullptr) return;
  if (plan.is_local) {
    local_.insert(local_.begin(), {plan.setting, std::string(settings_.value(*plan.setting))});
  } else {
    std::erase_if(local_, [&](const auto& entry) { return entry.first == plan.setting; });
  }
  const bool changes =
      plan.value ? settings_.set(*plan.setting, *plan.value) : settings_.reset(*plan.setting);
  read_settings();
  if (changes) tell(execution, *plan.setting);
}

void SqlSession::reset_all(SqlExecution& execution) {
  if (!settings_.changed().empty()) become_block();
  for (const SettingInfo* setting : settings_.changed()) {
    if (settings_.reset(*setting)) tell(execution, *setting);
  }
  read_settings();
}

std::string_view SqlSession::setting(std::string_view name) const {
  const SettingInfo* setting = find_setting(name);
  return setting == nullptr ? std::string_view() : settings_.value(*setting);
}

std::string_view SqlSession::setting_at_start(std::string_view name) const {
  const SettingInfo* setting = find_setting(name);
  return setting == nullptr ? std::string_view() : settings_.value_at_start(*setting);
}

Status SqlSession::start_setting(std::string_view name, std::string_view value) {
  if (name == "pg_backend_pid") {
    ASSIGN(backend_pid_, parse_int64(name, value));
    return {};
  }
  const SettingInfo* setting = find_setting(name);
  if (setting == nullptr) return {};
  if (setting->kind == SettingKind::said_once) {
    return fail(ErrorCode::invalid_value, "{} can be set in a transaction only", setting->name);
  }
  ASSIGN(const std::string checked, check_setting(*setting, value));
  settings_.start_with(*setting, checked);
  read_settings();
  return {};
}

}  // namespace holdfast
