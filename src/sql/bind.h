// Binding: a plan and the values of one execution become a Command. Nothing is parsed but the
// values; in steady state nothing is allocated (what a CommandStorage has once made room for, it
// keeps).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/command.h"
#include "sql/convert.h"
#include "sql/plan.h"

namespace holdfast {

class LinesParser;

// What a bound command points into beside its values and its plan. Reused from command to command.
class CommandStorage {
 public:
  CommandStorage();
  ~CommandStorage();
  CommandStorage(const CommandStorage&) = delete;
  CommandStorage& operator=(const CommandStorage&) = delete;

  std::vector<LineRequest> lines;
  std::vector<LineSelection> selections;
  std::vector<std::string_view> texts;
  std::vector<Condition> conditions;
  std::string request_id;        // of one row of several
  std::vector<Value> converted;  // the arguments that came as another type
  std::string elements;          // of an array
  // JSON comes apart here; made at the first use, because most sessions never send any.
  LinesParser& json();

 private:
  std::unique_ptr<LinesParser> json_;
};

// How a plan's parameters become values of their places.
struct Binding {
  std::span<const Value> values;  // one per parameter; their texts outlive the command
  InputRules rules;
  std::string_view actor;
  // What the session says for plain DML: its texts outlive the command. nullptr: nothing.
  const CommandContext* context = nullptr;
};

// How many commands one execution is: the rows of an INSERT, else one. REQUIRES: plan.body is a
// CommandPlan or a ChangePlan.
[[nodiscard]] std::size_t command_count(const Plan& plan);

// The command number `row`, from 0. REQUIRES: row < command_count(plan). The command's shape is not
// checked here (check_command does). `plan`, the binding's values and `storage` outlive `out`.
// Errors name the argument: the codes of convert(), null_not_allowed, invalid_value,
// limit_exceeded.
Status bind_command(const Plan& plan, std::size_t row, const Binding& binding,
                    CommandStorage& storage, Command& out);

// A constant whose meaning is the session's: a time without an offset (plan.h, invariant 2).
[[nodiscard]] bool is_late(const Operand& operand, SqlType type);

// The value of one operand, of its place's type. `field` names it in errors.
Result<Value> bind_operand(const Operand& operand, std::string_view field, SqlType type,
                           const Binding& binding);

// As many values as the plan has parameters; of a COPY as many as that for each of its rows.
Status check_values(const Plan& plan, std::span<const Value> values);

}  // namespace holdfast
