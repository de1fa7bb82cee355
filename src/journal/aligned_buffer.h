// AlignedBuffer: memory that O_DIRECT takes; grows, never shrinks, and forgets its content when it
// grows.
#pragma once

#include <memory>
#include <new>
#include <span>

#include "world/disk.h"

namespace holdfast {

class AlignedBuffer {
 public:
  // At least this many bytes, reused from call to call.
  [[nodiscard]] std::span<std::byte> take(std::size_t bytes) {
    if (bytes > size_) {
      size_ = bytes + bytes / 2;
      size_ += disk_block_bytes - size_ % disk_block_bytes;
      bytes_.reset(static_cast<std::byte*>(::operator new(size_, alignment)));
    }
    return {bytes_.get(), bytes};
  }

 private:
  static constexpr std::align_val_t alignment{disk_block_bytes};
  struct Delete {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, alignment); }
  };
  std::unique_ptr<std::byte, Delete> bytes_;
  std::size_t size_ = 0;
};

}  // namespace holdfast
