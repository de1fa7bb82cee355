// TextBlocks: memory for immutable texts. Outside of an attempt they are packed into the arena for
// good; those of an attempt come from pools and go back there when it is undone, so that attempts
// without end need no memory without end.
#pragma once

#include <cstddef>
#include <vector>

#include "stock/arena.h"

namespace holdfast {

class TextBlocks {
 public:
  explicit TextBlocks(Arena& arena) : arena_(arena), pools_(arena) {}

  // Uninitialised, aligned for a pointer.
  std::byte* take(std::size_t bytes) {
    if (!is_trying_) [[likely]]
      return arena_.take(bytes, alignof(void*));
    Pool& pool = pools_.of(bytes);
    return tried_.emplace_back(Tried{.block = pool.take(), .pool = &pool}).block;
  }

  void begin_attempt() { is_trying_ = true; }
  void keep_attempt() {
    is_trying_ = false;
    tried_.clear();
  }
  // REQUIRES: nobody looks at what was taken since it began.
  void undo_attempt() {
    for (const Tried& tried : tried_) tried.pool->give(tried.block);
    keep_attempt();
  }

 private:
  struct Tried {
    std::byte* block = nullptr;
    Pool* pool = nullptr;
  };
  Arena& arena_;
  SizedPools pools_;
  bool is_trying_ = false;
  std::vector<Tried> tried_;
};

}  // namespace holdfast
