// Planning: one statement on its way from tree to Plan; private to the planner's files.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/plan.h"

namespace holdfast {

class Planning {
 public:
  // A simple query takes no parameters.
  Planning(std::string_view sql, std::span<const SqlType> declared, bool takes_parameters)
      : sql_(sql), declared_(declared), takes_parameters_(takes_parameters) {
    plan.parameters.assign(declared.begin(), declared.end());
  }

  // A constant, a parameter, or casts of these, as a value of `type` for the place called `field`.
  // The place takes a value of the type `also` as it is, too.
  Result<Operand> operand(const PgQuery__Node& node, std::string_view field, SqlType type,
                          SqlType also = SqlType::unknown);
  // The same where nothing says which type is wanted: the value's own.
  Result<Operand> operand_of_own_type(const PgQuery__Node& node, SqlType& type);

  // The same beside an operator: a value of another type means that there is no such operator.
  Result<Operand> compared(const PgQuery__Node& node, std::string_view field, SqlType type,
                           const PgQuery__Node& whole);

  // An error at this byte of the text (−1: nowhere).
  [[nodiscard]] tl::unexpected<Error> error(ErrorCode code, int location, std::string message,
                                            std::string hint = {}) const;
  // not_supported, with what is.
  [[nodiscard]] tl::unexpected<Error> not_supported(int location, std::string_view what) const;

  std::string_view keep(std::string_view text) { return plan.texts.emplace_back(text); }

  // Every parameter has a type.
  [[nodiscard]] Status finish();

  Plan plan;
  bool may_scan = false;  // a relation may be read whole: it is COPY … TO

 private:
  Result<Value> literal(const PgQuery__AConst& constant);
  Result<Operand> parameter(const PgQuery__ParamRef& reference, SqlType type,
                            std::string_view field, SqlType also);
  Result<Value> converted(const Value& value, SqlType type, std::string_view field, int location,
                          SqlType also);

  // A declared parameter is converted to its place; an inferred one has the type of its first place
  // and no other.
  [[nodiscard]] bool may_stand_for(std::size_t parameter, SqlType type) const;

  std::string_view sql_;
  std::span<const SqlType> declared_;
  bool takes_parameters_;
};

// One statement kind each; they fill planning.plan.
Status plan_select(Planning& planning, const PgQuery__SelectStmt& select);
Status plan_function(Planning& planning, const PgQuery__SelectStmt& select,
                     const PgQuery__RangeFunction& from);
Status plan_lookup(Planning& planning, const PgQuery__SelectStmt& select,
                   const PgQuery__RangeVar& from);
Status plan_constants(Planning& planning, const PgQuery__SelectStmt& select);
// All rows of it: the columns and sources are the caller's.
Status plan_whole(Planning& planning, Relation relation);
Status plan_insert(Planning& planning, const PgQuery__InsertStmt& insert);
Status plan_update(Planning& planning, const PgQuery__UpdateStmt& update);
Status plan_delete(Planning& planning, const PgQuery__DeleteStmt& remove);
Status plan_copy(Planning& planning, const PgQuery__CopyStmt& copy);
Status plan_copy_to(Planning& planning, const PgQuery__CopyStmt& copy);
Status plan_types(Planning& planning, const TypeQuestion& question);
Status plan_show(Planning& planning, const PgQuery__VariableShowStmt& show);
Status plan_set(Planning& planning, const PgQuery__VariableSetStmt& set);
Status plan_transaction(Planning& planning, const PgQuery__TransactionStmt& statement);
// What BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS say.
Result<TransactionModes> transaction_modes(std::span<PgQuery__Node* const> options);

// The relation that a statement names; the errors say what there is.
Result<Relation> relation_of(const Planning& planning, const PgQuery__RangeVar& from);

// Shared by functions, relations and RETURNING: the select list over known columns, of which `*`
// means the first `starred`. `qualifier` is what may stand before a column.
struct Selectable {
  std::string_view name;       // of the function or relation, for messages
  std::string_view qualifier;  // its alias, or its name
};
Status plan_targets(Planning& planning, std::span<PgQuery__Node* const> list,
                    const Selectable& from,
                    const std::function<std::optional<std::uint8_t>(std::string_view)>& find,
                    std::span<const Column> columns, std::span<const std::uint8_t> sources,
                    std::size_t starred);

// The arguments of a call by position and name.
struct CallArguments {
  std::vector<std::pair<Argument, const PgQuery__Node*>> given;
};
Result<CallArguments> call_arguments(Planning& planning, const PgQuery__FuncCall& call,
                                     const FunctionInfo& function);
// A call of can_claim, in FROM or as the only target.
Status plan_can_claim(Planning& planning, const PgQuery__FuncCall& call);

// — reading the tree —

// The last part of a dotted name, "" when a part is no name; `schema` gets the part before it.
std::string_view name_of(std::span<PgQuery__Node* const> parts, std::string_view* schema = nullptr);
// The parts of a condition that AND joins, in order; what is no AND is its own only part.
std::vector<const PgQuery__Node*> joined_by_and(const PgQuery__Node& condition);
// Where the expression begins, −1 when it does not say.
int location_of(const PgQuery__Node& node);
// The SqlType of a cast, of an array that of the array; unknown when Holdfast does not have it.
struct CastType {
  SqlType type = SqlType::unknown;
  bool is_array = false;
  std::string_view name;
};
CastType cast_type_of(const PgQuery__TypeName& name);

}  // namespace holdfast
