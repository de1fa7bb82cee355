// A function's call, and a change (INSERT, UPDATE, DELETE) in the words of functions.
#include "sql/bind.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "model/reason.h"
#include "sql/arguments.h"
#include "sql/command_body.h"
#include "sql/convert.h"
#include "sql/lines.h"

namespace holdfast {
namespace {

// What stands for "not given" inside a command must be left out by a client, else a bug of its own
// would take its idempotency, or send its units elsewhere.
Status refuse_empty(const Arguments& arguments) {
  for (const Argument argument : {Argument::request_id, Argument::channel, Argument::location}) {
    const Value* value = arguments.find(argument);
    if (value == nullptr || !value->text.empty()) continue;
    return fail(ErrorCode::invalid_value, "{} must not be empty; leave it out, or NULL, for none",
                info_of(argument).name);
  }
  const Value* claim = arguments.find(Argument::claim_id);
  if (claim != nullptr && claim->uuid.is_none()) {
    return fail(ErrorCode::invalid_value, "claim_id must not be the nil uuid");
  }
  const Value* at = arguments.find(Argument::occurred_at);
  if (at != nullptr && !Timestamp::us(at->integer).is_set()) return check_occurred_at({});
  return {};
}

void bind_context(const Arguments& arguments, std::string_view actor, CommandContext& out) {
  out.actor = actor;
  out.request_id = arguments.text(Argument::request_id);
  out.reference = arguments.text(Argument::reference);
  out.reason = arguments.text(Argument::reason);
  out.customer = arguments.text(Argument::customer);
  out.channel = arguments.text(Argument::channel);
  out.occurred_at = Timestamp::us(arguments.integer(Argument::occurred_at));
}

// — changes —

// The session's words, where the statement has none of its own.
void bind_change_context(const Arguments& arguments, const Binding& binding, std::size_t row,
                         std::size_t rows, CommandStorage& storage, CommandContext& out) {
  bind_context(arguments, binding.actor, out);
  if (binding.context != nullptr) {
    const CommandContext& session = *binding.context;
    const auto take = [](std::string_view& text, std::string_view other) {
      if (text.empty()) text = other;
    };
    take(out.reference, session.reference);
    take(out.reason, session.reason);
    take(out.customer, session.customer);
    take(out.channel, session.channel);
    if (!arguments.has(Argument::occurred_at)) out.occurred_at = session.occurred_at;
    // Each row is a command, and has a key of its own.
    if (out.request_id.empty() && !session.request_id.empty() && rows > 1) {
      storage.request_id = fmt::format("{}/{}", session.request_id, row + 1);
      out.request_id = storage.request_id;
    }
    take(out.request_id, session.request_id);
  }
}

Result<ClaimState> claim_state_of(std::string_view name) {
  const auto* const found = std::ranges::find(claim_state_names, name);
  if (found != claim_state_names.end()) {
    return static_cast<ClaimState>(found - claim_state_names.begin());
  }
  return fail(ErrorCode::invalid_value,
              "state must be one of held, committed, fulfilled, cancelled, released, expired, got "
              "{}",
              quoted(name));
}

// NULL compares to nothing: no row has this version.
constexpr Condition never{.term = {}, .comparison = Comparison::equal, .value = -1};

Status bind_expectation(const ChangePlan& plan, const Binding& binding, CommandStorage& storage,
                        Expectation& out) {
  out.existence = plan.existence;
  for (const ChangePlan::Guard& guard : plan.guards) {
    const std::string_view field =
        guard.term ? term_names[static_cast<std::size_t>(*guard.term)] : "version";
    ASSIGN(const Value value, bind_operand(guard.value, field, SqlType::int8, binding));
    const Condition condition{
        .term = guard.term, .comparison = guard.comparison, .value = value.integer};
    storage.conditions.push_back(value.is_null ? never : condition);
  }
  if (plan.claim_state) {
    ASSIGN(const Value state, bind_operand(*plan.claim_state, "state", SqlType::text, binding));
    if (state.is_null) {
      storage.conditions.push_back(never);
    } else {
      ASSIGN(out.state, claim_state_of(state.text));
    }
  }
  out.conditions = storage.conditions;
  return {};
}

// COPY overwrites these, so that what another ledger wrote goes into an empty one.
bool defines_what_every_ledger_has(const Command& command) {
  const auto* location = std::get_if<DefineLocation>(&command.body);
  const auto* channel = std::get_if<DefineChannel>(&command.body);
  return (location != nullptr && location->code == default_location) ||
         (channel != nullptr && channel->code == default_channel);
}

tl::unexpected<Error> is_null(std::string_view column) {
  return fail(Error{.code = ErrorCode::null_not_allowed,
                    .message = fmt::format("{} must not be null", column),
                    .detail = {},
                    .hint = {},
                    .column = column});
}

// What PostgreSQL says of a CHECK (ExecConstraints in src/backend/executor/execMain.c).
Status check_not_negative(Quantity units) {
  if (units >= Quantity()) return {};
  return fail(Error{.code = ErrorCode::check_violation,
                    .message = "new row for relation \"stock\" violates check constraint "
                               "\"stock_available_nonneg\"",
                    .detail = fmt::format("on_hand must be at least 0, got {}", units.units()),
                    .hint = {},
                    .table = "stock",
                    .constraint = "stock_available_nonneg"});
}

// on_hand ± n: a claim that leaves at once where enough must be available, else a correction.
Status relative_body(const ChangePlan& plan, const Arguments& arguments, CommandStorage& storage,
                     Command& out) {
  TRY(require(arguments, {Argument::sku, Argument::location, Argument::delta}));
  const Quantity said(arguments.integer(Argument::delta));
  if (!said.in_range()) {
    return fail(ErrorCode::out_of_range, "on_hand must change by at most {}, got {}",
                Quantity::max().units(), said.units());
  }
  const Quantity delta = plan.subtracts ? -said : said;
  const std::string_view sku = arguments.text(Argument::sku);
  const std::string_view location = arguments.text(Argument::location);
  const std::string_view lot = arguments.text(Argument::lot);
  if (delta.is_zero()) return fail(ErrorCode::invalid_value, "on_hand must change by at least 1");
  if (delta < Quantity() && plan.is_guarded) {
    storage.lines = {{.sku = sku, .quantity = -delta, .location = location, .lot = lot}};
    auto& claim = out.body.emplace<ClaimUnits>();
    claim.lines = storage.lines;
    claim.fulfil = true;
    return {};
  }
  out.body = Adjust{.sku = sku, .location = location, .lot = lot, .delta = delta, .force = false};
  return {};
}

// INSERT of units that are added to what is there.
Status add_body(const Arguments& arguments, Command& out) {
  const std::string_view sku = arguments.text(Argument::sku);
  const std::string_view location = arguments.text(Argument::location);
  const std::string_view lot = arguments.text(Argument::lot);
  const Quantity units(arguments.integer(Argument::on_hand));
  TRY(require(arguments, {Argument::sku}));
  TRY(check_not_negative(units));
  if (units <= Quantity() || !units.in_range()) {
    return fail(units <= Quantity() ? ErrorCode::invalid_value : ErrorCode::out_of_range,
                "on_hand must be 1 to {} where it is added to what is there, got {}",
                Quantity::max().units(), units.units());
  }
  out.body = Receive{
      .sku = sku, .location = location, .lot = lot, .quantity = units, .unit_cost_minor = {}};
  return {};
}

Result<Function> way_to(std::string_view state) {
  if (state == "committed") return Function::confirm;
  if (state == "fulfilled") return Function::fulfil;
  if (state == "cancelled") return Function::cancel;
  if (state == "released") return Function::release;
  return fail(ErrorCode::invalid_value,
              "state can be set to committed, fulfilled, cancelled or released, got {}",
              quoted(state));
}

Status change_body(const ChangePlan& plan, const Arguments& arguments, const Binding& binding,
                   CommandStorage& storage, Command& out) {
  switch (plan.shape) {
    case ChangePlan::Shape::call:
      TRY(bind_body(plan.function, arguments, storage, out));
      if (const auto* level = std::get_if<SetLevel>(&out.body)) {
        return check_not_negative(level->on_hand);
      }
      return {};
    case ChangePlan::Shape::relative:
      return relative_body(plan, arguments, storage, out);
    case ChangePlan::Shape::add:
      return add_body(arguments, out);
    case ChangePlan::Shape::state: {
      ASSIGN(const Value state, bind_operand(*plan.new_state, "state", SqlType::text, binding));
      if (state.is_null) return is_null("state");
      ASSIGN(const Function function, way_to(state.text));
      return bind_body(function, arguments, storage, out);
    }
  }
  CHECK(false, "not a shape");
}

Status bind_change(const ChangePlan& plan, std::size_t row, const Binding& binding,
                   CommandStorage& storage, Command& out) {
  // A change of a number has nothing that could be cleared.
  const bool clears =
      plan.verb == ChangePlan::Verb::update && plan.shape != ChangePlan::Shape::relative;
  Arguments arguments;
  TRY(arguments.bind(plan.rows[row], binding, clears ? NullMeans::cleared : NullMeans::omitted,
                     storage.converted));
  TRY(refuse_empty(arguments));
  const bool has_key = binding.context != nullptr && !binding.context->request_id.empty();
  if (plan.copy && has_key && !arguments.has(Argument::request_id)) {
    return fail(ErrorCode::not_supported, "COPY under holdfast.request_id is not supported");
  }
  TRY(bind_expectation(plan, binding, storage, out.expected));
  TRY(change_body(plan, arguments, binding, storage, out));
  if (plan.copy && defines_what_every_ledger_has(out)) out.expected.existence = Existence::any;
  bind_change_context(arguments, binding, row, plan.rows.size(), storage, out.context);
  const bool needs_reason =
      std::holds_alternative<Adjust>(out.body) || std::holds_alternative<SetLevel>(out.body);
  if (needs_reason && out.context.reason.empty()) out.context.reason = sql_reason;
  return {};
}

// Of a column's new value, in PostgreSQL's words; a key in WHERE is no new value.
Error null_violation(const ChangePlan& plan, Error why) {
  const std::string_view key = writable_columns(plan.relation).front().name;
  if (why.column == info_of(Argument::code).name) why.column = key;
  if (why.column == info_of(Argument::delta).name) why.column = info_of(Argument::on_hand).name;
  const bool is_where = plan.verb != ChangePlan::Verb::insert &&
                        (why.column == key || why.column == "location" || why.column == "lot");
  if (is_where) return why;
  why.code = ErrorCode::null_violation;
  if (why.column.empty()) return why;
  why.table = info_of(plan.relation).name;
  why.message =
      fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                  why.column, why.table);
  return why;
}

}  // namespace

