// SELECT without a relation: what clients send to see whether somebody is there, and who. Columns
// are labelled as PostgreSQL labels them (FigureColname in src/backend/parser/parse_target.c).
#include "sql/planning.h"

#include <algorithm>

namespace holdfast {
namespace {

using Cell = ConstantPlan::Cell;
using Kind = ConstantPlan::Kind;

struct Labelled {
  Cell cell;
  std::string label = "?column?";
};

Labelled text_constant(std::string_view text, std::string label) {
  Labelled out;
  out.label = std::move(label);
  out.cell.operand.constant = {.type = SqlType::text, .is_null = false, .text = text, .uuid = {}};
  return out;
}

Labelled of_kind(Kind kind, std::string label, SqlType type = SqlType::text) {
  Labelled out;
  out.label = std::move(label);
  out.cell.kind = kind;
  out.cell.type = type;
  return out;
}

std::string_view version_text() {
  static const std::string text = fmt::format("PostgreSQL {} on x86_64-pc-linux-gnu, 64-bit",
                                              find_setting("server_version")->initial);
  return text;
}

// current_setting(name, true): NULL for what is none.
bool is_true(const PgQuery__FuncCall& call) {
  if (call.n_args < 2 || call.args[1]->node_case != PG_QUERY__NODE__NODE_A_CONST) return false;
  const PgQuery__AConst& constant = *call.args[1]->a_const;
  return constant.val_case == PG_QUERY__A__CONST__VAL_BOOLVAL && constant.boolval->boolval != 0;
}

Result<Labelled> current_setting(const Planning& planning, const PgQuery__FuncCall& call) {
  const bool is_name = call.n_args >= 1 && call.n_args <= 2 &&
                       call.args[0]->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                       call.args[0]->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
  if (!is_name) {
    return planning.not_supported(call.location, "current_setting of anything but a constant");
  }
  const std::string_view name = call.args[0]->a_const->sval->sval;
  Labelled out = of_kind(Kind::setting, "current_setting");
  if (name == seq_setting) return out;
  out.cell.setting = find_setting(name);
  if (out.cell.setting == nullptr && is_true(call)) {
    out.cell.kind = Kind::operand;  // NULL
    out.cell.operand.constant = {.type = SqlType::text, .text = {}, .uuid = {}};
    return out;
  }
  if (out.cell.setting == nullptr) {
    return planning.error(ErrorCode::undefined_object, call.location,
                          fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  return out;
}

// set_config('holdfast.request_id', $1, true): SET LOCAL with a parameter.
Result<Labelled> set_config(Planning& planning, const PgQuery__FuncCall& call) {
  const auto constant = [&](std::size_t index, auto kind) -> const PgQuery__AConst* {
    const PgQuery__Node* node = index < call.n_args ? call.args[index] : nullptr;
    const bool is_constant = node != nullptr && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                             node->a_const->val_case == kind;
    return is_constant ? node->a_const : nullptr;
  };
  const auto* name = constant(0, PG_QUERY__A__CONST__VAL_SVAL);
  const auto* is_local = constant(2, PG_QUERY__A__CONST__VAL_BOOLVAL);
  if (call.n_args != 3 || name == nullptr || is_local == nullptr) {
    return planning.not_supported(
        call.location, "set_config other than with a constant name and true or false at its end");
  }
  Labelled out = of_kind(Kind::set_config, "set_config");
  out.cell.setting = find_setting(name->sval->sval);
  if (out.cell.setting == nullptr) {
    return planning.error(
        ErrorCode::undefined_object, call.location,
        fmt::format("unrecognized configuration parameter \"{}\"", name->sval->sval));
  }
  out.cell.is_local = is_local->boolval->boolval != 0;
  if (out.cell.setting->kind == SettingKind::said_once && !out.cell.is_local) {
    return planning.error(
        ErrorCode::invalid_value, call.location,
        fmt::format("{} can be set in a transaction only", out.cell.setting->name),
        "Let the last argument be true: it names one request.");
  }
  ASSIGN(out.cell.operand, planning.operand(*call.args[1], "new_value", SqlType::text));
  return out;
}

// Functions that people try and PostgreSQL has: what is missing is Holdfast's, not theirs.
bool is_postgresql_function(std::string_view name) {
  static constexpr std::string_view names[] = {"now",
                                               "clock_timestamp",
                                               "statement_timestamp",
                                               "transaction_timestamp",
                                               "timeofday",
                                               "age",
                                               "date_trunc",
                                               "date_part",
                                               "to_char",
                                               "random",
                                               "gen_random_uuid",
                                               "count",
                                               "sum",
                                               "min",
                                               "max",
                                               "avg",
                                               "lower",
                                               "upper",
                                               "length",
                                               "concat",
                                               "abs",
                                               "round",
                                               "generate_series",
                                               "format",
                                               "md5",
                                               "string_agg",
                                               "array_agg",
                                               "json_agg",
                                               "jsonb_agg",
                                               "to_jsonb",
                                               "nextval",
                                               "unnest",
                                               "format_type",
                                               "obj_description",
                                               "col_description"};
  return name.starts_with("pg_") || std::ranges::find(names, name) != std::end(names);
}

Result<Labelled> function_cell(Planning& planning, const PgQuery__FuncCall& call) {
  std::string_view schema;
  const std::string_view name = name_of({call.funcname, call.n_funcname}, &schema);
  const bool ours = schema.empty() || schema == "pg_catalog";
  if (ours && name == "current_setting") return current_setting(planning, call);
  if (ours && name == "set_config") return set_config(planning, call);
  if (ours && call.n_args == 0) {
    if (name == "version") return text_constant(version_text(), "version");
    if (name == "current_schema") return text_constant("public", "current_schema");
    if (name == "current_database") return of_kind(Kind::database, "current_database");
    if (name == "pg_backend_pid") {
      return of_kind(Kind::backend_pid, "pg_backend_pid", SqlType::int4);
    }
    if (name == "pg_advisory_unlock_all") return text_constant("", "pg_advisory_unlock_all");
    if (name == "pg_is_in_recovery") {
      Labelled out = of_kind(Kind::operand, "pg_is_in_recovery", SqlType::boolean);
      out.cell.operand.constant = {
          .type = SqlType::boolean, .is_null = false, .text = {}, .uuid = {}};
      return out;
    }
  }
  if (find_function(name)) {
    return planning.error(ErrorCode::not_supported, call.location,
                          fmt::format("{}() in the select list is not supported", name),
                          fmt::format("Write SELECT * FROM {}(…).", name));
  }
  if (ours && is_postgresql_function(name)) {
    return planning.not_supported(call.location, fmt::format("the function {}()", name));
  }
  return planning.error(
      ErrorCode::undefined_function, call.location,
      fmt::format("function {}{}{}() does not exist", schema, schema.empty() ? "" : ".", name),
      hint_for_function(name));
}

Result<Labelled> value_function_cell(const Planning& planning,
                                     const PgQuery__SQLValueFunction& function) {
  switch (function.op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
      return of_kind(Kind::user, "current_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      return of_kind(Kind::user, "session_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
      return of_kind(Kind::user, "user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
      return of_kind(Kind::user, "current_role");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      return of_kind(Kind::database, "current_catalog");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      return text_constant("public", "current_schema");
    default:
      return planning.not_supported(function.location, "this function of the time");
  }
}

bool is_integer_constant(const PgQuery__Node* node) {
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
         !node->a_const->isnull && node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;
}

// 1 + 1 of two integer constants: what some drivers ping with.
Result<Labelled> sum_cell(const Planning& planning, const PgQuery__AExpr& expression) {
  const std::string_view sign = name_of({expression.name, expression.n_name});
  const bool is_sum = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP &&
                      (sign == "+" || sign == "-") && is_integer_constant(expression.lexpr) &&
                      is_integer_constant(expression.rexpr);
  if (!is_sum) return planning.not_supported(expression.location, "this expression");
  const std::int32_t left = expression.lexpr->a_const->ival->ival;
  const std::int32_t right = expression.rexpr->a_const->ival->ival;
  std::int32_t sum = 0;
  if (sign == "+" ? __builtin_add_overflow(left, right, &sum)
                  : __builtin_sub_overflow(left, right, &sum)) {
    return planning.error(ErrorCode::out_of_range, expression.location, "integer out of range");
  }
  Labelled out = of_kind(Kind::operand, "?column?", SqlType::int4);
  out.cell.operand.constant = {
      .type = SqlType::int4, .is_null = false, .integer = sum, .text = {}, .uuid = {}};
  return out;
}

Result<Labelled> cell_of(Planning& planning, const PgQuery__Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return function_cell(planning, *node.func_call);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return value_function_cell(planning, *node.sqlvalue_function);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return sum_cell(planning, *node.a_expr);
    case PG_QUERY__NODE__NODE_A_CONST:
    case PG_QUERY__NODE__NODE_PARAM_REF:
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      Labelled out;
      ASSIGN(out.cell.operand, planning.operand_of_own_type(node, out.cell.type));
      if (node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        out.label = cast_type_of(*node.type_cast->type_name).name;
      }
      return out;
    }
    case PG_QUERY__NODE__NODE_COLUMN_REF: {
      const std::string_view name = name_of({node.column_ref->fields, node.column_ref->n_fields});
      if (name.empty()) {
        return planning.error(ErrorCode::syntax_error, node.column_ref->location,
                              "SELECT * with no tables specified is not valid");
      }
      return planning.error(ErrorCode::undefined_column, node.column_ref->location,
                            fmt::format("column \"{}\" does not exist", name));
    }
    default:
      return planning.not_supported(location_of(node), "this expression");
  }
}

// SELECT * FROM version(), SELECT v FROM version() AS v.
Status plan_value_function(Planning& planning, const PgQuery__SelectStmt& select,
                           const PgQuery__RangeFunction& from) {
  ASSIGN(Labelled only, cell_of(planning, *from.functions[0]->list->items[0]));
  if (from.alias != nullptr) only.label = from.alias->aliasname;
  const Column column{only.label, only.cell.type};
  planning.plan.body = ConstantPlan{{only.cell}};
  const auto find = [&](std::string_view name) -> std::optional<std::uint8_t> {
    if (name == column.name) return std::uint8_t{0};
    return {};
  };
  const std::uint8_t source = 0;
  return plan_targets(planning, {select.target_list, select.n_target_list},
                      {.name = column.name, .qualifier = column.name}, find, {&column, 1},
                      {&source, 1}, 1);
}

bool is_can_claim(const PgQuery__SelectStmt& select) {
  if (select.n_target_list != 1 || select.n_from_clause != 0) return false;
  const PgQuery__Node& value = *select.target_list[0]->res_target->val;
  return value.node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
         name_of({value.func_call->funcname, value.func_call->n_funcname}) == "can_claim";
}

// Intervals go out as text: no column of Holdfast has their type.
SqlType shown(const Cell& cell) {
  return cell.type == SqlType::interval ? SqlType::text : cell.type;
}

std::string label_of(const PgQuery__ResTarget& target, std::string label) {
  const bool is_renamed = target.name != nullptr && *target.name != '\0';
  return is_renamed ? std::string(target.name) : std::move(label);
}

}  // namespace

Status plan_constants(Planning& planning, const PgQuery__SelectStmt& select) {
  if (select.where_clause != nullptr || select.n_sort_clause > 0 || select.limit_count != nullptr) {
    return planning.not_supported(-1, "WHERE, ORDER BY or LIMIT on constants");
  }
  if (select.n_from_clause == 1) {
    return plan_value_function(planning, select, *select.from_clause[0]->range_function);
  }
  if (is_can_claim(select)) {
    const PgQuery__ResTarget& target = *select.target_list[0]->res_target;
    TRY(plan_can_claim(planning, *target.val->func_call));
    planning.plan.columns.push_back({label_of(target, "can_claim"), SqlType::boolean});
    planning.plan.sources.push_back(static_cast<std::uint8_t>(AnswerColumn::can_claim));
    return {};
  }
  if (select.n_target_list == 0) return planning.not_supported(-1, "an empty select list");
  if (select.n_target_list > 255) {
    return planning.error(ErrorCode::limit_exceeded, -1,
                          "constants in a SELECT must be at most 255");
  }
  ConstantPlan plan;
  for (std::size_t index = 0; index < select.n_target_list; ++index) {
    const PgQuery__ResTarget& target = *select.target_list[index]->res_target;
    ASSIGN(Labelled cell, cell_of(planning, *target.val));
    planning.plan.columns.push_back({label_of(target, std::move(cell.label)), shown(cell.cell)});
    planning.plan.sources.push_back(static_cast<std::uint8_t>(index));
    plan.cells.push_back(cell.cell);
  }
  planning.plan.body = std::move(plan);
  return {};
}

}  // namespace holdfast
