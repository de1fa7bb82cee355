// Only what is given is written: an absent argument and its default are the same command.
#include "sim/sql_text.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace holdfast {
namespace {

// Skus and codes of the workload need no escapes but for the control character of a malformed one.
std::string json_text(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    out += c == '\t' ? std::string("\\t") : std::string(1, c);
  }
  return out + "\"";
}

std::string json_lines(const Operation& operation) {
  std::string out = "[";
  for (const OperationLine& line : operation.lines) {
    if (out.size() > 1) out += ",";
    out += "{";
    if (line.line != 0) {
      out += fmt::format("\"line\":{}", line.line);
    } else {
      out += "\"sku\":" + json_text(line.sku);
    }
    const bool is_selection = operation.verb == Verb::confirm || operation.verb == Verb::cancel ||
                              operation.verb == Verb::fulfil;
    if (line.quantity != 0 || !is_selection) out += fmt::format(",\"quantity\":{}", line.quantity);
    if (!line.location.empty()) out += ",\"location\":" + json_text(line.location);
    out += "}";
  }
  return out + "]";
}

// SELECT * FROM name(argument => $1, …)
class Call {
 public:
  explicit Call(std::string_view name) { out_.text = fmt::format("SELECT * FROM {}(", name); }

  void text(std::string_view name, std::string_view value, SqlType type = SqlType::text) {
    if (value.empty()) return;
    out_.texts.emplace_back(value);
    add(name, {.type = type, .is_null = false, .text = out_.texts.back()});
  }
  void integer(std::string_view name, std::int64_t value, SqlType type = SqlType::int8) {
    add(name, {.type = type, .is_null = false, .integer = value});
  }
  void flag(std::string_view name, bool value) {
    add(name, {.type = SqlType::boolean, .is_null = false, .boolean = value});
  }
  void claim(const ClaimId& claim) {
    if (claim.is_none()) return;
    add("claim_id", {.type = SqlType::uuid, .is_null = false, .uuid = claim});
  }
  void hold(const std::optional<Duration>& duration) {
    if (duration) text("hold_for", fmt::format("{} microseconds", duration->us()));
  }
  SqlText finish() {
    out_.text += ")";
    return std::move(out_);
  }

 private:
  void add(std::string_view name, Value value) {
    if (!out_.values.empty()) out_.text += ", ";
    out_.types.push_back(value.type);
    out_.values.push_back(value);
    out_.text += fmt::format("{} => ${}", name, out_.values.size());
  }
  SqlText out_;
};

void add_lines(Call& call, const Operation& operation) {
  const bool is_claim = operation.verb == Verb::claim || operation.verb == Verb::malformed;
  if (is_claim && operation.lines.size() == 1) {
    call.text("sku", operation.lines[0].sku);
    call.integer("quantity", operation.lines[0].quantity);
    call.text("location", operation.lines[0].location);
  } else if (!operation.lines.empty()) {
    call.text("lines", json_lines(operation), SqlType::jsonb);
  }
}

void add_body(Call& call, const Operation& operation) {
  switch (operation.verb) {
    case Verb::define_item:
      call.text("sku", operation.sku);
      return call.text("title", operation.title);
    case Verb::define_location:
      call.text("code", operation.sku);
      call.integer("priority", operation.quantity, SqlType::int4);
      return call.flag("active", operation.active);
    case Verb::define_channel: {
      call.text("code", operation.sku);
      std::string codes = "[";
      for (const std::string& code : operation.locations) {
        codes += (codes.size() > 1 ? "," : "") + json_text(code);
      }
      return call.text("locations", codes + "]", SqlType::jsonb);
    }
    case Verb::receive:
    case Verb::sale:
    case Verb::adjust:
      call.text("sku", operation.sku);
      call.integer(operation.verb == Verb::adjust ? "delta" : "quantity", operation.quantity);
      call.text("location", operation.location);
      if (operation.force) call.flag("force", true);
      return;
    case Verb::set_stock:
      call.text("sku", operation.sku);
      call.integer("on_hand", operation.quantity);
      call.integer("expected", operation.expected.value_or(0));
      return call.text("location", operation.location);
    default:
      add_lines(call, operation);
      call.claim(operation.claim);
      call.hold(operation.hold_for);
      if (operation.partial) call.flag("partial", true);
      if (operation.fulfil) call.flag("fulfil", true);
      if (operation.release_rest) call.flag("release_rest", true);
      if (operation.reclaim) call.text("if_expired", "reclaim");
  }
}

SqlText lookup(std::string_view text, Value value) {
  SqlText out{.text = std::string(text)};
  if (value.type == SqlType::text) {
    out.texts.emplace_back(value.text);
    value.text = out.texts.back();
  }
  out.types = {value.type};
  out.values = {value};
  return out;
}

// What is no statement of ours at all.
constexpr std::array<std::string_view, 4> garbage = {
    "SELECT * FROM claim('SKU-1'", "UPDATE stock SET available = 1", "SELECT * FROM claim()",
    "SELECT * FROM claim('SKU-1', 'many')"};

}  // namespace

SqlText sql_of(const Operation& operation) {
  const Value sku{.type = SqlType::text, .is_null = false, .text = operation.sku};
  switch (operation.verb) {
    case Verb::read_stock:
      return lookup("SELECT * FROM stock WHERE sku = $1", sku);
    case Verb::read_availability:
      return lookup("SELECT * FROM availability WHERE sku = $1 AND channel = 'default'", sku);
    case Verb::read_claims:
      return lookup("SELECT * FROM claims WHERE claim_id = $1",
                    {.type = SqlType::uuid, .is_null = false, .uuid = operation.claim});
    default:
      break;
  }
  if (operation.verb == Verb::malformed && operation.number % 2 == 0) {
    return {.text = std::string(garbage[operation.number / 2 % garbage.size()])};
  }
  Call call(operation.verb == Verb::malformed ? "claim" : name_of(operation.verb));
  add_body(call, operation);
  call.text("channel", operation.channel);
  call.text("customer", operation.customer);
  call.text("reason", operation.reason);
  call.text("reference", operation.reference);
  call.text("request_id", operation.request_id);
  return call.finish();
}

}  // namespace holdfast