CommandStorage::CommandStorage() = default;
CommandStorage::~CommandStorage() = default;

LinesParser& CommandStorage::json() {
  if (json_ == nullptr) json_ = std::make_unique<LinesParser>();
  return *json_;
}

std::size_t command_count(const Plan& plan) {
  const auto* change = std::get_if<ChangePlan>(&plan.body);
  return change == nullptr ? 1 : change->rows.size();
}

Status bind_command(const Plan& plan, std::size_t row, const Binding& binding,
                    CommandStorage& storage, Command& out) {
  storage.conditions.clear();
  out.expected = {};
  if (const auto* change = std::get_if<ChangePlan>(&plan.body)) {
    Status bound = bind_change(*change, row, binding, storage, out);
    if (!bound && bound.error().code == ErrorCode::null_not_allowed) {
      return fail(null_violation(*change, std::move(bound).error()));
    }
    return bound;
  }
  const auto& command = std::get<CommandPlan>(plan.body);
  Arguments arguments;
  TRY(arguments.bind(command.arguments, binding, NullMeans::omitted, storage.converted));
  TRY(refuse_empty(arguments));
  TRY(bind_body(command.function, arguments, storage, out));
  bind_context(arguments, binding.actor, out.context);
  return {};
}

bool is_late(const Operand& operand, SqlType type) {
  return type == SqlType::timestamptz && !operand.constant.is_null &&
         operand.constant.type != SqlType::timestamptz;
}

Result<Value> bind_operand(const Operand& operand, std::string_view field, SqlType type,
                           const Binding& binding) {
  if (operand.from == Operand::From::constant) {
    if (is_late(operand, type)) return convert(field, operand.constant, type, binding.rules);
    return operand.constant;
  }
  const Value& value = binding.values[operand.parameter];
  if (operand.via == SqlType::unknown) return convert(field, value, type, binding.rules);
  ASSIGN(const Value cast, convert(field, value, operand.via, binding.rules));
  return convert(field, cast, type, binding.rules);
}

Status check_values(const Plan& plan, std::span<const Value> values) {
  const auto* change = std::get_if<ChangePlan>(&plan.body);
  if (change != nullptr && change->copy) {
    CHECK(values.size() % plan.parameters.size() == 0);
    return {};
  }
  if (values.size() != plan.parameters.size()) {
    return fail(ErrorCode::protocol_violation,
                "statement needs {} parameters, but {} values were bound", plan.parameters.size(),
                values.size());
  }
  return {};
}

}  // namespace holdfast
