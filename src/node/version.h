// What this build calls itself.
#pragma once

#include <string>

namespace holdfast {

[[nodiscard]] std::string version_text();  // "holdfast 0.1.0"

}  // namespace holdfast
