// One case per verb; the rest of the simulation knows no command bodies.
#include "sim/operation.h"

#include <fmt/format.h>

#include <array>

namespace holdfast {
namespace {

constexpr std::array<std::string_view, verb_count> verb_names = {"claim",
                                                                 "extend",
                                                                 "confirm",
                                                                 "amend",
                                                                 "release",
                                                                 "cancel",
                                                                 "fulfil",
                                                                 "receive",
                                                                 "adjust",
                                                                 "sale",
                                                                 "define_item",
                                                                 "define_location",
                                                                 "define_channel",
                                                                 "set_stock",
                                                                 "read_stock",
                                                                 "read_claims",
                                                                 "read_availability",
                                                                 "malformed"};

CommandBody claim_of(const Operation& operation, const CommandParts& parts) {
  return ClaimUnits{.lines = parts.lines,
                    .hold = operation.hold_for ? HoldMode::timed : HoldMode::commit,
                    .hold_for = operation.hold_for.value_or(Duration()),
                    .partial = operation.partial,
                    .claim = operation.claim,
                    .fulfil = operation.fulfil};
}

CommandBody body_of(const Operation& operation, const CommandParts& parts) {
  const Quantity quantity(operation.quantity);
  switch (operation.verb) {
    case Verb::extend:
      return Extend{.claim = operation.claim, .hold_for = operation.hold_for.value_or(Duration())};
    case Verb::confirm:
      return Confirm{.claim = operation.claim,
                     .lines = parts.selections,
                     .release_rest = operation.release_rest,
                     .if_expired = operation.reclaim ? IfExpired::reclaim : IfExpired::refuse};
    case Verb::amend:
      return Amend{.claim = operation.claim, .lines = parts.lines, .partial = operation.partial};
    case Verb::release:
      return Release{.claim = operation.claim};
    case Verb::cancel:
      return Cancel{.claim = operation.claim, .lines = parts.selections};
    case Verb::fulfil:
      return Fulfil{.claim = operation.claim, .lines = parts.selections};
    case Verb::receive:
      return Receive{
          .sku = operation.sku, .location = operation.location, .lot = {}, .quantity = quantity};
    case Verb::adjust:
      return Adjust{.sku = operation.sku,
                    .location = operation.location,
                    .lot = {},
                    .delta = quantity,
                    .force = operation.force};
    case Verb::sale:
      return Sale{
          .sku = operation.sku, .location = operation.location, .lot = {}, .quantity = quantity};
    case Verb::set_stock:
      return SetLevel{
          .sku = operation.sku, .location = operation.location, .lot = {}, .on_hand = quantity};
    case Verb::define_item:
      return DefineItem{.sku = operation.sku, .title = operation.title};
    case Verb::define_location:
      return DefineLocation{.code = operation.sku,
                            .priority = static_cast<std::int32_t>(operation.quantity),
                            .active = operation.active};
    case Verb::define_channel:
      return DefineChannel{.code = operation.sku,
                           .locations = std::span<const std::string_view>(parts.names)};
    default:
      return claim_of(operation, parts);
  }
}

}  // namespace

std::string_view name_of(Verb verb) { return verb_names[static_cast<std::size_t>(verb)]; }

Command command_of(const Operation& operation, CommandParts& parts) {
  for (const OperationLine& line : operation.lines) {
    parts.lines.push_back({.sku = line.sku,
                           .quantity = Quantity(line.quantity),
                           .location = line.location,
                           .lot = {}});
    parts.selections.push_back({.line = line.line,
                                .sku = line.sku,
                                .location = line.location,
                                .quantity = Quantity(line.quantity)});
  }
  for (const std::string& location : operation.locations) parts.names.push_back(location);
  if (operation.expected) {
    parts.conditions.push_back(
        {.term = Term::on_hand, .comparison = Comparison::equal, .value = *operation.expected});
  }
  return {.context = {.actor = simulated_actor,
                      .request_id = operation.request_id,
                      .reference = operation.reference,
                      .reason = operation.reason,
                      .customer = operation.customer,
                      .channel = operation.channel,
                      .occurred_at = {}},
          .body = body_of(operation, parts),
          .expected = {.conditions = parts.conditions}};
}

std::string Operation::text() const {
  std::string out = fmt::format("#{} {}", number, name_of(verb));
  if (!sku.empty()) out += fmt::format(" {} at {} × {}", sku, location, quantity);
  for (const OperationLine& line : lines) {
    const std::string what = line.line == 0 ? line.sku : fmt::format("line {}", line.line);
    out += fmt::format(" [{} at {} × {}]", what, line.location, line.quantity);
  }
  if (!claim.is_none()) out += " claim " + claim.text();
  if (!channel.empty()) out += " channel " + channel;
  if (!request_id.empty()) out += " request_id " + request_id;
  if (expected) out += fmt::format(" expected {}", *expected);
  if (hold_for) out += fmt::format(" hold {} µs", hold_for->us());
  for (const auto& [flag, word] : {std::pair{partial, " partial"},
                                   {fulfil, " fulfil"},
                                   {force, " force"},
                                   {release_rest, " release_rest"},
                                   {reclaim, " reclaim"}}) {
    if (flag) out += word;
  }
  return out;
}

}  // namespace holdfast
