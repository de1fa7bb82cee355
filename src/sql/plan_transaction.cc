// BEGIN, COMMIT, ROLLBACK and savepoints.
#include "sql/planning.h"

namespace holdfast {
namespace {

// The text or number of an option's constant; nothing when it is no constant.
std::string_view text_of(const PgQuery__DefElem& option) {
  if (option.arg == nullptr || option.arg->node_case != PG_QUERY__NODE__NODE_A_CONST) return {};
  const PgQuery__AConst& constant = *option.arg->a_const;
  return constant.val_case == PG_QUERY__A__CONST__VAL_SVAL ? constant.sval->sval
                                                           : std::string_view();
}
bool is_on(const PgQuery__DefElem& option) {
  return option.arg != nullptr && option.arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
         option.arg->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
         option.arg->a_const->ival->ival != 0;
}

}  // namespace

Status plan_transaction_modes(std::span<PgQuery__Node* const> options, TransactionModes& modes) {
  for (const PgQuery__Node* node : options) {
    if (node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM) continue;
    const PgQuery__DefElem& option = *node->def_elem;
    const std::string_view name = option.defname;
    if (name == "transaction_isolation") {
      const std::string_view level = text_of(option);
      TRY(check_isolation_level(level));
      modes.isolation = level;
    } else if (name == "transaction_read_only") {
      modes.read_only = is_on(option);
    }
  }
  return {};
}

Status plan_transaction(Planning& planning, const PgQuery__TransactionStmt& statement) {
  TransactionPlan plan;
  if (statement.chain) return planning.not_supported(-1, "AND CHAIN");
  switch (statement.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START: {
      plan.verb = TransactionVerb::begin;
      const bool is_start = statement.kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START;
      planning.plan.tag = is_start ? "START TRANSACTION" : "BEGIN";
      TransactionModes modes;
      TRY(plan_transaction_modes({statement.options, statement.n_options}, modes));
      plan.read_only = modes.read_only.value_or(false);
      break;
    }
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      plan.verb = TransactionVerb::commit;
      planning.plan.tag = "COMMIT";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      plan.verb = TransactionVerb::rollback;
      planning.plan.tag = "ROLLBACK";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      plan.verb = TransactionVerb::savepoint;
      planning.plan.tag = "SAVEPOINT";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
      plan.verb = TransactionVerb::release;
      planning.plan.tag = "RELEASE";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      plan.verb = TransactionVerb::rollback_to;
      planning.plan.tag = "ROLLBACK";
      break;
    default:
      return planning.not_supported(-1, "a prepared transaction");
  }
  plan.savepoint = statement.savepoint_name;
  planning.plan.body = std::move(plan);
  return {};
}

}  // namespace holdfast
