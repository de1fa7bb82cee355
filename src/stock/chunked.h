// Chunked<T>: an array that grows without moving what is in it. Index 0 … size − 1; a chunk at a
// time comes from the arena, so growing costs the same at ten rows and at ten million.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <vector>

#include "stock/arena.h"

namespace holdfast {

template <class T, unsigned chunk_bits = 10>
class Chunked {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit Chunked(Arena& arena) : arena_(arena) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return chunks_[index >> chunk_bits][index & mask]; }
  const T& operator[](std::size_t index) const {
    return chunks_[index >> chunk_bits][index & mask];
  }

  T& push_back(const T& value) {
    if ((size_ >> chunk_bits) == chunks_.size()) add_chunk();
    T& place = (*this)[size_++];
    place = value;
    return place;
  }
  void pop_back() { --size_; }

 private:
  static constexpr std::size_t mask = (std::size_t{1} << chunk_bits) - 1;

  void add_chunk() {
    constexpr std::size_t alignment = alignof(T) > 8 ? alignof(T) : 8;
    std::byte* memory = arena_.take(sizeof(T) << chunk_bits, alignment);
    T* chunk = reinterpret_cast<T*>(memory);
    for (std::size_t index = 0; index <= mask; ++index) new (chunk + index) T();
    chunks_.push_back(chunk);
  }

  Arena& arena_;
  std::vector<T*> chunks_;
  std::size_t size_ = 0;
};

}  // namespace holdfast
