// COPY … FROM STDIN: an INSERT whose rows come behind the statement, as parameters.
#include <algorithm>

#include "sql/changes.h"
#include "sql/copy_options.h"

namespace holdfast {
namespace {

// By the names they were called.
Result<std::vector<WritableColumn>> columns_of(const Change& change,
                                               const PgQuery__CopyStmt& copy) {
  std::vector<WritableColumn> out;
  for (std::size_t index = 0; index < copy.n_attlist; ++index) {
    const std::string_view name = copy.attlist[index]->string->sval;
    ASSIGN(const Argument argument, change.argument_of(name, -1));
    if (std::ranges::find(out, argument, &WritableColumn::argument) != out.end()) {
      return change.planning().error(ErrorCode::syntax_error, -1,
                                     fmt::format("column \"{}\" specified more than once", name));
    }
    out.push_back({name, argument});
  }
  if (!out.empty()) return out;
  // All of them in their order; an other name of a column is no further one.
  for (const WritableColumn& column : writable_columns(change.plan.relation)) {
    if (std::ranges::find(out, column.argument, &WritableColumn::argument) == out.end()) {
      out.push_back(column);
    }
  }
  return out;
}

}  // namespace

Status plan_copy(Planning& planning, const PgQuery__CopyStmt& copy) {
  if (!copy.is_from) return plan_copy_to(planning, copy);
  const bool is_file = copy.filename != nullptr && *copy.filename != '\0';
  if (copy.is_program || is_file) {
    return planning.error(
        ErrorCode::not_supported, -1, "COPY FROM a file or program of the server is not supported",
        "Use COPY … FROM STDIN, or psql's \\copy, which reads a file of the client.");
  }
  if (copy.where_clause != nullptr) return planning.not_supported(-1, "COPY FROM … WHERE");
  ASSIGN(Change change, Change::of(planning, *copy.relation, ChangePlan::Verb::insert));
  ASSIGN(CopyOptions options, read_copy_options(planning, copy));
  change.plan.copy = std::move(options.format);
  ASSIGN(const std::vector<WritableColumn> columns, columns_of(change, copy));
  change.plan_as_insert();
  std::vector<ArgumentSlot>& row = change.plan.rows.emplace_back();
  for (const auto& [name, column] : columns) {
    Operand operand;
    operand.from = Operand::From::parameter;
    operand.parameter = static_cast<std::uint16_t>(planning.plan.parameters.size());
    planning.plan.parameters.push_back(info_of(column).type);
    row.push_back({column, operand});
    change.plan.copy->names.emplace_back(name);
  }
  change.add_missing_units();
  planning.plan.tag = "COPY";
  planning.plan.body = std::move(change.plan);
  return {};
}

}  // namespace holdfast
