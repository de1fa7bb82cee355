// `holdfast serve`: the assembled server, from its start-up block to its last reply.
#pragma once

#include "node/options.h"

namespace holdfast {

// Returns the exit code: 0 after an orderly shutdown, 1 when it could not start, 3 when the journal
// failed.
int run_serve(const ServeOptions& options);

}  // namespace holdfast
