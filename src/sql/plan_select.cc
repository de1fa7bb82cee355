// SELECT: which of the three shapes it is (a function's row, a look-up by key, constants), and the
// select list that the first two share. Every clause that a shape does not know is refused by name,
// never ignored.
#include "sql/planning.h"

namespace holdfast {
namespace {

// The clauses that no shape takes.
Status refuse_clauses(const Planning& planning, const PgQuery__SelectStmt& select) {
  const auto refuse = [&](std::string_view what) { return planning.not_supported(-1, what); };
  if (select.with_clause != nullptr) return refuse("WITH");
  if (select.op != PG_QUERY__SET_OPERATION__SETOP_NONE) return refuse("UNION, INTERSECT or EXCEPT");
  if (select.n_values_lists > 0) return refuse("VALUES");
  if (select.into_clause != nullptr) return refuse("SELECT INTO");
  if (select.n_distinct_clause > 0) return refuse("DISTINCT");
  if (select.n_group_clause > 0) return refuse("GROUP BY");
  if (select.having_clause != nullptr) return refuse("HAVING");
  if (select.n_window_clause > 0) return refuse("WINDOW");
  if (select.limit_offset != nullptr) return refuse("OFFSET");
  if (select.limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES) {
    return refuse("WITH TIES");
  }
  return {};
}

class Targets {
 public:
  Targets(Planning& planning, const Selectable& from,
          const std::function<std::optional<std::uint8_t>(std::string_view)>& find,
          std::span<const Column> columns, std::span<const std::uint8_t> sources,
          std::size_t starred)
      : planning_(planning),
        from_(from),
        find_(find),
        columns_(columns),
        sources_(sources),
        starred_(starred) {}

  Status add(const PgQuery__ResTarget& target) {
    if (target.val->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) {
      return planning_.not_supported(location_of(*target.val), "an expression in the select list");
    }
    const PgQuery__ColumnRef& reference = *target.val->column_ref;
    std::span<PgQuery__Node* const> fields(reference.fields, reference.n_fields);
    TRY(take_qualifier(reference, fields));
    if (fields[0]->node_case == PG_QUERY__NODE__NODE_A_STAR) {
      for (std::size_t index = 0; index < starred_; ++index) {
        append(columns_[index].name, index);
      }
      return {};
    }
    const std::string_view name = name_of(fields);
    const std::optional<std::uint8_t> index = find_(name);
    if (!index) {
      return planning_.error(ErrorCode::undefined_column, reference.location,
                             fmt::format("column \"{}\" does not exist", name),
                             fmt::format("{} has the columns {}.", from_.name, column_names()));
    }
    const std::string_view shown = target.name != nullptr ? target.name : "";
    append(shown.empty() ? name : shown, *index);
    return {};
  }

 private:
  // Leaves the column's own name, or the star, in `fields`.
  Status take_qualifier(const PgQuery__ColumnRef& reference,
                        std::span<PgQuery__Node* const>& fields) const {
    if (fields.size() == 3 && name_of(fields.first(1)) == "public" &&
        from_.qualifier == from_.name) {
      fields = fields.subspan(1);
    }
    if (fields.size() == 2) {
      const std::string_view qualifier = name_of(fields.first(1));
      if (qualifier != from_.qualifier) {
        return planning_.error(
            ErrorCode::undefined_relation, reference.location,
            fmt::format("missing FROM-clause entry for table \"{}\"", qualifier));
      }
      fields = fields.subspan(1);
    }
    if (fields.size() != 1) return planning_.not_supported(reference.location, "this name");
    return {};
  }

  void append(std::string_view name, std::size_t index) {
    planning_.plan.columns.push_back({std::string(name), columns_[index].type});
    planning_.plan.sources.push_back(sources_[index]);
  }

  std::string column_names() const {
    std::string out;
    for (const Column& column : columns_) {
      if (!out.empty()) out += ", ";
      out += column.name;
    }
    return out;
  }

  Planning& planning_;
  const Selectable& from_;
  const std::function<std::optional<std::uint8_t>(std::string_view)>& find_;
  std::span<const Column> columns_;
  std::span<const std::uint8_t> sources_;
  std::size_t starred_;
};

}  // namespace

Status plan_targets(Planning& planning, std::span<PgQuery__Node* const> list,
                    const Selectable& from,
                    const std::function<std::optional<std::uint8_t>(std::string_view)>& find,
                    std::span<const Column> columns, std::span<const std::uint8_t> sources,
                    std::size_t starred) {
  if (list.empty()) return planning.not_supported(-1, "an empty select list");
  Targets targets(planning, from, find, columns, sources, starred);
  for (const PgQuery__Node* target : list) TRY(targets.add(*target->res_target));
  return {};
}

Status plan_select(Planning& planning, const PgQuery__SelectStmt& select) {
  TRY(refuse_clauses(planning, select));
  const bool reads_rows = select.n_from_clause > 0 &&
                          select.from_clause[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR;
  if (select.n_locking_clause > 0 && !reads_rows) {
    return planning.not_supported(-1, "FOR UPDATE or FOR SHARE of what is no relation");
  }
  if (select.n_from_clause == 0) return plan_constants(planning, select);
  const PgQuery__Node& from = *select.from_clause[0];
  if (select.n_from_clause > 1) return planning.not_supported(-1, "more than one FROM item");
  if (from.node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION) {
    return plan_function(planning, select, *from.range_function);
  }
  if (from.node_case == PG_QUERY__NODE__NODE_RANGE_VAR) {
    return plan_lookup(planning, select, *from.range_var);
  }
  return planning.not_supported(-1, "JOIN, or a subquery in FROM,");
}

}  // namespace holdfast
