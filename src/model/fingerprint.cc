// Fingerprint: a hash of the canonical bytes of a command. Every field is written with its length
// or presence, so two different commands never have the same bytes; what merely spells out a
// default is written as that default.
//
// The bytes are remembered only as their hash, but a hash lives in the ledger: changing this form
// makes every repeated request_id a mismatch.
#include "model/command.h"

namespace holdfast {
namespace {

class Canonical {
 public:
  explicit Canonical(ByteWriter& out) : out_(out) {}

  void context(const CommandContext& context) {
    out_.text(context.reference);
    out_.text(context.reason);
    out_.text(context.customer);
    out_.text(context.channel.empty() ? default_channel : context.channel);
    out_.svarint(context.occurred_at.us());
  }

  void operator()(const DefineItem& body) {
    out_.text(body.sku);
    for (const auto& text : {body.title, body.description, body.brand, body.category, body.unit,
                             body.currency, body.attributes}) {
      optional(text);
    }
    optional(body.price_minor);
    optional(body.scale);
    optional(body.barcodes);
    out_.varint(body.tracking ? static_cast<std::uint64_t>(*body.tracking) + 1 : 0);
    optional(body.hold_for);
    optional(body.hold_max);
  }
  void operator()(const DefineLocation& body) {
    out_.text(body.code);
    optional(body.title);
    optional(body.region);
    optional(body.time_zone);
    optional(body.priority);
    optional(body.active);
  }
  void operator()(const DefineChannel& body) {
    out_.text(body.code);
    optional(body.title);
    optional(body.active);
    optional(body.locations);
  }
  void operator()(const Receive& body) {
    place(body.sku, body.location, body.lot);
    out_.svarint(body.quantity.units());
    optional(body.unit_cost_minor);
  }
  void operator()(const Adjust& body) {
    place(body.sku, body.location, body.lot);
    out_.svarint(body.delta.units());
    flag(body.force);
  }
  void operator()(const Sale& body) {
    place(body.sku, body.location, body.lot);
    out_.svarint(body.quantity.units());
  }
  void operator()(const ClaimUnits& body) {
    lines(body.lines);
    out_.varint(static_cast<std::uint64_t>(body.hold));
    if (body.hold == HoldMode::timed) out_.svarint(body.hold_for.us());
    flag(body.partial);
    flag(body.fulfil);
    claim(body.claim);
  }
  void operator()(const Extend& body) {
    claim(body.claim);
    out_.svarint(body.hold_for.us());
  }
  void operator()(const Confirm& body) {
    claim(body.claim);
    selections(body.lines);
    flag(body.release_rest);
    out_.varint(static_cast<std::uint64_t>(body.if_expired));
  }
  void operator()(const Amend& body) {
    claim(body.claim);
    lines(body.lines);
    flag(body.partial);
  }
  void operator()(const Release& body) { claim(body.claim); }
  void operator()(const Cancel& body) {
    claim(body.claim);
    selections(body.lines);
  }
  void operator()(const Fulfil& body) {
    claim(body.claim);
    selections(body.lines);
  }
  void operator()(const SetLevel& body) {
    place(body.sku, body.location, body.lot);
    out_.svarint(body.on_hand.units());
  }

  void expected(const Expectation& expected) {
    out_.varint(static_cast<std::uint64_t>(expected.existence));
    out_.varint(expected.state ? static_cast<std::uint64_t>(*expected.state) + 1 : 0);
    for (const Condition& condition : expected.conditions) {
      out_.varint(condition.term ? static_cast<std::uint64_t>(*condition.term) + 1 : 0);
      out_.varint(static_cast<std::uint64_t>(condition.comparison));
      out_.svarint(condition.value);
    }
  }

 private:
  void flag(bool value) { out_.varint(value ? 1 : 0); }
  void claim(const ClaimId& id) { out_.raw(std::as_bytes(std::span(id.bytes))); }
  void place(std::string_view sku, std::string_view location, std::string_view lot) {
    out_.text(sku);
    out_.text(location.empty() ? default_location : location);
    out_.text(lot);
  }
  void lines(std::span<const LineRequest> requests) {
    out_.varint(requests.size());
    for (const LineRequest& line : requests) {
      out_.text(line.sku);
      out_.svarint(line.quantity.units());
      out_.text(line.location);
      out_.text(line.lot);
    }
  }
  void selections(std::span<const LineSelection> chosen) {
    out_.varint(chosen.size());
    for (const LineSelection& selection : chosen) {
      out_.varint(selection.line);
      out_.text(selection.sku);
      out_.text(selection.location);
      out_.svarint(selection.quantity.units());
    }
  }

  void value(std::string_view text) { out_.text(text); }
  void value(std::int64_t number) { out_.svarint(number); }
  void value(std::int32_t number) { out_.svarint(number); }
  void value(std::uint8_t number) { out_.varint(number); }
  void value(bool yes) { flag(yes); }
  void value(Duration duration) { out_.svarint(duration.us()); }
  void value(std::span<const std::string_view> texts) {
    out_.varint(texts.size());
    for (const std::string_view text : texts) out_.text(text);
  }
  template <class Value>
  void optional(const std::optional<Value>& given) {
    flag(given.has_value());
    if (given) value(*given);
  }

  ByteWriter& out_;
};

}  // namespace

Hash128 fingerprint(const Command& command, ByteWriter& scratch) {
  scratch.clear();
  scratch.varint(command.body.index());
  Canonical canonical(scratch);
  canonical.context(command.context);
  std::visit(canonical, command.body);
  if (command.expected.is_given()) canonical.expected(command.expected);
  return hash128(scratch.bytes());
}

Hash128 fingerprint(const Command& command) {
  ByteWriter scratch;
  return fingerprint(command, scratch);
}

}  // namespace holdfast
