// The generator's constants are those of its paper.
#include "sim/clock.h"

#include <algorithm>
#include <cstring>

namespace holdfast {

std::uint64_t SimRandom::word() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

void SimRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const std::uint64_t bits = word();
    const std::size_t count = std::min(out.size(), sizeof bits);
    std::memcpy(out.data(), &bits, count);
    out = out.subspan(count);
  }
}

}  // namespace holdfast
