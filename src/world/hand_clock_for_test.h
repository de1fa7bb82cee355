// For tests: a clock that stands still until the test moves it.
#pragma once

#include "world/clock.h"

namespace holdfast {

class HandClock final : public Clock {
 public:
  Timestamp wall() override { return wall_; }
  Duration boot() override { return boot_; }
  Duration processor() override { return processor_; }
  // Time passes.
  void pass(Duration duration) {
    wall_ = wall_ + duration;
    boot_ = boot_ + duration;
  }
  // … and the thread was busy all the while.
  void work(Duration duration) {
    pass(duration);
    processor_ = processor_ + duration;
  }
  // Somebody sets the wall clock.
  void jump(Duration duration) { wall_ = wall_ + duration; }

 private:
  Timestamp wall_ = Timestamp::us(1'700'000'000'000'000);
  Duration boot_ = Duration::seconds(100);
  Duration processor_;
};

}  // namespace holdfast
