// Selections, moves and answers of operations on an existing claim.
#include "ledger/claim_parts.h"

#include "base/check.h"

namespace holdfast {
namespace {

AnswerLine& answer_line(Hearing& hearing, const ClaimLine& line) {
  const Stock& stock = hearing.stock;
  AnswerLine& out = hearing.answer.add_line(stock.item(line.level.item).sku,
                                            stock.location(line.level.location).code,
                                            stock.lot_name(line.level.lot));
  out.line = line.line;
  return out;
}

bool covers(const Stock& stock, const LineSelection& selection, const ClaimLine& line) {
  if (selection.line != 0) return line.line == selection.line;
  return stock.item(line.level.item).sku == selection.sku &&
         (selection.location.empty() ||
          stock.location(line.level.location).code == selection.location);
}

// Objects to a selection, and says in a line of the answer which it is. lines_known: how many lines
// the claim has, when it has none of this kind; else 0.
void object_to_selection(Hearing& hearing, const OpenClaim& claim, const LineSelection& selection,
                         Quantity had, std::uint32_t lines_known) {
  const Stock& stock = hearing.stock;
  hearing.object(Outcome::quantity_invalid, selection.quantity, had, Quantity(lines_known));
  Answer& answer = hearing.answer;
  if (selection.line != 0 && lines_known == 0) {
    answer_line(hearing, stock.line(claim.ref, selection.line));
  } else {
    answer.add_line(selection.sku, selection.location, "").line = selection.line;
  }
  AnswerLine& line = answer.lines.back();
  line.outcome = Outcome::quantity_invalid;
  line.requested = selection.quantity;
  line.available = had;
}

// Chooses units for one selection over the lines it covers, in their order.
void choose_by(Hearing& hearing, const OpenClaim& claim, const LineSelection& selection,
               Eligible eligible) {
  std::vector<Quantity>& chosen = hearing.out.scratch.chosen;
  const bool all = selection.quantity.is_zero();
  Quantity left = all ? Quantity::max() : selection.quantity;
  Quantity had;
  bool covered = false;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    if (!covers(hearing.stock, selection, line)) continue;
    covered = true;
    const Quantity has = eligible(line.quantities) - chosen[number - 1];
    const Quantity units = std::min(has, left);
    had += has;
    chosen[number - 1] += units;
    if (!all) left -= units;
  }
  if (!covered) return object_to_selection(hearing, claim, selection, had, claim.head.line_count);
  if (!all && left > zero) object_to_selection(hearing, claim, selection, had, 0);
}

bool covers_any(const Stock& stock, const OpenClaim& claim, const LineSelection& selection) {
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    if (covers(stock, selection, stock.line(claim.ref, number))) return true;
  }
  return false;
}

}  // namespace

bool find_claim(Hearing& hearing, const ClaimId& id, OpenClaim& out) {
  out.ref = hearing.stock.find_claim(id);
  if (out.ref.exists()) out.head = hearing.stock.head(out.ref);
  if (!out.ref.exists() || out.head.provisional) {
    hearing.consult(out.head.version);
    hearing.object(Outcome::claim_unknown);
    return false;
  }
  out.sum = hearing.stock.sum(out.ref);
  hearing.consult(out.head.version);
  hearing.out.work += out.head.line_count;
  answer_claim_state(hearing, out);
  return true;
}

void object_to_state(Hearing& hearing, const OpenClaim& claim) {
  const bool expired = claim.sum.held.is_zero() && claim.sum.expired > zero &&
                       claim.sum.committed.is_zero() && claim.sum.fulfilled.is_zero();
  hearing.object(expired ? Outcome::claim_expired : Outcome::wrong_state);
}

