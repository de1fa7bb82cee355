// SELECT … FROM stock WHERE sku = …: the conditions are `key = value`, `key IN (…)` or `key =
// ANY(…)`, joined by AND. Anything else would be a scan, and those are not answered from here.
#include "sql/planning.h"

#include <algorithm>

#include "sql/planner.h"

namespace holdfast {
namespace {

std::string_view locking_of(PgQuery__LockClauseStrength strength) {
  switch (strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
      return "FOR KEY SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
      return "FOR SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
      return "FOR NO KEY UPDATE";
    default:
      return "FOR UPDATE";
  }
}

// What is not kept row by row cannot be read row by row.
Status check_scan(const Planning& planning, const RelationInfo& relation) {
  if (relation.is_kept) return {};
  return planning.error(
      ErrorCode::not_supported, -1,
      fmt::format("COPY of all of {} is not supported", relation.name),
      fmt::format("It follows from other relations. Name its rows: COPY (SELECT … FROM {} WHERE {} "
                  "= …) TO STDOUT.",
                  relation.name, relation.columns[relation.keys[0]].name));
}

class Lookup {
 public:
  Lookup(Planning& planning, Relation relation, const Selectable& from)
      : planning_(planning), info_(info_of(relation)), from_(from) {
    plan_.relation = relation;
  }

  Status where(const PgQuery__Node& condition) {
    for (const PgQuery__Node* part : joined_by_and(condition)) {
      if (part->node_case != PG_QUERY__NODE__NODE_A_EXPR) return refuse(*part);
      TRY(add_comparison(*part, *part->a_expr));
    }
    return {};
  }

  Status finish(const PgQuery__SelectStmt& select) {
    std::ranges::sort(plan_.keys, {}, &LookupPlan::Key::column);
    for (std::size_t index = 0; index < plan_.keys.size(); ++index) {
      if (plan_.keys[index].column != info_.keys[index]) return needs(info_.keys[index]);
    }
    if (plan_.keys.empty() && info_.needs_key) {
      if (!planning_.may_scan) return needs(info_.keys[0]);
      TRY(check_scan(planning_, info_));
      plan_.is_scan = true;
    }
    if (select.n_sort_clause > 0) {
      return planning_.not_supported(-1, fmt::format("ORDER BY on {}", info_.name));
    }
    if (select.limit_count != nullptr) {
      ASSIGN(plan_.limit, planning_.operand(*select.limit_count, "LIMIT", SqlType::int8));
    }
    if (select.n_locking_clause > 0) {
      TRY(add_locking({select.locking_clause, select.n_locking_clause}));
    }
    planning_.plan.body = std::move(plan_);
    return {};
  }

 private:
  // Nothing is locked, so nobody waits and nothing could be skipped: COMMIT looks at the rows
  // again.
  Status add_locking(std::span<PgQuery__Node* const> clauses) {
    if (plan_.is_scan) return planning_.not_supported(-1, "FOR UPDATE or FOR SHARE of all rows");
    for (const PgQuery__Node* node : clauses) {
      const PgQuery__LockingClause& clause = *node->locking_clause;
      plan_.locking = locking_of(clause.strength);
      if (clause.wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip) {
        return planning_.error(ErrorCode::not_supported, -1, "SKIP LOCKED is not supported",
                               "No row is ever locked: of two that read one row FOR UPDATE, the "
                               "second to COMMIT fails with 40001.");
      }
      for (const PgQuery__Node* relation : std::span(clause.locked_rels, clause.n_locked_rels)) {
        const std::string_view name = relation->range_var->relname;
        if (name == from_.qualifier) continue;
        return planning_.error(ErrorCode::undefined_relation, relation->range_var->location,
                               fmt::format("relation \"{}\" in {} clause not found in FROM clause",
                                           name, plan_.locking));
      }
    }
    return {};
  }
  tl::unexpected<Error> refuse(const PgQuery__Node& node) const {
    return planning_.not_supported(
        location_of(node),
        fmt::format("a condition on {} other than key = value, joined by AND,", info_.name));
  }
  tl::unexpected<Error> twice(const PgQuery__Node& node, std::string_view column) const {
    return planning_.not_supported(location_of(node),
                                   fmt::format("a second condition on {}", column));
  }
  tl::unexpected<Error> needs(std::uint8_t column) const {
    std::string keys;
    for (const std::uint8_t key : info_.keys) {
      if (!keys.empty()) keys += ", ";
      keys += info_.columns[key].name;
    }
    return planning_.error(ErrorCode::not_supported, -1,
                           fmt::format("reading {} without WHERE {} = … is not supported",
                                       info_.name, info_.columns[column].name),
                           fmt::format("The keys of {} from the left: {}.", info_.name, keys));
  }

  Status add_comparison(const PgQuery__Node& node, const PgQuery__AExpr& comparison) {
    if (name_of({comparison.name, comparison.n_name}) != "=") return refuse(node);
    const PgQuery__Node* column = comparison.lexpr;
    const PgQuery__Node* value = comparison.rexpr;
    if (comparison.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && column != nullptr &&
        column->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) {
      std::swap(column, value);  // 'SKU-1' = sku
    }
    if (column == nullptr || column->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) {
      return refuse(node);
    }
    ASSIGN(LookupPlan::Key key, key_of(*column->column_ref, node));
    const Column& info = info_.columns[key.column];
    switch (comparison.kind) {
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP: {
        ASSIGN(const Operand operand, planning_.compared(*value, info.name, info.type, node));
        key.any_of.push_back(operand);
        break;
      }
      case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
        if (value->node_case != PG_QUERY__NODE__NODE_LIST) return refuse(node);
        TRY(add_values(key, {value->list->items, value->list->n_items}, node));
        break;
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        TRY(add_any(key, *value, node));
        break;
      default:
        return refuse(node);
    }
    plan_.keys.push_back(std::move(key));
    return {};
  }

