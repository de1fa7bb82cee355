// Arena and Pool: where a Stock's rows, indexes and text live. The arena hands out memory from ever
// larger chunks, up to many huge pages at a time, and gives nothing back before it is destroyed; a
// pool recycles blocks of one size, SizedPools of any.
//
// Invariants
//   1. Memory that was handed out never moves and keeps its address until the arena is destroyed.
//   2. No call costs more than one chunk: growing never copies what is there.
//
// One thread at a time. Under AddressSanitizer, blocks that were given back are poisoned until they
// are taken again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "stock/recycler.h"

namespace holdfast {

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised. REQUIRES: alignment is a power of two, at most 64.
  std::byte* take(std::size_t bytes, std::size_t alignment) {
    const auto at = (next_ + (alignment - 1)) & ~(alignment - 1);
    if (at + bytes > end_) [[unlikely]]
      return take_from_new_chunk(bytes);
    next_ = at + bytes;
    used_ += bytes;
    return reinterpret_cast<std::byte*>(at);
  }
  // Handed out so far; what pools keep for later counts.
  [[nodiscard]] std::uint64_t used_bytes() const { return used_; }

 private:
  struct Chunk {
    std::byte* begin = nullptr;
    std::size_t alignment = 0;
  };
  std::byte* take_from_new_chunk(std::size_t bytes);

  std::vector<Chunk> chunks_;
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t reserved_ = 0;
};

// Blocks of one size, aligned to a cache line when they are as large as one.
class Pool final : public Recycler {
 public:
  Pool(Arena& arena, std::size_t block_bytes);

  // Uninitialised.
  std::byte* take();
  void give(void* block);
  void recycle(void* block) override { give(block); }
  [[nodiscard]] std::size_t block_bytes() const override { return block_bytes_; }

 private:
  struct Free {
    Free* next = nullptr;
  };
  Arena& arena_;
  std::size_t block_bytes_;
  Free* free_ = nullptr;
};

// A pool for blocks of any size: 128 bytes, 256, 512 …
class SizedPools {
 public:
  explicit SizedPools(Arena& arena) : arena_(arena) {}

  // The pool whose blocks hold that many bytes. REQUIRES: at most 4 MiB.
  [[nodiscard]] Pool& of(std::size_t bytes);

 private:
  Arena& arena_;
  std::array<std::unique_ptr<Pool>, 16> pools_;
};

}  // namespace holdfast
