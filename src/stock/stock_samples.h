// What the tests of this room build stocks from.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "stock/stock.h"

namespace holdfast {

inline ItemRecord item_named(std::string sku) {
  ItemRecord record;
  record.sku = std::move(sku);
  return record;
}

inline LocationRecord location_named(std::string code, std::int32_t priority = 100,
                                     bool active = true) {
  LocationRecord record;
  record.code = std::move(code);
  record.priority = priority;
  record.active = active;
  return record;
}

inline ChannelRecord channel_named(std::string code, std::vector<LocationId> locations = {}) {
  ChannelRecord record;
  record.code = std::move(code);
  record.all_locations = locations.empty();
  record.locations = std::move(locations);
  return record;
}

inline ClaimId claim_id(std::uint64_t number) {
  return ClaimId::v7(1'700'000'000'000, number * 0x9e3779b97f4a7c15u, number);
}

inline Quantities delta_of(std::initializer_list<std::pair<Term, std::int64_t>> terms) {
  Quantities out;
  for (const auto& [term, units] : terms) out[term] = Quantity(units);
  return out;
}

inline Quantities received(std::int64_t units) {
  return delta_of({{Term::on_hand, units}, {Term::available, units}});
}

inline LevelKey key_of(std::uint32_t item, std::uint32_t location, std::uint32_t lot = 0) {
  return {.item = ItemId(item), .location = LocationId(location), .lot = LotId(lot)};
}

inline GroupContext context_of(std::string_view actor, std::string_view request_id = {},
                               Timestamp at = Timestamp::us(1'000)) {
  GroupContext context;
  context.at = at;
  context.actor = actor;
  context.request_id = request_id;
  return context;
}

// Blocks of a checkpoint, copied.
inline std::vector<std::vector<std::byte>> blocks_of(const Snapshot& snapshot) {
  std::vector<std::vector<std::byte>> blocks;
  const Status status = save(snapshot, [&](ByteSpan block) -> Status {
    blocks.emplace_back(block.begin(), block.end());
    return {};
  });
  return status.has_value() ? blocks : std::vector<std::vector<std::byte>>();
}

inline Result<std::unique_ptr<Stock>> load(const std::vector<std::vector<std::byte>>& blocks) {
  StockLoader loader;
  for (const auto& block : blocks) TRY(loader.add(block));
  return loader.finish();
}

}  // namespace holdfast
