// A claim: a request for units that was granted. Its units leave `held` exactly once and
// `committed` exactly once, into one of four counters, so for every line
//
//   granted = held + committed + fulfilled + cancelled + released + expired
//
// and the claim's state is derived from its lines, never stored.
//
//            claim(hold_for)                 claim()
//                  │                            │
//                  ▼         confirm            ▼         fulfil
//        ┌──────  held  ───────────────▶   committed  ───────────▶ fulfilled
//        │         │                            │
// expire │         │ release            release │ cancel
//        ▼         ▼                            ▼
//     expired   released, cancelled     released, cancelled
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/ids.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

struct LineQuantities {
  Quantity held;
  Quantity committed;
  Quantity backordered;  // the part of held + committed that has no unit yet
  Quantity fulfilled;
  Quantity cancelled;
  Quantity released;
  Quantity expired;

  [[nodiscard]] constexpr Quantity open() const { return held + committed; }
  [[nodiscard]] constexpr Quantity granted() const {
    return open() + fulfilled + cancelled + released + expired;
  }
  friend constexpr bool operator==(const LineQuantities&, const LineQuantities&) = default;
};

// The state of a claim as a whole. While units are open, `held` wins over `committed`: somebody
// must still decide. Closed, the first of fulfilled, expired, cancelled, released that any unit
// reached names it.
enum class ClaimState : std::uint8_t { held, committed, fulfilled, expired, cancelled, released };

inline constexpr std::array<std::string_view, 6> claim_state_names = {
    "held", "committed", "fulfilled", "expired", "cancelled", "released"};
constexpr std::string_view name_of(ClaimState state) {
  return claim_state_names[static_cast<std::size_t>(state)];
}

// `sum` over the claim's lines.
constexpr ClaimState state_of(const LineQuantities& sum) {
  if (sum.held > Quantity()) return ClaimState::held;
  if (sum.committed > Quantity()) return ClaimState::committed;
  if (sum.fulfilled > Quantity()) return ClaimState::fulfilled;
  if (sum.expired > Quantity()) return ClaimState::expired;
  if (sum.cancelled > Quantity()) return ClaimState::cancelled;
  return ClaimState::released;
}

}  // namespace holdfast
