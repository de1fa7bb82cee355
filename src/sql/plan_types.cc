// A question about types: its columns, and its parameter, which is an oid, several, or a name.
#include "sql/planning.h"

namespace holdfast {

Status plan_types(Planning& planning, const TypeQuestion& question) {
  TypesPlan plan{.by = question.by, .key = {}};
  if (type_of(question.by) != SqlType::unknown) {
    PgQuery__ParamRef first = PG_QUERY__PARAM_REF__INIT;
    first.number = 1;
    PgQuery__Node node = PG_QUERY__NODE__INIT;
    node.node_case = PG_QUERY__NODE__NODE_PARAM_REF;
    node.param_ref = &first;
    ASSIGN(plan.key, planning.operand(node, "the type", type_of(question.by)));
  }
  for (const TypeColumn& column : question.columns) {
    planning.plan.columns.push_back({std::string(column.name), type_of(column.fact)});
    planning.plan.sources.push_back(static_cast<std::uint8_t>(column.fact));
  }
  planning.plan.body = std::move(plan);
  return {};
}

}  // namespace holdfast
