// INSERT INTO items, locations, channels, stock, claims: each row is a call of the function that
// makes such a thing.
#include <algorithm>

#include "sql/changes.h"

namespace holdfast {
namespace {

using Verb = ChangePlan::Verb;
using Shape = ChangePlan::Shape;

constexpr std::size_t rows_max = 1'000;

class Insert {
 public:
  Insert(Change& change, const PgQuery__InsertStmt& insert)
      : change_(change), planning_(change.planning()), insert_(insert) {}

  Status plan() {
    if (insert_.with_clause != nullptr) return planning_.not_supported(-1, "WITH");
    if (insert_.override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET) {
      return planning_.not_supported(-1, "OVERRIDING");
    }
    TRY(columns());
    TRY(rows());
    change_.plan_as_insert();
    if (insert_.on_conflict_clause != nullptr) TRY(on_conflict(*insert_.on_conflict_clause));
    TRY(change_.returning({insert_.returning_list, insert_.n_returning_list}));
    planning_.plan.tag = "INSERT 0";
    planning_.plan.body = std::move(change_.plan);
    return {};
  }

 private:
  Status columns() {
    for (std::size_t index = 0; index < insert_.n_cols; ++index) {
      const PgQuery__ResTarget& target = *insert_.cols[index]->res_target;
      if (target.n_indirection > 0) {
        return planning_.not_supported(target.location, "a part of a column");
      }
      ASSIGN(const Argument argument, change_.argument_of(target.name, target.location));
      if (std::ranges::find(columns_, argument) != columns_.end()) {
        return planning_.error(ErrorCode::duplicate_column, target.location,
                               fmt::format("column \"{}\" specified more than once", target.name));
      }
      columns_.push_back(argument);
    }
    if (insert_.n_cols > 0) return {};
    return planning_.error(
        ErrorCode::not_supported, -1,
        fmt::format("INSERT INTO {} without a list of columns is not supported",
                    change_.info().name),
        "Name the columns: they can then be told apart when there are more of them.");
  }

  Status rows() {
    const bool has_values = insert_.select_stmt != nullptr &&
                            insert_.select_stmt->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
                            insert_.select_stmt->select_stmt->n_values_lists > 0;
    if (!has_values) return planning_.not_supported(-1, "INSERT … SELECT, or DEFAULT VALUES,");
    const PgQuery__SelectStmt& values = *insert_.select_stmt->select_stmt;
    if (values.n_sort_clause > 0 || values.limit_count != nullptr ||
        values.limit_offset != nullptr || values.with_clause != nullptr) {
      return planning_.not_supported(-1, "ORDER BY, LIMIT or WITH in an INSERT");
    }
    if (values.n_values_lists > rows_max) {
      return planning_.error(
          ErrorCode::limit_exceeded, -1,
          fmt::format("INSERT has {} rows, at most {}", values.n_values_lists, rows_max),
          "Use several statements.");
    }
    for (std::size_t index = 0; index < values.n_values_lists; ++index) {
      TRY(row(*values.values_lists[index]->list));
    }
    return {};
  }

  Status row(const PgQuery__List& values) {
    if (values.n_items != columns_.size()) {
      const bool is_more = values.n_items > columns_.size();
      return planning_.error(ErrorCode::syntax_error,
                             is_more ? location_of(*values.items[columns_.size()])
                                     : insert_.cols[values.n_items]->res_target->location,
                             is_more ? "INSERT has more expressions than target columns"
                                     : "INSERT has more target columns than expressions");
    }
    std::vector<ArgumentSlot>& out = change_.plan.rows.emplace_back();
    for (std::size_t index = 0; index < columns_.size(); ++index) {
      ASSIGN(const std::optional<Operand> operand,
             change_.operand(*values.items[index], columns_[index]));
      if (operand) out.push_back({columns_[index], *operand});
    }
    change_.add_missing_units();
    return {};
  }

  Status on_conflict(const PgQuery__OnConflictClause& clause) {
    if (clause.infer != nullptr) TRY(check_target(*clause.infer));
    if (clause.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) {
      change_.plan.ignores_conflicts = true;
      return {};
    }
    if (clause.infer == nullptr) {
      return planning_.error(
          ErrorCode::syntax_error, clause.location,
          "ON CONFLICT DO UPDATE requires inference specification or constraint name",
          "For example, ON CONFLICT (column_name).");
    }
    if (clause.where_clause != nullptr) {
      return planning_.not_supported(clause.location, "ON CONFLICT DO UPDATE … WHERE");
    }
    const std::span<PgQuery__Node* const> set(clause.target_list, clause.n_target_list);
    switch (change_.plan.relation) {
      case Relation::claims:
        return planning_.error(ErrorCode::not_supported, clause.location,
                               "ON CONFLICT DO UPDATE of claims is not supported",
                               "A claim goes on by confirm, amend, release and the like.");
      case Relation::stock:
        return add_units(set, clause.location);
      default:
        return replace_columns(set, clause.location);
    }
  }

