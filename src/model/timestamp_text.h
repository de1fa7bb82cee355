// Times as people and PostgreSQL's clients read them: in UTC, ISO style, over the whole range.
#pragma once

#include <array>
#include <string_view>

#include "model/time.h"

namespace holdfast {

using TimestampText = std::array<char, 40>;

// "2026-11-20 10:00:00.5+00", "infinity" for Timestamp::never(), "… BC" before year 1. The view is
// into `space`.
std::string_view timestamp_text(Timestamp value, TimestampText& space);

}  // namespace holdfast
