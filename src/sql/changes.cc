// WHERE names the whole key, so a change concerns one row; every further condition becomes
// something that the command expects at its turn.
#include "sql/changes.h"

#include <algorithm>
#include <array>

#include "sql/planner.h"

namespace holdfast {
namespace {

// The columns that WHERE must name, and those it may.
struct Key {
  std::span<const std::string_view> needed;
  std::string_view text;  // for messages
};

Key key_of(Relation relation) {
  static constexpr std::array<std::string_view, 2> stock = {"sku", "location"};
  static constexpr std::array<std::string_view, 1> claims = {"claim_id"};
  static constexpr std::array<std::string_view, 1> items = {"sku"};
  static constexpr std::array<std::string_view, 1> locations = {"location"};
  static constexpr std::array<std::string_view, 1> channels = {"channel"};
  switch (relation) {
    case Relation::stock:
      return {stock, "sku, location, and lot for an item with lots"};
    case Relation::claims:
      return {claims, "claim_id"};
    case Relation::items:
      return {items, "sku"};
    case Relation::locations:
      return {locations, "location"};
    case Relation::channels:
      return {channels, "channel"};
    case Relation::availability:
      break;
  }
  return {};
}

bool is_key(Relation relation, Argument argument) {
  switch (argument) {
    case Argument::sku:
      return relation == Relation::stock || relation == Relation::items;
    case Argument::location:
    case Argument::lot:
      return relation == Relation::stock;
    case Argument::code:
      return true;
    case Argument::claim_id:
      return relation == Relation::claims;
    default:
      return false;
  }
}

std::optional<Comparison> comparison_of(std::string_view name) {
  if (name == "=") return Comparison::equal;
  if (name == "<>") return Comparison::different;
  if (name == "<") return Comparison::less;
  if (name == "<=") return Comparison::at_most;
  if (name == ">") return Comparison::more;
  if (name == ">=") return Comparison::at_least;
  return {};
}

// The same with its sides exchanged.
Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::less:
      return Comparison::more;
    case Comparison::at_most:
      return Comparison::at_least;
    case Comparison::more:
      return Comparison::less;
    case Comparison::at_least:
      return Comparison::at_most;
    default:
      return comparison;
  }
}

constexpr std::int64_t initial_priority = 100;

// What DEFAULT means to an UPDATE; NULL where a column has no other default.
Operand default_of(Argument argument) {
  Operand out;
  Value& value = out.constant;
  value = {.type = info_of(argument).type, .text = {}, .uuid = {}};
  value.is_null = false;
  switch (argument) {
    case Argument::scale:
    case Argument::on_hand:
      break;
    case Argument::priority:
      value.integer = initial_priority;
      break;
    case Argument::active:
      value.boolean = true;
      break;
    case Argument::tracking:
      value.text = "quantity";
      break;
    default:
      value.is_null = true;
  }
  return out;
}

std::optional<Term> term_of(std::string_view column) {
  const auto* const found = std::ranges::find(term_names, column);
  if (found == term_names.end()) return {};
  return static_cast<Term>(found - term_names.begin());
}

}  // namespace

std::string_view column_behind(const PgQuery__Node& node, std::string_view qualifier) {
  if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return "";
  std::string_view before;
  const PgQuery__ColumnRef& reference = *node.column_ref;
  const std::string_view name = name_of({reference.fields, reference.n_fields}, &before);
  return before.empty() || before == qualifier ? name : "";
}

Change::Change(Planning& planning, Relation relation, std::string_view alias, ChangePlan::Verb verb)
    : planning_(&planning), qualifier_(alias) {
  plan.relation = relation;
  plan.verb = verb;
}

Result<Change> Change::of(Planning& planning, const PgQuery__RangeVar& relation,
                          ChangePlan::Verb verb) {
  ASSIGN(const Relation found, relation_of(planning, relation));
  const RelationInfo& info = info_of(found);
  if (found == Relation::availability) {
    return planning.error(ErrorCode::not_supported, relation.location,
                          "availability cannot be changed",
                          "It follows from stock, channels and claims.");
  }
  const bool has_alias = relation.alias != nullptr;
  return Change(planning, found,
                has_alias ? std::string_view(relation.alias->aliasname) : info.name, verb);
}

