// The shape of a command, checked before it is queued: identifiers, ranges, counts, lengths. It
// needs no state, so it runs on the thread of the connection; what depends on state is an Outcome
// of `decide`.
#include <simdjson.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "model/command.h"
#include "model/reason.h"
#include "model/time_zones.h"
#include "model/timestamp_text.h"

namespace holdfast {
namespace {

constexpr std::uint8_t scale_max = 9;
constexpr std::int32_t priority_max = 1'000'000;

// "sku", or "line 3: sku" when the command has lines.
std::string field_of(std::size_t line, std::string_view field) {
  if (line == 0) return std::string(field);
  return fmt::format("line {}: {}", line, field);
}

// Builds the field's name only for a message: an identifier that is in order costs no allocation.
Status check_named(std::size_t line, std::string_view field, std::string_view value) {
  if (line == 0) return check_identifier(field, value);
  if (check_identifier(field, value).has_value()) return {};
  return check_identifier(field_of(line, field), value);
}

Status check_optional(std::size_t line, std::string_view field, std::string_view value) {
  if (value.empty()) return {};
  return check_named(line, field, value);
}

Status check_quantity(std::size_t line, Quantity value, std::int64_t min) {
  if (value.units() < min) {
    return fail(ErrorCode::invalid_value, "{} must be at least {}, got {}",
                field_of(line, "quantity"), min, value.units());
  }
  if (!value.in_range()) {
    return fail(ErrorCode::out_of_range, "{} must be at most {}, got {}",
                field_of(line, "quantity"), Quantity::max().units(), value.units());
  }
  return {};
}

// "90 s", "-0.5 s"
std::string in_seconds(Duration value) {
  std::string out = value < Duration() ? "-" : "";
  const std::uint64_t us = value < Duration() ? 0 - static_cast<std::uint64_t>(value.us())
                                              : static_cast<std::uint64_t>(value.us());
  out += std::to_string(us / 1'000'000);
  if (us % 1'000'000 != 0) {
    out += fmt::format(".{:06}", us % 1'000'000);
    while (out.back() == '0') out.pop_back();
  }
  return out + " s";
}

Status check_hold(std::string_view field, Duration value) {
  if (value <= Duration()) {
    return fail(ErrorCode::invalid_value, "{} must be longer than 0, got {}", field,
                in_seconds(value));
  }
  if (value > hold_max) {
    return fail(ErrorCode::limit_exceeded, "{} must be at most {} seconds, got {}", field,
                hold_max.us() / 1'000'000, value.us() / 1'000'000);
  }
  return {};
}

Status check_long_text(std::string_view field, const std::optional<std::string_view>& value) {
  if (!value) return {};
  if (value->size() > long_text_bytes_max) {
    return fail(ErrorCode::limit_exceeded, "{} must be at most {} bytes, got {}", field,
                long_text_bytes_max, value->size());
  }
  if (!is_utf8(*value) || value->find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_encoding, "{} is not valid UTF-8 without NUL", field);
  }
  return {};
}

// A word that may be cleared with "".
Status check_word(std::string_view field, const std::optional<std::string_view>& value) {
  return value ? check_optional(0, field, *value) : Status();
}

Status check_claim_id(const ClaimId& id) {
  if (id.is_none()) return fail(ErrorCode::invalid_value, "claim_id must not be the nil uuid");
  return {};
}

Status check_line_count(std::size_t count) {
  if (count == 0) return fail(ErrorCode::invalid_value, "lines must not be empty");
  if (count > claim_lines_max) {
    return fail(ErrorCode::limit_exceeded, "lines must be at most {}, got {}", claim_lines_max,
                count);
  }
  return {};
}

Status check_lines(std::span<const LineRequest> lines) {
  TRY(check_line_count(lines.size()));
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const LineRequest& line = lines[index];
    const std::size_t number = lines.size() == 1 ? 0 : index + 1;
    TRY(check_named(number, "sku", line.sku));
    TRY(check_optional(number, "location", line.location));
    TRY(check_optional(number, "lot", line.lot));
    TRY(check_quantity(number, line.quantity, 1));
  }
  return {};
}

Status check_selections(std::span<const LineSelection> selections) {
  if (selections.empty()) return {};
  TRY(check_line_count(selections.size()));
  for (std::size_t index = 0; index < selections.size(); ++index) {
    const LineSelection& selection = selections[index];
    const std::size_t number = index + 1;
    // Not "line 1: …": that would be taken for the claim's line.
    if ((selection.line == 0) == selection.sku.empty()) {
      return fail(ErrorCode::invalid_value, "lines[{}]: \"line\" or \"sku\"{}", number,
                  selection.line == 0 ? " is missing" : ", not both");
    }
    if (selection.line != 0 && !selection.location.empty()) {
      return fail(ErrorCode::invalid_value,
                  "lines[{}]: \"location\" goes with \"sku\", not with \"line\"", number);
    }
    TRY(check_optional(number, "sku", selection.sku));
    TRY(check_optional(number, "location", selection.location));
    TRY(check_quantity(number, selection.quantity, 0));
  }
  return {};
}

