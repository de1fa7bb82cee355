// The eventfd by which completions wake whoever sleeps in a poll: one per directory, counting,
// never blocking.
#pragma once

#include "world/linux/descriptor.h"

namespace holdfast {

[[nodiscard]] Descriptor make_wake();
void signal_wake(int descriptor);

}  // namespace holdfast
