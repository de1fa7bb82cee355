// An answer in words for people: why it was refused, with the field, the value and the limit.
#pragma once

#include <string>
#include <string_view>

#include "model/answer.h"
#include "model/command.h"

namespace holdfast {

// A claim or an amendment: what looks for free units.
[[nodiscard]] bool is_sourcing(const Command& command);

// Where a receipt, correction or sale took place: as decided, else as asked. Empty for other
// commands.
struct Place {
  std::string_view sku, location, lot;
};
[[nodiscard]] Place place_of(const Command& command, const Answer& answer);

// Why it was refused, with the numbers: "SKU-1: requested 3, available 1"; what a partial grant
// left out; else nothing.
void append_message(std::string& out, const Command& command, const Answer& answer);

}  // namespace holdfast
