// One short function per command puts the arguments where the command wants them.
#include "sql/command_body.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "sql/lines.h"
#include "sql/text_array.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

tl::unexpected<Error> is_null(Argument argument) {
  const std::string_view name = info_of(argument).name;
  return fail(Error{.code = ErrorCode::null_not_allowed,
                    .message = fmt::format("{} must not be null", name),
                    .detail = {},
                    .hint = {},
                    .column = name});
}

ClaimId claim_of(const Arguments& arguments) {
  const Value* value = arguments.find(Argument::claim_id);
  return value == nullptr ? ClaimId() : value->uuid;
}

Result<Duration> duration_of(Argument argument, const Value& value) {
  if (value.type == SqlType::interval) return Duration::us(value.integer);
  return parse_interval(info_of(argument).name, value.text);
}

// The lines of a claim or amendment: `lines`, or one line from the arguments.
Status bind_lines(const Arguments& arguments, CommandStorage& storage) {
  storage.lines.clear();
  if (const Value* json = arguments.find(Argument::lines)) {
    if (arguments.has(Argument::sku)) {
      return fail(ErrorCode::invalid_value, "give either lines or sku and quantity, not both");
    }
    for (const Argument part : {Argument::location, Argument::lot}) {
      if (!arguments.has(part)) continue;
      return fail(ErrorCode::invalid_value, "{} belongs into each line when lines are given",
                  info_of(part).name);
    }
    return storage.json().line_requests(json->text, storage.lines);
  }
  TRY(require(arguments, {Argument::sku, Argument::quantity}));
  storage.lines.push_back({.sku = arguments.text(Argument::sku),
                           .quantity = Quantity(arguments.integer(Argument::quantity)),
                           .location = arguments.text(Argument::location),
                           .lot = arguments.text(Argument::lot)});
  return {};
}

Result<std::span<const LineSelection>> bind_selections(const Arguments& arguments,
                                                       CommandStorage& storage) {
  storage.selections.clear();
  if (const Value* json = arguments.find(Argument::lines)) {
    TRY(storage.json().line_selections(json->text, storage.selections));
  }
  return std::span<const LineSelection>(storage.selections);
}

Status claim_body(const Arguments& arguments, CommandStorage& storage, CommandBody& out) {
  TRY(bind_lines(arguments, storage));
  auto& body = out.emplace<ClaimUnits>();
  body.lines = storage.lines;
  body.partial = arguments.boolean(Argument::partial);
  body.fulfil = arguments.boolean(Argument::at_once);
  body.claim = claim_of(arguments);
  if (const Value* hold = arguments.find(Argument::hold_for)) {
    const bool by_policy = hold->type != SqlType::interval && hold->text == "default";
    body.hold = by_policy ? HoldMode::by_policy : HoldMode::timed;
    if (!by_policy) {
      ASSIGN(body.hold_for, duration_of(Argument::hold_for, *hold));
    }
  }
  return {};
}

Status extend_body(const Arguments& arguments, CommandBody& out) {
  TRY(require(arguments, {Argument::claim_id, Argument::hold_for}));
  ASSIGN(const Duration hold_for,
         duration_of(Argument::hold_for, *arguments.find(Argument::hold_for)));
  out = Extend{.claim = claim_of(arguments), .hold_for = hold_for};
  return {};
}

Status confirm_body(const Arguments& arguments, CommandStorage& storage, CommandBody& out) {
  TRY(require(arguments, {Argument::claim_id}));
  ASSIGN(const auto lines, bind_selections(arguments, storage));
  auto& body =
      out.emplace<Confirm>(Confirm{.claim = claim_of(arguments),
                                   .lines = lines,
                                   .release_rest = arguments.boolean(Argument::release_rest),
                                   .if_expired = IfExpired::refuse});
  const std::string_view if_expired = arguments.text(Argument::if_expired);
  if (if_expired == "reclaim") {
    body.if_expired = IfExpired::reclaim;
  } else if (!if_expired.empty() && if_expired != "refuse") {
    return fail(ErrorCode::invalid_value, "if_expired must be 'refuse' or 'reclaim', got {}",
                quoted(if_expired));
  }
  return {};
}

