// Four children per node: half the levels of a binary heap, and siblings share a cache line.
#include "stock/expiry_queue.h"

#include <algorithm>

namespace holdfast {

void ExpiryQueue::insert(std::uint32_t row, Timestamp expires_at) {
  while (place_.size() <= row) place_.push_back(0);
  CHECK(place_[row] == 0, "claim row {} is queued already", row);
  const Hold hold{.expires_at = expires_at, .row = row};
  heap_.push_back(hold);
  sift_up(heap_.size() - 1, hold);
}

void ExpiryQueue::erase(std::uint32_t row) {
  CHECK(contains(row), "claim row {} is not queued", row);
  const std::size_t at = place_[row] - 1;
  place_[row] = 0;
  const Hold last = heap_[heap_.size() - 1];
  heap_.pop_back();
  if (last.row == row) return;
  if (at > 0 && last < heap_[(at - 1) / 4]) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

void ExpiryQueue::sift_up(std::size_t at, const Hold& hold) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 4;
    if (!(hold < heap_[parent])) break;
    put(at, heap_[parent]);
    at = parent;
  }
  put(at, hold);
}

void ExpiryQueue::sift_down(std::size_t at, const Hold& hold) {
  for (;;) {
    const std::size_t first = at * 4 + 1;
    if (first >= heap_.size()) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + 4, heap_.size()); ++child) {
      if (heap_[child] < heap_[least]) least = child;
    }
    if (!(heap_[least] < hold)) break;
    put(at, heap_[least]);
    at = least;
  }
  put(at, hold);
}

}  // namespace holdfast
