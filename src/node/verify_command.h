// `holdfast verify`: the proof, for a person.
#pragma once

#include "node/options.h"

namespace holdfast {

// Exit code: 0 clean, 1 something is wrong (printed), 2 it could not be read.
int run_verify(const VerifyOptions& options);

}  // namespace holdfast
