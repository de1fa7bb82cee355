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

#include "base/result.h"
#include "model/command.h"
#include "model/transaction_verb.h"
#include "sql/copy_format.h"
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
// INSERT, UPDATE, DELETE: one command per row, all of them or none. Sources are columns of the
// relation; from answer_source on they are AnswerColumns.
struct ChangePlan {
  enum class Verb : std::uint8_t { insert, update, remove };
  // What the rows are in the relation's own words, beside the arguments of a function.
  enum class Shape : std::uint8_t {
    call,      // of `function`, as it is
    relative,  // UPDATE stock SET on_hand = on_hand ± n: a claim that leaves at once, or adjust
    add,       // INSERT INTO stock … DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand
    state,     // UPDATE claims SET state = …
  };
  // A further condition of WHERE.
  struct Guard {
    std::optional<Term> term;  // none: version
    Comparison comparison = Comparison::equal;
    Operand value;
  };
  Verb verb = Verb::insert;
  Shape shape = Shape::call;
  Relation relation = Relation::stock;
  Function function = Function::claim;  // of most shapes
  std::vector<std::vector<ArgumentSlot>> rows;
  Existence existence = Existence::any;
  std::vector<Guard> guards;
  std::optional<Operand> claim_state;  // the state that WHERE wants, by name
  std::optional<Operand> new_state;    // Shape::state
  bool subtracts = false;              // Shape::relative: on_hand − n
  bool is_guarded = false;             // … where there is enough available
  bool ignores_conflicts = false;      // ON CONFLICT DO NOTHING
  std::optional<CopyFormat> copy;  // COPY … FROM STDIN: one row, of parameters, again and again
};
inline constexpr std::uint8_t answer_source = 64;
// SELECT … FROM can_claim(sku, channel, quantity): sources are AnswerColumns.
struct CanClaimPlan {
  Operand sku, channel, quantity;
};
// SELECT … FROM stock WHERE …: sources are positions in the relation's columns.
struct LookupPlan {
  struct Key {
    std::uint8_t column = 0;
    std::vector<Operand> any_of;  // = has one, IN and ANY(ARRAY[…]) have several
    bool is_array = false;        // any_of is one array: = ANY($1)
  };
  Relation relation = Relation::stock;
  std::vector<Key> keys;  // one per column at most, in the order of the relation's keys
  std::optional<Operand> limit;
  std::string_view locking;  // "FOR UPDATE", … : COMMIT looks at the rows again; "" is none
  bool is_scan = false;      // every row there is, from a snapshot; without keys
};
// SELECT 1, 'x', $1::text, version(): sources are positions in cells.
struct ConstantPlan {
  enum class Kind : std::uint8_t { operand, setting, set_config, database, user, backend_pid };
  struct Cell {
    Kind kind = Kind::operand;
    SqlType type = SqlType::text;
    Operand operand;
    const SettingInfo* setting = nullptr;  // Kind::setting; nullptr: holdfast.seq
    bool is_local = false;                 // Kind::set_config: of operand, its new value
  };
  std::vector<Cell> cells;
};
// A question about types (type_questions.h): sources are TypeFacts.
struct TypesPlan {
  TypeQuestion::By by = TypeQuestion::By::nothing;
  Operand key;  // an oid, several, or a name
};
// SHOW name; nullptr: holdfast.seq.
struct ShowPlan {
  const SettingInfo* setting = nullptr;
};
struct ShowAllPlan {};
// SHOW holdfast.turns: how long turns took.
struct ShowTurnsPlan {};
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
  TransactionModes modes;  // of begin
};
// SET TRANSACTION …, or SET SESSION CHARACTERISTICS AS TRANSACTION …, of those to come.
struct ModesPlan {
  TransactionModes modes;
  bool is_session = false;
};
// Accepted, and nothing to do: UNLISTEN *, CLOSE ALL.
struct NothingPlan {
  std::string_view warns;  // what has a meaning in a block only
};
// A statement of a script that cannot be run: its error comes at its turn.
struct RefusedPlan {
  Error error;
};

using PlanBody = std::variant<EmptyPlan, CommandPlan, ChangePlan, CanClaimPlan, LookupPlan,
                              ConstantPlan, TypesPlan, ShowPlan, ShowAllPlan, ShowTurnsPlan,
                              SetPlan, ResetAllPlan, DeallocatePlan, DiscardAllPlan,
                              TransactionPlan, ModesPlan, NothingPlan, RefusedPlan>;

struct Plan {
  PlanBody body;
  std::vector<SqlType> parameters;  // never unknown
  std::vector<Column> columns;
  std::vector<std::uint8_t> sources;
  std::string_view tag = "SELECT";    // of CommandComplete; a SELECT's row count comes behind it
  std::optional<CopyFormat> copy_to;  // COPY … TO STDOUT of the rows
  std::deque<std::string> texts;      // what constants point to
};
using PlanPtr = std::shared_ptr<const Plan>;

}  // namespace holdfast
