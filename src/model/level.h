// A level: the quantities of one (item, location, lot). An absent level counts as zeros.
#pragma once

#include <compare>

#include "model/ids.h"
#include "model/quantity.h"

namespace holdfast {

struct LevelKey {
  ItemId item;
  LocationId location;
  LotId lot;
  friend constexpr auto operator<=>(const LevelKey&, const LevelKey&) = default;
};

struct Level {
  LevelKey key;
  Quantities quantities;
  Seq version;  // the last entry that changed it; 0 when absent
};

}  // namespace holdfast
