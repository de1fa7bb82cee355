// The reader of groups. Bytes may be hostile: every length is bounded by the bytes left before
// anything is reserved, every number by its type and range, and a flag or tag that this version
// does not know is an error.
#include "model/entry.h"
#include "model/entry_format.h"

namespace holdfast {
namespace {

using namespace entry_format;

class Decoder {
 public:
  Decoder(ByteReader& in, DecodedGroup& out) : in_(in), out_(out) {}

  // One entry; false when it is not one.
  bool entry() {
    const auto head = in_.fixed<std::uint8_t>();
    if (!in_.ok()) return false;
    if ((head & move_bit) != 0) return move(head);
    flags_ = head & 0x70;
    switch (static_cast<EntryTag>(head & low_nibble)) {
      case EntryTag::claim_opened:
        return claim_opened();
      case EntryTag::expiry_set:
        return expiry_set();
      case EntryTag::item_defined:
        return item_defined();
      case EntryTag::location_defined:
        return location_defined();
      case EntryTag::channel_defined:
        return channel_defined();
      case EntryTag::lot_named:
        return lot_named();
      case EntryTag::request_remembered:
        return request_remembered();
      case EntryTag::resumed:
        return resumed();
      case EntryTag::claim_settled:
        return claim_settled();
      case EntryTag::claim_undone:
        return allows(0) && claim(add<ClaimUndone>().claim);
    }
    return false;
  }

 private:
  bool move(std::uint8_t head) {
    auto& moved = out_.entries.emplace_back().emplace<StockMoved>();
    const unsigned kind = head & low_nibble;
    if (kind < static_cast<unsigned>(MoveKind::receive) ||
        kind > static_cast<unsigned>(MoveKind::fulfil)) {
      return false;
    }
    moved.kind = static_cast<MoveKind>(kind);
    const std::uint64_t mask = in_.varint();
    if ((mask & ~known_mask) != 0) return false;
    if (!id(moved.level.item) || !id(moved.level.location)) return false;
    if ((head & with_lot) != 0 && !id(moved.level.lot)) return false;
    if (!line_of(head, moved)) return false;
    for (std::uint64_t left = mask & (unit_cost_bit - 1); left != 0; left &= left - 1) {
      const Quantity delta(in_.svarint());
      if (delta.is_zero() || !delta.in_range()) return false;
      moved.delta[static_cast<Term>(std::countr_zero(left))] = delta;
    }
    if ((mask & unit_cost_bit) != 0) moved.unit_cost_minor = in_.svarint();
    return in_.ok();
  }

  bool line_of(std::uint8_t head, StockMoved& moved) {
    if ((head & with_claim) == 0) return (head & same_claim) == 0;
    if ((head & same_claim) != 0) {
      moved.claim = last_;
      if (last_.is_none()) return false;
    } else if (!claim(moved.claim)) {
      return false;
    }
    moved.line = in_.narrow<std::uint32_t>();
    return moved.line != 0;
  }

  bool claim_opened() {
    if (!allows(never_expires | is_provisional)) return false;
    auto& opened = add<ClaimOpened>();
    opened.provisional = has(is_provisional);
    return claim(opened.claim) && end_of(opened.expires_at);
  }

  bool claim_settled() {
    if (!allows(never_expires)) return false;
    auto& settled = add<ClaimSettled>();
    return claim(settled.claim) && end_of(settled.expires_at);
  }

  bool end_of(Timestamp& expires_at) {
    expires_at = has(never_expires) ? Timestamp::never() : Timestamp::us(in_.svarint());
    return in_.ok();
  }

  bool expiry_set() {
    if (!allows(0)) return false;
    auto& set = add<ExpirySet>();
    if (!claim(set.claim)) return false;
    set.expires_at = Timestamp::us(in_.svarint());
    return in_.ok();
  }

  bool item_defined() {
    if (!allows(with_hold_for | with_hold_max)) return false;
    auto& defined = add<ItemDefined>();
    ItemRecord& record = out_.items.emplace_back();
    defined.record = &record;
    if (!id(defined.item)) return false;
    for (std::string* text :
         {&record.sku, &record.title, &record.description, &record.brand, &record.category,
          &record.unit, &record.currency, &record.attributes}) {
      text->assign(in_.text());
    }
    record.scale = in_.fixed<std::uint8_t>();
    const auto tracking = in_.fixed<std::uint8_t>();
    if (tracking >= tracking_names.size()) return false;
    record.tracking = static_cast<Tracking>(tracking);
    record.price_minor = in_.svarint();
    const std::uint64_t barcodes = in_.varint();
    if (barcodes > in_.left()) return false;
    for (std::uint64_t index = 0; index < barcodes; ++index)
      record.barcodes.emplace_back(in_.text());
    if (has(with_hold_for)) record.hold_for = Duration::us(in_.svarint());
    if (has(with_hold_max)) record.hold_max = Duration::us(in_.svarint());
    return in_.ok();
  }

