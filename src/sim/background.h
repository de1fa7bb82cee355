// SimBackground: jobs wait until somebody runs them, one at a time, between the steps of the
// simulation.
#pragma once

#include <deque>
#include <functional>

#include "world/clock.h"

namespace holdfast {

class SimBackground final : public Background {
 public:
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  void drain() override {
    while (run_one()) {
    }
  }
  // Runs the oldest job; false when there is none.
  bool run_one() {
    if (jobs_.empty()) return false;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

 private:
  std::deque<std::function<void()>> jobs_;
};

}  // namespace holdfast
