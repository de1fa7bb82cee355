// What INSERT, UPDATE and DELETE have in common; private to the planner's files.
#pragma once

#include "sql/planning.h"

namespace holdfast {

// A change on its way from tree to plan.
class Change {
 public:
  // The relation as it is named, perhaps with an alias; availability cannot be changed.
  static Result<Change> of(Planning& planning, const PgQuery__RangeVar& relation,
                           ChangePlan::Verb verb);

  // The argument that a column of the relation is; the error says which there are.
  [[nodiscard]] Result<Argument> argument_of(std::string_view column, int location) const;
  // A value for a column; nothing for DEFAULT and a NULL that is the same as leaving it out.
  Result<std::optional<Operand>> operand(const PgQuery__Node& node, Argument argument);

  // WHERE: the key, and further conditions.
  Status where(const PgQuery__Node* condition);
  // The key must be whole.
  [[nodiscard]] Status check_keys() const;
  // The arguments that WHERE gives: the key.
  std::vector<ArgumentSlot> keys;

  // What an INSERT of rows into the relation is.
  void plan_as_insert();
  // The newest row of stock says how many units there are, none if it does not.
  void add_missing_units();
  // A value that the column of a condition or sum is compared with or added to.
  Result<Operand> compared(const PgQuery__Node& value, std::string_view column, SqlType type,
                           const PgQuery__Node& whole);
  // A column that stands where a value is wanted: it must at least be one.
  [[nodiscard]] Status check_reference(const PgQuery__Node& node) const;

  Status returning(std::span<PgQuery__Node* const> list);

  ChangePlan plan;

  [[nodiscard]] const RelationInfo& info() const { return info_of(plan.relation); }
  [[nodiscard]] Planning& planning() const { return *planning_; }
  // What may stand before a column: the alias, or the relation's name.
  [[nodiscard]] std::string_view qualifier() const { return qualifier_; }

 private:
  Change(Planning& planning, Relation relation, std::string_view alias, ChangePlan::Verb verb);

  Status add_comparison(const PgQuery__Node& node, const PgQuery__AExpr& comparison);
  Status add_key(std::string_view column, const PgQuery__Node& value, const PgQuery__Node& whole);
  Status add_guard(std::string_view column, Comparison comparison, const PgQuery__Node& value,
                   const PgQuery__Node& whole);
  [[nodiscard]] Result<std::string_view> named_column(const PgQuery__ColumnRef& reference) const;
  [[nodiscard]] tl::unexpected<Error> refuse(const PgQuery__Node& node) const;

  Planning* planning_;
  std::string qualifier_;
};

// The name of a column that stands alone, or behind `qualifier`; "" for anything else.
[[nodiscard]] std::string_view column_behind(const PgQuery__Node& node, std::string_view qualifier);

}  // namespace holdfast
