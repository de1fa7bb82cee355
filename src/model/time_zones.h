// The names of the time zones of the IANA database: what a location may say about its clock. The
// names alone; nothing in the ledger computes with a zone.
#pragma once

#include <string_view>

namespace holdfast {

// Exactly one of the names, links included; bytewise.
[[nodiscard]] bool is_time_zone(std::string_view name);

}  // namespace holdfast
