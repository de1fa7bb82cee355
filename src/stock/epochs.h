// Epochs: which snapshots live, which blocks they share with the writer, and when a replaced block
// may be used again.
//
// Time is counted in epochs; taking a snapshot ends one. A block is visible to exactly the
// snapshots of the epochs [born, replaced). The writer copies a block before the first write after
// a snapshot of its epoch or a later one, and retires the old one here; it is recycled when no
// snapshot of those epochs lives. So the hot path pays one comparison per write and no atomic
// instruction; only the release of a snapshot, on any thread, is a store to an atomic flag.
//
// All methods belong to the owner of the Stock.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "stock/recycler.h"

namespace holdfast {

class Epochs {
 public:
  using Released = std::shared_ptr<std::atomic<bool>>;
  static constexpr std::size_t blocks_per_reclaim = 4'096;

  Epochs() = default;
  Epochs(const Epochs&) = delete;
  Epochs& operator=(const Epochs&) = delete;

  // What a block made now is born in.
  [[nodiscard]] std::uint64_t now() const { return now_; }
  // Does a snapshot that may still live see a block born then? If so, it must not be written.
  [[nodiscard]] bool is_shared(std::uint64_t born) const { return born <= newest_live_; }

  // Ends the epoch. The snapshot stores true when it is released.
  Released begin_snapshot();
  // Takes note of released snapshots and recycles what none sees any more: at most
  // `blocks_per_reclaim`, the rest at the next calls, so that the end of a long snapshot is no
  // pause.
  void reclaim();
  // `block` was replaced; `owner` gets it back. REQUIRES: owner outlives this.
  void retire(std::uint64_t born, void* block, Recycler& owner);
  // Hands back everything. REQUIRES: no snapshot lives, and nothing is done afterwards.
  void recycle_all();
  [[nodiscard]] std::uint64_t retired_bytes() const { return retired_bytes_; }

 private:
  struct Live {
    std::uint64_t epoch = 0;
    Released released;
  };
  struct Retired {
    std::uint64_t born = 0;
    std::uint64_t replaced = 0;
    void* block = nullptr;
    Recycler* owner = nullptr;
  };
  [[nodiscard]] bool is_visible(const Retired& retired) const;
  void sweep(std::size_t count_max);

  std::uint64_t now_ = 1;
  std::uint64_t newest_live_ = 0;  // 0: none lives
  std::vector<Live> live_;         // oldest first
  std::deque<Retired> retired_;
  std::size_t to_sweep_ = 0;  // at the front of retired_: not looked at since live_ last changed
  std::uint64_t retired_bytes_ = 0;
};

}  // namespace holdfast
