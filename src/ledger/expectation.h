// Expectations: a command that says what it expects of what it changes (a guarded UPDATE, If-Match,
// an INSERT of what must not be there) has no effect where that is not so.
#pragma once

#include "ledger/hearing.h"

namespace holdfast {

// Whether what the command changes is as it expects; an absent level counts as zeros. Objects with
// stale_expectation, with the first value that was expected and the actual one; and with
// wrong_state to a level of an item with lots that names none. REQUIRES: the command has an
// expectation; a claim to come has one line.
[[nodiscard]] bool meets_expectation(Hearing& hearing, const Command& command);

}  // namespace holdfast
