// Reply: what a simulated client got back for one attempt, by whichever door, in one form for the
// auditor. Fields that a door does not show stay empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/claim.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

// A level as a read showed it; version 0 and zeros when it was absent.
struct SeenLevel {
  std::string sku;
  std::string location;
  Quantities quantities;
  Seq version;
};

// A claim as a read showed it.
struct SeenClaim {
  ClaimId claim;
  bool exists = false;
  ClaimState state = ClaimState::held;
  LineQuantities sum;
  std::optional<Timestamp> expires_at;
  Seq version;
};

// What one SKU could be sold through one channel.
struct SeenAvailability {
  std::string sku;
  std::string channel;
  Quantity available;
};

struct Reply {
  std::optional<ErrorCode> error;  // then nothing else holds
  std::string message;

  // — a command —
  Outcome outcome = Outcome::done;
  bool replayed = false;
  Seq seq;
  ClaimId claim;
  std::optional<ClaimState> state;
  std::optional<Timestamp> expires_at;
  std::optional<Quantity> requested;
  std::optional<Quantity> available;

  // — a read —
  std::vector<SeenLevel> levels;
  std::vector<SeenClaim> claims;
  std::vector<SeenAvailability> salable;

  // Of the same answer: what a replay must repeat.
  [[nodiscard]] bool same_answer(const Reply& other) const {
    return outcome == other.outcome && claim == other.claim && seq == other.seq &&
           expires_at == other.expires_at && requested == other.requested &&
           available == other.available;
  }
  [[nodiscard]] std::string text() const;
};

}  // namespace holdfast
