// A refusal as an error: what INSERT, UPDATE and DELETE raise, and every command of a session that
// says SET holdfast.refusals = 'error'.
#pragma once

#include "base/result.h"
#include "model/answer.h"
#include "model/command.h"
#include "sql/plan.h"

namespace holdfast {

// The words and names of PostgreSQL for a table with the constraints that the law is; the numbers
// are in the detail. REQUIRES: a refusal.
[[nodiscard]] Error refusal_error(const Command& command, const Answer& answer);

// Whether a refusal means to the statement that there was no such row: UPDATE 0, INSERT 0 0.
[[nodiscard]] bool means_no_row(const ChangePlan& plan, Outcome outcome);

}  // namespace holdfast
