// What a Stock is made of. Shared by its snapshots, so that the memory they look at outlives the
// Stock if it must.
#pragma once

#include <algorithm>

#include "stock/arena.h"
#include "stock/attempt.h"
#include "stock/catalogue.h"
#include "stock/claims.h"
#include "stock/epochs.h"
#include "stock/levels.h"
#include "stock/requests.h"
#include "stock/stock.h"
#include "stock/text_blocks.h"

namespace holdfast {

struct Stock::Parts {
  Arena arena;
  Epochs epochs;
  TextBlocks texts{arena};
  Catalogue catalogue{arena, epochs, texts};
  Levels levels{arena, epochs};
  Claims claims{arena, epochs, texts};
  Requests requests{arena, epochs, texts};
  StockAttempt attempt;
  std::uint64_t digest = 0;
  Seq last;  // the highest seq that was applied

  // A change is about to replace this.
  template <class Before>
  void replaces(const Before& before) {
    attempt.replaced.emplace_back(before);
  }
  void restore(const Levels::Before& before) { levels.restore(before); }
  void restore(const Claims::Before& before) { claims.restore(before); }
  void restore(const Catalogue::ItemBefore& before);
  template <class Before>
  void restore(const Before& before) {
    catalogue.restore(before);
  }

  void applied(std::uint64_t digest_change, Seq seq) {
    digest += digest_change;
    last = std::max(last, seq);
  }

  ~Parts() { epochs.recycle_all(); }  // while the recyclers still stand
};

}  // namespace holdfast
