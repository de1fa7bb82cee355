// The ring doubles when it is full; everything else is one lock per hand-over, far below the cost
// of a write.
#include "world/linux/write_pool.h"

#include <iterator>

#include "base/check.h"
#include "world/linux/durable_write.h"
#include "world/linux/wake.h"

namespace holdfast {

WritePool::WritePool(std::size_t threads) : ring_(16) {
  for (std::size_t index = 0; index < threads; ++index) threads_.emplace_back([this] { run(); });
}

WritePool::~WritePool() {
  {
    const std::lock_guard lock(mutex_);
    CHECK(count_ == 0, "{} writes are still queued", count_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WritePool::push(const WriteJob& job) {
  {
    const std::lock_guard lock(mutex_);
    if (count_ == ring_.size()) {
      std::vector<WriteJob> larger(ring_.size() * 2);
      for (std::size_t index = 0; index < count_; ++index) {
        larger[index] = ring_[(first_ + index) % ring_.size()];
      }
      ring_.swap(larger);
      first_ = 0;
    }
    ring_[(first_ + count_) % ring_.size()] = job;
    ++count_;
  }
  changed_.notify_one();
}

void WritePool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || count_ > 0; });
    if (count_ == 0) return;
    const WriteJob job = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    lock.unlock();
    job.queue->carry(job);
    lock.lock();
  }
}

PoolWriteQueue::PoolWriteQueue(WritePool& pool, Descriptor file, std::string name, int wake,
                               std::size_t in_flight_max)
    : pool_(pool),
      file_(std::move(file)),
      name_(std::move(name)),
      wake_(wake),
      in_flight_max_(in_flight_max) {
  done_.reserve(in_flight_max);
}

PoolWriteQueue::~PoolWriteQueue() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_.size() == in_flight_; });
}

void PoolWriteQueue::submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) {
  count_in();
  pool_.push({.queue = this, .token = token, .offset = offset, .bytes = bytes});
}

void PoolWriteQueue::write(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) {
  count_in();
  Status status = durable_write(file_.number(), name_, offset, bytes);
  const std::lock_guard lock(mutex_);
  done_.push_back({.token = token, .status = std::move(status)});
}

void PoolWriteQueue::count_in() {
  const std::lock_guard lock(mutex_);
  CHECK(in_flight_ < in_flight_max_, "{} writes in flight", in_flight_);
  ++in_flight_;
}

void PoolWriteQueue::carry(const WriteJob& job) {
  Status status = durable_write(file_.number(), name_, job.offset, job.bytes);
  const int wake = wake_;
  {
    // Notified under the lock: once it is released the queue may be destroyed.
    const std::lock_guard lock(mutex_);
    done_.push_back({.token = job.token, .status = std::move(status)});
    changed_.notify_all();
  }
  signal_wake(wake);
}

void PoolWriteQueue::reap(std::vector<WriteDone>& done) {
  const std::lock_guard lock(mutex_);
  in_flight_ -= done_.size();
  std::move(done_.begin(), done_.end(), std::back_inserter(done));
  done_.clear();
}

void PoolWriteQueue::wait(std::vector<WriteDone>& done) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ == 0 || !done_.empty(); });
  }
  reap(done);
}

}  // namespace holdfast
