// Chunks grow with the arena (an eighth of what is reserved) so that a ledger of ten rows stays
// small and one of ten million pays for few, huge-page-backed mappings.
#include "stock/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

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

bool Arena::Chunk::is_huge() const { return bytes >= huge_page_bytes; }
std::size_t Arena::Chunk::alignment() const { return is_huge() ? huge_page_bytes : line_bytes; }

Arena::~Arena() {
  if (ahead_.begin != nullptr) chunks_.push_back(ahead_);
  for (const Chunk& chunk : chunks_) {
    ::operator delete (chunk.begin, std::align_val_t{chunk.alignment()});
  }
}

void Arena::grow_ahead(Reserved reserved) { tell_reserved_ = std::move(reserved); }

void Arena::populate(std::span<std::byte> chunk) {
  // Page by page, so that nobody who maps memory waits long. A kernel before 5.14 does not know
  // how: then it is the first touch that clears.
  for (std::size_t at = 0; at < chunk.size(); at += huge_page_bytes) {
    if (madvise(chunk.data() + at, huge_page_bytes, MADV_POPULATE_WRITE) != 0) return;
  }
}

std::byte* Arena::take_from_new_chunk(std::size_t bytes) {
  const Chunk chunk = ahead_.bytes >= bytes ? std::exchange(ahead_, {}) : reserve(bytes);
  chunks_.push_back(chunk);
  next_ = reinterpret_cast<std::uintptr_t>(chunk.begin) + bytes;
  end_ = reinterpret_cast<std::uintptr_t>(chunk.begin) + chunk.bytes;
  used_ += bytes;
  if (tell_reserved_ && ahead_.begin == nullptr && wanted_bytes() >= huge_page_bytes) {
    ahead_ = reserve(0);
    tell_reserved_({ahead_.begin, ahead_.bytes});
  }
  return chunk.begin;
}

std::size_t Arena::wanted_bytes() const {
  return std::clamp<std::size_t>(static_cast<std::size_t>(reserved_ / 8), chunk_bytes_min,
                                 chunk_bytes_max);
}

// A chunk of as much as is wanted next, and of no less than `bytes`.
Arena::Chunk Arena::reserve(std::size_t bytes) {
  Chunk chunk{.begin = nullptr, .bytes = std::max(wanted_bytes(), bytes)};
  chunk.bytes = round_up(chunk.bytes, chunk.is_huge() ? huge_page_bytes : chunk_bytes_min);
  chunk.begin =
      static_cast<std::byte*>(::operator new (chunk.bytes, std::align_val_t{chunk.alignment()}));
  // Advice only: without huge pages everything works, with more misses of the TLB.
  if (chunk.is_huge()) static_cast<void>(madvise(chunk.begin, chunk.bytes, MADV_HUGEPAGE));
  reserved_ += chunk.bytes;
  return chunk;
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
