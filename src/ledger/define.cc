// define_item, define_location, define_channel: upserts. What a command leaves out keeps its value;
// what changes nothing is `already`. An entry carries the whole record.
#include "ledger/hearing.h"

namespace holdfast {
namespace {

template <class To, class From>
void set_if(To& to, const std::optional<From>& given) {
  if (given) to = *given;
}

// What an item has at its levels, as far as a quantity can say.
struct Units {
  Quantity on_hand;
  Quantity promised;
  bool any = false;          // some level is not empty
  bool backordered = false;  // some open units were never counted
};
Units units_of(Hearing& hearing, ItemId item) {
  const auto capped = [](Quantity sum) {
    return std::clamp(sum, -Quantity::max(), Quantity::max());
  };
  Units out;
  for (const LevelRef ref : hearing.stock.levels_of(item)) {
    hearing.consult(hearing.stock.version(ref));
    const Quantities level = hearing.stock.level(ref).quantities;
    out.on_hand = capped(out.on_hand + level[Term::on_hand]);
    out.promised = capped(out.promised + level[Term::held] + level[Term::committed]);
    out.any = out.any || !level.is_zero();
    out.backordered = out.backordered || !level[Term::backordered].is_zero();
  }
  return out;
}

// Units that do not exist may be open only while nobody counts them, and a level has a lot exactly
// when its item is tracked by lot: what is there would be neither.
void check_tracking(Hearing& hearing, ItemId item, Tracking before, Tracking after) {
  if (before == after) return;
  const Units units = units_of(hearing, item);
  const bool strands = (before == Tracking::lot) != (after == Tracking::lot) && units.any;
  const bool counts_nothing = before == Tracking::none && units.backordered;
  if (strands || counts_nothing) {
    hearing.object(Outcome::wrong_state, units.promised, units.on_hand);
  }
}

// No hold of the item could be as long as its own policy says.
void check_holds(Hearing& hearing, const ItemRecord& record) {
  if (!record.hold_for || !record.hold_max || *record.hold_for <= *record.hold_max) return;
  hearing.object(Outcome::limit_exceeded, seconds_up(*record.hold_for), {},
                 seconds_down(*record.hold_max));
}

// The locations of a channel, by code, each once; objects to those that are unknown, with a line of
// the answer for each.
std::vector<LocationId> resolve_locations(Hearing& hearing,
                                          std::span<const std::string_view> codes) {
  const Stock& stock = hearing.stock;
  std::vector<bool> named(stock.last_location().value() + 1, false);
  std::vector<LocationId> out;
  for (const std::string_view code : codes) {
    const LocationId location = stock.find_location(code);
    if (location == LocationId()) {
      hearing.object(Outcome::location_unknown);
      hearing.answer.add_line("", code, "").outcome = Outcome::location_unknown;
    } else if (!named[location.value()]) {
      named[location.value()] = true;
      out.push_back(location);
    }
  }
  return out;
}

}  // namespace

void decide_body(Hearing& hearing, const DefineItem& body) {
  const Stock& stock = hearing.stock;
  const ItemId known = stock.find_item(body.sku);
  ItemRecord& record = hearing.out.items.emplace_back();
  if (known != ItemId()) {
    hearing.consult(stock.version(known));
    record = stock.item(known);
  }
  record.sku = body.sku;
  set_if(record.title, body.title);
  set_if(record.description, body.description);
  set_if(record.brand, body.brand);
  set_if(record.category, body.category);
  set_if(record.unit, body.unit);
  set_if(record.scale, body.scale);
  set_if(record.price_minor, body.price_minor);
  set_if(record.currency, body.currency);
  set_if(record.attributes, body.attributes);
  if (body.barcodes) record.barcodes.assign(body.barcodes->begin(), body.barcodes->end());
  set_if(record.tracking, body.tracking);
  set_if(record.hold_for, body.hold_for);
  set_if(record.hold_max, body.hold_max);
  if (known != ItemId()) {
    const ItemRecord& before = stock.item(known);
    if (record == before) {
      hearing.answer.outcome = Outcome::already;
      return;
    }
    check_tracking(hearing, known, before.tracking, record.tracking);
  }
  if (body.hold_for || body.hold_max) check_holds(hearing, record);
  if (hearing.objected()) return;
  hearing.write(
      ItemDefined{.item = known != ItemId() ? known : stock.last_item().next(), .record = &record});
}

void decide_body(Hearing& hearing, const DefineLocation& body) {
  const Stock& stock = hearing.stock;
  const LocationId known = stock.find_location(body.code);
  LocationRecord& record = hearing.out.locations.emplace_back();
  if (known != LocationId()) {
    hearing.consult(stock.version(known));
    record = stock.location(known);
  }
  record.code = body.code;
  set_if(record.title, body.title);
  set_if(record.region, body.region);
  set_if(record.time_zone, body.time_zone);
  set_if(record.priority, body.priority);
  set_if(record.active, body.active);
  if (known != LocationId() && record == stock.location(known)) {
    hearing.answer.outcome = Outcome::already;
    return;
  }
  hearing.write(LocationDefined{
      .location = known != LocationId() ? known : stock.last_location().next(), .record = &record});
}

void decide_body(Hearing& hearing, const DefineChannel& body) {
  const Stock& stock = hearing.stock;
  const ChannelId known = stock.find_channel(body.code);
  ChannelRecord& record = hearing.out.channels.emplace_back();
  if (known != ChannelId()) {
    hearing.consult(stock.version(known));
    record = stock.channel(known);
  } else {
    record.all_locations = true;
  }
  record.code = body.code;
  set_if(record.title, body.title);
  set_if(record.active, body.active);
  if (body.locations) {
    record.all_locations = false;
    record.locations = resolve_locations(hearing, *body.locations);
    if (hearing.objected()) return;
  }
  if (known != ChannelId() && record == stock.channel(known)) {
    hearing.answer.outcome = Outcome::already;
    return;
  }
  hearing.write(ChannelDefined{
      .channel = known != ChannelId() ? known : stock.last_channel().next(), .record = &record});
}

}  // namespace holdfast
