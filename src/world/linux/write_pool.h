// WritePool: a few threads that each carry one durable write at a time, shared by all write queues
// of a directory, and PoolWriteQueue, the queue on top of it.
//
//   submit ──▶ jobs (ring, under mutex_) ──▶ a thread: pwrite64 ──▶ queue.done_ ──▶ eventfd
//
// A queue's destructor waits for its own writes, so buffers and descriptors outlive them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "world/disk.h"
#include "world/linux/descriptor.h"

namespace holdfast {

class PoolWriteQueue;

struct WriteJob {
  PoolWriteQueue* queue = nullptr;
  std::uint64_t token = 0;
  std::uint64_t offset = 0;
  ByteSpan bytes;
};

class WritePool {
 public:
  explicit WritePool(std::size_t threads);
  ~WritePool();  // REQUIRES: every queue on it is gone
  void push(const WriteJob& job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<WriteJob> ring_;  // grows, never shrinks: no allocation once warm
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

class PoolWriteQueue final : public WriteQueue {
 public:
  // `wake` is the directory's eventfd.
  PoolWriteQueue(WritePool& pool, Descriptor file, std::string name, int wake,
                 std::size_t in_flight_max);
  ~PoolWriteQueue() override;
  void submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) override;
  void write(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) override;
  void reap(std::vector<WriteDone>& done) override;
  void wait(std::vector<WriteDone>& done) override;

 private:
  friend class WritePool;
  void carry(const WriteJob& job);  // on a thread of the pool
  void count_in();

  WritePool& pool_;
  const Descriptor file_;
  const std::string name_;
  const int wake_;
  const std::size_t in_flight_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<WriteDone> done_;
  std::size_t in_flight_ = 0;  // submitted and not yet reaped
};

}  // namespace holdfast
