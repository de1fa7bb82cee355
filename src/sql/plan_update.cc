// UPDATE and DELETE of one row by its key.
#include <algorithm>

#include "sql/changes.h"

namespace holdfast {
namespace {

using Verb = ChangePlan::Verb;
using Shape = ChangePlan::Shape;

Function changer_of(Relation relation) {
  switch (relation) {
    case Relation::items:
      return Function::define_item;
    case Relation::locations:
      return Function::define_location;
    case Relation::channels:
      return Function::define_channel;
    case Relation::stock:
    case Relation::claims:
    case Relation::availability:
      break;
  }
  return Function::set_stock;
}

class Update {
 public:
  Update(Change& change, const PgQuery__UpdateStmt& update)
      : change_(change), planning_(change.planning()), update_(update) {}

  Status plan() {
    if (update_.with_clause != nullptr) return planning_.not_supported(-1, "WITH");
    if (update_.n_from_clause > 0) return planning_.not_supported(-1, "UPDATE … FROM");
    change_.plan.function = changer_of(change_.plan.relation);
    change_.plan.existence = Existence::present;
    // In PostgreSQL's order (transformUpdateStmt), which decides the error of several.
    TRY(change_.where(update_.where_clause));
    TRY(change_.returning({update_.returning_list, update_.n_returning_list}));
    for (std::size_t index = 0; index < update_.n_target_list; ++index) {
      TRY(set(*update_.target_list[index]->res_target));
    }
    TRY(change_.check_keys());
    if (is_absolute_) TRY(check_old_value());
    change_.plan.is_guarded = std::ranges::any_of(change_.plan.guards, is_enough);
    std::vector<ArgumentSlot>& row = change_.plan.rows.emplace_back(change_.keys);
    row.insert(row.end(), given_.begin(), given_.end());
    planning_.plan.tag = "UPDATE";
    planning_.plan.body = std::move(change_.plan);
    return {};
  }

 private:
  static bool is_enough(const ChangePlan::Guard& guard) {
    return guard.term == Term::available &&
           (guard.comparison == Comparison::at_least || guard.comparison == Comparison::more);
  }

  Status set(const PgQuery__ResTarget& target) {
    if (target.n_indirection > 0 ||
        target.val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
      return planning_.not_supported(target.location, "this form of SET");
    }
    const std::string_view column = target.name;
    if (std::ranges::find(columns_, column) != columns_.end()) {
      return planning_.error(ErrorCode::syntax_error, target.location,
                             fmt::format("multiple assignments to same column \"{}\"", column));
    }
    columns_.push_back(column);
    if (change_.plan.relation == Relation::claims) return set_of_claim(target);
    ASSIGN(const Argument argument, change_.argument_of(column, target.location));
    if (change_.plan.relation == Relation::stock) return set_of_stock(target, argument);
    if (argument == Argument::sku || argument == Argument::code) {
      return planning_.not_supported(target.location, fmt::format("changing {}", column));
    }
    return give(*target.val, argument);
  }

  Status give(const PgQuery__Node& value, Argument argument) {
    ASSIGN(const std::optional<Operand> operand, change_.operand(value, argument));
    if (operand) given_.push_back({argument, *operand});
    return {};
  }

  Status set_of_claim(const PgQuery__ResTarget& target) {
    if (std::string_view(target.name) != "state") {
      return planning_.error(
          ErrorCode::not_supported, target.location,
          fmt::format("column \"{}\" of claims cannot be set", target.name),
          "Of claims, state can be set: committed, fulfilled, cancelled or released. For the rest "
          "there are extend and amend.");
    }
    change_.plan.shape = Shape::state;
    ASSIGN(change_.plan.new_state, planning_.operand(*target.val, "state", SqlType::text));
    return {};
  }

