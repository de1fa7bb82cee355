// The writer of groups. A claim is written in one pass without allocating: what every claim has
// (context, claim_opened, moves) asks for the most room it can need, so its bytes are
// bounds-checked once, not one by one.
#include "base/check.h"
#include "model/entry.h"
#include "model/entry_format.h"

namespace holdfast {
namespace {

using namespace entry_format;

constexpr std::size_t varint_bytes_max = 10;

// Writes unchecked into room whose size the caller has worked out; finish() hands it over.
class Cursor {
 public:
  Cursor(ByteWriter& out, std::size_t bytes_max) : out_(out), at_(out.space(bytes_max)) {}
  void finish() { out_.wrote_to(at_); }
  void byte(std::uint8_t value) { *at_++ = static_cast<std::byte>(value); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<std::byte>(value);
  }
  void svarint(std::int64_t value) { varint(zigzag(value)); }
  void claim(const ClaimId& id) {
    std::memcpy(at_, id.bytes.data(), id.bytes.size());
    at_ += id.bytes.size();
  }
  void text(std::string_view value) {
    varint(value.size());
    if (!value.empty()) std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  template <class Int>
  void fixed(Int value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }

 private:
  ByteWriter& out_;
  std::byte* at_;
};

constexpr std::size_t claim_bytes = sizeof(ClaimId::bytes);
// Head, mask, three ids, claim, line, every term, unit cost.
constexpr std::size_t move_bytes_max =
    1 + 2 + 3 * 5 + claim_bytes + 5 + (term_count + 1) * varint_bytes_max;
constexpr std::size_t opened_bytes_max = 1 + claim_bytes + varint_bytes_max;

class Encoder {
 public:
  explicit Encoder(ByteWriter& out) : out_(out) {}

  void operator()(const StockMoved& entry) {
    Cursor cursor(out_, move_bytes_max);
    const std::uint32_t terms = entry.delta.nonzero_terms();
    const std::uint64_t mask = terms | (entry.unit_cost_minor != 0 ? unit_cost_bit : 0);
    auto head = static_cast<std::uint8_t>(move_bit | static_cast<std::uint8_t>(entry.kind));
    if (entry.level.lot != LotId()) head |= with_lot;
    const bool repeats = entry.line != 0 && names(entry.claim);
    if (entry.line != 0) head |= repeats ? with_claim | same_claim : with_claim;
    cursor.byte(head);
    cursor.varint(mask);
    cursor.varint(entry.level.item.value());
    cursor.varint(entry.level.location.value());
    if (entry.level.lot != LotId()) cursor.varint(entry.level.lot.value());
    if (entry.line != 0) {
      if (!repeats) cursor.claim(entry.claim);
      cursor.varint(entry.line);
    }
    for (std::uint32_t left = terms; left != 0; left &= left - 1) {
      cursor.svarint(entry.delta[static_cast<Term>(std::countr_zero(left))].units());
    }
    if (entry.unit_cost_minor != 0) cursor.svarint(entry.unit_cost_minor);
    cursor.finish();
  }

  void operator()(const ClaimOpened& entry) {
    Cursor cursor(out_, opened_bytes_max);
    const bool never = entry.expires_at.is_never();
    cursor.byte(head_byte(EntryTag::claim_opened,
                          (never ? never_expires : 0) | (entry.provisional ? is_provisional : 0)));
    names(entry.claim);
    cursor.claim(entry.claim);
    if (!never) cursor.svarint(entry.expires_at.us());
    cursor.finish();
  }

  void operator()(const ExpirySet& entry) {
    head(EntryTag::expiry_set, 0);
    claim(entry.claim);
    out_.svarint(entry.expires_at.us());
  }

  void operator()(const ClaimSettled& entry) {
    const bool never = entry.expires_at.is_never();
    head(EntryTag::claim_settled, never ? never_expires : 0);
    claim(entry.claim);
    if (!never) out_.svarint(entry.expires_at.us());
  }

  void operator()(const ClaimUndone& entry) {
    head(EntryTag::claim_undone, 0);
    claim(entry.claim);
  }

