// SELECT … FROM claim(…): arguments by position and by name, then the select list over the
// function's columns.
#include "sql/planning.h"

#include <algorithm>
#include <array>

#include "sql/convert.h"

namespace holdfast {
namespace {

tl::unexpected<Error> undefined_function(const Planning& planning, const PgQuery__FuncCall& call,
                                         std::string message, const FunctionInfo& function) {
  return planning.error(ErrorCode::undefined_function, call.location, std::move(message),
                        "The function is " + signature_of(function) + ".");
}

Status check_required(const Planning& planning, const PgQuery__FuncCall& call,
                      const FunctionInfo& function, const CallArguments& arguments) {
  const auto is_given = [&](std::string_view name) {
    return std::ranges::any_of(
        arguments.given, [&](const auto& given) { return info_of(given.first).name == name; });
  };
  const bool has_alternative = !function.alternative.empty() && is_given(function.alternative);
  for (std::size_t index = 0; index < function.required; ++index) {
    const std::string_view name = info_of(function.arguments[index]).name;
    if (has_alternative) {
      if (!is_given(name)) continue;
      return planning.error(ErrorCode::invalid_value, call.location,
                            fmt::format("{} takes either {} or {}, not both", function.name, name,
                                        function.alternative));
    }
    if (!is_given(name)) {
      return undefined_function(
          planning, call, fmt::format("{} needs the argument {}", function.name, name), function);
    }
  }
  return {};
}

// FROM f(…) [AS alias]; nullptr with an error behind it when it is anything more.
Result<const PgQuery__FuncCall*> only_call(const Planning& planning,
                                           const PgQuery__RangeFunction& from) {
  const bool is_plain = !from.lateral && !from.ordinality && !from.is_rowsfrom &&
                        from.n_functions == 1 && from.n_coldeflist == 0;
  if (!is_plain || from.functions[0]->node_case != PG_QUERY__NODE__NODE_LIST) {
    return planning.not_supported(-1, "LATERAL, WITH ORDINALITY or ROWS FROM");
  }
  const PgQuery__Node& node = *from.functions[0]->list->items[0];
  if (node.node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION) return nullptr;
  if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL) {
    return planning.not_supported(location_of(node), "this function in FROM");
  }
  if (from.alias != nullptr && from.alias->n_colnames > 0) {
    return planning.not_supported(node.func_call->location, "a list of column aliases");
  }
  return node.func_call;
}

Status refuse_row_clauses(const Planning& planning, const PgQuery__SelectStmt& select,
                          std::string_view function) {
  const auto refuse = [&](std::string_view clause) {
    return planning.not_supported(-1, fmt::format("{} on the row of {}()", clause, function));
  };
  if (select.where_clause != nullptr) return refuse("WHERE");
  if (select.n_sort_clause > 0) return refuse("ORDER BY");
  if (select.limit_count != nullptr) return refuse("LIMIT");
  return {};
}

Status plan_arguments(Planning& planning, const CallArguments& arguments, Function function) {
  CommandPlan command{.function = function, .arguments = {}};
  for (const auto& [argument, node] : arguments.given) {
    const ArgumentInfo& info = info_of(argument);
    ASSIGN(Operand operand, planning.operand(*node, info.name, info.type, info.also));
    const bool is_omitted = operand.from == Operand::From::constant && operand.constant.is_null;
    if (!is_omitted) command.arguments.push_back({argument, operand});
  }
  planning.plan.body = std::move(command);
  return {};
}

}  // namespace

