// Chunks grow with the arena (an eighth of what is reserved) so that a ledger of ten rows stays
// small and one of ten million pays for few, huge-page-backed mappings.
#include "stock/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) static_cast<void>(address)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) static_cast<void>(address)
#endif

namespace holdfast {
namespace {

constexpr std::size_t chunk_bytes_min = 64 * 1024;
constexpr std::size_t chunk_bytes_max = 32 * 1024 * 1024;
constexpr std::size_t huge_page_bytes = 2 * 1024 * 1024;
constexpr std::size_t line_bytes = 64;
constexpr std::size_t pooled_bytes_min = 128;

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) {
    ::operator delete (chunk.begin, std::align_val_t{chunk.alignment});
  }
}

std::byte* Arena::take_from_new_chunk(std::size_t bytes) {
  const auto wanted = std::clamp<std::size_t>(static_cast<std::size_t>(reserved_ / 8),
                                              chunk_bytes_min, chunk_bytes_max);
  const bool huge = std::max(wanted, bytes) >= huge_page_bytes;
  const std::size_t size =
      round_up(std::max(wanted, bytes), huge ? huge_page_bytes : chunk_bytes_min);
  const std::size_t alignment = huge ? huge_page_bytes : line_bytes;
  auto* begin = static_cast<std::byte*>(::operator new (size, std::align_val_t{alignment}));
  // Advice only: without huge pages everything works, with more misses of the TLB.
  if (huge) static_cast<void>(madvise(begin, size, MADV_HUGEPAGE));
  chunks_.push_back({.begin = begin, .alignment = alignment});
  next_ = reinterpret_cast<std::uintptr_t>(begin) + bytes;
  end_ = reinterpret_cast<std::uintptr_t>(begin) + size;
  used_ += bytes;
  reserved_ += size;
  return begin;
}

Pool::Pool(Arena& arena, std::size_t block_bytes)
    : arena_(arena), block_bytes_(std::max(block_bytes, sizeof(Free))) {}

std::byte* Pool::take() {
  if (free_ == nullptr)
    return arena_.take(block_bytes_, block_bytes_ >= line_bytes ? line_bytes : 8);
  auto* block = reinterpret_cast<std::byte*>(free_);
  ASAN_UNPOISON_MEMORY_REGION(block, block_bytes_);
  free_ = free_->next;
  return block;
}

void Pool::give(void* block) {
  CHECK(block != nullptr);
  free_ = new (block) Free{free_};
  ASAN_POISON_MEMORY_REGION(block, block_bytes_);
}

Pool& SizedPools::of(std::size_t bytes) {
  const std::size_t size = std::bit_ceil(std::max(bytes, pooled_bytes_min));
  const auto index = static_cast<std::size_t>(std::countr_zero(size / pooled_bytes_min));
  CHECK(index < pools_.size(), "a block of {} bytes", bytes);
  if (pools_[index] == nullptr) pools_[index] = std::make_unique<Pool>(arena_, size);
  return *pools_[index];
}

}  // namespace holdfast
