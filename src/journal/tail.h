// What lies behind the end of the chain, and the decision: nothing, a torn tail that may be cut, or
// corruption.
//
// The rule. What stops the chain is a torn tail only if all three hold:
//   1. no valid header behind it says that a seq beyond the end of the chain was durable when it
//   was written;
//   2. everything behind it fits the in-flight window: at most in_flight_window_bytes, in this
//   segment and the next;
//   3. no witness (a checkpoint) claims a seq beyond the end.
// Anything else is corruption: acknowledged entries may be gone, and only a person may decide to go
// on without them.
//
// Residual window: of the batches that no later batch has proved yet (a seal follows within 50 ms
// of idling), damage to the disk cannot be told from a crash.
#pragma once

#include <optional>
#include <vector>

#include "journal/chain.h"

namespace holdfast {

// Bytes that are not blank lie in [from, to) of the segment; `from` is where the chain ended, or
// the first offset.
struct TailExtent {
  std::uint64_t segment = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

struct Tail {
  std::vector<TailExtent> extents;  // ascending; empty when all is blank
  std::optional<Error> corruption;  // file, offset and why
  [[nodiscard]] bool is_clean() const { return extents.empty() && !corruption; }
};

// Reads everything behind the walk's end; changes nothing. Errors are those of the disk.
Result<Tail> examine_tail(Directory& disk, const LedgerId& ledger, SegmentAccess access,
                          const ChainWalker& walk, Seq witness);

// Saves the bytes of every extent in files of their own, then blanks them, durably. Returns the
// names, comma-separated. Crashing at any point and recovering again leads to the same journal.
Result<std::string> cut_tail(Directory& disk, const std::vector<TailExtent>& extents);

// Renames segments behind `last` out of the journal's way (for accepted losses), durably. Returns
// the new names.
Result<std::string> set_aside_behind(Directory& disk, std::uint64_t last);

// Overwrites [from, to) of the segment with zeros, durably.
Status blank_durably(Directory& disk, std::uint64_t segment, std::uint64_t from, std::uint64_t to);

}  // namespace holdfast
