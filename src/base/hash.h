// Checksums and hashes. CRC32C (Castagnoli, RFC 3720 appendix B.4) guards headers; XXH3
// (github.com/Cyan4973/xxHash, seed 0, 64 and 128 bits) guards payloads, chains batches and
// fingerprints commands. Neither resists an adversary who can write the disk; both find accidents.
#pragma once

#include <compare>
#include <cstdint>

#include "base/bytes.h"

namespace holdfast {

[[nodiscard]] std::uint32_t crc32c(ByteSpan bytes);

[[nodiscard]] std::uint64_t hash64(ByteSpan bytes, std::uint64_t seed = 0);

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr auto operator<=>(const Hash128&, const Hash128&) = default;
};
[[nodiscard]] Hash128 hash128(ByteSpan bytes, std::uint64_t seed = 0);

// A good mix of two words in three instructions (the "mum" of wyhash).
__extension__ using Wide = unsigned __int128;
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
  const Wide product =
      static_cast<Wide>(a ^ 0x9e3779b97f4a7c15u) * static_cast<Wide>(b ^ 0xe7037ed1a0b428dbu);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace holdfast
