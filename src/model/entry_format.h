// The numbers of the byte form of entries (docs/format/entries.md), shared by its writer and its
// reader only.
//
//   group = head, context, count, entries
//   head  = u32: length of the rest in the low 24 bits, context flags in the high 8
//   entry = head byte, fields
//
// A head byte with the top bit is a move: kind in bits 0–3, flags in bits 4–6. Any other is an
// EntryTag in bits 0–3 with flags in bits 4–6. All numbers are in ledgers: added to, never changed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/entry.h"

namespace holdfast::entry_format {

inline constexpr unsigned group_length_bits = 24;
inline constexpr std::size_t group_length_max = (std::size_t{1} << group_length_bits) - 1;
inline constexpr std::size_t group_head_bytes = 4;
static_assert(group_bytes_max <= group_length_max);

// Context flags: the field follows.
inline constexpr std::uint32_t with_request_id = 1;
inline constexpr std::uint32_t with_reference = 2;
inline constexpr std::uint32_t with_reason = 4;
inline constexpr std::uint32_t with_customer = 8;
inline constexpr std::uint32_t with_channel = 16;
inline constexpr std::uint32_t with_occurred_at = 32;
inline constexpr std::uint32_t known_context = 63;

inline constexpr std::uint8_t move_bit = 0x80;
inline constexpr std::uint8_t low_nibble = 0x0f;
// Flags of a move.
inline constexpr std::uint8_t with_lot = 0x10;
inline constexpr std::uint8_t with_claim = 0x20;  // its line follows; and its id, unless
inline constexpr std::uint8_t same_claim = 0x40;  // … it is that of the last entry that named one
// The bit behind the terms in a move's mask.
inline constexpr std::uint64_t unit_cost_bit = std::uint64_t{1} << term_count;
inline constexpr std::uint64_t known_mask = (unit_cost_bit << 1) - 1;

enum class EntryTag : std::uint8_t {
  claim_opened = 1,
  expiry_set = 2,
  item_defined = 3,
  location_defined = 4,
  channel_defined = 5,
  lot_named = 6,
  request_remembered = 7,
  resumed = 8,
  claim_settled = 9,
  claim_undone = 10,
};
inline constexpr std::uint8_t flag_a = 0x10;
inline constexpr std::uint8_t flag_b = 0x20;
// What flag_a and flag_b say, by tag.
inline constexpr std::uint8_t never_expires = flag_a;   // claim_opened, claim_settled
inline constexpr std::uint8_t is_provisional = flag_b;  // claim_opened
inline constexpr std::uint8_t with_hold_for = flag_a;   // item_defined
inline constexpr std::uint8_t with_hold_max = flag_b;   // item_defined
inline constexpr std::uint8_t is_active = flag_a;       // location_defined, channel_defined
inline constexpr std::uint8_t all_locations = flag_b;   // channel_defined
inline constexpr std::uint8_t was_refused = flag_a;     // request_remembered

}  // namespace holdfast::entry_format
