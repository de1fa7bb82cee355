// Outcomes: every answer a command can get, checked in exactly this order, so that the first that
// applies is the one a client sees, whatever the implementation; stale_expectation alone comes
// before all but request_mismatch, because it says that there is no such row. Appended to, never
// reordered: the numbers are in the ledger.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

enum class Outcome : std::uint8_t {
  granted = 0,            // claim, confirm with reclaim: all that was asked
  partially_granted = 1,  // claim with partial: some of it
  done = 2,               // any other command: it took effect
  already = 3,            // the transition was reached before; nothing changed
  // refusals, in the order of their checks
  request_mismatch = 4,  // the request_id was used with other arguments
  channel_unknown = 5,   // or not active, when something is to be sold through it
  item_unknown = 6,
  location_unknown = 7,  // or not one of the channel's active locations
  claim_unknown = 8,
  claim_exists = 9,  // the client chose an id that another claim has
  claim_expired = 10,
  wrong_state = 11,
  quantity_invalid = 12,  // below 1, beyond the range, more than the line has, or no such line
  limit_exceeded = 13,    // a named limit or policy, given in the answer
  not_open_yet = 14,
  channel_capped = 15,
  short_of_stock = 16,
  contended = 17,  // short only because of units that open transactions hold
  stale_expectation = 18,
};
inline constexpr std::size_t outcome_count = 19;

inline constexpr std::array<std::string_view, outcome_count> outcome_names = {
    "granted",          "partially_granted", "done",
    "already",          "request_mismatch",  "channel_unknown",
    "item_unknown",     "location_unknown",  "claim_unknown",
    "claim_exists",     "claim_expired",     "wrong_state",
    "quantity_invalid", "limit_exceeded",    "not_open_yet",
    "channel_capped",   "short_of_stock",    "contended",
    "stale_expectation"};

constexpr std::string_view name_of(Outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}
constexpr bool is_refusal(Outcome outcome) { return outcome >= Outcome::request_mismatch; }

}  // namespace holdfast
