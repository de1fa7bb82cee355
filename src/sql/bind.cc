// One Arguments per binding finds values by argument in constant time; one short function per
// command puts them where the command wants them.
#include "sql/bind.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "sql/lines.h"
#include "sql/planner.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

constexpr std::size_t given_max = 20;  // arguments of the longest signature

// A constant whose meaning is the session's: a time without an offset (plan.h, invariant 2).
bool is_late(const Operand& operand, SqlType type) {
  return type == SqlType::timestamptz && !operand.constant.is_null &&
         operand.constant.type != SqlType::timestamptz;
}

// The arguments that one execution gives, converted. A null is as if it were not given.
class Arguments {
 public:
  Status bind(const CommandPlan& plan, const Binding& binding, std::vector<Value>& converted) {
    converted.clear();
    converted.reserve(plan.arguments.size());  // so that what values_ points to stays
    for (const ArgumentSlot& slot : plan.arguments) {
      const ArgumentInfo& info = info_of(slot.argument);
      const Operand& operand = slot.operand;
      if (operand.from == Operand::From::constant && !is_late(operand, info.type)) {
        put(slot.argument, &operand.constant);
        continue;
      }
      if (operand.from == Operand::From::constant) {
        ASSIGN(converted.emplace_back(), bind_operand(operand, info.name, info.type, binding));
        put(slot.argument, &converted.back());
        continue;
      }
      const Value& value = binding.values[operand.parameter];
      if (value.is_null) continue;
      if (is_ready(value, info.type, operand, slot.argument)) {
        TRY(check_text(info.name, value.text));
        put(slot.argument, &value);
        continue;
      }
      ASSIGN(converted.emplace_back(), bind_operand(operand, info.name, info.type, binding));
      put(slot.argument, &converted.back());
    }
    return {};
  }

  [[nodiscard]] const Value* find(Argument argument) const {
    const std::uint8_t at = at_[static_cast<std::size_t>(argument)];
    return at == 0 ? nullptr : values_[at - 1u];
  }
  [[nodiscard]] bool has(Argument argument) const { return find(argument) != nullptr; }
  // Empty when not given.
  [[nodiscard]] std::string_view text(Argument argument) const {
    const Value* value = find(argument);
    return value == nullptr ? std::string_view() : value->text;
  }
  [[nodiscard]] std::int64_t integer(Argument argument) const {
    const Value* value = find(argument);
    return value == nullptr ? 0 : value->integer;
  }
  [[nodiscard]] bool boolean(Argument argument) const {
    const Value* value = find(argument);
    return value != nullptr && value->boolean;
  }
  [[nodiscard]] std::optional<std::string_view> optional_text(Argument argument) const {
    const Value* value = find(argument);
    if (value == nullptr) return {};
    return value->text;
  }
  template <class Int>
  [[nodiscard]] std::optional<Int> optional_integer(Argument argument) const {
    const Value* value = find(argument);
    if (value == nullptr) return {};
    return static_cast<Int>(value->integer);
  }

 private:
  // Whether the value may be used where it is. Text is text, whether its sender knew the type or
  // not.
  static bool is_ready(const Value& value, SqlType type, const Operand& operand,
                       Argument argument) {
    if (operand.via != SqlType::unknown) return false;
    if (value.type == type) return true;
    if (argument == Argument::hold_for && value.type == SqlType::interval) return true;
    const bool takes_text = type == SqlType::text || type == SqlType::jsonb;
    return takes_text && (value.type == SqlType::unknown || value.type == SqlType::text);
  }

  void put(Argument argument, const Value* value) {
    values_[count_++] = value;
    at_[static_cast<std::size_t>(argument)] = static_cast<std::uint8_t>(count_);
  }

  std::array<std::uint8_t, argument_count> at_{};  // position in values_ + 1; 0: not given
  std::array<const Value*, given_max> values_;
  std::size_t count_ = 0;
};

tl::unexpected<Error> is_null(Argument argument) {
  return fail(ErrorCode::null_not_allowed, "{} must not be null", info_of(argument).name);
}

// What stands for "not given" inside a command must be left out by a client, else a bug of its own
// would take its idempotency, or send its units elsewhere.
Status refuse_empty(const Arguments& arguments) {
  for (const Argument argument : {Argument::request_id, Argument::channel, Argument::location}) {
    const Value* value = arguments.find(argument);
    if (value == nullptr || !value->text.empty()) continue;
    return fail(ErrorCode::invalid_value, "{} must not be empty; leave it out, or NULL, for none",
                info_of(argument).name);
  }
  const Value* claim = arguments.find(Argument::claim_id);
  if (claim != nullptr && claim->uuid.is_none()) {
    return fail(ErrorCode::invalid_value, "claim_id must not be the nil uuid");
  }
  const Value* at = arguments.find(Argument::occurred_at);
  if (at != nullptr && !Timestamp::us(at->integer).is_set()) return check_occurred_at({});
  return {};
}

