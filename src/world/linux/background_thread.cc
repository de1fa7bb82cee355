// One mutex, one condition: jobs are rare (a segment, a checkpoint), so nothing here is tuned.
#include "world/linux/background_thread.h"

#include "base/check.h"

namespace holdfast {

BackgroundThread::BackgroundThread() : thread_([this] { run(); }) {}

BackgroundThread::~BackgroundThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundThread::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void BackgroundThread::drain() {
  CHECK(std::this_thread::get_id() != thread_.get_id(), "a job waits for itself");
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty() && !busy_; });
}

void BackgroundThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    job();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace holdfast
