// errno as an Error: which operation, on which name, and the system's text.
#pragma once

#include <string_view>

#include "base/result.h"

namespace holdfast {

// ENOSPC and EDQUOT are disk_full, EFBIG is limit_exceeded, everything else io_error.
[[nodiscard]] Error system_error(std::string_view operation, std::string_view name, int number);

}  // namespace holdfast
