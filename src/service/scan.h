// Scan: every row of stock, items or claims at one seq, a portion at a time, from a snapshot.
//
// Invariant: a Scan holds its snapshot and its place among scans_max while it lives, no longer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/database.h"
#include "sql/plan.h"
#include "stock/snapshot.h"

namespace holdfast {

// While one lives, what changes is copied: so many copies of the state there may be at worst.
inline constexpr int scans_max = 8;

// Who counts them, for all sessions of a database. Any thread.
class ScanPlaces {
 public:
  // One place, given back by its destructor. The ScanPlaces outlives it.
  class Place {
   public:
    explicit Place(ScanPlaces& of) : of_(&of) {}
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Place() {
      if (of_ != nullptr) of_->taken_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    ScanPlaces* of_;
  };
  // overloaded, when all are taken.
  Result<Place> take();

 private:
  std::atomic<int> taken_{0};
};

class Scan final : public RowStream {
 public:
  // `sources` are columns of the relation. limit: −1, none.
  Scan(std::shared_ptr<const Snapshot> snapshot, ScanPlaces::Place place, Relation relation,
       std::vector<std::uint8_t> sources, std::int64_t limit);
  bool next(RowSink& sink, std::uint32_t work_max) override;

 private:
  // One row of the relation's table, if it is one to others; returns its work.
  std::uint32_t row(RowSink& sink, std::uint32_t number);
  template <class Cell>
  void write(RowSink& sink, const Cell& cell);

  std::shared_ptr<const Snapshot> snapshot_;
  ScanPlaces::Place place_;
  Relation relation_;
  std::vector<std::uint8_t> sources_;
  std::int64_t left_;         // of the limit, −1: no limit
  std::uint32_t number_ = 1;  // of the next row in its table
  std::uint32_t last_ = 0;
  std::string scratch_;
};

}  // namespace holdfast
