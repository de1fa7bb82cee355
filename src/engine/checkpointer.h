// Checkpointer: writes snapshots to checkpoint files in the background, one at a time.
//
// A checkpoint is taken when everything in the state is durable, so its journal position is exact;
// the engine lets the journal run dry for that moment (one sync) and goes on. Writing happens away
// from the turns.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "journal/checkpoint.h"
#include "stock/stock.h"
#include "world/world.h"

namespace holdfast {

class Checkpointer {
 public:
  // behind: bytes of the journal that no checkpoint holds yet, so that crashes, one soon after the
  // other, do not let them grow without end.
  Checkpointer(World& world, std::uint64_t every_bytes, std::uint64_t behind)
      : world_(world), every_bytes_(every_bytes), behind_(behind) {}
  // Waits for the one being written: it uses this object.
  ~Checkpointer() { world_.background.drain(); }

  // True when the journal has grown by every_bytes since the last one, or one was asked for, and
  // none is running. journal_bytes: written since the start.
  [[nodiscard]] bool is_wanted(std::uint64_t journal_bytes) const {
    return !running_.load(std::memory_order_acquire) &&
           (asked_ || behind_ + journal_bytes - last_bytes_ >= every_bytes_);
  }
  void ask() { asked_ = true; }
  // REQUIRES: !is_running(), everything in `stock` is durable at header.position.
  void begin(Stock& stock, CheckpointHeader header, std::uint64_t journal_bytes);

  [[nodiscard]] bool is_running() const { return running_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  // The last one's result. A checkpoint that cannot be written costs restart time, never data: the
  // ledger goes on.
  [[nodiscard]] Status last_status() const;

 private:
  World& world_;
  const std::uint64_t every_bytes_;
  std::uint64_t behind_;  // when it was opened; 0 from the first checkpoint on
  std::uint64_t last_bytes_ = 0;
  bool asked_ = false;
  std::atomic<bool> running_{false};
  std::atomic<std::uint64_t> written_{0};
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace holdfast
