// Arena and Pool: where a Stock's rows, indexes and text live. The arena hands out memory from ever
// larger chunks, up to many huge pages at a time, and gives nothing back before it is destroyed; a
// pool recycles blocks of one size, SizedPools of any.
//
// Invariants
//   1. Memory that was handed out never moves and keeps its address until the arena is destroyed.
//   2. No call costs more than one chunk: growing never copies what is there.
//   3. With grow_ahead, memory that is taken was touched before, if whoever does it keeps up: what
//   is new to a process is cleared on its first touch, milliseconds for a huge page.
//
// One thread at a time, but for populate(). Under AddressSanitizer, blocks that were given back are
// poisoned until they are taken again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
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
  // A large chunk is reserved before it is needed, and told. Before the first take().
  using Reserved = std::function<void(std::span<std::byte> chunk)>;
  void grow_ahead(Reserved reserved);
  // Touches such a chunk, without changing what is there. Any thread, while the arena lives.
  static void populate(std::span<std::byte> chunk);

  // Handed out so far; what pools keep for later counts.
  [[nodiscard]] std::uint64_t used_bytes() const { return used_; }

 private:
  struct Chunk {
    std::byte* begin = nullptr;
    std::size_t bytes = 0;
    [[nodiscard]] bool is_huge() const;
    [[nodiscard]] std::size_t alignment() const;
  };
  std::byte* take_from_new_chunk(std::size_t bytes);
  Chunk reserve(std::size_t bytes);
  [[nodiscard]] std::size_t wanted_bytes() const;

  std::vector<Chunk> chunks_;
  Chunk ahead_;  // reserved, nothing of it handed out; or none
  Reserved tell_reserved_;
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
