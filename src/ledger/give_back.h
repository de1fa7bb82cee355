// Whatever raises `available` first fills shortage: a unit that was promised and is missing comes
// before the next customer. One place for that rule, used by receipts, releases, expiry and
// corrections alike.
#pragma once

#include <algorithm>

#include "ledger/hearing.h"

namespace holdfast {

// Adds `units` that became free at the level to the delta of a move: shortage goes down by what it
// still has (what this command has filled already is counted), available goes up by the rest.
// REQUIRES: units ≥ 0.
inline void give_back(Hearing& hearing, LevelRef level, Quantity units, Quantities& delta) {
  const Quantity shortage = hearing.stock.quantity(level, Term::shortage);
  if (shortage.is_zero()) {  // nearly always, and always for an absent level
    delta[Term::available] += units;
    return;
  }
  PerLevel& filled = hearing.out.scratch.filled;
  const Quantity fill = std::min(units, shortage - filled[level]);
  filled.add(level, fill);
  delta[Term::shortage] -= fill;
  delta[Term::available] += units - fill;
}

// Open units of a claim's line leave it: held ones first, then committed ones. Those that never
// existed (backordered) vanish first; the rest is given back.
inline Quantities leave(Hearing& hearing, LevelRef level, const LineQuantities& line,
                        Quantity units) {
  Quantities delta;
  const Quantity held = std::min(line.held, units);
  const Quantity imaginary = std::min(line.backordered, units);
  delta[Term::held] = -held;
  delta[Term::committed] = held - units;
  delta[Term::backordered] = -imaginary;
  give_back(hearing, level, units - imaginary, delta);
  return delta;
}

}  // namespace holdfast
