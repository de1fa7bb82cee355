// Segments made before they are needed: written full of zeros, synced, named and the name synced,
// so that a batch written into them later changes no metadata. SegmentAhead does it in the
// background for the next segment.
//
//   idle ──begin()──▶ working ──▶ ready ──take()──▶ idle
//                        └──▶ failed: no space (begin() may be called again), or an error that ends
//                        the journal
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "journal/segment_format.h"
#include "world/world.h"

namespace holdfast {

// Makes journal-<number>.seg under a temporary name and renames it when it is whole and durable. On
// an error what was made is removed again.
Status make_segment(Directory& disk, const SegmentHeader& header);

// Removes what an interrupted make_segment left.
Status remove_unfinished(Directory& disk);

class SegmentAhead {
 public:
  // A segment is only made while `reserve_bytes` stay free for others.
  SegmentAhead(World& world, const LedgerId& ledger, std::size_t in_flight_max,
               std::uint64_t reserve_bytes);
  ~SegmentAhead();  // waits for the background

  enum class State : unsigned char { idle, working, ready, failed };
  [[nodiscard]] State state() const { return state_.load(std::memory_order_acquire); }

  // Makes the segment, or opens it when `exists`. REQUIRES: idle or failed.
  void begin(std::uint64_t number, std::uint64_t bytes, bool exists);
  // REQUIRES: ready.
  [[nodiscard]] std::unique_ptr<WriteQueue> take();
  // REQUIRES: failed.
  [[nodiscard]] const Error& error() const { return *error_; }
  [[nodiscard]] std::uint64_t bytes() const { return header_.bytes; }

 private:
  void work(bool exists);
  Status try_work(bool exists);

  World& world_;
  const std::size_t in_flight_max_;
  const std::uint64_t reserve_bytes_;
  // Owned by the job while working, by the journal otherwise; state_ hands them over.
  SegmentHeader header_;
  std::unique_ptr<WriteQueue> queue_;
  std::optional<Error> error_;
  std::atomic<State> state_ = State::idle;
};

}  // namespace holdfast
