// receive, adjust, set, sale: units arrive at a level, are corrected, or are gone. A sale and a
// forced correction are facts: never refused for stock, what they take beyond `available` becomes
// shortage.
#include "ledger/give_back.h"
#include "ledger/hearing.h"
#include "ledger/sourcing.h"

namespace holdfast {
namespace {

// Where the command happens.
struct Place {
  LevelKey key;
  LevelRef level;
  bool untracked = false;
  bool names_lot = false;  // the first unit of a lot: it gets a number
};

// Objects when there is no such place.
Place resolve_place(Hearing& hearing, std::string_view sku, std::string_view location,
                    std::string_view lot) {
  const Stock& stock = hearing.stock;
  Place place;
  place.key.item = stock.find_item(sku);
  place.key.location = stock.find_location(location.empty() ? default_location : location);
  if (place.key.item == ItemId()) hearing.object(Outcome::item_unknown);
  if (place.key.location == LocationId()) hearing.object(Outcome::location_unknown);
  if (hearing.objected()) return place;
  hearing.consult(stock.version(place.key.item));
  hearing.consult(stock.version(place.key.location));
  const Tracking tracking = stock.item(place.key.item).tracking;
  place.untracked = tracking == Tracking::none;
  if (lot.empty() != (tracking != Tracking::lot)) hearing.object(Outcome::wrong_state);
  if (!lot.empty()) {
    place.key.lot = stock.find_lot(lot);
    place.names_lot = place.key.lot == LotId();
    if (place.names_lot) return place;  // nothing of it is anywhere yet
  }
  place.level = stock.find_level(place.key);
  return place;
}

// What is gone: available units first, then promised ones, which become shortage. Of an untracked
// item only the units that somebody counted can be gone.
Quantities gone(Hearing& hearing, const Place& place, Quantity units) {
  Quantities delta;
  const Quantity free = std::min(hearing.consult(place.level, Term::available), units);
  delta[Term::on_hand] = place.untracked ? -free : -units;
  delta[Term::available] = -free;
  delta[Term::shortage] = place.untracked ? zero : units - free;
  return delta;
}

Quantities arrived(Hearing& hearing, const Place& place, Quantity units) {
  Quantities delta;
  delta[Term::on_hand] = units;
  hearing.consult(hearing.stock.version(place.level));
  give_back(hearing, place.level, units, delta);
  return delta;
}

// Writes the move unless the level would leave the range of quantities, and the answer's one line.
void move(Hearing& hearing, const Place& place, MoveKind kind, const Quantities& delta,
          Quantity units, std::string_view sku, std::string_view lot, std::int64_t unit_cost) {
  const Stock& stock = hearing.stock;
  Quantities after = delta;
  if (place.level.exists()) after += stock.level(place.level).quantities;
  if (!after.valid()) {
    return hearing.object(Outcome::quantity_invalid, units,
                          stock.quantity(place.level, Term::on_hand), Quantity::max());
  }
  LevelKey key = place.key;
  if (place.names_lot) {
    key.lot = stock.last_lot().next();
    hearing.write(LotNamed{.lot = key.lot, .name = lot});
  }
  StockMoved& moved = hearing.write<StockMoved>();
  moved.kind = kind;
  moved.level = key;
  moved.delta = delta;
  moved.unit_cost_minor = unit_cost;
  Answer& answer = hearing.answer;
  answer.requested = units;
  answer.available = after[Term::available];
  AnswerLine& line = answer.add_line(sku, stock.location(key.location).code, lot);
  line.requested = line.granted = units;
  line.available = answer.available;
}

// A signed correction. Unless it is forced, it takes no more than is available.
void correct(Hearing& hearing, const Place& place, const Adjust& body) {
  const bool takes = body.delta < zero;
  const Quantity units = takes ? -body.delta : body.delta;
  const Quantity free = hearing.consult(place.level, Term::available);
  if (takes && units > free && !body.force) {
    return hearing.object(outcome_of_shortage(hearing, place.key, units, free), units, free);
  }
  move(hearing, place, MoveKind::adjust,
       takes ? gone(hearing, place, units) : arrived(hearing, place, units), body.delta, body.sku,
       body.lot, 0);
}

}  // namespace

void decide_body(Hearing& hearing, const Receive& body) {
  const Place place = resolve_place(hearing, body.sku, body.location, body.lot);
  if (!is_countable(body.quantity)) hearing.object_to_shape(body.quantity, Quantity::max());
  if (hearing.objected()) return;
  move(hearing, place, MoveKind::receive, arrived(hearing, place, body.quantity), body.quantity,
       body.sku, body.lot, body.unit_cost_minor.value_or(0));
}

void decide_body(Hearing& hearing, const Adjust& body) {
  const Place place = resolve_place(hearing, body.sku, body.location, body.lot);
  if (body.delta.is_zero() || !body.delta.in_range()) {
    hearing.object_to_shape(body.delta, Quantity::max());
  }
  if (!hearing.objected()) correct(hearing, place, body);
}

void decide_body(Hearing& hearing, const SetLevel& body) {
  const Place place = resolve_place(hearing, body.sku, body.location, body.lot);
  if (body.on_hand < zero || !body.on_hand.in_range()) {
    hearing.object_to_shape(body.on_hand, Quantity::max());
  }
  if (hearing.objected()) return;
  const Quantity delta = body.on_hand - hearing.consult(place.level, Term::on_hand);
  if (delta.is_zero() && place.level.exists()) {
    hearing.answer.outcome = Outcome::already;
    hearing.answer.available = hearing.consult(place.level, Term::available);
    hearing.answer.add_line(body.sku, hearing.stock.location(place.key.location).code, body.lot);
    return;
  }
  correct(hearing, place,
          {.sku = body.sku,
           .location = body.location,
           .lot = body.lot,
           .delta = delta,
           .force = false});
}

void decide_body(Hearing& hearing, const Sale& body) {
  const Place place = resolve_place(hearing, body.sku, body.location, body.lot);
  if (!is_countable(body.quantity)) hearing.object_to_shape(body.quantity, Quantity::max());
  if (hearing.objected()) return;
  move(hearing, place, MoveKind::sale, gone(hearing, place, body.quantity), body.quantity, body.sku,
       body.lot, 0);
}

}  // namespace holdfast
