// Base64 (RFC 4648 §4), strict: full groups, padding where it belongs, unused bits zero, nothing
// else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace holdfast {

[[nodiscard]] std::string base64(ByteSpan bytes);
[[nodiscard]] std::optional<std::vector<std::byte>> parse_base64(std::string_view text);

}  // namespace holdfast
