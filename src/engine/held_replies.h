// HeldReplies: the gate. A reply, a refusal or a read waits here until the highest seq it consulted
// is durable, then leaves in the order in which it came.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/prefetch.h"
#include "engine/request.h"

namespace holdfast {

class HeldReplies {
 public:
  // Lets it go at once when its gate is durable, else holds it. Keeping a session's replies in
  // order is its own work.
  void hold(Request& request, Seq gate, Seq durable) {
    if (gate <= durable) {
      request.released(durable);
      return;
    }
    if (count_ == ring_.size()) grow();
    at(count_++) = {.request = &request, .gate = gate};
  }
  // A later reply may have a lower gate than the first; it leaves right behind it.
  void release(Seq durable) {
    while (count_ > 0 && at(0).gate <= durable) {
      if (count_ > far_ahead) foresee(*at(far_ahead).request);
      if (count_ > near_ahead) at(near_ahead).request->foresee_release();
      pop().released(durable);
    }
  }
  void fail(const Error& error) {
    while (count_ > 0) pop().failed(error);
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  struct Held {
    Request* request = nullptr;
    Seq gate;
  };
  static constexpr std::size_t held_min = 1'024;
  // By the time its batch is durable, a reply has left the cache of the core that decided it. First
  // what stands in the request, and what its owner keeps behind it; then what that points to.
  static constexpr std::size_t far_ahead = 10;
  static constexpr std::size_t near_ahead = 5;
  static void foresee(const Request& request) {
    prefetch(&request, 1);
    prefetch(&request.answer, 2 * cache_line_bytes);
    prefetch(&request + 1, 3 * cache_line_bytes);
  }

  [[nodiscard]] Held& at(std::size_t place) { return ring_[(first_ + place) & (ring_.size() - 1)]; }
  Request& pop() {
    Request& request = *at(0).request;
    ++first_;
    --count_;
    return request;
  }
  // The owner of the requests bounds their number, so this comes to an end.
  void grow() {
    std::vector<Held> larger(ring_.empty() ? held_min : ring_.size() * 2);
    for (std::size_t place = 0; place < count_; ++place) larger[place] = at(place);
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Held> ring_;  // a power of two; what is held stands from first_ on
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace holdfast
