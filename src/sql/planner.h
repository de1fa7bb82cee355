// The planner: text to meaning. What Holdfast does not understand is not_supported with a text that
// says what it does understand; an unknown name, a wrong type or a syntax error is told apart from
// that, with its position.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/plan.h"
#include "sql/types.h"

namespace holdfast {

// Parameters of one statement ($1 … $n), as the protocol can count them.
inline constexpr std::size_t parameters_max = 65'535;
// Values of one IN list or array.
inline constexpr std::size_t keys_max = 1'000;

// Exactly one statement, or none (EmptyPlan); more are a syntax_error. `declared` are the parameter
// types that the client stated, unknown or missing ones are inferred. Nothing is executed.
Result<PlanPtr> plan_statement(std::string_view sql, std::span<const SqlType> declared);

// All statements of a text, in order; empty ones are left out, and a text without any gives none.
// The grammar is that of the whole text. A statement that means nothing is a RefusedPlan, and the
// last one: as in PostgreSQL, those before it are run.
Result<std::vector<PlanPtr>> plan_statements(std::string_view sql);

}  // namespace holdfast
