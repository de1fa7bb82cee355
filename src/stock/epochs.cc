// A reclaim looks at every retired block once, and only after the set of living snapshots has
// changed.
#include "stock/epochs.h"

#include <algorithm>

namespace holdfast {

void Epochs::recycle_all() {
  for (const Retired& retired : retired_) retired.owner->recycle(retired.block);
  retired_.clear();
}

Epochs::Released Epochs::begin_snapshot() {
  reclaim();
  auto released = std::make_shared<std::atomic<bool>>(false);
  newest_live_ = now_++;
  live_.push_back({.epoch = newest_live_, .released = released});
  return released;
}

void Epochs::reclaim() {
  // Acquire pairs with the release by the reader: its last look at a page comes before the page is
  // used again.
  const auto gone = std::erase_if(
      live_, [](const Live& live) { return live.released->load(std::memory_order_acquire); });
  if (gone > 0) {
    newest_live_ = live_.empty() ? 0 : live_.back().epoch;
    to_sweep_ = retired_.size();
  }
  sweep(blocks_per_reclaim);
}

void Epochs::sweep(std::size_t count_max) {
  for (std::size_t left = std::min(to_sweep_, count_max); left > 0; --left) {
    const Retired retired = retired_.front();
    retired_.pop_front();
    --to_sweep_;
    if (is_visible(retired)) {
      retired_.push_back(retired);
    } else {
      retired_bytes_ -= retired.owner->block_bytes();
      retired.owner->recycle(retired.block);
    }
  }
}

void Epochs::retire(std::uint64_t born, void* block, Recycler& owner) {
  sweep(2);  // one in, two out: the writer finds recycled pages instead of taking new ones
  const Retired retired{.born = born, .replaced = now_, .block = block, .owner = &owner};
  if (!is_visible(retired)) {
    owner.recycle(block);
    return;
  }
  retired_.push_back(retired);
  retired_bytes_ += owner.block_bytes();
}

bool Epochs::is_visible(const Retired& retired) const {
  return std::any_of(live_.begin(), live_.end(), [&](const Live& live) {
    return retired.born <= live.epoch && live.epoch < retired.replaced;
  });
}

}  // namespace holdfast