  Result<LookupPlan::Key> key_of(const PgQuery__ColumnRef& reference, const PgQuery__Node& node) {
    std::string_view qualifier;
    const std::string_view name = name_of({reference.fields, reference.n_fields}, &qualifier);
    if (name.empty()) return refuse(node);
    if (!qualifier.empty() && qualifier != from_.qualifier) {
      return planning_.error(ErrorCode::undefined_relation, reference.location,
                             fmt::format("missing FROM-clause entry for table \"{}\"", qualifier));
    }
    const std::optional<std::uint8_t> column = find_column(info_, name);
    if (!column) {
      return planning_.error(ErrorCode::undefined_column, reference.location,
                             fmt::format("column \"{}\" does not exist", name));
    }
    if (std::ranges::find(info_.keys, *column) == info_.keys.end()) return refuse(node);
    if (std::ranges::find(plan_.keys, *column, &LookupPlan::Key::column) != plan_.keys.end()) {
      return twice(node, name);
    }
    return LookupPlan::Key{.column = *column, .any_of = {}, .is_array = false};
  }

  Status add_values(LookupPlan::Key& key, std::span<PgQuery__Node* const> nodes,
                    const PgQuery__Node& whole) {
    const Column& info = info_.columns[key.column];
    if (nodes.size() > keys_max) {
      return planning_.error(
          ErrorCode::limit_exceeded, location_of(whole),
          fmt::format("{} has {} values, at most {}", info.name, nodes.size(), keys_max));
    }
    for (const PgQuery__Node* node : nodes) {
      ASSIGN(const Operand operand, planning_.compared(*node, info.name, info.type, whole));
      key.any_of.push_back(operand);
    }
    return {};
  }

  // = ANY(ARRAY['a', $1]), = ANY($1), = ANY($1::text[]), = ANY('{a,b}'). A parameter of which
  // nothing is said is an array of the column's type.
  Status add_any(LookupPlan::Key& key, const PgQuery__Node& value, const PgQuery__Node& whole) {
    const PgQuery__Node* array = &value;
    if (array->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
      if (!cast_type_of(*array->type_cast->type_name).is_array) return refuse(whole);
      array = array->type_cast->arg;
    }
    if (array->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
      return add_values(key, {array->a_array_expr->elements, array->a_array_expr->n_elements},
                        whole);
    }
    key.is_array = true;
    const Column& info = info_.columns[key.column];
    ASSIGN(const Operand operand, planning_.compared(value, info.name, array_of(info.type), whole));
    key.any_of.push_back(operand);
    return {};
  }

  Planning& planning_;
  const RelationInfo& info_;
  const Selectable& from_;
  LookupPlan plan_;
};

tl::unexpected<Error> unknown_relation(const Planning& planning, const PgQuery__RangeVar& from,
                                       std::string_view schema, std::string_view name) {
  const bool is_catalogue = schema == "pg_catalog" || schema == "information_schema" ||
                            (schema.empty() && name.starts_with("pg_"));
  if (is_catalogue) {
    return planning.not_supported(from.location, fmt::format("the system catalogue ({})", name));
  }
  if (schema.empty() && is_planned_relation(name)) {
    return planning.not_supported(from.location, fmt::format("reading {}", name));
  }
  const std::string shown = schema.empty() ? std::string(name) : fmt::format("{}.{}", schema, name);
  return planning.error(ErrorCode::undefined_relation, from.location,
                        fmt::format("relation \"{}\" does not exist", shown),
                        hint_for_relation(name));
}

}  // namespace

Result<Relation> relation_of(const Planning& planning, const PgQuery__RangeVar& from) {
  const std::string_view schema = from.schemaname != nullptr ? from.schemaname : "";
  const std::string_view name = from.relname;
  const std::optional<Relation> relation = find_relation(name);
  if (!relation || (!schema.empty() && schema != "public")) {
    return unknown_relation(planning, from, schema, name);
  }
  return *relation;
}

Status plan_whole(Planning& planning, Relation relation) {
  const RelationInfo& info = info_of(relation);
  if (info.needs_key) TRY(check_scan(planning, info));
  planning.plan.body =
      LookupPlan{.relation = relation, .keys = {}, .limit = {}, .is_scan = info.needs_key};
  return {};
}

Status plan_lookup(Planning& planning, const PgQuery__SelectStmt& select,
                   const PgQuery__RangeVar& from) {
  ASSIGN(const Relation relation, relation_of(planning, from));
  if (from.alias != nullptr && from.alias->n_colnames > 0) {
    return planning.not_supported(from.location, "a list of column aliases");
  }
  const RelationInfo& info = info_of(relation);
  const Selectable selectable{
      .name = info.name,
      .qualifier = from.alias != nullptr ? std::string_view(from.alias->aliasname) : info.name};
  std::vector<std::uint8_t> sources(info.columns.size());
  for (std::size_t index = 0; index < sources.size(); ++index) {
    sources[index] = static_cast<std::uint8_t>(index);
  }
  const auto find = [&](std::string_view column) { return find_column(info, column); };
  TRY(plan_targets(planning, {select.target_list, select.n_target_list}, selectable, find,
                   info.columns, sources, info.columns.size()));
  Lookup lookup(planning, relation, selectable);
  if (select.where_clause != nullptr) TRY(lookup.where(*select.where_clause));
  return lookup.finish(select);
}

}  // namespace holdfast
