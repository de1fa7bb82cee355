// The simulation's clocks and its random numbers: they move only when told to, and start from one
// seed.
#pragma once

#include "base/check.h"
#include "world/clock.h"

namespace holdfast {

class SimClock final : public Clock {
 public:
  // Both clocks run together; wall time may also be set, as an administrator or NTP does.
  void advance(Duration by) {
    CHECK(by >= Duration());
    wall_ = wall_ + by;
    boot_ = boot_ + by;
  }
  void set_wall(Timestamp to) { wall_ = to; }

  Timestamp wall() override { return wall_; }
  Duration boot() override { return boot_; }

 private:
  Timestamp wall_ = Timestamp::us(1'700'000'000'000'000);
  Duration boot_ = Duration::seconds(1);
};

// SplitMix64 (Steele et al., OOPSLA 2014): one word of state, good enough to choose faults.
class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override;
  [[nodiscard]] std::uint64_t word();
  // Uniform enough in [0, bound). REQUIRES: bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return word() % bound; }
  // True this many times in a million. Draws nothing when it is 0, so an unused knob does not
  // change a run.
  [[nodiscard]] bool chance(std::uint32_t per_million) {
    return per_million != 0 && below(1'000'000) < per_million;
  }

 private:
  std::uint64_t state_;
};

}  // namespace holdfast