  bool location_defined() {
    if (!allows(is_active)) return false;
    auto& defined = add<LocationDefined>();
    LocationRecord& record = out_.locations.emplace_back();
    defined.record = &record;
    if (!id(defined.location)) return false;
    for (std::string* text : {&record.code, &record.title, &record.region, &record.time_zone}) {
      text->assign(in_.text());
    }
    const std::int64_t priority = in_.svarint();
    record.priority = static_cast<std::int32_t>(priority);
    record.active = has(is_active);
    return in_.ok() && record.priority == priority;
  }

  bool channel_defined() {
    if (!allows(is_active | all_locations)) return false;
    auto& defined = add<ChannelDefined>();
    ChannelRecord& record = out_.channels.emplace_back();
    defined.record = &record;
    if (!id(defined.channel)) return false;
    record.code.assign(in_.text());
    record.title.assign(in_.text());
    record.active = has(is_active);
    record.all_locations = has(all_locations);
    const std::uint64_t count = in_.varint();
    if (count > in_.left()) return false;
    for (std::uint64_t index = 0; index < count; ++index) {
      if (!id(record.locations.emplace_back())) return false;
    }
    return in_.ok();
  }

  bool lot_named() {
    if (!allows(0)) return false;
    auto& named = add<LotNamed>();
    if (!id(named.lot)) return false;
    named.name = in_.text();
    return in_.ok();
  }

  bool request_remembered() {
    if (!allows(was_refused)) return false;
    auto& remembered = add<RequestRemembered>();
    remembered.refused = has(was_refused);
    remembered.fingerprint.low = in_.fixed<std::uint64_t>();
    remembered.fingerprint.high = in_.fixed<std::uint64_t>();
    remembered.answer = in_.text();
    return in_.ok();
  }

  bool resumed() {
    if (!allows(0)) return false;
    auto& entry = add<Resumed>();
    entry.epoch = Epoch(in_.varint());
    entry.extended = Duration::us(in_.svarint());
    return in_.ok();
  }

  [[nodiscard]] bool allows(int known) const { return (flags_ & ~known) == 0; }
  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags_ & flag) != 0; }

  template <class T>
  T& add() {
    return out_.entries.emplace_back().emplace<T>();
  }
  // An id that was handed out: never 0.
  template <class Id>
  bool id(Id& out) {
    out = Id(in_.narrow<typename Id::rep>());
    return in_.ok() && out != Id();
  }
  bool claim(ClaimId& out) {
    const ByteSpan bytes = in_.raw(out.bytes.size());
    if (!in_.ok()) return false;
    std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
    last_ = out;
    return !out.is_none();
  }

  ByteReader& in_;
  DecodedGroup& out_;
  int flags_ = 0;
  ClaimId last_;
};

bool decode_context(ByteReader& in, std::uint32_t flags, GroupContext& context) {
  const auto text_if = [&](std::uint32_t flag) {
    return (flags & flag) != 0 ? in.text() : std::string_view();
  };
  context.actor = in.text();
  context.request_id = text_if(with_request_id);
  context.reference = text_if(with_reference);
  context.reason = text_if(with_reason);
  context.customer = text_if(with_customer);
  if ((flags & with_channel) != 0) context.channel = ChannelId(in.narrow<std::uint32_t>());
  if ((flags & with_occurred_at) != 0) context.occurred_at = Timestamp::us(in.svarint());
  return in.ok();
}

}  // namespace

void DecodedGroup::clear() {
  const Timestamp at = context.at;
  context = GroupContext();
  context.at = at;
  entries.clear();
  items.clear();
  locations.clear();
  channels.clear();
}

bool decode_group(ByteReader& in, DecodedGroup& out) {
  out.clear();
  const auto head = in.fixed<std::uint32_t>();
  const std::uint32_t flags = head >> group_length_bits;
  ByteReader body(in.raw(head & group_length_max));
  if (!in.ok() || (flags & ~known_context) != 0) return false;
  if (!decode_context(body, flags, out.context)) return false;
  const std::uint64_t count = body.varint();
  if (count == 0 || count > body.left()) return false;  // an entry is at least a byte
  Decoder decoder(body, out);
  for (std::uint64_t index = 0; index < count; ++index) {
    if (!decoder.entry()) return false;
  }
  return body.complete();
}

}  // namespace holdfast
