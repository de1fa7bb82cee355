// Plan: what one statement means, found once and immutable afterwards, so that running it again
// parses nothing.
//
//   text ──gate──▶ ──parse──▶ tree ──plan──▶ Plan ──bind(values)──▶ Command        (bind.h)
//                                              └───────────────────▶ rows by key   (the service
//                                              reads them)
//
// Invariants
//   1. A plan refers to nothing but itself and may be shared by threads.
//   2. Every constant in it is converted and valid; only parameters can be wrong at bind, and a
//   time
//      without an offset, which is kept as text, because its meaning is the session's.
//   3. columns and sources have the same size; a plan without columns returns no rows.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/transaction_verb.h"
#include "sql/functions.h"
#include "sql/relations.h"
#include "sql/settings.h"
#include "sql/type_questions.h"
#include "sql/types.h"

namespace holdfast {

// Where a value comes from.
struct Operand {
  enum class From : std::uint8_t { constant, parameter };
  From from = From::constant;
  SqlType via = SqlType::unknown;  // a parameter is cast to this first: $1::int4
  std::uint16_t parameter = 0;     // from 0
  Value constant;  // of its place's type, or a late time as text; its text is in Plan::texts
};

struct ArgumentSlot {
  Argument argument = Argument::sku;
  Operand operand;
};

// Nothing but blanks and comments.
struct EmptyPlan {};
// SELECT … FROM claim(…): sources are AnswerColumns. Not for can_claim.
struct CommandPlan {
  Function function = Function::claim;
  std::vector<ArgumentSlot> arguments;  // in the order of the signature, NULL constants left out
};
// SELECT … FROM can_claim(sku, channel, quantity): sources are AnswerColumns.
struct CanClaimPlan {
  Operand sku, channel, quantity;
};
// SELECT … FROM stock WHERE …: sources are positions in the relation's columns.
struct LookupPlan {
  struct Key {
    std::uint8_t column = 0;
    std::vector<Operand> any_of;  // = has one, IN and ANY(ARRAY[…]) have several
    bool is_array = false;        // any_of is one text of the form {a,"b c"}: = ANY($1)
  };
  Relation relation = Relation::stock;
  std::vector<Key> keys;  // one per column at most, in the order of the relation's keys
  std::optional<Operand> limit;
};
// SELECT 1, 'x', $1::text, version(): sources are positions in cells.
struct ConstantPlan {
  enum class Kind : std::uint8_t { operand, setting, database, user, backend_pid };
  struct Cell {
    Kind kind = Kind::operand;
    SqlType type = SqlType::text;
    Operand operand;
    const SettingInfo* setting = nullptr;  // Kind::setting; nullptr: holdfast.seq
  };
  std::vector<Cell> cells;
};
// A question about types (type_questions.h): sources are TypeFacts.
struct TypesPlan {
  TypeQuestion::By by = TypeQuestion::By::nothing;
  Operand key;  // an oid, or a name
};
// SHOW name; nullptr: holdfast.seq.
struct ShowPlan {
  const SettingInfo* setting = nullptr;
};
struct ShowAllPlan {};
// SET name = value; without a value: back to what the connection started with (also RESET name).
struct SetPlan {
  const SettingInfo* setting = nullptr;
  std::optional<std::string> value;  // checked and canonical
  bool is_local = false;             // until the end of the transaction
};
struct ResetAllPlan {};
// DEALLOCATE name; empty: all. The protocol owns the prepared statements.
struct DeallocatePlan {
  std::string name;
};
struct DiscardAllPlan {};
// BEGIN, COMMIT, SAVEPOINT …
struct TransactionPlan {
  TransactionVerb verb = TransactionVerb::begin;
  std::string savepoint;
  bool read_only = false;  // of begin
};
// Accepted, and nothing to do: UNLISTEN *, CLOSE ALL.
struct NothingPlan {};

using PlanBody = std::variant<EmptyPlan, CommandPlan, CanClaimPlan, LookupPlan, ConstantPlan,
                              TypesPlan, ShowPlan, ShowAllPlan, SetPlan, ResetAllPlan,
                              DeallocatePlan, DiscardAllPlan, TransactionPlan, NothingPlan>;

struct Plan {
  PlanBody body;
  std::vector<SqlType> parameters;  // never unknown
  std::vector<Column> columns;
  std::vector<std::uint8_t> sources;
  std::string_view tag = "SELECT";  // of CommandComplete; a SELECT's row count comes behind it
  std::deque<std::string> texts;    // what constants point to
};
using PlanPtr = std::shared_ptr<const Plan>;

}  // namespace holdfast
