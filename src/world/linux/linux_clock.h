// The kernel's clocks and its random numbers.
#pragma once

#include "world/clock.h"

namespace holdfast {

class LinuxClock final : public Clock {
 public:
  Timestamp wall() override;
  Duration boot() override;
  Duration processor() override;
};

class LinuxRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace holdfast