Result<CallArguments> call_arguments(Planning& planning, const PgQuery__FuncCall& call,
                                     const FunctionInfo& function) {
  if (call.agg_star || call.agg_distinct || call.n_agg_order > 0 || call.over != nullptr ||
      call.agg_filter != nullptr || call.func_variadic || call.agg_within_group) {
    return planning.not_supported(call.location, "this form of a call");
  }
  CallArguments out;
  bool any_named = false;
  for (std::size_t index = 0; index < call.n_args; ++index) {
    const PgQuery__Node* node = call.args[index];
    std::optional<Argument> argument;
    if (node->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
      any_named = true;
      const std::string_view name = node->named_arg_expr->name;
      argument = find_argument(function, name);
      if (!argument) {
        return undefined_function(
            planning, call, fmt::format("{} has no argument {}", function.name, name), function);
      }
      node = node->named_arg_expr->arg;
    } else {
      if (any_named) {
        return planning.error(ErrorCode::syntax_error, location_of(*node),
                              "positional argument cannot follow named argument");
      }
      if (index >= function.arguments.size()) {
        return undefined_function(
            planning, call,
            fmt::format("{} takes at most {} arguments, got {}", function.name,
                        function.arguments.size(), call.n_args),
            function);
      }
      argument = function.arguments[index];
    }
    const auto is_same = [&](const auto& given) { return given.first == *argument; };
    if (std::ranges::any_of(out.given, is_same)) {
      return planning.error(
          ErrorCode::syntax_error, location_of(*node),
          fmt::format("argument name \"{}\" used more than once", info_of(*argument).name));
    }
    out.given.emplace_back(*argument, node);
  }
  TRY(check_required(planning, call, function, out));
  return out;
}

Status plan_can_claim(Planning& planning, const PgQuery__FuncCall& call) {
  ASSIGN(const CallArguments arguments,
         call_arguments(planning, call, info_of(Function::can_claim)));
  const auto is_quantity = [](const auto& given) { return given.first == Argument::quantity; };
  if (!std::ranges::any_of(arguments.given, is_quantity)) {
    return undefined_function(planning, call, "can_claim needs the argument quantity",
                              info_of(Function::can_claim));
  }
  CanClaimPlan out;  // without a channel: the default one
  for (const auto& [argument, node] : arguments.given) {
    const ArgumentInfo& info = info_of(argument);
    ASSIGN(const Operand operand, planning.operand(*node, info.name, info.type));
    if (argument == Argument::sku) out.sku = operand;
    if (argument == Argument::channel) out.channel = operand;
    if (argument == Argument::quantity) out.quantity = operand;
  }
  planning.plan.body = std::move(out);
  return {};
}

Status plan_function(Planning& planning, const PgQuery__SelectStmt& select,
                     const PgQuery__RangeFunction& from) {
  ASSIGN(const PgQuery__FuncCall* const call, only_call(planning, from));
  // SELECT * FROM current_schema(): a value function's only row and column.
  if (call == nullptr) return plan_constants(planning, select);
  std::string_view schema;
  const std::string_view name = name_of({call->funcname, call->n_funcname}, &schema);
  const std::optional<Function> function = find_function(name);
  if (!function || (!schema.empty() && schema != "public")) {
    if (schema.empty() || schema == "pg_catalog") return plan_constants(planning, select);
    return planning.error(ErrorCode::undefined_function, call->location,
                          fmt::format("function {}.{}() does not exist", schema, name),
                          hint_for_function(name));
  }
  TRY(refuse_row_clauses(planning, select, name));
  if (*function == Function::can_claim) {
    TRY(plan_can_claim(planning, *call));
  } else {
    ASSIGN(const CallArguments arguments, call_arguments(planning, *call, info_of(*function)));
    TRY(plan_arguments(planning, arguments, *function));
  }
  const FunctionInfo& info = info_of(*function);
  std::vector<Column> columns;
  std::vector<std::uint8_t> sources;
  for (const AnswerColumn cell : info.columns) {
    columns.push_back(column_of(cell));
    sources.push_back(static_cast<std::uint8_t>(cell));
  }
  const auto find = [&](std::string_view column) -> std::optional<std::uint8_t> {
    for (std::size_t index = 0; index < columns.size(); ++index) {
      if (columns[index].name == column) return static_cast<std::uint8_t>(index);
    }
    return {};
  };
  const Selectable selectable{
      .name = info.name,
      .qualifier = from.alias != nullptr ? std::string_view(from.alias->aliasname) : info.name};
  return plan_targets(planning, {select.target_list, select.n_target_list}, selectable, find,
                      columns, sources, columns.size());
}

}  // namespace holdfast
