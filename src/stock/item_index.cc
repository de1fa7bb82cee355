// What is rare: definitions, long lists, lots, growth. Look-ups are in the header.
#include "stock/item_index.h"

#include <algorithm>

#include "base/check.h"
#include "base/prefetch.h"

namespace holdfast {
namespace {

// 1, 4 and 10 fit the shops there are (one place, a few, a chain's regions); from there half as
// much again.
std::vector<std::uint32_t> list_capacities() {
  std::vector<std::uint32_t> out = {0, 1, 4, 10};
  while (out.back() < (1u << 31)) {
    out.push_back(static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{out.back()} * 3 / 2, 1u << 31)));
  }
  return out;
}

}  // namespace

ItemIndex::ItemIndex(Arena& arena, const Levels& levels)
    : levels_(levels),
      arena_(arena),
      by_sku_(arena),
      entries_(arena),
      capacities_(list_capacities()),
      lists_(capacities_.size()) {
  entries_.push_back(Entry());
}

void ItemIndex::rename(ItemId item, std::string_view sku) {
  const bool is_new = item.value() == entries_.size();
  if (is_new) entries_.push_back(Entry());
  Entry& entry = entries_[item.value()];
  if (!is_new) {
    const std::string& before = entry.defined->record.sku;
    if (before == sku) return;
    by_sku_.erase(hash64(as_bytes(before)), item.value());
  }
  by_sku_.insert(hash64(as_bytes(sku)), item.value());
  entry.sku_size = static_cast<std::uint8_t>(std::min(sku.size(), sku_inline_max + 1));
  if (sku.size() <= sku_inline_max) std::memcpy(entry.sku.data(), sku.data(), sku.size());
}

ItemIndex::Range ItemIndex::bisected(const Entry& entry, LocationId location) const {
  const LocationId* locations = locations_of(entry);
  const auto range = std::equal_range(locations, locations + entry.count, location);
  return {static_cast<std::uint32_t>(range.first - locations),
          static_cast<std::uint32_t>(range.second - locations)};
}

ItemIndex::Range ItemIndex::narrowed(const Entry& entry, Range range, LotId lot) const {
  const std::uint32_t at = lot_bound(entry, range, lot);
  const bool found = at < range.end && lot_of(entry.refs[at]) == lot;
  return {at, found ? at + 1 : at};
}

std::uint32_t ItemIndex::lot_bound(const Entry& entry, Range range, LotId lot) const {
  const auto* found =
      std::lower_bound(entry.refs + range.begin, entry.refs + range.end, lot,
                       [this](LevelRef ref, LotId sought) { return lot_of(ref) < sought; });
  return static_cast<std::uint32_t>(found - entry.refs);
}

std::uint32_t ItemIndex::prefetch_entry(std::uint64_t hash) const {
  const std::uint32_t item = by_sku_.guess(hash);
  __builtin_prefetch(&entries_[item]);  // 0, when there is none, is an entry too
  return item;
}

void ItemIndex::prefetch_list(std::uint32_t item) const {
  const Entry& entry = entries_[item];
  if (entry.count == 0) return;
  prefetch_levels(entry);
  prefetch(entry.defined, 2 * cache_line_bytes);
}

LevelRef ItemIndex::guess(std::uint32_t item, LocationId location) const {
  const Entry& entry = entries_[item];
  const Range range = location == LocationId() ? Range{0, entry.count} : range_of(entry, location);
  return range.begin == range.end ? LevelRef() : entry.refs[range.begin];
}

void ItemIndex::insert(const LevelKey& key, LevelRef level) {
  CHECK(key.item.value() != 0 && key.item.value() < entries_.size(), "item {} was not handed out",
        key.item.value());
  Entry& entry = entries_[key.item.value()];
  if (entry.count == capacities_[entry.list_class]) enlarge(entry);
  const std::uint32_t at = lot_bound(entry, range_of(entry, key.location), key.lot);
  LocationId* locations = locations_of(entry);
  std::memmove(entry.refs + at + 1, entry.refs + at, (entry.count - at) * sizeof(LevelRef));
  std::memmove(static_cast<void*>(locations + at + 1), locations + at,
               (entry.count - at) * sizeof(LocationId));
  entry.refs[at] = level;
  locations[at] = key.location;
  ++entry.count;
  entry.has_lots = entry.has_lots || key.lot != LotId();
}

void ItemIndex::erase(const LevelKey& key) {
  Entry& entry = entries_[key.item.value()];
  const Range range = range_of(entry, key.location, key.lot);
  CHECK(range.begin != range.end, "a level of item {} is not listed", key.item.value());
  LocationId* locations = locations_of(entry);
  const std::uint32_t behind = entry.count - range.begin - 1;
  std::memmove(entry.refs + range.begin, entry.refs + range.begin + 1, behind * sizeof(LevelRef));
  std::memmove(static_cast<void*>(locations + range.begin), locations + range.begin + 1,
               behind * sizeof(LocationId));
  --entry.count;
}

void ItemIndex::drop_last() {
  const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
  Entry& entry = entries_[last];
  CHECK(entry.count == 0, "item {} has levels", last);
  by_sku_.erase(hash64(as_bytes(entry.defined->record.sku)), last);
  if (entry.list_class != 0) lists_[entry.list_class]->give(entry.refs);
  entries_.pop_back();
}

void ItemIndex::enlarge(Entry& entry) {
  const auto larger = static_cast<std::uint16_t>(entry.list_class + 1);
  CHECK(larger < capacities_.size());
  if (lists_[larger] == nullptr) {
    lists_[larger] = std::make_unique<Pool>(
        arena_, capacities_[larger] * (sizeof(LevelRef) + sizeof(LocationId)));
  }
  std::byte* block = lists_[larger]->take();
  LevelRef* refs = reinterpret_cast<LevelRef*>(block);
  if (entry.count > 0) {
    std::memcpy(block, entry.refs, entry.count * sizeof(LevelRef));
    std::memcpy(static_cast<void*>(refs + capacities_[larger]), locations_of(entry),
                entry.count * sizeof(LocationId));
    lists_[entry.list_class]->give(entry.refs);
  }
  entry.refs = refs;
  entry.list_class = larger;
}

}  // namespace holdfast
