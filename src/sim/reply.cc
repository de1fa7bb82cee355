// For messages only.
#include "sim/reply.h"

#include <fmt/format.h>

namespace holdfast {

std::string Reply::text() const {
  if (error.has_value()) return "error: " + message;
  std::string out =
      fmt::format("{} at seq {}{}", name_of(outcome), seq.value(), replayed ? ", replayed" : "");
  if (!claim.is_none()) out += ", claim " + claim.text();
  if (state) out += fmt::format(", {}", name_of(*state));
  if (expires_at) out += fmt::format(", until {} µs", expires_at->us());
  if (requested) out += fmt::format(", requested {}", requested->units());
  if (available) out += fmt::format(", available {}", available->units());
  for (const SeenLevel& level : levels) {
    out += fmt::format("\n    {} at {}: available {}, version {}", level.sku, level.location,
                       level.quantities[Term::available].units(), level.version.value());
  }
  return out;
}

}  // namespace holdfast
