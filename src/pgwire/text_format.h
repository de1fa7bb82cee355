// PostgreSQL's text forms that are more than digits. Times are shown in UTC, the only TimeZone so
// far, ISO style.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "model/time.h"

namespace holdfast {

using TimestampText = std::array<char, 40>;

// "2026-11-20 10:00:00.5+00", "infinity" for Timestamp::never(), "… BC" before year 1. The view is
// into `space`.
std::string_view timestamp_text(Timestamp value, TimestampText& space);

// boolin: true, yes, on, 1, false, no, off, 0 and unambiguous prefixes, any case, outer spaces.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace holdfast
