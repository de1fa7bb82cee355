// The impatient thread is the only one that does not block the signals, so the kernel ends the
// process there.
#include "node/signals.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace holdfast {

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void Signals::wait() {
  int which = 0;
  sigwait(&set_, &which);
}

void Signals::let_the_next_end_it() {
  impatience_ = std::jthread([this](const std::stop_token& done) { end_at_the_next(done); });
}

void Signals::end_at_the_next(const std::stop_token& done) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any nothing;  // only the stop token ends a wait early
  const auto never = [] { return false; };
  nothing.wait_for(lock, done, std::chrono::seconds(1), never);
  if (done.stop_requested()) return;
  const timespec at_once{};
  while (sigtimedwait(&set_, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  nothing.wait(lock, done, never);
}

}  // namespace holdfast
