// What a Stock is made of. Shared by its snapshots, so that the memory they look at outlives the
// Stock if it must.
#pragma once

#include <algorithm>

#include "stock/arena.h"
#include "stock/catalogue.h"
#include "stock/claims.h"
#include "stock/epochs.h"
#include "stock/levels.h"
#include "stock/requests.h"
#include "stock/stock.h"

namespace holdfast {

struct Stock::Parts {
  Arena arena;
  Epochs epochs;
  Catalogue catalogue{arena, epochs};
  Levels levels{arena, epochs};
  Claims claims{arena, epochs};
  Requests requests{arena, epochs};
  std::uint64_t digest = 0;
  Seq last;  // the highest seq that was applied

  void applied(std::uint64_t digest_change, Seq seq) {
    digest += digest_change;
    last = std::max(last, seq);
  }

  ~Parts() { epochs.recycle_all(); }  // while the recyclers still stand
};

}  // namespace holdfast
