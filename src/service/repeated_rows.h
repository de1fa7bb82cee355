// Reads that a transaction does again at its COMMIT (engine/repeatable_read.h), by the same code
// that read the rows for the client, into a hash.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/repeatable_read.h"
#include "service/can_claim.h"
#include "service/lookup.h"

namespace holdfast {

// They own copies of the keys. Sources from answer_source on are left out: what a command answered
// is its own matter.
std::unique_ptr<RepeatableRead> repeat_lookup(Relation relation,
                                              std::span<const std::uint8_t> sources,
                                              const BoundLookup& lookup);
std::unique_ptr<RepeatableRead> repeat_can_claim(const CanClaim& asked,
                                                 std::span<const std::uint8_t> sources);

}  // namespace holdfast
