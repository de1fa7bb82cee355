// Workload: draws the operations of all clients. It remembers which claims exist and what was sent
// with a request_id, so that operations meet each other: two clients at one claim, a retry after a
// crash, the same key with other arguments.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sim/knobs.h"
#include "sim/operation.h"
#include "sim/rng.h"

namespace holdfast {

class Workload {
 public:
  Workload(Rng rng, const Knobs& knobs) : rng_(rng), knobs_(knobs) {}

  // What a run begins with: locations, items, a channel, first receipts.
  [[nodiscard]] std::vector<Operation> opening();
  // A new operation, or one that was sent before, number, key, words and all.
  [[nodiscard]] Operation next();
  // One for a transaction: in good form, and without a request_id.
  [[nodiscard]] Operation next_in_block();
  // One that frees stock (`freeing`), or takes it.
  [[nodiscard]] Operation next_of(Verb verb);
  void claim_exists(const ClaimId& claim);
  [[nodiscard]] std::uint64_t made() const { return made_; }

  [[nodiscard]] std::string sku(std::size_t index) const;
  [[nodiscard]] std::string location(std::size_t index) const;

 private:
  Verb draw_verb();
  std::string draw_sku();
  std::string draw_location(bool may_be_empty);
  ClaimId draw_claim();
  OperationLine draw_line();
  void fill(Operation& operation);
  void fill_claim(Operation& operation);
  void fill_selections(Operation& operation);
  void fill_adjust(Operation& operation);
  void spoil(Operation& operation);
  Operation numbered(Verb verb);
  Operation fresh(Verb verb);

  Rng rng_;
  const Knobs& knobs_;
  std::uint64_t made_ = 0;
  std::deque<ClaimId> claims_;
  std::deque<Operation> keyed_;  // sent with a request_id
};

}  // namespace holdfast
