// Scratch: the working space of one decision. It lives in the Decision, so its capacity is kept
// from command to command and a decision in steady state allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "model/ids.h"
#include "model/level.h"
#include "model/outcome.h"
#include "model/quantity.h"
#include "stock/stock.h"

namespace holdfast {

// Units by level, zero until added to: what one command has taken so far, so that its demand is
// summed per level (domain, invariant 7). Open addressing; clearing is one addition. Never
// iterated.
class PerLevel {
 public:
  void clear() {
    count_ = 0;
    if (++generation_ != 0) return;
    for (Slot& slot : slots_) slot.generation = 0;  // once in four billion
    generation_ = 1;
  }
  [[nodiscard]] Quantity operator[](LevelRef level) const {
    if (count_ == 0) return Quantity();
    const Slot& slot = slots_[place_of(level)];
    return slot.generation == generation_ ? slot.units : Quantity();
  }
  // REQUIRES: the level exists.
  void add(LevelRef level, Quantity units) {
    if (count_ * 2 >= slots_.size()) grow();
    Slot& slot = slots_[place_of(level)];
    if (slot.generation != generation_) {
      slot = {level.row, generation_, Quantity()};
      ++count_;
    }
    slot.units += units;
  }

 private:
  struct Slot {
    std::uint32_t row = 0;
    std::uint32_t generation = 0;
    Quantity units;
  };
  // Where the level is, or would be.
  [[nodiscard]] std::size_t place_of(LevelRef level) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = mix64(level.row, 0) & mask;
    while (slots_[at].generation == generation_ && slots_[at].row != level.row)
      at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 64 : old.size() * 2, Slot{});
    for (const Slot& slot : old) {
      if (slot.generation == generation_) slots_[place_of(LevelRef{slot.row})] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t count_ = 0;
  std::uint32_t generation_ = 1;
};

// A requested line on its way to a grant.
struct Trial {
  ItemId item;              // 0: unknown
  LocationId location;      // 0: to be sourced
  LotId lot;                // 0: any
  bool lot_is_new = false;  // named, but no unit of it ever arrived
  bool untracked = false;
  Outcome outcome = Outcome::granted;
  Quantity taken;
  Quantity available;  // free over the line's locations when its turn came
};

// Units of a line found at one level.
struct Pick {
  std::uint32_t request = 0;  // index of the line
  LevelKey key;
  LevelRef level;  // may be absent for an untracked item
  Quantity units;
  bool untracked = false;
};

// A line of a claim under amendment.
struct Amended {
  LevelKey key;
  LevelRef level;
  LineQuantities before;
  Quantity kept;
  Quantity extra;
  bool untracked = false;
};

struct Scratch {
  std::vector<Trial> trials;
  std::vector<Pick> picks;
  std::vector<Amended> amended;
  std::vector<Quantity> chosen;  // by line of a claim, from 0
  PerLevel taken;                // by this command, from available
  PerLevel filled;               // by this command, of shortage

  void clear() {
    trials.clear();
    picks.clear();
    amended.clear();
    chosen.clear();
    taken.clear();
    filled.clear();
  }
};

}  // namespace holdfast