Result<Argument> Change::argument_of(std::string_view column, int location) const {
  if (const auto argument = find_writable_column(plan.relation, column)) return *argument;
  if (find_column(info(), column)) {
    return planning_->error(ErrorCode::not_supported, location,
                            fmt::format("column \"{}\" of {} cannot be set", column, info().name),
                            plan.relation == Relation::stock
                                ? "Of stock, on_hand can be set; the other quantities follow from "
                                  "claims and from the functions in docs/sql.md."
                                : "It follows from what is done.");
  }
  std::string names;
  for (const WritableColumn& writable : writable_columns(plan.relation)) {
    names += names.empty() ? "" : ", ";
    names += writable.name;
  }
  return planning_->error(
      ErrorCode::undefined_column, location,
      fmt::format("column \"{}\" of relation \"{}\" does not exist", column, info().name),
      fmt::format("The columns that can be set: {}.", names));
}

Result<std::optional<Operand>> Change::operand(const PgQuery__Node& node, Argument argument) {
  if (node.node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
    if (plan.verb == ChangePlan::Verb::insert) return std::optional<Operand>();
    return std::optional(default_of(argument));
  }
  TRY(check_reference(node));
  const ArgumentInfo& argument_info = info_of(argument);
  ASSIGN(Operand out,
         planning_->operand(node, argument_info.name, argument_info.type, argument_info.also));
  const bool is_null = out.from == Operand::From::constant && out.constant.is_null;
  if (is_null && plan.verb == ChangePlan::Verb::insert) return std::optional<Operand>();
  return std::optional(out);
}

Status Change::check_reference(const PgQuery__Node& node) const {
  if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return {};
  ASSIGN([[maybe_unused]] const std::string_view name, named_column(*node.column_ref));
  return {};
}

tl::unexpected<Error> Change::refuse(const PgQuery__Node& node) const {
  return planning_->not_supported(
      location_of(node),
      fmt::format("a condition on {} other than column = value (for numbers also <, <=, >, >=, "
                  "<>), joined by AND,",
                  info().name));
}

Result<std::string_view> Change::named_column(const PgQuery__ColumnRef& reference) const {
  std::string_view qualifier;
  const std::string_view name = name_of({reference.fields, reference.n_fields}, &qualifier);
  if (!qualifier.empty() && qualifier != qualifier_) {
    return planning_->error(ErrorCode::undefined_relation, reference.location,
                            fmt::format("missing FROM-clause entry for table \"{}\"", qualifier));
  }
  const bool is_known = find_column(info(), name) || find_writable_column(plan.relation, name);
  if (!is_known) {
    return planning_->error(ErrorCode::undefined_column, reference.location,
                            fmt::format("column \"{}\" does not exist", name));
  }
  return name;
}

Status Change::where(const PgQuery__Node* condition) {
  if (condition == nullptr) return {};
  for (const PgQuery__Node* part : joined_by_and(*condition)) {
    if (part->node_case != PG_QUERY__NODE__NODE_A_EXPR) return refuse(*part);
    TRY(add_comparison(*part, *part->a_expr));
  }
  return {};
}