  Status set_of_stock(const PgQuery__ResTarget& target, Argument argument) {
    if (argument != Argument::on_hand) {
      return planning_.not_supported(target.location, fmt::format("changing {}", target.name));
    }
    const PgQuery__Node& value = *target.val;
    if (value.node_case != PG_QUERY__NODE__NODE_A_EXPR) {
      is_absolute_ = true;
      return give(value, argument);
    }
    return set_relative(value, target.location);
  }

  // on_hand - $1, on_hand + 1, 1 + on_hand
  Status set_relative(const PgQuery__Node& whole, int location) {
    const PgQuery__AExpr& sum = *whole.a_expr;
    const std::string_view sign = name_of({sum.name, sum.n_name});
    const PgQuery__Node* own = sum.lexpr;
    const PgQuery__Node* units = sum.rexpr;
    const auto is_own = [&](const PgQuery__Node* node) {
      return node != nullptr && column_behind(*node, change_.qualifier()) == "on_hand";
    };
    for (const PgQuery__Node* side : {own, units}) {
      if (side != nullptr) TRY(change_.check_reference(*side));
    }
    if (sign == "+" && !is_own(own)) std::swap(own, units);
    if ((sign != "+" && sign != "-") || !is_own(own) || units == nullptr) {
      return planning_.error(ErrorCode::not_supported, location,
                             "SET on_hand = … other than a value, on_hand + n or on_hand - n is "
                             "not supported");
    }
    change_.plan.shape = Shape::relative;
    change_.plan.subtracts = sign == "-";
    ASSIGN(const Operand delta, change_.compared(*units, "on_hand", SqlType::int8, whole));
    given_.push_back({Argument::delta, delta});
    return {};
  }

  // Else the statement would undo what was sold since its value was read.
  Status check_old_value() const {
    const auto says_old = [](const ChangePlan::Guard& guard) {
      const bool is_value = !guard.term || *guard.term == Term::on_hand;
      return is_value && guard.comparison == Comparison::equal;
    };
    if (std::ranges::any_of(change_.plan.guards, says_old)) return {};
    return planning_.error(
        ErrorCode::not_supported, -1,
        "SET on_hand to a value needs the old value or the version in WHERE",
        "Write SET on_hand = on_hand - 1, or add AND on_hand = …, or AND version = …; otherwise "
        "what was sold since the value was read would come back.");
  }

  Change& change_;
  Planning& planning_;
  const PgQuery__UpdateStmt& update_;
  std::vector<std::string_view> columns_;
  std::vector<ArgumentSlot> given_;
  bool is_absolute_ = false;
};

}  // namespace

Status plan_update(Planning& planning, const PgQuery__UpdateStmt& update) {
  ASSIGN(Change change, Change::of(planning, *update.relation, Verb::update));
  return Update(change, update).plan();
}

// A claim that is deleted is released; everything else stays as long as its ledger.
Status plan_delete(Planning& planning, const PgQuery__DeleteStmt& remove) {
  ASSIGN(Change change, Change::of(planning, *remove.relation, Verb::remove));
  if (remove.with_clause != nullptr) return planning.not_supported(-1, "WITH");
  if (remove.n_using_clause > 0) return planning.not_supported(-1, "DELETE … USING");
  if (change.plan.relation != Relation::claims) {
    const bool is_stock = change.plan.relation == Relation::stock;
    return planning.error(ErrorCode::not_supported, remove.relation->location,
                          fmt::format("DELETE FROM {} is not supported", change.info().name),
                          is_stock ? "What is gone is a fact: use sale or adjust."
                                   : "The ledger refers to it for ever. To stop selling, set "
                                     "active = false of the location or channel.");
  }
  TRY(change.where(remove.where_clause));
  TRY(change.check_keys());
  change.plan.function = Function::release;
  change.plan.existence = Existence::present;
  change.plan.rows.push_back(change.keys);
  TRY(change.returning({remove.returning_list, remove.n_returning_list}));
  planning.plan.tag = "DELETE";
  planning.plan.body = std::move(change.plan);
  return {};
}

}  // namespace holdfast
