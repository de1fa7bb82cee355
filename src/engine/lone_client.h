// LoneClient: whether one client is at work alone, one request at a time, as a script is. Waking
// another thread to write its batch, and being woken when that is done, are then a good part of
// what it waits for, and nobody else is kept waiting when the driver writes it itself.
//
// An owner that has one request with the engine at a time uses the same object for each, so the
// same object again and again is one client. A guess, and no more than speed hangs on it: whoever
// comes while the driver writes waits for one write, and ends the row.
#pragma once

#include "engine/request.h"

namespace holdfast {

class LoneClient {
 public:
  // By every request that is served, in order.
  void served(const Request& request) {
    in_a_row_ = &request == latest_ ? in_a_row_ + 1 : 0;
    latest_ = &request;
  }
  [[nodiscard]] bool is_alone() const { return in_a_row_ >= enough; }

 private:
  static constexpr std::uint64_t enough = 16;  // longer than what happens among several
  const Request* latest_ = nullptr;            // never looked into: it may be gone
  std::uint64_t in_a_row_ = 0;
};

}  // namespace holdfast
