// Digest: one number for a whole state, kept up with every change, the same whatever the order of
// the rows.
//
//   digest = Σ over rows of  key_factor(row's key) × (Σ over columns of  value × weight[column])
//   (mod 2^64)
//
// It is linear in the values, so a change adds key_factor × Σ delta × weight, without reading what
// was there. Keyed factors make equal sums in swapped rows differ, weights make swapped columns
// differ; both are odd, so a single wrong value always shows, several with overwhelming
// probability. It finds faults, not adversaries.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.h"
#include "model/claim.h"
#include "model/ids.h"
#include "model/level.h"
#include "model/quantity.h"

namespace holdfast {

// What kind of row a key belongs to: no two kinds share a factor.
enum class DigestKind : std::uint64_t {
  level = 1,
  claim,
  line,
  item,
  location,
  channel,
  lot,
  request
};

// Two rounds, because one is nearly linear in small keys.
[[nodiscard]] constexpr std::uint64_t key_factor(DigestKind kind, std::uint64_t high,
                                                 std::uint64_t low) {
  return mix64(mix64(high, low), static_cast<std::uint64_t>(kind) * 0xd6e8feb86659fd93u) | 1;
}

// The first digits of a fixed stream (splitmix64 from 1); column n of any kind of row uses number
// n.
inline constexpr auto digest_weights = [] {
  std::array<std::uint64_t, 20> out{};
  std::uint64_t state = 1;
  for (auto& weight : out) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    weight = (z ^ (z >> 31)) | 1;
  }
  return out;
}();

[[nodiscard]] constexpr std::uint64_t weighted(std::uint64_t value, std::size_t column) {
  return value * digest_weights[column];
}
[[nodiscard]] constexpr std::uint64_t weighted(Quantity value, std::size_t column) {
  return weighted(static_cast<std::uint64_t>(value.units()), column);
}

// — levels: columns 0–9 are the terms —
inline constexpr std::size_t level_version_column = 10;
inline constexpr std::size_t level_exists_column = 11;
[[nodiscard]] constexpr std::uint64_t key_factor(const LevelKey& key) {
  return key_factor(DigestKind::level,
                    (std::uint64_t{key.item.value()} << 32) | key.location.value(),
                    key.lot.value());
}

// — claim heads and lines —
[[nodiscard]] inline std::uint64_t key_factor(const ClaimId& id) {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), id.bytes.data(), 16);
  return key_factor(DigestKind::claim, words[0], words[1]);
}
// From the claim's own factor, which the caller has at hand.
[[nodiscard]] constexpr std::uint64_t line_factor(std::uint64_t claim_factor, std::uint32_t line) {
  return key_factor(DigestKind::line, claim_factor, line);
}
enum ClaimDigestColumn : std::size_t {
  claim_channel,
  claim_texts,
  claim_opened_at,
  claim_expires_at,
  claim_opened,
  claim_version,
  claim_line_count,
  claim_provisional,
};
inline constexpr std::size_t line_level_column = 7;  // columns 0–6 are the quantities
[[nodiscard]] constexpr std::uint64_t weighted(const LineQuantities& q) {
  return weighted(q.held, 0) + weighted(q.committed, 1) + weighted(q.backordered, 2) +
         weighted(q.fulfilled, 3) + weighted(q.cancelled, 4) + weighted(q.released, 5) +
         weighted(q.expired, 6);
}

}  // namespace holdfast