Status check_place(std::string_view sku, std::string_view location, std::string_view lot) {
  TRY(check_named(0, "sku", sku));
  TRY(check_optional(0, "location", location));
  return check_optional(0, "lot", lot);
}

Status check_price(std::string_view field, const std::optional<std::int64_t>& minor) {
  if (!minor) return {};
  if (*minor < 0)
    return fail(ErrorCode::invalid_value, "{} must be at least 0, got {}", field, *minor);
  if (!Quantity(*minor).in_range()) {
    return fail(ErrorCode::out_of_range, "{} must be at most {}, got {}", field,
                Quantity::max().units(), *minor);
  }
  return {};
}

Status check_currency(const std::optional<std::string_view>& currency) {
  if (!currency || currency->empty()) return {};
  const bool is_code = currency->size() == 3 &&
                       std::ranges::all_of(*currency, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (is_code) return {};
  return fail(ErrorCode::invalid_value, "currency must be three upper-case letters, got {}",
              quoted(*currency));
}

Status check_attributes(const std::optional<std::string_view>& attributes) {
  TRY(check_long_text("attributes", attributes));
  if (!attributes || attributes->empty()) return {};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(*attributes);
  if (const auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS) {
    return fail(ErrorCode::invalid_text, "attributes is not valid JSON: {}",
                simdjson::error_message(error));
  }
  if (!root.is_object()) return fail(ErrorCode::invalid_value, "attributes must be a JSON object");
  return {};
}

Status check_barcodes(const std::optional<std::span<const std::string_view>>& barcodes) {
  if (!barcodes) return {};
  if (barcodes->size() > barcodes_max) {
    return fail(ErrorCode::limit_exceeded, "barcodes must be at most {}, got {}", barcodes_max,
                barcodes->size());
  }
  for (const std::string_view barcode : *barcodes) TRY(check_identifier("barcode", barcode));
  return {};
}

// "correction, …, sql, or custom: and a word"
std::string reason_list() {
  std::string out;
  for (const Reason& reason : reasons) out += fmt::format("{}, ", reason.name);
  return out + fmt::format("or {} and a word", custom_reason_prefix);
}

Status check_time_zone(const std::optional<std::string_view>& zone) {
  if (!zone || zone->empty() || is_time_zone(*zone)) return {};
  return fail(ErrorCode::invalid_value,
              "time_zone must be a name of the IANA database like Europe/Berlin, got {}",
              quoted(*zone));
}

struct CheckBody {
  Status operator()(const DefineItem& body) const {
    TRY(check_named(0, "sku", body.sku));
    TRY(check_long_text("title", body.title));
    TRY(check_long_text("description", body.description));
    TRY(check_word("brand", body.brand));
    TRY(check_word("category", body.category));
    TRY(check_word("unit", body.unit));
    TRY(check_currency(body.currency));
    TRY(check_price("price_minor", body.price_minor));
    TRY(check_attributes(body.attributes));
    TRY(check_barcodes(body.barcodes));
    if (body.scale && *body.scale > scale_max) {
      return fail(ErrorCode::out_of_range, "scale must be 0 to {}, got {}", scale_max, *body.scale);
    }
    if (body.tracking == Tracking::serial) {
      return fail(ErrorCode::not_supported, "tracking 'serial' is not supported yet");
    }
    if (body.hold_for) TRY(check_hold("hold_for", *body.hold_for));
    if (body.hold_max) TRY(check_hold("hold_max", *body.hold_max));
    if (body.hold_for && body.hold_max && *body.hold_for > *body.hold_max) {
      return fail(ErrorCode::invalid_value, "hold_for must be at most hold_max, {}, got {}",
                  in_seconds(*body.hold_max), in_seconds(*body.hold_for));
    }
    return {};
  }

  Status operator()(const DefineLocation& body) const {
    TRY(check_named(0, "code", body.code));
    TRY(check_long_text("title", body.title));
    TRY(check_word("region", body.region));
    TRY(check_word("time_zone", body.time_zone));
    TRY(check_time_zone(body.time_zone));
    if (body.priority && (*body.priority < 1 || *body.priority > priority_max)) {
      return fail(ErrorCode::out_of_range, "priority must be 1 to {}, got {}", priority_max,
                  *body.priority);
    }
    return {};
  }

  Status operator()(const DefineChannel& body) const {
    TRY(check_named(0, "code", body.code));
    TRY(check_long_text("title", body.title));
    if (!body.locations) return {};
    if (body.locations->size() > channel_locations_max) {
      return fail(ErrorCode::limit_exceeded, "locations must be at most {}, got {}",
                  channel_locations_max, body.locations->size());
    }
    std::vector<std::string_view> sorted(body.locations->begin(), body.locations->end());
    for (const std::string_view code : sorted) TRY(check_identifier("location", code));
    std::ranges::sort(sorted);
    if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
      return fail(ErrorCode::invalid_value, "locations must not name {} twice", quoted(*twice));
    }
    return {};
  }

  Status operator()(const Receive& body) const {
    TRY(check_place(body.sku, body.location, body.lot));
    TRY(check_quantity(0, body.quantity, 1));
    return check_price("unit_cost", body.unit_cost_minor);
  }

  Status operator()(const Adjust& body) const {
    TRY(check_place(body.sku, body.location, body.lot));
    if (body.delta.is_zero()) return fail(ErrorCode::invalid_value, "delta must not be 0");
    if (!body.delta.in_range()) {
      return fail(ErrorCode::out_of_range, "delta must be within ±{}, got {}",
                  Quantity::max().units(), body.delta.units());
    }
    if (context.reason.empty()) {
      return fail(ErrorCode::invalid_value, "adjust needs a reason: {}", reason_list());
    }
    const bool upwards = body.delta > Quantity();
    const auto direction = direction_of_reason(context.reason);
    if (direction && !allows(*direction, upwards)) {
      return fail(ErrorCode::invalid_value, "reason '{}' cannot {} stock, got delta {}",
                  context.reason, upwards ? "add" : "take", body.delta.units());
    }
    return {};
  }

  Status operator()(const Sale& body) const {
    TRY(check_place(body.sku, body.location, body.lot));
    return check_quantity(0, body.quantity, 1);
  }

  Status operator()(const SetLevel& body) const {
    TRY(check_place(body.sku, body.location, body.lot));
    if (body.on_hand < Quantity()) {
      return fail(ErrorCode::invalid_value, "on_hand must be at least 0, got {}",
                  body.on_hand.units());
    }
    if (!body.on_hand.in_range()) {
      return fail(ErrorCode::out_of_range, "on_hand must be at most {}, got {}",
                  Quantity::max().units(), body.on_hand.units());
    }
    if (context.reason.empty()) {
      return fail(ErrorCode::invalid_value, "set_stock needs a reason: {}", reason_list());
    }
    const auto direction = direction_of_reason(context.reason);
    if (direction && !(allows(*direction, true) && allows(*direction, false))) {
      return fail(ErrorCode::invalid_value,
                  "reason '{}' is for one direction only, but set_stock may add or take",
                  context.reason);
    }
    return {};
  }

  Status operator()(const ClaimUnits& body) const {
    TRY(check_lines(body.lines));
    if (body.fulfil && body.hold != HoldMode::commit) {
      return fail(ErrorCode::invalid_value,
                  "give either fulfil or hold_for, not both: what leaves at once is not held");
    }
    if (body.hold == HoldMode::timed) TRY(check_hold("hold_for", body.hold_for));
    return {};
  }

  Status operator()(const Extend& body) const {
    TRY(check_claim_id(body.claim));
    return check_hold("hold_for", body.hold_for);
  }

  Status operator()(const Amend& body) const {
    TRY(check_claim_id(body.claim));
    return check_lines(body.lines);
  }

  Status operator()(const Release& body) const { return check_claim_id(body.claim); }

  // Confirm, Cancel, Fulfil.
  template <class Selecting>
  Status operator()(const Selecting& body) const {
    TRY(check_claim_id(body.claim));
    return check_selections(body.lines);
  }

  const CommandContext& context;
};

