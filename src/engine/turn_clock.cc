// Jumps are judged between two readings, so a process that sleeps for long sees a long but equal
// advance of both clocks.
#include "engine/turn_clock.h"

#include <algorithm>
#include <cstdlib>

namespace holdfast {

TurnClock::TurnClock(Clock& clock, Timestamp last)
    : clock_(clock), last_(last), wall_(clock.wall()), boot_(clock.boot()) {
  if (wall_ < last_) correction_ = last_ - wall_;
}

Timestamp TurnClock::corrected() {
  const Timestamp wall = clock_.wall();
  const Duration boot = clock_.boot();
  const Duration passed = boot - boot_;
  const Duration jump = (wall - wall_) - passed;
  wall_ = wall;
  boot_ = boot;
  if (std::abs(jump.us()) > jump_max.us()) {
    correction_ = correction_ - jump;
    ++jumps_;
  }
  const std::int64_t wear = std::min(std::abs(correction_.us()), passed.us() / slew_divisor);
  correction_ = correction_ - Duration::us(correction_.us() > 0 ? wear : -wear);
  return wall + correction_;
}

Timestamp TurnClock::next() {
  last_ = std::max(last_ + Duration::us(1), corrected());
  stamped_at_ = boot_;
  return last_;
}

}  // namespace holdfast
