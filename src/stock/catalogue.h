// Catalogue: locations, channels and lots by name and id, and the order in which a channel sells
// from its locations. Items are in definitions too; their names are in the item index, which the
// hot path reads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stock/chunked.h"
#include "stock/definitions.h"
#include "stock/tag_index.h"
#include "stock/text_blocks.h"

namespace holdfast {

// A name, immutable: its size, then its bytes.
struct Name {
  std::uint32_t size = 0;
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(this + 1), size};
  }
};

class Catalogue {
 public:
  using LotTable = PagedTable<PointerPage<Name>>;

  Catalogue(Arena& arena, Epochs& epochs, TextBlocks& texts);

  [[nodiscard]] const ItemDefinitions& items() const { return items_; }
  [[nodiscard]] const LocationDefinitions& locations() const { return locations_; }
  [[nodiscard]] const ChannelDefinitions& channels() const { return channels_; }

  [[nodiscard]] LocationId find_location(std::string_view code) const;
  [[nodiscard]] ChannelId find_channel(std::string_view code) const;
  [[nodiscard]] LotId find_lot(std::string_view name) const;
  [[nodiscard]] std::string_view lot_name(LotId lot) const;
  [[nodiscard]] LotId last_lot() const { return LotId(lots_.size() - 1); }
  [[nodiscard]] Seq version(ChannelId channel) const { return order_of(channel).made_for; }
  [[nodiscard]] std::span<const LocationId> selling_order(ChannelId channel) const {
    return order_of(channel).locations;
  }

  // All return the change of the digest.
  std::uint64_t define(ItemId item, const ItemRecord& record, Seq seq);
  std::uint64_t define(LocationId location, const LocationRecord& record, Seq seq);
  std::uint64_t define(ChannelId channel, const ChannelRecord& record, Seq seq);
  std::uint64_t name_lot(LotId lot, std::string_view name);

  // What a definition or a lot's name replaces, and how to put that back, newest first.
  using ItemBefore = ItemDefinitions::Before;
  struct LocationBefore {
    LocationDefinitions::Before definition;
    Seq locations_version;
  };
  using ChannelBefore = ChannelDefinitions::Before;
  struct LotBefore {};  // a lot is named once
  [[nodiscard]] LocationBefore before_definition(LocationId location) const {
    return {.definition = locations_.before_definition(location),
            .locations_version = locations_version_};
  }
  void restore(const ItemBefore& before) { items_.restore(before); }
  void restore(const LocationBefore& before);
  void restore(const ChannelBefore& before);
  void restore(const LotBefore& before);

  [[nodiscard]] std::uint64_t recomputed_digest() const;
  [[nodiscard]] std::uint64_t heap_bytes() const;
  [[nodiscard]] TableView<PointerPage<Name>> lots_view() const { return lots_.view(); }

 private:
  struct SellingOrder {
    Seq made_for;  // the version of the channel it was made at; 0: not made since a definition
    std::vector<LocationId> locations;
  };
  // Made anew when a definition it depends on has changed since it was last asked for.
  [[nodiscard]] const SellingOrder& order_of(ChannelId channel) const {
    const SellingOrder& order = selling_orders_[channel.value()];
    return order.made_for != Seq() ? order : remade_order(channel);
  }
  [[nodiscard]] const SellingOrder& remade_order(ChannelId channel) const;
  [[nodiscard]] std::vector<LocationId> make_selling_order(const ChannelRecord& channel) const;

  void forget_orders();

  TextBlocks& texts_;
  ItemDefinitions items_;
  LocationDefinitions locations_;
  ChannelDefinitions channels_;
  LotTable lots_;
  TagIndex location_codes_;
  TagIndex channel_codes_;
  TagIndex lot_names_;
  Seq locations_version_;
  // Caches of the owner's.
  mutable std::vector<SellingOrder> selling_orders_;  // by channel id
  mutable ChannelId latest_found_;                    // the next command's channel, most likely
};

}  // namespace holdfast
