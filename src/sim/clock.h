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
  Duration processor() override { return boot_; }  // nothing waits for a core

 private:
  Timestamp wall_ = Timestamp::us(1'700'000'000'000'000);
  Duration boot_ = Duration::seconds(1);
};

}  // namespace holdfast