Status check_context(const CommandContext& context) {
  TRY(check_optional(0, "actor", context.actor));
  TRY(check_optional(0, "request_id", context.request_id));
  TRY(check_optional(0, "reference", context.reference));
  TRY(check_optional(0, "reason", context.reason));
  TRY(check_optional(0, "customer", context.customer));
  TRY(check_optional(0, "channel", context.channel));
  if (context.occurred_at.is_set()) TRY(check_occurred_at(context.occurred_at));
  if (!context.reason.empty() && !direction_of_reason(context.reason)) {
    if (context.reason == custom_reason_prefix) {
      return fail(ErrorCode::invalid_value, "reason {} needs a word behind it",
                  quoted(context.reason));
    }
    return fail(ErrorCode::invalid_value, "reason must be one of {}, got {}", reason_list(),
                quoted(context.reason));
  }
  return {};
}

}  // namespace

Status check_occurred_at(Timestamp at) {
  if (at >= occurred_at_min && at <= occurred_at_max) return {};
  TimestampText least;
  TimestampText most;
  TimestampText given;
  return fail(ErrorCode::out_of_range, "occurred_at must be {} to {}, got {}",
              timestamp_text(occurred_at_min, least), timestamp_text(occurred_at_max, most),
              timestamp_text(at, given));
}

bool holds(Comparison comparison, std::int64_t left, std::int64_t right) {
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::different:
      return left != right;
    case Comparison::less:
      return left < right;
    case Comparison::at_most:
      return left <= right;
    case Comparison::more:
      return left > right;
    case Comparison::at_least:
      return left >= right;
  }
  return false;
}

Status check_command(const Command& command) {
  TRY(check_context(command.context));
  return std::visit(CheckBody{command.context}, command.body);
}

}  // namespace holdfast