Status amend_body(const Arguments& arguments, CommandStorage& storage, CommandBody& out) {
  TRY(require(arguments, {Argument::claim_id}));
  if (!arguments.has(Argument::sku) && !arguments.has(Argument::lines)) {
    return fail(ErrorCode::null_not_allowed, "amend needs sku or lines");
  }
  TRY(bind_lines(arguments, storage));
  out = Amend{.claim = claim_of(arguments),
              .lines = storage.lines,
              .partial = arguments.boolean(Argument::partial)};
  return {};
}

Status level_body(const Arguments& arguments, Function function, CommandBody& out) {
  const std::string_view sku = arguments.text(Argument::sku);
  const std::string_view location = arguments.text(Argument::location);
  const std::string_view lot = arguments.text(Argument::lot);
  if (function == Function::adjust) {
    TRY(require(arguments, {Argument::sku, Argument::delta}));
    out = Adjust{.sku = sku,
                 .location = location,
                 .lot = lot,
                 .delta = Quantity(arguments.integer(Argument::delta)),
                 .force = arguments.boolean(Argument::force)};
    return {};
  }
  TRY(require(arguments, {Argument::sku, Argument::quantity}));
  const Quantity quantity(arguments.integer(Argument::quantity));
  if (function == Function::sale) {
    out = Sale{.sku = sku, .location = location, .lot = lot, .quantity = quantity};
    return {};
  }
  out = Receive{.sku = sku,
                .location = location,
                .lot = lot,
                .quantity = quantity,
                .unit_cost_minor = arguments.optional_integer<std::int64_t>(Argument::unit_cost)};
  return {};
}

Result<Tracking> tracking_of(std::string_view name) {
  const auto* const found = std::ranges::find(tracking_names, name);
  if (found != tracking_names.end()) {
    return static_cast<Tracking>(found - tracking_names.begin());
  }
  return fail(ErrorCode::invalid_value, "tracking must be 'none', 'quantity' or 'lot', got {}",
              quoted(name));
}

// The names of a list, as a JSON array or as a text[]. Many a client sends its lists without a
// type: what begins with a brace is no JSON array.
Result<std::span<const std::string_view>> bind_names(Argument argument, const Value& value,
                                                     std::size_t count_max,
                                                     CommandStorage& storage) {
  const std::string_view field = info_of(argument).name;
  storage.texts.clear();
  if (!is_array(value.type) && !value.text.starts_with('{')) {
    TRY(storage.json().texts(field, value.text, count_max, storage.texts));
    return std::span<const std::string_view>(storage.texts);
  }
  ASSIGN(const ArrayElements names, parse_array(field, value.text, storage.elements));
  if (names.size() > count_max) {
    return fail(ErrorCode::limit_exceeded, "{} must be at most {}, got {}", field, count_max,
                names.size());
  }
  for (const std::optional<std::string_view>& name : names) {
    if (!name) {
      return fail(ErrorCode::null_not_allowed, "{}: element {} must not be null", field,
                  storage.texts.size() + 1);
    }
    storage.texts.push_back(*name);
  }
  return std::span<const std::string_view>(storage.texts);
}

Status item_body(const Arguments& arguments, CommandStorage& storage, CommandBody& out) {
  TRY(require(arguments, {Argument::sku}));
  auto& body = out.emplace<DefineItem>();
  body.sku = arguments.text(Argument::sku);
  body.title = arguments.optional_text(Argument::title);
  body.description = arguments.optional_text(Argument::description);
  body.brand = arguments.optional_text(Argument::brand);
  body.category = arguments.optional_text(Argument::category);
  body.unit = arguments.optional_text(Argument::unit);
  body.currency = arguments.optional_text(Argument::currency);
  body.attributes = arguments.optional_text(Argument::attributes);
  body.price_minor = arguments.optional_integer<std::int64_t>(Argument::price_minor);
  if (const Value* scale = arguments.find(Argument::scale)) {
    if (scale->integer < 0 || scale->integer > 255) {
      return fail(ErrorCode::out_of_range, "scale must be 0 to 9, got {}", scale->integer);
    }
    body.scale = static_cast<std::uint8_t>(scale->integer);
  }
  if (const Value* barcodes = arguments.find(Argument::barcodes)) {
    ASSIGN(body.barcodes, bind_names(Argument::barcodes, *barcodes, barcodes_max, storage));
  }
  if (const Value* tracking = arguments.find(Argument::tracking)) {
    ASSIGN(body.tracking, tracking_of(tracking->text));
  }
  if (const Value* hold = arguments.find(Argument::hold_for)) {
    ASSIGN(body.hold_for, duration_of(Argument::hold_for, *hold));
  }
  if (const Value* hold = arguments.find(Argument::hold_longest)) {
    ASSIGN(body.hold_max, duration_of(Argument::hold_longest, *hold));
  }
  return {};
}

