// SimImage: the bytes of one simulated file, in pages that copies share until one of them writes.
// Blank pages take no memory, so a segment full of zeros is cheap.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace holdfast {

class SimImage {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  void resize(std::uint64_t bytes);
  // Reads within the size only; returns how many bytes.
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;
  // Grows the image where needed; what lies between is zeros.
  void write(std::uint64_t offset, ByteSpan bytes);

 private:
  static constexpr std::size_t page_bytes = 4096;
  using Page = std::array<std::byte, page_bytes>;
  Page& page_to_write(std::size_t index);

  std::vector<std::shared_ptr<Page>> pages_;  // null: zeros
  std::uint64_t size_ = 0;
};

}  // namespace holdfast
