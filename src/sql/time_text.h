// Times and intervals as PostgreSQL's clients write them, read exactly: integers only, no float on
// the way.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/time.h"

namespace holdfast {

// "2026-11-20", "2026-11-20 10:00[:30[.5]]", with 'T' or a space, and "Z", "UTC" or ±HH[:MM[:SS]]
// behind it. Without an offset it is UTC when `utc_without_offset`, else refused as ambiguous.
// Years 1 to 9999. invalid_text, out_of_range.
Result<Timestamp> parse_timestamptz(std::string_view field, std::string_view text,
                                    bool utc_without_offset);

// "10 minutes", "1 hour 30 min", "1.5 hours", "1 day 02:00:00", "00:10", "90" (seconds), "PT10M",
// "P1DT2H", "-5 s", "10 minutes ago". Months and years have no fixed length and are refused.
// invalid_text, out_of_range.
Result<Duration> parse_interval(std::string_view field, std::string_view text);

// As PostgreSQL's IntervalStyle `postgres` writes it: "1 day 02:03:04.5", "00:10:00".
void append_interval(std::string& out, Duration length);

}  // namespace holdfast
