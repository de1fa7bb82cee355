// BackgroundThreads: a few threads that begin jobs in the order they were posted. Destruction ends
// after the last job.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "world/clock.h"

namespace holdfast {

class BackgroundThreads final : public Background {
 public:
  explicit BackgroundThreads(std::size_t count);
  ~BackgroundThreads() override;
  void post(std::function<void()> job) override;
  // REQUIRES: not called from a job.
  void drain() override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t busy_ = 0;  // threads in a job
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace holdfast
