// A page is copied when a write finds it shared.
#include "sim/disk_image.h"

#include <algorithm>

namespace holdfast {

void SimImage::resize(std::uint64_t bytes) {
  if (bytes < size_ && bytes % page_bytes != 0) {
    const auto index = static_cast<std::size_t>(bytes / page_bytes);
    if (pages_[index]) {
      Page& page = page_to_write(index);
      std::fill(page.begin() + static_cast<std::ptrdiff_t>(bytes % page_bytes), page.end(),
                std::byte{0});
    }
  }
  size_ = bytes;
  pages_.resize(static_cast<std::size_t>((bytes + page_bytes - 1) / page_bytes));
}

SimImage::Page& SimImage::page_to_write(std::size_t index) {
  std::shared_ptr<Page>& page = pages_[index];
  if (!page) {
    page = std::make_shared<Page>();
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return *page;
}

std::size_t SimImage::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= size_) return 0;
  const auto total = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - offset));
  for (std::size_t done = 0; done < total;) {
    const auto index = static_cast<std::size_t>((offset + done) / page_bytes);
    const auto within = static_cast<std::size_t>((offset + done) % page_bytes);
    const std::size_t count = std::min(page_bytes - within, total - done);
    if (pages_[index]) {
      std::memcpy(out.data() + done, pages_[index]->data() + within, count);
    } else {
      std::memset(out.data() + done, 0, count);
    }
    done += count;
  }
  return total;
}

void SimImage::write(std::uint64_t offset, ByteSpan bytes) {
  if (offset + bytes.size() > size_) resize(offset + bytes.size());
  for (std::size_t done = 0; done < bytes.size();) {
    const auto index = static_cast<std::size_t>((offset + done) / page_bytes);
    const auto within = static_cast<std::size_t>((offset + done) % page_bytes);
    const std::size_t count = std::min(page_bytes - within, bytes.size() - done);
    const ByteSpan piece = bytes.subspan(done, count);
    const bool blank = std::all_of(piece.begin(), piece.end(),
                                   [](std::byte byte) { return byte == std::byte{0}; });
    if (blank && count == page_bytes) {
      pages_[index].reset();
    } else if (!blank || pages_[index]) {
      std::memcpy(page_to_write(index).data() + within, piece.data(), count);
    }
    done += count;
  }
}

}  // namespace holdfast
