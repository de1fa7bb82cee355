// TurnClock: the one reader of time. Every turn gets a timestamp that is later than every one
// before it and follows the wall clock, except where the wall clock jumps.
//
// A jump is the wall clock's advance minus the boot clock's since the last reading. Beyond jump_max
// it is taken out again (logged time goes on at the boot clock's pace) and then worn off slowly: at
// most one part in slew_divisor of the time that passes, so that a clock set wrong for a minute
// cannot expire every hold at once, and a clock set right is followed in the end.
#pragma once

#include <cstdint>

#include "model/time.h"
#include "world/clock.h"

namespace holdfast {

class TurnClock {
 public:
  static constexpr Duration jump_max = Duration::ms(500);
  static constexpr std::int64_t slew_divisor = 20;

  // Logged time goes on from `last`, the newest timestamp of the journal (0 for a new one), which
  // the wall clock may be behind: the difference is worn off like a jump.
  TurnClock(Clock& clock, Timestamp last);

  // max(the one before + 1 µs, the corrected wall clock).
  Timestamp next();
  // Boot time at the newest next().
  [[nodiscard]] Duration stamped_at() const { return stamped_at_; }
  // What next() would be based on, without stamping: for deadlines only.
  [[nodiscard]] Timestamp peek() { return corrected(); }

  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }
  [[nodiscard]] Duration correction() const { return correction_; }

 private:
  Timestamp corrected();

  Clock& clock_;
  Timestamp last_;
  Timestamp wall_;
  Duration boot_;
  Duration stamped_at_;
  Duration correction_;  // added to the wall clock
  std::uint64_t jumps_ = 0;
};

}  // namespace holdfast
