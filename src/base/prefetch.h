// Asks the memory for what will be touched soon, so that it comes while something else is done. A
// hint: nothing depends on it, and any address will do.
#pragma once

#include <cstddef>

namespace holdfast {

inline constexpr std::size_t cache_line_bytes = 64;

// The lines of `bytes` bytes from `begin` on, to be written to.
inline void prefetch(const void* begin, std::size_t bytes) {
  const auto* at = static_cast<const std::byte*>(begin);
  for (std::size_t done = 0; done < bytes; done += cache_line_bytes) {
    __builtin_prefetch(at + done, 1);
  }
}

}  // namespace holdfast
