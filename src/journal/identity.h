// The identity of a journal's ledger: one small file, made last when a journal is created, so that
// its presence says that creation was complete.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/segment_format.h"
#include "world/world.h"

namespace holdfast {

// Nothing when there is no identity file.
Result<std::optional<LedgerId>> read_identity(Directory& disk);

// Makes segment 1 and then the identity, after removing what an interrupted creation left. corrupt
// when there are segments with content but no identity.
Result<LedgerId> create_journal(World& world, std::uint64_t first_segment_bytes);

}  // namespace holdfast
