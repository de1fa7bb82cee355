// The submission ring is as large as in_flight_max, so taking an entry cannot fail.
#include "world/linux/uring_write_queue.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "world/linux/durable_write.h"
#include "world/linux/system_error.h"

namespace holdfast {

bool uring_is_allowed() {
  io_uring ring{};
  if (::io_uring_queue_init(1, &ring, 0) != 0) return false;
  io_uring_probe* probe = ::io_uring_get_probe_ring(&ring);
  const bool writes = probe != nullptr && ::io_uring_opcode_supported(probe, IORING_OP_WRITE) != 0;
  if (probe != nullptr) ::io_uring_free_probe(probe);
  ::io_uring_queue_exit(&ring);
  return writes;
}

Result<std::unique_ptr<UringWriteQueue>> UringWriteQueue::make(Descriptor file, std::string name,
                                                               int wake,
                                                               std::size_t in_flight_max) {
  std::unique_ptr<UringWriteQueue> queue(
      new UringWriteQueue(std::move(file), std::move(name), in_flight_max));
  int error = ::io_uring_queue_init(static_cast<unsigned>(in_flight_max), &queue->ring_, 0);
  if (error != 0) return fail(system_error("set up io_uring for", queue->name_, -error));
  queue->ring_made_ = true;
  error = ::io_uring_register_eventfd(&queue->ring_, wake);
  if (error != 0) return fail(system_error("register an eventfd for", queue->name_, -error));
  return queue;
}

UringWriteQueue::~UringWriteQueue() {
  std::vector<WriteDone> done;
  while (in_flight_ > 0) wait(done);
  if (ring_made_) ::io_uring_queue_exit(&ring_);
}

void UringWriteQueue::submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [](const Slot& candidate) { return !candidate.in_use; });
  CHECK(slot != slots_.end(), "{} writes in flight", in_flight_);
  *slot = {.token = token, .offset = offset, .bytes = bytes, .short_writes = 0, .in_use = true};
  ++in_flight_;
  start(static_cast<std::size_t>(slot - slots_.begin()));
}

void UringWriteQueue::start(std::size_t index) {
  const Slot& slot = slots_[index];
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  CHECK(entry != nullptr);
  ::io_uring_prep_write(entry, file_.number(), slot.bytes.data(),
                        static_cast<unsigned>(slot.bytes.size()), slot.offset);
  ::io_uring_sqe_set_data64(entry, index);
  int submitted = 0;
  do {
    submitted = ::io_uring_submit(&ring_);
  } while (submitted == -EINTR || submitted == -EAGAIN || submitted == -EBUSY);
  CHECK(submitted >= 0, "io_uring_submit: {}", submitted);
}

void UringWriteQueue::complete(std::size_t index, int outcome, std::vector<WriteDone>& done) {
  Slot& slot = slots_[index];
  CHECK(slot.in_use);
  if (outcome == -EINTR || outcome == -EAGAIN) return start(index);
  Status status;
  if (outcome < 0) {
    status = fail(system_error("write", name_, -outcome));
  } else if (static_cast<std::size_t>(outcome) != slot.bytes.size()) {
    if (++slot.short_writes <= short_writes_max) return start(index);
    status = fail(short_write_error(name_, slot.offset, slot.bytes.size(), outcome));
  }
  slot.in_use = false;
  --in_flight_;
  done.push_back({.token = slot.token, .status = std::move(status)});
}

void UringWriteQueue::reap(std::vector<WriteDone>& done) {
  io_uring_cqe* completion = nullptr;
  while (in_flight_ > 0 && ::io_uring_peek_cqe(&ring_, &completion) == 0) {
    const auto index = static_cast<std::size_t>(::io_uring_cqe_get_data64(completion));
    const int outcome = completion->res;
    ::io_uring_cqe_seen(&ring_, completion);
    complete(index, outcome, done);
  }
}

void UringWriteQueue::wait(std::vector<WriteDone>& done) {
  const std::size_t before = done.size();
  reap(done);
  while (in_flight_ > 0 && done.size() == before) {
    io_uring_cqe* completion = nullptr;
    const int error = ::io_uring_wait_cqe(&ring_, &completion);
    CHECK(error == 0 || error == -EINTR || error == -EAGAIN, "io_uring_wait_cqe: {}", error);
    reap(done);
  }
}

}  // namespace holdfast
