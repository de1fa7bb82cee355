// Reasons: why stock was corrected. A closed list, so that reports can add up, each with the
// direction it can have; `custom:` and a word of one's own goes both ways.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

enum class Direction : std::uint8_t { up, down, both };

struct Reason {
  std::string_view name;
  Direction direction;
};

inline constexpr std::array<Reason, 22> reasons = {{
    {"correction", Direction::both},
    {"cycle_count", Direction::both},
    {"received", Direction::up},
    {"restock", Direction::up},
    {"returned", Direction::up},
    {"damaged", Direction::down},
    {"spoilage", Direction::down},
    {"expired", Direction::down},
    {"theft", Direction::down},
    {"lost", Direction::down},
    {"shrinkage", Direction::down},
    {"samples_promotional", Direction::down},
    {"internal_use", Direction::down},
    {"vendor_return", Direction::down},
    {"production_waste", Direction::down},
    {"quality_control", Direction::both},
    {"safety_stock", Direction::both},
    {"transfer", Direction::both},
    {"sale", Direction::down},
    {"canceled_sale", Direction::up},
    {"other", Direction::both},
    {"sql", Direction::both},  // an UPDATE of the stock relation
}};
// Of an INSERT or UPDATE that gives none.
inline constexpr std::string_view sql_reason = "sql";
inline constexpr std::string_view custom_reason_prefix = "custom:";

// Nothing when the name is neither in the list nor custom:*.
constexpr std::optional<Direction> direction_of_reason(std::string_view name) {
  for (const Reason& reason : reasons) {
    if (reason.name == name) return reason.direction;
  }
  if (name.starts_with(custom_reason_prefix) && name.size() > custom_reason_prefix.size()) {
    return Direction::both;
  }
  return {};
}

constexpr bool allows(Direction direction, bool upwards) {
  return direction == Direction::both || (direction == Direction::up) == upwards;
}

}  // namespace holdfast
