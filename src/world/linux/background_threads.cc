// One mutex, one condition: jobs are rare (a segment, a checkpoint), so nothing here is tuned.
#include "world/linux/background_threads.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast {

BackgroundThreads::BackgroundThreads(std::size_t count) {
  while (threads_.size() < count) threads_.emplace_back([this] { run(); });
}

BackgroundThreads::~BackgroundThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BackgroundThreads::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void BackgroundThreads::drain() {
  const auto is_own = [](const std::thread& thread) {
    return thread.get_id() == std::this_thread::get_id();
  };
  CHECK(std::ranges::none_of(threads_, is_own), "a job waits for itself");
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty() && busy_ == 0; });
}

void BackgroundThreads::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    ++busy_;
    lock.unlock();
    job();
    lock.lock();
    --busy_;
    changed_.notify_all();
  }
}

}  // namespace holdfast