  // (sku), or ON CONSTRAINT items_pkey.
  Status check_target(const PgQuery__InferClause& infer) const {
    const std::string_view constraint = infer.conname != nullptr ? infer.conname : "";
    if (!constraint.empty()) {
      if (constraint == fmt::format("{}_pkey", change_.info().name)) return {};
      return planning_.error(ErrorCode::undefined_object, infer.location,
                             fmt::format("constraint \"{}\" for table \"{}\" does not exist",
                                         constraint, change_.info().name));
    }
    std::vector<Argument> named;
    for (std::size_t index = 0; index < infer.n_index_elems; ++index) {
      const PgQuery__IndexElem& element = *infer.index_elems[index]->index_elem;
      const auto argument = element.name == nullptr
                                ? std::optional<Argument>()
                                : find_writable_column(change_.plan.relation, element.name);
      if (element.name != nullptr && !argument && !find_column(change_.info(), element.name)) {
        return planning_.error(ErrorCode::undefined_column, infer.location,
                               fmt::format("column \"{}\" does not exist", element.name));
      }
      if (argument) named.push_back(*argument);
    }
    std::ranges::sort(named);
    const bool is_key =
        infer.where_clause == nullptr && named.size() == infer.n_index_elems && is_whole_key(named);
    if (is_key) return {};
    return planning_.error(
        ErrorCode::invalid_reference, infer.location,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification");
  }
  // REQUIRES: sorted.
  [[nodiscard]] bool is_whole_key(const std::vector<Argument>& named) const {
    using enum Argument;
    switch (change_.plan.relation) {
      case Relation::stock:
        return named == std::vector{sku, location} || named == std::vector{sku, location, lot};
      case Relation::claims:
        return named == std::vector{claim_id};
      case Relation::items:
        return named == std::vector{sku};
      default:
        return named == std::vector{code};
    }
  }

  // SET column = excluded.column for all of them: the definition, whether it is new or not.
  Status replace_columns(std::span<PgQuery__Node* const> set, int location) {
    std::vector<Argument> replaced;
    for (const PgQuery__Node* node : set) {
      const PgQuery__ResTarget& target = *node->res_target;
      ASSIGN(const Argument argument, change_.argument_of(target.name, target.location));
      const auto other =
          find_writable_column(change_.plan.relation, column_behind(*target.val, "excluded"));
      if (other != argument || !has_qualifier(*target.val)) return refuse_set(target.location);
      replaced.push_back(argument);
    }
    for (const Argument column : columns_) {
      const bool is_key = column == Argument::sku || column == Argument::code;
      if (!is_key && std::ranges::find(replaced, column) == replaced.end()) {
        return refuse_set(location);
      }
    }
    for (const Argument column : replaced) {
      if (std::ranges::find(columns_, column) == columns_.end()) return refuse_set(location);
    }
    change_.plan.existence = Existence::any;
    return {};
  }
  tl::unexpected<Error> refuse_set(int location) const {
    return planning_.error(
        ErrorCode::not_supported, location,
        "ON CONFLICT DO UPDATE is supported with SET column = excluded.column for every column of "
        "the INSERT, and no other",
        "To set some of them only, use UPDATE.");
  }

  // SET on_hand = stock.on_hand + excluded.on_hand: units arrive.
  Status add_units(std::span<PgQuery__Node* const> set, int location) {
    const PgQuery__Node* value = set.size() == 1 ? set[0]->res_target->val : nullptr;
    const bool is_sum = value != nullptr && value->node_case == PG_QUERY__NODE__NODE_A_EXPR &&
                        std::string_view(set[0]->res_target->name) == "on_hand" &&
                        name_of({value->a_expr->name, value->a_expr->n_name}) == "+" &&
                        value->a_expr->lexpr != nullptr;
    if (is_sum) {
      const PgQuery__Node& left = *value->a_expr->lexpr;
      const PgQuery__Node& right = *value->a_expr->rexpr;
      const auto are = [&](const PgQuery__Node& own, const PgQuery__Node& other) {
        return has_qualifier(own) && has_qualifier(other) &&
               column_behind(own, change_.qualifier()) == "on_hand" &&
               column_behind(other, "excluded") == "on_hand";
      };
      if (are(left, right) || are(right, left)) {
        change_.plan.shape = Shape::add;
        change_.plan.existence = Existence::any;
        return {};
      }
    }
    return planning_.error(
        ErrorCode::not_supported, location,
        "ON CONFLICT DO UPDATE of stock is supported with SET on_hand = stock.on_hand + "
        "excluded.on_hand, and no other",
        "An absolute quantity would undo what was sold meanwhile; UPDATE … WHERE on_hand = … says "
        "which value it replaces.");
  }
  [[nodiscard]] static bool has_qualifier(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node.column_ref->n_fields == 2;
  }

  Change& change_;
  Planning& planning_;
  const PgQuery__InsertStmt& insert_;
  std::vector<Argument> columns_;
};

}  // namespace

Status plan_insert(Planning& planning, const PgQuery__InsertStmt& insert) {
  ASSIGN(Change change, Change::of(planning, *insert.relation, Verb::insert));
  return Insert(change, insert).plan();
}

}  // namespace holdfast
