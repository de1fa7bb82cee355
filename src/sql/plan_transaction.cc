// BEGIN, COMMIT, ROLLBACK and savepoints.
#include <algorithm>
#include <iterator>

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

struct Form {
  PgQuery__TransactionStmtKind kind;
  TransactionVerb verb;
  const char* tag;
};
constexpr Form forms[] = {
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN, TransactionVerb::begin, "BEGIN"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START, TransactionVerb::begin,
     "START TRANSACTION"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT, TransactionVerb::commit, "COMMIT"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK, TransactionVerb::rollback, "ROLLBACK"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT, TransactionVerb::savepoint,
     "SAVEPOINT"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE, TransactionVerb::release, "RELEASE"},
    {PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO, TransactionVerb::rollback_to,
     "ROLLBACK"},
};

}  // namespace

// DEFERRABLE says nothing here: nobody waits for a snapshot.
Result<TransactionModes> transaction_modes(std::span<PgQuery__Node* const> options) {
  TransactionModes modes;
  for (const PgQuery__Node* node : options) {
    if (node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM) continue;
    const PgQuery__DefElem& option = *node->def_elem;
    const std::string_view name = option.defname;
    if (name == "transaction_isolation") {
      ASSIGN(modes.isolation, isolation_of(text_of(option)));
    } else if (name == "transaction_read_only") {
      modes.read_only = is_on(option);
    }
  }
  return modes;
}

Status plan_transaction(Planning& planning, const PgQuery__TransactionStmt& statement) {
  if (statement.chain) return planning.not_supported(-1, "AND CHAIN");
  const auto* form = std::ranges::find(forms, statement.kind, &Form::kind);
  if (form == std::end(forms)) return planning.not_supported(-1, "a prepared transaction");
  ASSIGN(const TransactionModes modes, transaction_modes({statement.options, statement.n_options}));
  planning.plan.tag = form->tag;
  planning.plan.body =
      TransactionPlan{.verb = form->verb, .savepoint = statement.savepoint_name, .modes = modes};
  return {};
}

}  // namespace holdfast
