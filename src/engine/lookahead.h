// Lookahead: the requests that wait for their turn, in order, and a few steps ahead of the first of
// them, hints to the memory about what they will look at. One SKU among millions, the slot of a new
// claim's id and a request that another core wrote are in no cache; asked for while the requests
// before are decided, they cost no wait (group prefetching, Chen et al., ICDE 2004).
//
// Hints have no effect on any answer. One thread at a time: whoever drives the engine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/intake.h"
#include "engine/request.h"
#include "model/ids.h"
#include "model/time.h"
#include "stock/stock.h"

namespace holdfast {

// A request whose turn has come.
struct NextRequest {
  Request& request;
  ClaimId fresh_claim;  // never used before
};

class Lookahead {
 public:
  // `claim_seed`: random, so that no two runs of a ledger make the same claim id.
  Lookahead(const Stock& stock, std::uint64_t claim_seed)
      : stock_(stock), claim_seed_(claim_seed) {}

  [[nodiscard]] bool empty() const { return near_count_ == 0 && far_.empty(); }
  // Where new requests are put, behind those that wait.
  [[nodiscard]] RequestList& queue() { return far_; }
  // Takes the first one out; those behind it come closer. REQUIRES: not empty.
  NextRequest pop(Timestamp now);

 private:
  // Memory answers within the time of two claims. A request is looked at when it comes near, then
  // after every second one: its lines' text, then as far as Stock::foresee goes.
  static constexpr std::size_t stride = 2;
  static constexpr std::size_t steps = 1 + Stock::foresight_steps;
  static constexpr std::size_t near_max = (steps + 1) * stride;
  static constexpr std::size_t ring_size = 16;
  static_assert(near_max < ring_size && (ring_size & (ring_size - 1)) == 0);
  // Of a longer command the rest is looked up without a hint.
  static constexpr std::size_t lines_max = 8;

  struct Near {
    Request* request = nullptr;
    ClaimId fresh_claim;
    std::span<const LineRequest> lines;      // of a command
    std::span<const std::string_view> skus;  // of a read
    std::size_t step = 0;
    std::array<Foresight, lines_max> ahead;
  };
  [[nodiscard]] Near& near(std::size_t place) { return ring_[(first_ + place) % ring_size]; }
  void come_near(Timestamp now);
  void look_at(Near& one) const;
  void look_further(Near& one) const;
  ClaimId fresh_claim(Timestamp now);

  const Stock& stock_;
  const std::uint64_t claim_seed_;
  std::uint64_t claims_made_ = 0;
  RequestList far_;                   // not looked at yet
  std::array<Near, ring_size> ring_;  // looked at, from first_ on
  std::size_t first_ = 0;
  std::size_t near_count_ = 0;
};

}  // namespace holdfast
