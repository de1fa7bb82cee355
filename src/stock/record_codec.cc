// Lists are read element by element against the bytes left, so a hostile count costs nothing.
#include "stock/record_codec.h"

#include <limits>

namespace holdfast {
namespace {

void encode_duration(ByteWriter& out, const std::optional<Duration>& duration) {
  out.fixed<std::uint8_t>(duration ? 1 : 0);
  if (duration) out.svarint(duration->us());
}

// An optional value or a flag is preceded by one byte that is 0 or 1, nothing else.
bool decode_flag(ByteReader& in) {
  const auto flag = in.fixed<std::uint8_t>();
  if (flag > 1) in.fail();
  return flag == 1;
}

std::optional<Duration> decode_duration(ByteReader& in) {
  if (!decode_flag(in)) return std::nullopt;
  return Duration::us(in.svarint());
}

// What a string owns beyond its own object: nothing while it fits inside, else its block and the
// allocator's header.
std::size_t owned_bytes(const std::string& text) {
  return text.capacity() <= std::string().capacity() ? 0 : text.capacity() + 1 + sizeof(void*);
}

}  // namespace

void encode(ByteWriter& out, const ItemRecord& record) {
  for (const std::string* text :
       {&record.sku, &record.title, &record.description, &record.brand, &record.category,
        &record.unit, &record.currency, &record.attributes}) {
    out.text(*text);
  }
  out.fixed(record.scale);
  out.svarint(record.price_minor);
  out.fixed(static_cast<std::uint8_t>(record.tracking));
  encode_duration(out, record.hold_for);
  encode_duration(out, record.hold_max);
  out.varint(record.barcodes.size());
  for (const auto& barcode : record.barcodes) out.text(barcode);
}

bool decode(ByteReader& in, ItemRecord& record) {
  for (std::string* text : {&record.sku, &record.title, &record.description, &record.brand,
                            &record.category, &record.unit, &record.currency, &record.attributes}) {
    *text = in.text();
  }
  record.scale = in.fixed<std::uint8_t>();
  record.price_minor = in.svarint();
  const auto tracking = in.fixed<std::uint8_t>();
  if (tracking >= tracking_names.size()) return false;
  record.tracking = static_cast<Tracking>(tracking);
  record.hold_for = decode_duration(in);
  record.hold_max = decode_duration(in);
  record.barcodes.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    record.barcodes.emplace_back(in.text());
  }
  return in.ok();
}

std::size_t owned_bytes(const ItemRecord& record) {
  std::size_t bytes = record.barcodes.capacity() * sizeof(std::string);
  for (const auto& barcode : record.barcodes) bytes += owned_bytes(barcode);
  for (const std::string* text :
       {&record.sku, &record.title, &record.description, &record.brand, &record.category,
        &record.unit, &record.currency, &record.attributes}) {
    bytes += owned_bytes(*text);
  }
  return bytes;
}

void encode(ByteWriter& out, const LocationRecord& record) {
  out.text(record.code);
  out.text(record.title);
  out.text(record.region);
  out.text(record.time_zone);
  out.svarint(record.priority);
  out.fixed<std::uint8_t>(record.active ? 1 : 0);
}

bool decode(ByteReader& in, LocationRecord& record) {
  record.code = in.text();
  record.title = in.text();
  record.region = in.text();
  record.time_zone = in.text();
  const std::int64_t priority = in.svarint();
  if (priority < std::numeric_limits<std::int32_t>::min() ||
      priority > std::numeric_limits<std::int32_t>::max()) {
    return false;
  }
  record.priority = static_cast<std::int32_t>(priority);
  record.active = decode_flag(in);
  return in.ok();
}

std::size_t owned_bytes(const LocationRecord& record) {
  return owned_bytes(record.code) + owned_bytes(record.title) + owned_bytes(record.region) +
         owned_bytes(record.time_zone);
}

void encode(ByteWriter& out, const ChannelRecord& record) {
  out.text(record.code);
  out.text(record.title);
  out.fixed<std::uint8_t>(record.active ? 1 : 0);
  out.fixed<std::uint8_t>(record.all_locations ? 1 : 0);
  out.varint(record.locations.size());
  for (const LocationId location : record.locations) out.varint(location.value());
}

bool decode(ByteReader& in, ChannelRecord& record) {
  record.code = in.text();
  record.title = in.text();
  record.active = decode_flag(in);
  record.all_locations = decode_flag(in);
  record.locations.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    record.locations.emplace_back(in.narrow<std::uint32_t>());
  }
  return in.ok();
}

std::size_t owned_bytes(const ChannelRecord& record) {
  return owned_bytes(record.code) + owned_bytes(record.title) +
         record.locations.capacity() * sizeof(LocationId);
}

}  // namespace holdfast
