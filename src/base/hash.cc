// CRC32C by the SSE4.2 instruction (x86-64-v2 has it), by table elsewhere; XXH3 from the library's
// header.
#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace holdfast {

#ifdef __SSE4_2__

std::uint32_t crc32c(ByteSpan bytes) {
  std::uint64_t crc = 0xffffffffu;
  const std::byte* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, next += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; left > 0; --left, ++next) {
    crc = _mm_crc32_u8(static_cast<std::uint32_t>(crc), static_cast<unsigned char>(*next));
  }
  return static_cast<std::uint32_t>(crc) ^ 0xffffffffu;
}

#else

std::uint32_t crc32c(ByteSpan bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t index = 0; index < 256; ++index) {
      std::uint32_t crc = index;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
      out[index] = crc;
    }
    return out;
  }();
  std::uint32_t crc = 0xffffffffu;
  for (const std::byte byte : bytes) {
    crc = (crc >> 8) ^ table[(crc ^ static_cast<std::uint32_t>(byte)) & 0xff];
  }
  return crc ^ 0xffffffffu;
}

#endif

std::uint64_t hash64(ByteSpan bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(ByteSpan bytes, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {.low = hash.low64, .high = hash.high64};
}

}  // namespace holdfast
