// Intake: the bounded queue in front of the turns. Any thread puts, the one that drives takes
// everything at once.
//
// The bound counts what was put and has not been served, so it also covers what the driver has
// taken and not reached yet. The last `reserved` places are only for requests that free stock:
// under overload a shop can still confirm, release and ship. The end of a transaction, of which a
// session has one at a time, is always let in: else its units stayed held.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>

#include "engine/request.h"

namespace holdfast {

// A first-in first-out list threaded through the requests themselves: queueing never allocates.
class RequestList {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  // REQUIRES (front and pop): not empty.
  [[nodiscard]] const Request& front() const { return *first_; }
  void push(Request& request) {
    *end_of(request) = nullptr;
    if (first_ == nullptr) {
      first_ = &request;
    } else {
      *end_of(*last_) = &request;
    }
    last_ = &request;
  }
  Request& pop() {
    Request& request = *first_;
    first_ = *end_of(request);
    return request;
  }
  void append(RequestList& other) {
    if (other.empty()) return;
    if (empty()) {
      first_ = other.first_;
    } else {
      *end_of(*last_) = other.first_;
    }
    last_ = other.last_;
    other.first_ = nullptr;
  }

 private:
  static Request** end_of(Request& request) { return &request.next_; }
  Request* first_ = nullptr;
  Request* last_ = nullptr;
};

class Intake {
 public:
  Intake(std::size_t max, std::size_t reserved) : max_(max), reserved_(reserved) {}

  enum class Put { queued, full, closed };
  Put put(Request& request) {
    const bool keeps_capacity = request.request_class == RequestClass::freeing ||
                                request.request_class == RequestClass::defining;
    const std::size_t room = keeps_capacity ? max_ : max_ - reserved_;
    const std::scoped_lock lock(mutex_);
    if (closed_) return Put::closed;
    const bool is_end = request.kind == Request::Kind::transact && holdfast::is_end(request.verb);
    if (waiting() >= room && !is_end) return Put::full;
    put_.store(put_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    list_.push(request);
    has_new_.store(true, std::memory_order_release);
    return Put::queued;
  }
  // All of them, next to one another, or none.
  Put put(std::span<Request* const> requests) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return Put::closed;
    if (waiting() + requests.size() > max_ - reserved_) return Put::full;
    put_.store(put_.load(std::memory_order_relaxed) + requests.size(), std::memory_order_relaxed);
    for (Request* request : requests) list_.push(*request);
    has_new_.store(true, std::memory_order_release);
    return Put::queued;
  }
  // Moves all that is new behind `out`.
  void take(RequestList& out) {
    if (!has_new_.load(std::memory_order_acquire)) return;
    const std::scoped_lock lock(mutex_);
    has_new_.store(false, std::memory_order_relaxed);
    out.append(list_);
  }
  // By the driver: one of those it took is waiting no more.
  void served() {
    served_.store(served_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  [[nodiscard]] std::size_t waiting() const {
    const std::size_t served = served_.load(std::memory_order_acquire);  // the older of the two
    return put_.load(std::memory_order_relaxed) - served;
  }
  [[nodiscard]] bool has_new() const { return has_new_.load(std::memory_order_acquire); }

 private:
  const std::size_t max_;
  const std::size_t reserved_;
  std::mutex mutex_;
  RequestList list_;
  bool closed_ = false;
  std::atomic<bool> has_new_{false};
  // Each has one writer at a time (the mutex, the driver), so counting needs no locked instruction.
  std::atomic<std::size_t> put_{0};
  std::atomic<std::size_t> served_{0};
};

}  // namespace holdfast
