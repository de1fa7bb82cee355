// ItemIndex: an item by its sku, and an item's levels by (location, lot). One cache line per item
// holds the sku (up to 39 bytes), the definition in force and where its levels are listed, so a
// look-up by name misses the cache twice.
//
// A list of levels is one block: the refs in order of (location, lot), then the locations again, so
// that finding a location reads no level. It grows by whole blocks of given sizes, which are
// recycled.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/level.h"
#include "stock/chunked.h"
#include "stock/definitions.h"
#include "stock/stock.h"
#include "stock/tag_index.h"

namespace holdfast {

class ItemIndex {
 public:
  using Levels = PagedTable<LevelPage>;

  ItemIndex(Arena& arena, const Levels& levels);

  [[nodiscard]] ItemId find(std::string_view sku) const {
    return ItemId(by_sku_.find(hash64(as_bytes(sku)), [&](std::uint32_t id) {
      const Entry& entry = entries_[id];
      if (entry.sku_size > sku_inline_max) return entry.defined->record.sku == sku;
      return entry.sku_size == sku.size() &&
             std::memcmp(entry.sku.data(), sku.data(), sku.size()) == 0;
    }));
  }
  // REQUIRES (here and below): the item was defined.
  [[nodiscard]] const Defined<ItemRecord>& definition(ItemId item) const {
    return *entry(item).defined;
  }
  // A definition is about to come into force, the item's first or a new one: its sku may have
  // changed.
  void rename(ItemId item, std::string_view sku);
  // It is in force.
  void set_definition(ItemId item, const Defined<ItemRecord>& defined) {
    entries_[item.value()].defined = &defined;
  }

  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item) const {
    const Entry& listed = entry(item);
    return {listed.refs, listed.count};
  }
  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item, LocationId location) const {
    const Entry& listed = entry(item);
    return refs_in(listed, range_of(listed, location));
  }
  // At most one.
  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item, LocationId location,
                                                    LotId lot) const {
    const Entry& listed = entry(item);
    return refs_in(listed, range_of(listed, location, lot));
  }
  // Absent when the item is unknown too.
  [[nodiscard]] LevelRef find(const LevelKey& key) const {
    if (key.item.value() == 0 || key.item.value() >= entries_.size()) return {};
    const Entry& listed = entries_[key.item.value()];
    const Range range = range_of(listed, key.location, key.lot);
    return range.begin == range.end ? LevelRef() : listed.refs[range.begin];
  }
  // The steps of Stock::foresee, each after the memory of the one before has come.
  // The first returns the sku's hash, the second what it most likely belongs to.
  [[nodiscard]] std::uint64_t prefetch_slot(std::string_view sku) const {
    const std::uint64_t hash = hash64(as_bytes(sku));
    by_sku_.prefetch(hash);
    return hash;
  }
  [[nodiscard]] std::uint32_t prefetch_entry(std::uint64_t hash) const;
  // Where the look is for an id; any id will do.
  void prefetch_entry(ItemId item) const {
    if (item.value() < entries_.size()) __builtin_prefetch(&entries_[item.value()]);
  }
  // What find() of a key reads; 0 when there is no such item.
  void prefetch_levels(ItemId item) const {
    if (item.value() < entries_.size()) prefetch_levels(entries_[item.value()]);
  }
  void prefetch_list(std::uint32_t item) const;
  // Absent when there is none; with no location, the first.
  [[nodiscard]] LevelRef guess(std::uint32_t item, LocationId location) const;

  // REQUIRES: the level is in the table and not listed yet.
  void insert(const LevelKey& key, LevelRef level);
  // REQUIRES: it is listed.
  void erase(const LevelKey& key);
  // Forgets the newest item. REQUIRES: none of its levels is listed.
  void drop_last();

 private:
  static constexpr std::size_t sku_inline_max = 39;
  struct alignas(64) Entry {
    const Defined<ItemRecord>* defined = nullptr;
    LevelRef* refs = nullptr;  // `capacity` of them, then as many LocationIds
    std::uint32_t count = 0;
    std::uint16_t list_class = 0;  // of its block; 0: none
    bool has_lots = false;         // some level has a lot
    std::uint8_t sku_size = 0;     // more than sku_inline_max: look in the definition
    std::array<char, sku_inline_max + 1> sku{};
  };
  static_assert(sizeof(Entry) == 64);
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  [[nodiscard]] const Entry& entry(ItemId item) const {
    CHECK(item.value() != 0 && item.value() < entries_.size(), "item {} was not handed out",
          item.value());
    return entries_[item.value()];
  }
  [[nodiscard]] LocationId* locations_of(const Entry& entry) const {
    return reinterpret_cast<LocationId*>(entry.refs + capacities_[entry.list_class]);
  }
  static std::span<const LevelRef> refs_in(const Entry& entry, Range range) {
    return {entry.refs + range.begin, range.end - range.begin};
  }
  // Most items have a dozen levels, so a location is found by walking the list.
  static constexpr std::uint32_t walk_max = 24;
  [[nodiscard]] Range range_of(const Entry& entry, LocationId location) const {
    if (entry.count > walk_max) [[unlikely]]
      return bisected(entry, location);
    const LocationId* locations = locations_of(entry);
    std::uint32_t begin = 0;
    while (begin < entry.count && locations[begin] < location) ++begin;
    std::uint32_t end = begin;
    while (end < entry.count && locations[end] == location) ++end;
    return {begin, end};
  }
  // Of at most one level.
  [[nodiscard]] Range range_of(const Entry& entry, LocationId location, LotId lot) const {
    const Range range = range_of(entry, location);
    if (entry.has_lots) [[unlikely]]
      return narrowed(entry, range, lot);
    return lot == LotId() ? range : Range();
  }
  [[nodiscard]] Range bisected(const Entry& entry, LocationId location) const;
  [[nodiscard]] Range narrowed(const Entry& entry, Range range, LotId lot) const;
  [[nodiscard]] LotId lot_of(LevelRef level) const {
    return levels_.page_of(level.row).lot[Levels::in_page(level.row)];
  }
  [[nodiscard]] std::uint32_t lot_bound(const Entry& entry, Range range, LotId lot) const;
  void prefetch_levels(const Entry& entry) const {
    if (entry.count == 0) return;
    // Refs and locations of a dozen levels lie on two lines.
    __builtin_prefetch(entry.refs);
    __builtin_prefetch(locations_of(entry) + (entry.count - 1));
  }
  void enlarge(Entry& entry);

  const Levels& levels_;
  Arena& arena_;
  TagIndex by_sku_;
  Chunked<Entry> entries_;
  std::vector<std::uint32_t> capacities_;     // by list class
  std::vector<std::unique_ptr<Pool>> lists_;  // by list class; null: not needed yet
};

}  // namespace holdfast