Status location_body(const Arguments& arguments, CommandBody& out) {
  TRY(require(arguments, {Argument::code}));
  auto& body = out.emplace<DefineLocation>();
  body.code = arguments.text(Argument::code);
  body.title = arguments.optional_text(Argument::title);
  body.region = arguments.optional_text(Argument::region);
  body.time_zone = arguments.optional_text(Argument::time_zone);
  body.priority = arguments.optional_integer<std::int32_t>(Argument::priority);
  if (arguments.has(Argument::active)) body.active = arguments.boolean(Argument::active);
  return {};
}

Status channel_body(const Arguments& arguments, CommandStorage& storage, CommandBody& out) {
  TRY(require(arguments, {Argument::code}));
  auto& body = out.emplace<DefineChannel>();
  body.code = arguments.text(Argument::code);
  body.title = arguments.optional_text(Argument::title);
  if (arguments.has(Argument::active)) body.active = arguments.boolean(Argument::active);
  if (const Value* locations = arguments.find(Argument::locations)) {
    ASSIGN(body.locations,
           bind_names(Argument::locations, *locations, channel_locations_max, storage));
  }
  return {};
}

// An absolute value needs the value it replaces.
Status set_body(const Arguments& arguments, CommandStorage& storage, Command& out) {
  TRY(require(arguments, {Argument::sku, Argument::on_hand}));
  out.body = SetLevel{.sku = arguments.text(Argument::sku),
                      .location = arguments.text(Argument::location),
                      .lot = arguments.text(Argument::lot),
                      .on_hand = Quantity(arguments.integer(Argument::on_hand))};
  if (!arguments.has(Argument::expected)) return {};
  storage.conditions.push_back({.term = Term::on_hand,
                                .comparison = Comparison::equal,
                                .value = arguments.integer(Argument::expected)});
  out.expected.conditions = storage.conditions;
  return {};
}

}  // namespace

Status require(const Arguments& arguments, std::initializer_list<Argument> needed) {
  for (const Argument argument : needed) {
    if (!arguments.has(argument)) return is_null(argument);
  }
  return {};
}

Status bind_body(Function function, const Arguments& arguments, CommandStorage& storage,
                 Command& command) {
  CommandBody& out = command.body;
  switch (function) {
    case Function::claim:
      return claim_body(arguments, storage, out);
    case Function::extend:
      return extend_body(arguments, out);
    case Function::confirm:
      return confirm_body(arguments, storage, out);
    case Function::amend:
      return amend_body(arguments, storage, out);
    case Function::receive:
    case Function::adjust:
    case Function::sale:
      return level_body(arguments, function, out);
    case Function::define_item:
      return item_body(arguments, storage, out);
    case Function::define_location:
      return location_body(arguments, out);
    case Function::define_channel:
      return channel_body(arguments, storage, out);
    case Function::set_stock:
      return set_body(arguments, storage, command);
    case Function::release:
      TRY(require(arguments, {Argument::claim_id}));
      out.emplace<Release>(Release{.claim = claim_of(arguments)});
      return {};
    case Function::cancel:
    case Function::fulfil: {
      TRY(require(arguments, {Argument::claim_id}));
      ASSIGN(const auto lines, bind_selections(arguments, storage));
      const ClaimId claim = claim_of(arguments);
      if (function == Function::cancel) {
        out.emplace<Cancel>(Cancel{.claim = claim, .lines = lines});
      } else {
        out.emplace<Fulfil>(Fulfil{.claim = claim, .lines = lines});
      }
      return {};
    }
    case Function::can_claim:
      break;
  }
  CHECK(false, "not a command");
}

}  // namespace holdfast
