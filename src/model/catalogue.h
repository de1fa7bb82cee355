// What is sold, where it stands and through which surface: items, locations, channels. A definition
// always carries the whole record, so the latest version by seq is the truth and `fold` needs no
// merge. Records own their text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "model/time.h"

namespace holdfast {

// How an item is counted. `none`: always granted, salable unknown. `lot`: levels are per lot as
// well.
enum class Tracking : std::uint8_t { none, quantity, lot, serial };
inline constexpr std::array<std::string_view, 4> tracking_names = {"none", "quantity", "lot",
                                                                   "serial"};

// What every claim looks at comes first, on one or two cache lines.
struct ItemRecord {
  std::string sku;
  Tracking tracking = Tracking::quantity;
  std::optional<Duration> hold_for;  // what `hold_for => 'default'` means for this item
  std::optional<Duration>
      hold_max;  // the longest hold, counted from the claim; absent: the ledger's
  std::string title;
  std::string description;
  std::string brand;
  std::string category;
  std::string unit;              // what one unit is, for people: "piece", "g"
  std::uint8_t scale = 0;        // decimal places a person sees; quantities stay integers
  std::int64_t price_minor = 0;  // in the currency's minor unit
  std::string currency;          // ISO 4217, empty when there is no price
  std::string attributes;        // a JSON object as text, empty when there is none
  std::vector<std::string> barcodes;
  friend bool operator==(const ItemRecord&, const ItemRecord&) = default;
};

struct LocationRecord {
  std::string code;
  std::string title;
  std::string region;
  std::string time_zone;
  std::int32_t priority = 100;  // 1 comes first
  bool active = true;
  friend bool operator==(const LocationRecord&, const LocationRecord&) = default;
};

struct ChannelRecord {
  std::string code;
  std::string title;
  bool active = true;
  bool all_locations = false;  // every active location by (priority, id); `locations` is empty then
  std::vector<LocationId> locations;  // in the order in which they are tried
  friend bool operator==(const ChannelRecord&, const ChannelRecord&) = default;
};

// What a fresh ledger contains, and what a command means that names neither.
inline constexpr std::string_view default_location = "main";
inline constexpr std::string_view default_channel = "default";
// The actor of what the server does by itself: bootstrap, expiry, resume.
inline constexpr std::string_view system_actor = "system";

}  // namespace holdfast