void check_selections(Hearing& hearing, std::span<const LineSelection> selections) {
  const Stock& stock = hearing.stock;
  for (const LineSelection& selection : selections) {
    if (selection.line == 0) {
      const ItemId item = stock.find_item(selection.sku);
      const bool is_place_known =
          selection.location.empty() || stock.find_location(selection.location) != LocationId();
      if (item == ItemId() || !is_place_known) {
        const Outcome outcome =
            item == ItemId() ? Outcome::item_unknown : Outcome::location_unknown;
        hearing.object(outcome);
        AnswerLine& line = hearing.answer.add_line(selection.sku, selection.location, "");
        line.outcome = outcome;
        line.requested = selection.quantity;
      }
    }
    if (!selection.quantity.is_zero() && !is_countable(selection.quantity)) {
      hearing.object_to_shape(selection.quantity, Quantity::max());
    }
  }
  if (selections.size() > claim_lines_max) {
    hearing.object(Outcome::limit_exceeded, Quantity(static_cast<std::int64_t>(selections.size())),
                   {}, Quantity(claim_lines_max));
  }
}

Quantity choose(Hearing& hearing, const OpenClaim& claim, std::span<const LineSelection> selections,
                Eligible eligible) {
  std::vector<Quantity>& chosen = hearing.out.scratch.chosen;
  chosen.assign(claim.head.line_count, Quantity());
  if (selections.empty()) {
    for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
      chosen[number - 1] = eligible(hearing.stock.line(claim.ref, number).quantities);
    }
  }
  for (const LineSelection& selection : selections) choose_by(hearing, claim, selection, eligible);
  Quantity sum;
  for (const Quantity units : chosen) sum += units;
  return sum;
}

void move_line(Hearing& hearing, OpenClaim& claim, const ClaimLine& line, MoveKind kind,
               const Quantities& delta) {
  StockMoved& moved = hearing.write<StockMoved>();
  moved.kind = kind;
  moved.level = line.level;
  moved.delta = delta;
  moved.claim = claim.head.id;
  moved.line = line.line;
  claim.sum += line_delta(kind, delta);
}

void answer_moved(Hearing& hearing, const ClaimLine& line, Quantity units) {
  AnswerLine& out = answer_line(hearing, line);
  out.requested = out.granted = units;
}

void object_to_line(Hearing& hearing, const ClaimLine& line, Quantity units, Quantity there,
                    Outcome outcome) {
  hearing.object(outcome, units, there);
  AnswerLine& out = answer_line(hearing, line);
  out.outcome = outcome;
  out.requested = units;
  out.available = there;
}

void answer_already(Hearing& hearing, const OpenClaim& claim,
                    std::span<const LineSelection> selections) {
  for (const LineSelection& selection : selections) {
    if (covers_any(hearing.stock, claim, selection)) continue;
    object_to_selection(hearing, claim, selection, Quantity(), claim.head.line_count);
  }
  if (!hearing.objected()) hearing.answer.outcome = Outcome::already;
}

void answer_claim_state(Hearing& hearing, const OpenClaim& claim) {
  Answer& answer = hearing.answer;
  answer.claim = claim.head.id;
  answer.state = state_of(claim.sum);
  answer.expires_at = claim.sum.held > zero ? claim.head.expires_at : Timestamp();
}

LineQuantities line_delta(MoveKind kind, const Quantities& delta) {
  LineQuantities out;
  out.held = delta[Term::held];
  out.committed = delta[Term::committed];
  out.backordered = delta[Term::backordered];
  const Quantity left = -(out.held + out.committed);
  switch (kind) {
    case MoveKind::claim:
      CHECK(left <= zero);
      break;
    case MoveKind::confirm:
      CHECK(left <= zero);
      out.expired = left;  // taken again
      break;
    case MoveKind::release:
      out.released = left;
      break;
    case MoveKind::cancel:
      out.cancelled = left;
      break;
    case MoveKind::expire:
      out.expired = left;
      break;
    case MoveKind::fulfil:
      out.fulfilled = left;
      break;
    case MoveKind::receive:
    case MoveKind::adjust:
    case MoveKind::sale:
      CHECK(false, "a {} of a claim's line", name_of(kind));
  }
  return out;
}

LineQuantities& operator+=(LineQuantities& sum, const LineQuantities& delta) {
  sum.held += delta.held;
  sum.committed += delta.committed;
  sum.backordered += delta.backordered;
  sum.fulfilled += delta.fulfilled;
  sum.cancelled += delta.cancelled;
  sum.released += delta.released;
  sum.expired += delta.expired;
  return sum;
}

}  // namespace holdfast
