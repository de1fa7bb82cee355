// define_item, define_location, define_channel: upserts. What a command leaves out keeps its value;
// what changes nothing is `already`. An entry carries the whole record.
#include "ledger/hearing.h"

namespace holdfast {
namespace {

template <class To, class From>
void set_if(To& to, const std::optional<From>& given) {
  if (given) to = *given;
}

// Whether the item has units open that were never counted.
bool has_backordered(const Stock& stock, ItemId item) {
  for (const LevelRef level : stock.levels_of(item)) {
    if (!stock.quantity(level, Term::backordered).is_zero()) return true;
  }
  return false;
}

// The locations of a channel, by code, each once; objects to one that is unknown.
std::vector<LocationId> resolve_locations(Hearing& hearing,
                                          std::span<const std::string_view> codes) {
  const Stock& stock = hearing.stock;
  std::vector<bool> named(stock.last_location().value() + 1, false);
  std::vector<LocationId> out;
  for (const std::string_view code : codes) {
    const LocationId location = stock.find_location(code);
    if (location == LocationId()) {
      hearing.object(Outcome::location_unknown);
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
    // Units that do not exist may be open only while nobody counts them.
    if (before.tracking == Tracking::none && record.tracking != Tracking::none &&
        has_backordered(stock, known)) {
      return hearing.object(Outcome::wrong_state);
    }
  }
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
