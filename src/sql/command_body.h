// The body of a command from the arguments of its function.
#pragma once

#include <initializer_list>

#include "base/result.h"
#include "model/command.h"
#include "sql/arguments.h"
#include "sql/bind.h"

namespace holdfast {

// Each of them has a value; else null_not_allowed, with the first that has none.
Status require(const Arguments& arguments, std::initializer_list<Argument> needed);

// REQUIRES: the function is a command. `storage` and what the arguments point to outlive `out`.
Status bind_body(Function function, const Arguments& arguments, CommandStorage& storage,
                 Command& out);

}  // namespace holdfast
