// One switch over the kinds of statements. What is not in it is refused by the word that the
// statement begins with.
#include "sql/planner.h"

#include <algorithm>

#include "base/text.h"
#include "sql/planning.h"
#include "sql/syntax.h"

namespace holdfast {
namespace {

// The statement's first word, for a message: "CREATE is not supported".
std::string first_word(std::string_view sql, int location) {
  std::string_view rest = sql.substr(std::min(sql.size(), static_cast<std::size_t>(location)));
  const std::size_t start =
      rest.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (start == std::string_view::npos) return "this statement";
  rest.remove_prefix(start);
  std::string out;
  for (const char c : rest.substr(0, 32)) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (upper < 'A' || upper > 'Z') break;
    out += upper;
  }
  return out;
}

std::string_view text_of(std::string_view sql, const PgQuery__RawStmt& raw) {
  const auto begin = std::min(sql.size(), static_cast<std::size_t>(raw.stmt_location));
  return raw.stmt_len == 0 ? sql.substr(begin)
                           : sql.substr(begin, static_cast<std::size_t>(raw.stmt_len));
}

Status plan_node(Planning& planning, std::string_view sql, const PgQuery__RawStmt& raw) {
  const PgQuery__Node& node = *raw.stmt;
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      if (const TypeQuestion* question = find_type_question(text_of(sql, raw))) {
        return plan_types(planning, *question);
      }
      return plan_select(planning, *node.select_stmt);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return plan_insert(planning, *node.insert_stmt);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return plan_update(planning, *node.update_stmt);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return plan_delete(planning, *node.delete_stmt);
    case PG_QUERY__NODE__NODE_COPY_STMT:
      return plan_copy(planning, *node.copy_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
      return plan_show(planning, *node.variable_show_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
      return plan_set(planning, *node.variable_set_stmt);
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      return plan_transaction(planning, *node.transaction_stmt);
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT: {
      const char* name = node.deallocate_stmt->name;
      DeallocatePlan plan{name == nullptr ? "" : name};
      planning.plan.tag = plan.name.empty() ? "DEALLOCATE ALL" : "DEALLOCATE";
      planning.plan.body = std::move(plan);
      return {};
    }
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
      if (node.discard_stmt->target != PG_QUERY__DISCARD_MODE__DISCARD_ALL) break;
      planning.plan.tag = "DISCARD ALL";
      planning.plan.body = DiscardAllPlan{};
      return {};
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
      planning.plan.tag = "UNLISTEN";
      planning.plan.body = NothingPlan{};
      return {};
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
      if (node.close_portal_stmt->portalname != nullptr &&
          *node.close_portal_stmt->portalname != '\0') {
        break;
      }
      planning.plan.tag = "CLOSE CURSOR ALL";
      planning.plan.body = NothingPlan{};
      return {};
    default:
      break;
  }
  return planning.not_supported(-1, first_word(sql, raw.stmt_location));
}

Result<PlanPtr> plan_raw(Planning planning, std::string_view sql, const PgQuery__RawStmt& raw) {
  TRY(plan_node(planning, sql, raw));
  TRY(planning.finish());
  return std::make_shared<const Plan>(std::move(planning.plan));
}

PlanPtr refused(Error error) {
  Plan plan;
  plan.body = RefusedPlan{std::move(error)};
  return std::make_shared<const Plan>(std::move(plan));
}

}  // namespace

Result<PlanPtr> plan_statement(std::string_view sql, std::span<const SqlType> declared) {
  PlanPtr plan;
  TRY(parse_sql(sql, [&](std::span<PgQuery__RawStmt* const> statements) -> Status {
    if (statements.size() > 1) {
      return fail(ErrorCode::syntax_error,
                  "cannot insert multiple commands into a prepared statement");
    }
    if (statements.empty()) {
      plan = std::make_shared<const Plan>(Plan{});
      return {};
    }
    ASSIGN(plan, plan_raw(Planning(sql, declared, true), sql, *statements[0]));
    return {};
  }));
  return plan;
}

Result<std::vector<PlanPtr>> plan_statements(std::string_view sql) {
  std::vector<PlanPtr> plans;
  TRY(parse_sql(sql, [&](std::span<PgQuery__RawStmt* const> statements) -> Status {
    for (const PgQuery__RawStmt* statement : statements) {
      auto plan = plan_raw(Planning(sql, {}, false), sql, *statement);
      const bool is_good = plan.has_value();
      plans.push_back(is_good ? *std::move(plan) : refused(std::move(plan).error()));
      if (!is_good) break;  // nothing is run behind it
    }
    return {};
  }));
  return plans;
}

}  // namespace holdfast