Status require(const Arguments& arguments, std::initializer_list<Argument> needed) {
  for (const Argument argument : needed) {
    if (!arguments.has(argument)) return is_null(argument);
  }
  return {};
}

ClaimId claim_of(const Arguments& arguments) {
  const Value* value = arguments.find(Argument::claim_id);
  return value == nullptr ? ClaimId() : value->uuid;
}

Result<Duration> duration_of(Argument argument, const Value& value) {
  if (value.type == SqlType::interval) return Duration::us(value.integer);
  return parse_interval(info_of(argument).name, value.text);
}

void bind_context(const Arguments& arguments, std::string_view actor, CommandContext& out) {
  out.actor = actor;
  out.request_id = arguments.text(Argument::request_id);
  out.reference = arguments.text(Argument::reference);
  out.reason = arguments.text(Argument::reason);
  out.customer = arguments.text(Argument::customer);
  out.channel = arguments.text(Argument::channel);
  out.occurred_at = Timestamp::us(arguments.integer(Argument::occurred_at));
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
    storage.texts.clear();
    TRY(storage.json().texts("barcodes", barcodes->text, barcodes_max, storage.texts));
    body.barcodes = storage.texts;
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
    storage.texts.clear();
    TRY(storage.json().texts("locations", locations->text, channel_locations_max, storage.texts));
    body.locations = storage.texts;
  }
  return {};
}

Status body_of(Function function, const Arguments& arguments, CommandStorage& storage,
               CommandBody& out) {
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

}  // namespace

CommandStorage::CommandStorage() = default;
CommandStorage::~CommandStorage() = default;

LinesParser& CommandStorage::json() {
  if (json_ == nullptr) json_ = std::make_unique<LinesParser>();
  return *json_;
}

Status bind_command(const Plan& plan, const Binding& binding, CommandStorage& storage,
                    Command& out) {
  const auto& command = std::get<CommandPlan>(plan.body);
  Arguments arguments;
  TRY(arguments.bind(command, binding, storage.converted));
  TRY(refuse_empty(arguments));
  TRY(body_of(command.function, arguments, storage, out.body));
  bind_context(arguments, binding.actor, out.context);
  return {};
}

Result<Value> bind_operand(const Operand& operand, std::string_view field, SqlType type,
                           const Binding& binding) {
  if (operand.from == Operand::From::constant) {
    if (is_late(operand, type)) return convert(field, operand.constant, type, binding.rules);
    return operand.constant;
  }
  const Value& value = binding.values[operand.parameter];
  if (operand.via == SqlType::unknown) return convert(field, value, type, binding.rules);
  ASSIGN(const Value cast, convert(field, value, operand.via, binding.rules));
  return convert(field, cast, type, binding.rules);
}

Status check_values(const Plan& plan, std::span<const Value> values) {
  if (values.size() != plan.parameters.size()) {
    return fail(ErrorCode::protocol_violation,
                "statement needs {} parameters, but {} values were bound", plan.parameters.size(),
                values.size());
  }
  return {};
}

Result<std::vector<std::string_view>> parse_text_array(std::string_view field,
                                                       std::string_view text,
                                                       std::string& storage) {
  const auto malformed = [&] {
    return fail(ErrorCode::invalid_text, "{}: malformed array literal: {}", field, quoted(text));
  };
  // An element is never longer than its text, so the storage does not move.
  storage.clear();
  storage.reserve(text.size());
  std::vector<std::string_view> out;
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
  };
  skip_blanks();
  if (at == text.size() || text[at++] != '{') return malformed();
  skip_blanks();
  bool more = at < text.size() && text[at] != '}';
  if (!more) ++at;
  while (more) {
    skip_blanks();
    const std::size_t start = storage.size();
    const bool is_quoted = at < text.size() && text[at] == '"';
    if (is_quoted) ++at;
    while (at < text.size()) {
      const char c = text[at];
      if (is_quoted ? c == '"' : c == ',' || c == '}') break;
      if (!is_quoted && (c == '{' || c == '"')) return malformed();
      if (c == '\\' && ++at == text.size()) return malformed();
      storage += text[at++];
    }
    if (is_quoted && (at == text.size() || text[at++] != '"')) return malformed();
    std::size_t size = storage.size() - start;
    while (!is_quoted && size > 0 && storage[start + size - 1] == ' ') --size;
    if (!is_quoted && size == 0) return malformed();
    const std::string_view element(storage.data() + start, size);
    if (is_quoted || (element != "NULL" && element != "null")) out.push_back(element);
    if (out.size() > keys_max) {
      return fail(ErrorCode::limit_exceeded, "{} has more than {} values", field, keys_max);
    }
    skip_blanks();
    if (at == text.size() || (text[at] != ',' && text[at] != '}')) return malformed();
    more = text[at++] == ',';
  }
  skip_blanks();
  if (at > text.size() || at != text.size()) return malformed();
  return out;
}

}  // namespace holdfast
