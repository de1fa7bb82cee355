// Definitions are rare and selling orders are read by every claim, so an order is made once per
// change.
#include "stock/catalogue.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <tuple>

namespace holdfast {
namespace {

// Keeps an index in step with a definition whose name may have changed; "" is none.
void rename(TagIndex& index, std::string_view before, std::string_view after, std::uint32_t id) {
  if (before == after) return;
  if (!before.empty()) index.erase(hash64(as_bytes(before)), id);
  if (!after.empty()) index.insert(hash64(as_bytes(after)), id);
}

std::uint64_t lot_share(LotId lot, std::string_view name) {
  return key_factor(DigestKind::lot, 0, lot.value()) * weighted(hash64(as_bytes(name)), 0);
}

}  // namespace

Catalogue::Catalogue(Arena& arena, Epochs& epochs, TextBlocks& texts)
    : texts_(texts),
      items_(arena, epochs),
      locations_(arena, epochs),
      channels_(arena, epochs),
      lots_(arena, epochs),
      location_codes_(arena),
      channel_codes_(arena),
      lot_names_(arena),
      selling_orders_(1) {
  lots_.append();
}

LocationId Catalogue::find_location(std::string_view code) const {
  return LocationId(location_codes_.find(hash64(as_bytes(code)), [&](std::uint32_t id) {
    return locations_.get(LocationId(id)).record.code == code;
  }));
}

ChannelId Catalogue::find_channel(std::string_view code) const {
  if (latest_found_ != ChannelId() && channels_.get(latest_found_).record.code == code) {
    return latest_found_;
  }
  return latest_found_ =
             ChannelId(channel_codes_.find(hash64(as_bytes(code)), [&](std::uint32_t id) {
               return channels_.get(ChannelId(id)).record.code == code;
             }));
}

LotId Catalogue::find_lot(std::string_view name) const {
  if (name.empty()) return LotId();
  return LotId(lot_names_.find(hash64(as_bytes(name)),
                               [&](std::uint32_t id) { return lot_name(LotId(id)) == name; }));
}

std::string_view Catalogue::lot_name(LotId lot) const {
  CHECK(lot <= last_lot(), "lot {} was not handed out", lot.value());
  if (lot == LotId()) return {};
  return lots_.page_of(lot.value()).at[LotTable::in_page(lot.value())]->text();
}

const Catalogue::SellingOrder& Catalogue::remade_order(ChannelId channel) const {
  const Defined<ChannelRecord>& defined = channels_.get(channel);
  return selling_orders_[channel.value()] = {
             .made_for = std::max(defined.version, locations_version_),
             .locations = make_selling_order(defined.record)};
}

std::vector<LocationId> Catalogue::make_selling_order(const ChannelRecord& channel) const {
  std::vector<LocationId> order;
  if (!channel.active) return order;
  const auto add_active = [&](LocationId location) {
    if (locations_.get(location).record.active) order.push_back(location);
  };
  if (!channel.all_locations) {
    for (const LocationId location : channel.locations) add_active(location);
    return order;
  }
  for (LocationId location(1); location <= locations_.last(); location = location.next()) {
    add_active(location);
  }
  std::sort(order.begin(), order.end(), [&](LocationId a, LocationId b) {
    return std::tuple(locations_.get(a).record.priority, a) <
           std::tuple(locations_.get(b).record.priority, b);
  });
  return order;
}

std::uint64_t Catalogue::define(ItemId item, const ItemRecord& record, Seq seq) {
  return items_.define(item, record, seq);
}

std::uint64_t Catalogue::define(LocationId location, const LocationRecord& record, Seq seq) {
  const bool is_new = location > locations_.last();
  const std::string before = is_new ? std::string() : locations_.get(location).record.code;
  const std::uint64_t change = locations_.define(location, record, seq);
  rename(location_codes_, before, record.code, location.value());
  locations_version_ = std::max(locations_version_, seq);
  forget_orders();
  return change;
}

void Catalogue::forget_orders() {
  for (SellingOrder& order : selling_orders_) order.made_for = Seq();
}

std::uint64_t Catalogue::define(ChannelId channel, const ChannelRecord& record, Seq seq) {
  const bool is_new = channel > channels_.last();
  const std::string before = is_new ? std::string() : channels_.get(channel).record.code;
  const std::uint64_t change = channels_.define(channel, record, seq);
  rename(channel_codes_, before, record.code, channel.value());
  selling_orders_.resize(channels_.last().value() + 1);
  selling_orders_[channel.value()].made_for = Seq();
  return change;
}

std::uint64_t Catalogue::name_lot(LotId lot, std::string_view name) {
  CHECK(lot == last_lot().next() && !name.empty(), "lot {} is out of order", lot.value());
  std::byte* memory = texts_.take(sizeof(Name) + name.size());
  const Name* block = new (memory) Name{.size = static_cast<std::uint32_t>(name.size())};
  std::memcpy(memory + sizeof(Name), name.data(), name.size());
  const std::uint32_t row = lots_.append();
  lots_.writable(row).at[LotTable::in_page(row)] = block;
  lot_names_.insert(hash64(as_bytes(name)), row);
  return lot_share(lot, name);
}

void Catalogue::restore(const LocationBefore& before) {
  const LocationId id = before.definition.id;
  const auto& record = before.definition.record;
  rename(location_codes_, locations_.get(id).record.code, record ? record->code : "", id.value());
  locations_.restore(before.definition);
  locations_version_ = before.locations_version;
  forget_orders();
}

void Catalogue::restore(const ChannelBefore& before) {
  const auto& record = before.record;
  rename(channel_codes_, channels_.get(before.id).record.code, record ? record->code : "",
         before.id.value());
  channels_.restore(before);
  selling_orders_.resize(channels_.last().value() + 1);
  forget_orders();
  latest_found_ = ChannelId();
}

void Catalogue::restore(const LotBefore&) {
  const LotId lot = last_lot();
  lot_names_.erase(hash64(as_bytes(lot_name(lot))), lot.value());
  lots_.drop_last();
}

std::uint64_t Catalogue::recomputed_digest() const {
  std::uint64_t digest =
      items_.recomputed_digest() + locations_.recomputed_digest() + channels_.recomputed_digest();
  for (LotId lot(1); lot <= last_lot(); lot = lot.next()) digest += lot_share(lot, lot_name(lot));
  return digest;
}

std::uint64_t Catalogue::heap_bytes() const {
  return items_.heap_bytes() + locations_.heap_bytes() + channels_.heap_bytes();
}

}  // namespace holdfast
