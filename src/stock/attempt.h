// StockAttempt: what changes replaced, so that they can be taken back: one pre-image per change,
// put back in reverse order. Each part knows what a change of its own rows replaces (`Before`) and
// how to put that back (`restore`).
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "stock/catalogue.h"
#include "stock/claims.h"
#include "stock/levels.h"
#include "stock/requests.h"

namespace holdfast {

struct StockAttempt {
  using Before =
      std::variant<Levels::Before, Claims::Before, Catalogue::ItemBefore, Catalogue::LocationBefore,
                   Catalogue::ChannelBefore, Catalogue::LotBefore>;

  bool is_open = false;
  std::vector<Before> replaced;            // in the order of the changes
  std::vector<Requests::Before> requests;  // apart: nothing else touches the remembered answers
  std::uint64_t digest = 0;                // of the Stock when it began
  Seq last;
};

}  // namespace holdfast
