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
  // Runs one of those that wait, the oldest unless told otherwise; false when there is none.
  bool run_one(std::uint64_t draw = 0) {
    if (jobs_.empty()) return false;
    const auto chosen = jobs_.begin() + static_cast<std::ptrdiff_t>(draw % jobs_.size());
    const std::function<void()> job = std::move(*chosen);
    jobs_.erase(chosen);
    job();
    return true;
  }
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

 private:
  std::deque<std::function<void()>> jobs_;
};

}  // namespace holdfast
