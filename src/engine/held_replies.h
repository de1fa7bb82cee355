// HeldReplies: the gate. A reply, a refusal or a read waits here until the highest seq it consulted
// is durable, then leaves in the order in which it came.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/intake.h"
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
    request.gate_ = gate;
    list_.push(request);
    ++count_;
  }
  // A later reply may have a lower gate than the first; it leaves right behind it.
  void release(Seq durable) {
    while (!list_.empty() && first_gate() <= durable) {
      --count_;
      list_.pop().released(durable);
    }
  }
  void fail(const Error& error) {
    while (!list_.empty()) list_.pop().failed(error);
    count_ = 0;
  }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  [[nodiscard]] Seq first_gate() const { return list_.front().gate_; }
  RequestList list_;
  std::size_t count_ = 0;
};

}  // namespace holdfast