Status Change::add_comparison(const PgQuery__Node& node, const PgQuery__AExpr& comparison) {
  std::optional<Comparison> how = comparison_of(name_of({comparison.name, comparison.n_name}));
  const bool is_plain = comparison.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP &&
                        comparison.lexpr != nullptr && comparison.rexpr != nullptr;
  if (!how || !is_plain) return refuse(node);
  const PgQuery__Node* column = comparison.lexpr;
  const PgQuery__Node* value = comparison.rexpr;
  if (column->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) {
    std::swap(column, value);
    how = mirrored(*how);
  }
  if (column->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return refuse(node);
  ASSIGN(const std::string_view name, named_column(*column->column_ref));
  const auto argument = find_writable_column(plan.relation, name);
  if (argument && is_key(plan.relation, *argument)) {
    if (*how != Comparison::equal) return refuse(node);
    return add_key(name, *value, node);
  }
  return add_guard(name, *how, *value, node);
}

Result<Operand> Change::compared(const PgQuery__Node& value, std::string_view column, SqlType type,
                                 const PgQuery__Node& whole) {
  TRY(check_reference(value));
  return planning_->compared(value, column, type, whole);
}

Status Change::add_key(std::string_view column, const PgQuery__Node& value,
                       const PgQuery__Node& whole) {
  const Argument argument = *find_writable_column(plan.relation, column);
  if (std::ranges::find(keys, argument, &ArgumentSlot::argument) != keys.end()) {
    return planning_->not_supported(location_of(whole),
                                    fmt::format("a second condition on {}", column));
  }
  const ArgumentInfo& argument_info = info_of(argument);
  ASSIGN(const Operand operand, compared(value, column, argument_info.type, whole));
  keys.push_back({argument, operand});
  return {};
}

Status Change::add_guard(std::string_view column, Comparison comparison, const PgQuery__Node& value,
                         const PgQuery__Node& whole) {
  const bool is_state = plan.relation == Relation::claims && column == "state";
  if (is_state && comparison == Comparison::equal && !plan.claim_state) {
    ASSIGN(plan.claim_state, compared(value, column, SqlType::text, whole));
    return {};
  }
  ChangePlan::Guard guard{.term = {}, .comparison = comparison, .value = {}};
  if (plan.relation == Relation::stock) guard.term = term_of(column);
  if (!guard.term && column != "version") return refuse(whole);
  ASSIGN(guard.value, compared(value, column, SqlType::int8, whole));
  plan.guards.push_back(guard);
  return {};
}

Status Change::check_keys() const {
  const Key key = key_of(plan.relation);
  for (const std::string_view column : key.needed) {
    const Argument argument = *find_writable_column(plan.relation, column);
    if (std::ranges::find(keys, argument, &ArgumentSlot::argument) != keys.end()) continue;
    return planning_->error(
        ErrorCode::not_supported, -1,
        fmt::format("changing {} without WHERE {} = … is not supported", info().name, column),
        fmt::format("WHERE names the whole key of one row: {}.", key.text));
  }
  return {};
}

void Change::plan_as_insert() {
  plan.existence = Existence::absent;
  switch (plan.relation) {
    case Relation::claims:
      plan.function = Function::claim;
      plan.existence = Existence::any;  // an id that is taken is refused anyway
      break;
    case Relation::items:
      plan.function = Function::define_item;
      break;
    case Relation::locations:
      plan.function = Function::define_location;
      break;
    case Relation::channels:
      plan.function = Function::define_channel;
      break;
    case Relation::stock:
    case Relation::availability:
      plan.function = Function::set_stock;
      break;
  }
}

void Change::add_missing_units() {
  if (plan.relation != Relation::stock) return;
  std::vector<ArgumentSlot>& row = plan.rows.back();
  if (std::ranges::find(row, Argument::on_hand, &ArgumentSlot::argument) != row.end()) return;
  Operand none;
  none.constant = {.type = SqlType::int8, .is_null = false, .text = {}, .uuid = {}};
  row.push_back({Argument::on_hand, none});
}

Status Change::returning(std::span<PgQuery__Node* const> list) {
  if (list.empty()) return {};
  std::vector<Column> columns(info().columns.begin(), info().columns.end());
  std::vector<std::uint8_t> sources(columns.size());
  for (std::size_t index = 0; index < sources.size(); ++index) {
    sources[index] = static_cast<std::uint8_t>(index);
  }
  const std::size_t own = columns.size();
  if (plan.relation == Relation::claims) {
    // What only the answer knows; not part of *.
    for (const AnswerColumn cell :
         {AnswerColumn::granted, AnswerColumn::outcome, AnswerColumn::available, AnswerColumn::seq,
          AnswerColumn::replayed, AnswerColumn::message}) {
      columns.push_back(column_of(cell));
      sources.push_back(static_cast<std::uint8_t>(answer_source + static_cast<std::uint8_t>(cell)));
    }
  }
  const auto find = [&](std::string_view name) -> std::optional<std::uint8_t> {
    if (const auto column = find_column(info(), name)) return column;
    for (std::size_t index = own; index < columns.size(); ++index) {
      if (columns[index].name == name) return static_cast<std::uint8_t>(index);
    }
    return {};
  };
  return plan_targets(*planning_, list, {.name = info().name, .qualifier = qualifier_}, find,
                      columns, sources, own);
}

}  // namespace holdfast
