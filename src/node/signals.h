// SIGTERM and SIGINT are waited for, not handled: blocked in every thread, taken by the main one.
#pragma once

#include <signal.h>

#include <thread>

namespace holdfast {

// REQUIRES: made before any other thread, which inherits what is blocked.
class Signals {
 public:
  Signals();
  void wait();
  // From a second on, another signal ends the process at once; the journal does not mind. Until
  // then it is the same wish again: supervisors tend to signal a process and its group.
  void let_the_next_end_it();

 private:
  void end_at_the_next(const std::stop_token& done);

  sigset_t set_;
  std::jthread impatience_;
};

}  // namespace holdfast