  void operator()(const ItemDefined& entry) {
    const ItemRecord& record = *entry.record;
    head(EntryTag::item_defined,
         (record.hold_for ? with_hold_for : 0) | (record.hold_max ? with_hold_max : 0));
    out_.varint(entry.item.value());
    for (const std::string* text :
         {&record.sku, &record.title, &record.description, &record.brand, &record.category,
          &record.unit, &record.currency, &record.attributes}) {
      out_.text(*text);
    }
    out_.fixed(record.scale);
    out_.fixed(static_cast<std::uint8_t>(record.tracking));
    out_.svarint(record.price_minor);
    out_.varint(record.barcodes.size());
    for (const std::string& barcode : record.barcodes) out_.text(barcode);
    if (record.hold_for) out_.svarint(record.hold_for->us());
    if (record.hold_max) out_.svarint(record.hold_max->us());
  }

  void operator()(const LocationDefined& entry) {
    const LocationRecord& record = *entry.record;
    head(EntryTag::location_defined, record.active ? is_active : 0);
    out_.varint(entry.location.value());
    out_.text(record.code);
    out_.text(record.title);
    out_.text(record.region);
    out_.text(record.time_zone);
    out_.svarint(record.priority);
  }

  void operator()(const ChannelDefined& entry) {
    const ChannelRecord& record = *entry.record;
    head(EntryTag::channel_defined,
         (record.active ? is_active : 0) | (record.all_locations ? all_locations : 0));
    out_.varint(entry.channel.value());
    out_.text(record.code);
    out_.text(record.title);
    out_.varint(record.locations.size());
    for (const LocationId location : record.locations) out_.varint(location.value());
  }

  void operator()(const LotNamed& entry) {
    head(EntryTag::lot_named, 0);
    out_.varint(entry.lot.value());
    out_.text(entry.name);
  }

  void operator()(const RequestRemembered& entry) {
    head(EntryTag::request_remembered, entry.refused ? was_refused : 0);
    out_.fixed(entry.fingerprint.low);
    out_.fixed(entry.fingerprint.high);
    out_.text(entry.answer);
  }

  void operator()(const Resumed& entry) {
    head(EntryTag::resumed, 0);
    out_.varint(entry.epoch.value());
    out_.svarint(entry.extended.us());
  }

 private:
  static std::uint8_t head_byte(EntryTag tag, int flags) {
    return static_cast<std::uint8_t>(static_cast<int>(tag) | flags);
  }
  void head(EntryTag tag, int flags) { out_.fixed(head_byte(tag, flags)); }
  void claim(const ClaimId& id) {
    names(id);
    out_.raw(std::as_bytes(std::span(id.bytes)));
  }
  // Takes note of a claim; true when the last one noted is the same.
  bool names(const ClaimId& id) {
    if (last_ == id) return true;
    last_ = id;
    return false;
  }

  ByteWriter& out_;
  ClaimId last_;
};

std::uint32_t context_flags(const GroupContext& context) {
  std::uint32_t flags = 0;
  if (!context.request_id.empty()) flags |= with_request_id;
  if (!context.reference.empty()) flags |= with_reference;
  if (!context.reason.empty()) flags |= with_reason;
  if (!context.customer.empty()) flags |= with_customer;
  if (context.channel != ChannelId()) flags |= with_channel;
  if (context.occurred_at.is_set()) flags |= with_occurred_at;
  return flags;
}

// The most bytes of head, context and count.
std::size_t front_bytes_max(const GroupContext& context) {
  return group_head_bytes + context.actor.size() + context.request_id.size() +
         context.reference.size() + context.reason.size() + context.customer.size() +
         8 * varint_bytes_max;
}

void encode_context(Cursor& cursor, const GroupContext& context) {
  cursor.text(context.actor);
  for (const std::string_view text :
       {context.request_id, context.reference, context.reason, context.customer}) {
    if (!text.empty()) cursor.text(text);
  }
  if (context.channel != ChannelId()) cursor.varint(context.channel.value());
  if (context.occurred_at.is_set()) cursor.svarint(context.occurred_at.us());
}

}  // namespace

void encode_group(ByteWriter& out, const GroupContext& context, std::span<const Entry> entries) {
  CHECK(!entries.empty());
  const std::size_t start = out.size();
  Cursor front(out, front_bytes_max(context));
  front.fixed(std::uint32_t{0});  // the head: its length is known at the end
  encode_context(front, context);
  front.varint(entries.size());
  front.finish();
  Encoder encoder(out);
  for (const Entry& entry : entries) std::visit(encoder, entry);
  const std::size_t length = out.size() - start - group_head_bytes;
  CHECK(length <= group_length_max, "a group of {} bytes", length);
  out.patch(start, static_cast<std::uint32_t>(length) | context_flags(context)
                                                            << group_length_bits);
}

}  // namespace holdfast
