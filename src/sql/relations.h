// The relations that can be read by key, their columns and keys. Further relations exist in the
// design (ledger, transfers, …) and are named here so that the error can say so.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sql/functions.h"
#include "sql/types.h"

namespace holdfast {

enum class Relation : std::uint8_t { stock, availability, claims, items, locations, channels };
inline constexpr std::size_t relation_count = 6;

struct RelationInfo {
  std::string_view name;
  std::span<const Column> columns;
  std::span<const std::uint8_t>
      keys;               // indexes of columns that WHERE may bind, in order of their level
  bool needs_key = true;  // false: small enough to be read whole
  bool is_kept = true;    // row by row; false: it is computed from others
};
[[nodiscard]] const RelationInfo& info_of(Relation relation);
[[nodiscard]] std::optional<Relation> find_relation(std::string_view name);
// What to say to a name that is none: "Did you mean stock?", or which there are.
[[nodiscard]] std::string hint_for_relation(std::string_view name);
// Part of the design, not readable yet.
[[nodiscard]] bool is_planned_relation(std::string_view name);
// By name; `id` is taken for `claim_id`, `code` for the name of a location or channel.
[[nodiscard]] std::optional<std::uint8_t> find_column(const RelationInfo& relation,
                                                      std::string_view name);

// A column that INSERT and UPDATE can give, as the argument of a function that it is.
struct WritableColumn {
  std::string_view name;
  Argument argument;
};
[[nodiscard]] std::span<const WritableColumn> writable_columns(Relation relation);
[[nodiscard]] std::optional<Argument> find_writable_column(Relation relation,
                                                           std::string_view name);

// Columns by position, as relations.cc lists them; the service writes cells by these.
enum class StockColumn : std::uint8_t {
  sku,
  location,
  lot,
  on_hand,
  available,
  held,
  committed,
  backordered,
  damaged,
  quality_control,
  safety_stock,
  shortage,
  incoming,
  version,
};
enum class AvailabilityColumn : std::uint8_t { sku, channel, salable, available, on_hand, version };
enum class ClaimColumn : std::uint8_t {
  claim_id,
  state,
  channel,
  customer,
  reference,
  actor,
  opened_at,
  expires_at,
  held,
  committed,
  backordered,
  fulfilled,
  cancelled,
  released,
  expired,
  lines,
  version,
};
enum class ItemColumn : std::uint8_t {
  sku,
  title,
  description,
  brand,
  category,
  unit,
  scale,
  price_minor,
  currency,
  attributes,
  barcodes,
  tracking,
  hold_for,
  hold_longest,  // "hold_max"
  version,
};
enum class LocationColumn : std::uint8_t {
  location,
  title,
  region,
  time_zone,
  priority,
  active,
  version,
};
enum class ChannelColumn : std::uint8_t {
  channel,
  title,
  active,
  all_locations,
  locations,
  version,
};

}  // namespace holdfast
