// ExpiryQueue: which claim expires next. Exactly the claims with held units and an end are in it,
// ordered by (expires_at, row), and rows are in order of opening; so what is due, and in which
// order, follows from the state alone.
//
// A heap of four children that knows where each claim stands, so that a confirmed or released claim
// leaves at once and the queue never outgrows the live holds (lazy deletion would keep each until
// its time). Most claims are opened with later ends than those before, so they stay where they
// enter, near the leaves.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "model/time.h"
#include "stock/chunked.h"

namespace holdfast {

class ExpiryQueue {
 public:
  explicit ExpiryQueue(Arena& arena) : heap_(arena), place_(arena) {}

  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  // never() when it is empty.
  [[nodiscard]] Timestamp next() const {
    return heap_.size() == 0 ? Timestamp::never() : heap_[0].expires_at;
  }
  [[nodiscard]] std::uint32_t next_row() const { return heap_.size() == 0 ? 0 : heap_[0].row; }
  [[nodiscard]] bool contains(std::uint32_t row) const {
    return row < place_.size() && place_[row] != 0;
  }

  // Brings where a claim stands towards the cache.
  void prefetch(std::uint32_t row) const {
    if (row < place_.size()) __builtin_prefetch(&place_[row], 1);
  }

  // REQUIRES: not contained.
  void insert(std::uint32_t row, Timestamp expires_at);
  // REQUIRES: contained.
  void erase(std::uint32_t row);

  // Every claim in it ends `by` later; `moved(row, expires_at)` is told of each, in no order that
  // matters.
  template <class Moved>
  void postpone(Duration by, Moved&& moved) {
    for (std::size_t at = 0; at < heap_.size(); ++at) {
      heap_[at].expires_at = heap_[at].expires_at + by;  // all alike: the order stays
      moved(heap_[at].row, heap_[at].expires_at);
    }
  }

 private:
  struct Hold {
    Timestamp expires_at;
    std::uint32_t row = 0;
    friend bool operator<(const Hold& a, const Hold& b) {
      return a.expires_at != b.expires_at ? a.expires_at < b.expires_at : a.row < b.row;
    }
  };
  void put(std::size_t at, const Hold& hold) {
    heap_[at] = hold;
    place_[hold.row] = static_cast<std::uint32_t>(at + 1);
  }
  void sift_up(std::size_t at, const Hold& hold);
  void sift_down(std::size_t at, const Hold& hold);

  Chunked<Hold, 12> heap_;
  Chunked<std::uint32_t, 12>
      place_;  // by claim row: its index in the heap + 1, 0 when it is not there
};

}  // namespace holdfast
