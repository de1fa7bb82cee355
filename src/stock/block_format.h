// The blocks of a checkpoint, for save() and StockLoader; tables in docs/format/checkpoint.md,
// "Blocks".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

inline constexpr std::uint8_t block_format_version = 1;

// A block's first byte. Blocks come in this order, each kind as often as needed (the header once).
enum class BlockKind : std::uint8_t {
  header = 1,
  items,
  locations,
  channels,
  lots,
  levels,
  claims,
  lines,
  requests,
};

// Flags of a claim.
inline constexpr std::uint8_t claim_has_end = 1;
inline constexpr std::uint8_t claim_is_provisional = 2;

// How many rows of each kind follow a header, in the order of BlockKind.
inline constexpr std::size_t row_kinds = 8;
using RowCounts = std::array<std::uint64_t, row_kinds>;
constexpr std::size_t count_index(BlockKind kind) { return static_cast<std::size_t>(kind) - 2; }

constexpr std::string_view name_of(BlockKind kind) {
  constexpr std::array<std::string_view, row_kinds + 1> names = {
      "header", "items", "locations", "channels", "lots", "levels", "claims", "lines", "requests"};
  return names[static_cast<std::size_t>(kind) - 1];
}

}  // namespace holdfast
