// COPY … TO STDOUT: rows that a SELECT would give, written another way; also all rows of a
// relation, which no SELECT reads.
#include <algorithm>

#include "sql/copy_options.h"
#include "sql/planning.h"

namespace holdfast {
namespace {

// Of COPY relation TO: the columns that COPY relation FROM takes, as far as they can be read; of a
// relation that nothing can be copied into, all. What follows from others is left out, as
// PostgreSQL leaves out generated columns.
std::vector<std::uint8_t> own_columns(Relation relation) {
  const RelationInfo& info = info_of(relation);
  std::vector<std::uint8_t> out;
  for (std::uint8_t column = 0; column < info.columns.size(); ++column) {
    const bool is_own = relation == Relation::claims || relation == Relation::availability ||
                        find_writable_column(relation, info.columns[column].name).has_value();
    if (is_own) out.push_back(column);
  }
  return out;
}

Result<std::vector<std::uint8_t>> columns_of(const Planning& planning, Relation relation,
                                             const PgQuery__CopyStmt& copy) {
  if (copy.n_attlist == 0) return own_columns(relation);
  const RelationInfo& info = info_of(relation);
  std::vector<std::uint8_t> out;
  for (std::size_t index = 0; index < copy.n_attlist; ++index) {
    const std::string_view name = copy.attlist[index]->string->sval;
    const std::optional<std::uint8_t> column = find_column(info, name);
    if (!column) {
      return planning.error(
          ErrorCode::undefined_column, -1,
          fmt::format("column \"{}\" of relation \"{}\" does not exist", name, info.name));
    }
    if (std::ranges::find(out, *column) != out.end()) {
      return planning.error(ErrorCode::duplicate_column, -1,
                            fmt::format("column \"{}\" specified more than once", name));
    }
    out.push_back(*column);
  }
  return out;
}

Status plan_relation(Planning& planning, const PgQuery__CopyStmt& copy) {
  ASSIGN(const Relation relation, relation_of(planning, *copy.relation));
  ASSIGN(planning.plan.sources, columns_of(planning, relation, copy));
  for (const std::uint8_t column : planning.plan.sources) {
    planning.plan.columns.push_back(info_of(relation).columns[column]);
  }
  return plan_whole(planning, relation);
}

// The columns that FORCE_QUOTE names, by position.
Status take_quoted(const Planning& planning, const CopyOptions& options, CopyFormat& format) {
  if (options.quotes_all) format.quoted.assign(planning.plan.columns.size(), true);
  if (options.quoted.empty()) return {};
  format.quoted.assign(planning.plan.columns.size(), false);
  for (const std::string_view name : options.quoted) {
    const auto found = std::ranges::find(planning.plan.columns, name, &Column::name);
    if (found == planning.plan.columns.end()) {
      return planning.error(ErrorCode::invalid_reference, -1,
                            fmt::format("FORCE_QUOTE column \"{}\" not referenced by COPY", name));
    }
    format.quoted[static_cast<std::size_t>(found - planning.plan.columns.begin())] = true;
  }
  return {};
}

}  // namespace

Status plan_copy_to(Planning& planning, const PgQuery__CopyStmt& copy) {
  const bool is_file = copy.filename != nullptr && *copy.filename != '\0';
  if (copy.is_program || is_file) {
    return planning.error(
        ErrorCode::not_supported, -1, "COPY TO a file or program of the server is not supported",
        "Use COPY … TO STDOUT, or psql's \\copy, which writes a file of the client.");
  }
  ASSIGN(CopyOptions options, read_copy_options(planning, copy));
  if (copy.query == nullptr) {
    TRY(plan_relation(planning, copy));
  } else if (copy.query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
    planning.may_scan = true;
    TRY(plan_select(planning, *copy.query->select_stmt));
  } else {
    return planning.not_supported(-1, "COPY of what a statement other than SELECT returns");
  }
  TRY(take_quoted(planning, options, options.format));
  planning.plan.copy_to = std::move(options.format);
  planning.plan.tag = "COPY";
  return {};
}

}  // namespace holdfast
