// Rng: every random number of a simulated run, from one seed. SplitMix64 (Steele, Lea, Flood,
// OOPSLA 2014): the same numbers on every machine, and a fork() whose numbers do not shift when
// another part of the run draws more of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/check.h"
#include "world/clock.h"

namespace holdfast {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 … bound − 1. REQUIRES: bound > 0. The bias of the remainder is of no interest here.
  std::uint64_t below(std::uint64_t bound) {
    CHECK(bound > 0);
    return next() % bound;
  }
  // Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool per_mille(std::uint64_t chance) { return below(1'000) < chance; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  template <class Values>
  auto& pick(Values& values) {
    return values[below(std::size(values))];
  }
  // Independent of what this one draws afterwards.
  Rng fork() { return Rng(next()); }

 private:
  std::uint64_t state_;
};

// The world's source of randomness: reproducible instead of strong.
class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : rng_(seed) {}
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const std::uint64_t word = rng_.next();
      const std::size_t count = out.size() < sizeof word ? out.size() : sizeof word;
      std::memcpy(out.data(), &word, count);
      out = out.subspan(count);
    }
  }

 private:
  Rng rng_;
};

}  // namespace holdfast
