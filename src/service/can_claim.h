// can_claim(sku, channel, quantity): whether a claim would be granted now, and why not.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/quantity.h"
#include "service/lookup.h"
#include "sql/bind.h"
#include "sql/plan.h"

namespace holdfast {

// Its texts point into the values that were bound.
struct CanClaim {
  std::string_view sku, channel;
  Quantity quantity;
};
Result<CanClaim> bind_can_claim(const CanClaimPlan& plan, const Binding& binding);

// Writes the one row: sources are AnswerColumns. On the thread that owns the state.
LookupResult read_can_claim(const Stock& stock, const CanClaim& asked,
                            std::span<const std::uint8_t> sources, RowSink& sink);

}  // namespace holdfast
