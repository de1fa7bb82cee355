// fulfil: committed units leave the building. Only units that exist can: what is short at a level
// (a fact took it) or was never counted (backordered, unless the item is not tracked) cannot be
// shipped.
#include "ledger/claim_parts.h"

namespace holdfast {
namespace {

Quantity committed_of(const LineQuantities& line) { return line.committed; }

// Of `units` of the line, those that a picker takes from the shelf.
Quantity physical_units(const Stock& stock, const ClaimLine& line, Quantity units) {
  if (stock.item(line.level.item).tracking != Tracking::none) return units;
  return units - std::min(units, line.quantities.backordered);
}

// What a picker can take there.
Quantity pickable(Hearing& hearing, LevelRef level) {
  const Quantity there =
      hearing.consult(level, Term::on_hand) - hearing.consult(level, Term::damaged) -
      hearing.consult(level, Term::quality_control) - hearing.consult(level, Term::safety_stock);
  return std::max(there, zero);
}

}  // namespace

// The demand of lines on one level is summed.
void check_shippable(Hearing& hearing, const OpenClaim& claim) {
  Scratch& scratch = hearing.out.scratch;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const Quantity chosen = scratch.chosen[number - 1];
    if (chosen.is_zero()) continue;
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    hearing.consult(hearing.stock.version(line.level.item));
    const Quantity units = physical_units(hearing.stock, line, chosen);
    const LevelRef level = hearing.stock.find_level(line.level);
    const Quantity there = pickable(hearing, level) - scratch.taken[level];
    if (units > there) object_to_line(hearing, line, units, there);
    scratch.taken.add(level, std::min(units, there));
  }
}

void fulfil_chosen(Hearing& hearing, OpenClaim& claim) {
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const Quantity units = hearing.out.scratch.chosen[number - 1];
    if (units.is_zero()) continue;
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    const Quantity physical = physical_units(hearing.stock, line, units);
    Quantities delta;
    delta[Term::on_hand] = -physical;
    delta[Term::committed] = -units;
    delta[Term::backordered] = physical - units;
    move_line(hearing, claim, line, MoveKind::fulfil, delta);
    answer_moved(hearing, line, units);
  }
  answer_claim_state(hearing, claim);
}

void decide_body(Hearing& hearing, const Fulfil& body) {
  OpenClaim claim;
  check_selections(hearing, body.lines);
  if (!find_claim(hearing, body.claim, claim) || hearing.objected()) return;
  if (claim.sum.committed.is_zero()) {
    if (hearing.answer.state != ClaimState::fulfilled) return object_to_state(hearing, claim);
    return answer_already(hearing, claim, body.lines);
  }
  const Quantity all = choose(hearing, claim, body.lines, committed_of);
  if (!hearing.objected()) check_shippable(hearing, claim);
  if (hearing.objected()) return;
  if (all.is_zero()) return answer_already(hearing, claim, body.lines);
  fulfil_chosen(hearing, claim);
}

}  // namespace holdfast
