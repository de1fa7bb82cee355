// BackgroundThread: one thread that runs jobs in the order they were posted. Destruction ends after
// the last job.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "world/clock.h"

namespace holdfast {

class BackgroundThread final : public Background {
 public:
  BackgroundThread();
  ~BackgroundThread() override;
  void post(std::function<void()> job) override;
  // REQUIRES: not called from a job.
  void drain() override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace holdfast
