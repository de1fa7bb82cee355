// Every row is checked in full before it is applied, so hostile bytes end as an error and never as
// a broken invariant (whose CHECK would stop the process). Nothing is allocated by a length or
// count that the bytes only claim.
#include <memory>
#include <utility>

#include "base/check.h"
#include "stock/block_format.h"
#include "stock/parts.h"
#include "stock/record_codec.h"
#include "stock/stock.h"

namespace holdfast {

struct StockLoader::Parts {
  std::unique_ptr<Stock> stock = std::make_unique<Stock>();
  BlockKind kind = BlockKind();  // of the last block
  Seq seq;
  std::uint64_t digest = 0;
  RowCounts expected{};
  RowCounts found{};
  std::uint64_t blocks = 0;
  bool is_broken = false;

  Status read_block(ByteSpan block);
  Status read_header(ByteReader& in);
  // Of the kind at hand; false when the row is not what save() writes.
  [[nodiscard]] bool read_row(ByteReader& in);
  [[nodiscard]] bool read_item(ByteReader& in);
  [[nodiscard]] bool read_location(ByteReader& in);
  [[nodiscard]] bool read_channel(ByteReader& in);
  [[nodiscard]] bool read_lot(ByteReader& in);
  [[nodiscard]] bool read_level(ByteReader& in);
  [[nodiscard]] bool read_claim(ByteReader& in);
  [[nodiscard]] bool read_line(ByteReader& in);
  [[nodiscard]] bool read_request(ByteReader& in);
  [[nodiscard]] bool is_past(Seq version) const { return version <= seq; }

  // What the next row is a delta to; reset at the start of each block.
  struct Before {
    std::uint32_t item = 0;
    std::uint32_t claim = 0;
    Seq version;
    Seq opened;
    Timestamp opened_at;
  } before;
  Seq last_request;
};

namespace {

std::int64_t sum_of(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
Seq sum_of(Seq a, std::int64_t b) { return Seq(a.value() + static_cast<std::uint64_t>(b)); }

// Far from both ends of the range, so that later sums and differences cannot leave it.
bool is_time(Timestamp time) {
  return time >= Timestamp() && time <= Timestamp::us(Timestamp::never().us() / 2);
}
bool is_quantity(Quantity quantity) { return quantity >= Quantity() && quantity.in_range(); }

}  // namespace

StockLoader::StockLoader() : parts_(std::make_unique<Parts>()) {}
StockLoader::~StockLoader() = default;

Status StockLoader::add(ByteSpan block) {
  if (parts_->is_broken) return fail(ErrorCode::corrupt, "an earlier checkpoint block was corrupt");
  Status status = parts_->read_block(block);
  parts_->is_broken = !status.has_value();
  ++parts_->blocks;
  return status;
}

Result<std::unique_ptr<Stock>> StockLoader::finish() {
  if (parts_->is_broken || parts_->kind == BlockKind() || parts_->stock == nullptr) {
    return fail(ErrorCode::corrupt, "the checkpoint's blocks are incomplete");
  }
  for (std::size_t index = 0; index < row_kinds; ++index) {
    if (parts_->found[index] == parts_->expected[index]) continue;
    return fail(ErrorCode::corrupt, "the checkpoint has {} {}, its header says {}",
                parts_->found[index], name_of(static_cast<BlockKind>(index + 2)),
                parts_->expected[index]);
  }
  const std::uint64_t digest = parts_->stock->recomputed_digest();
  if (digest != parts_->digest || digest != parts_->stock->digest()) {
    return fail(ErrorCode::corrupt, "the checkpoint's digest is {:016x}, its rows give {:016x}",
                parts_->digest, digest);
  }
  return std::move(parts_->stock);
}

Status StockLoader::Parts::read_block(ByteSpan block) {
  ByteReader in(block);
  const auto next = static_cast<BlockKind>(in.fixed<std::uint8_t>());
  const bool in_order =
      kind == BlockKind() ? next == BlockKind::header
                          : next > BlockKind::header && next >= kind && next <= BlockKind::requests;
  if (!in.ok() || block.size() > checkpoint_block_bytes || !in_order) {
    return fail(ErrorCode::corrupt, "checkpoint block {} is out of place or of a wrong size",
                blocks);
  }
  kind = next;
  if (kind == BlockKind::header) return read_header(in);
  before = Before();
  std::uint64_t& count = found[count_index(kind)];
  do {
    const std::size_t at = in.position();
    if (count == expected[count_index(kind)] || !read_row(in) || !in.ok()) {
      return fail(ErrorCode::corrupt, "checkpoint block {} ({}): no row at byte {}", blocks,
                  name_of(kind), at);
    }
    ++count;
  } while (!in.at_end());
  return {};
}

Status StockLoader::Parts::read_header(ByteReader& in) {
  const auto version = in.fixed<std::uint8_t>();
  if (in.ok() && version != block_format_version) {
    return fail(ErrorCode::corrupt, "checkpoint block 0 has format {}, known is {}", version,
                block_format_version);
  }
  seq = Seq(in.varint());
  digest = in.fixed<std::uint64_t>();
  for (std::uint64_t& count : expected) count = in.narrow<std::uint32_t>();
  if (!in.complete()) return fail(ErrorCode::corrupt, "checkpoint block 0 is not a header");
  return {};
}

bool StockLoader::Parts::read_row(ByteReader& in) {
  switch (kind) {
    case BlockKind::header:
      return false;
    case BlockKind::items:
      return read_item(in);
    case BlockKind::locations:
      return read_location(in);
    case BlockKind::channels:
      return read_channel(in);
    case BlockKind::lots:
      return read_lot(in);
    case BlockKind::levels:
      return read_level(in);
    case BlockKind::claims:
      return read_claim(in);
    case BlockKind::lines:
      return read_line(in);
    case BlockKind::requests:
      return read_request(in);
  }
  return false;
}

bool StockLoader::Parts::read_item(ByteReader& in) {
  const Seq version(in.varint());
  ItemRecord record;
  if (!decode(in, record) || !is_past(version) || record.sku.empty() ||
      stock->find_item(record.sku) != ItemId()) {
    return false;
  }
  stock->define(stock->last_item().next(), record, version);
  return true;
}

bool StockLoader::Parts::read_location(ByteReader& in) {
  const Seq version(in.varint());
  LocationRecord record;
  if (!decode(in, record) || !is_past(version) || record.code.empty() ||
      stock->find_location(record.code) != LocationId()) {
    return false;
  }
  stock->define(stock->last_location().next(), record, version);
  return true;
}

bool StockLoader::Parts::read_channel(ByteReader& in) {
  const Seq version(in.varint());
  ChannelRecord record;
  if (!decode(in, record) || !is_past(version) || record.code.empty() ||
      stock->find_channel(record.code) != ChannelId()) {
    return false;
  }
  for (const LocationId location : record.locations) {
    if (location == LocationId() || location > stock->last_location()) return false;
  }
  stock->define(stock->last_channel().next(), record, version);
  return true;
}

bool StockLoader::Parts::read_lot(ByteReader& in) {
  const std::string_view name = in.text();
  if (!in.ok() || name.empty() || stock->find_lot(name) != LotId()) return false;
  stock->name_lot(stock->last_lot().next(), name, seq);
  return true;
}

bool StockLoader::Parts::read_level(ByteReader& in) {
  const std::int64_t item = sum_of(before.item, in.svarint());
  const LocationId location(in.narrow<std::uint32_t>());
  const LotId lot(in.narrow<std::uint32_t>());
  const Seq version = sum_of(before.version, in.svarint());
  const auto present = in.narrow<std::uint16_t>();
  if (present >> term_count != 0) return false;
  Quantities quantities;
  for (std::size_t term = 0; term < term_count; ++term) {
    if ((present >> term & 1) != 0) quantities[static_cast<Term>(term)] = Quantity(in.svarint());
  }
  if (!in.ok() || item < 1 || item > stock->last_item().value() || location == LocationId() ||
      location > stock->last_location() || lot > stock->last_lot() || !is_past(version) ||
      !quantities.valid() || !quantities.balanced()) {
    return false;
  }
  const LevelKey key{
      .item = ItemId(static_cast<std::uint32_t>(item)), .location = location, .lot = lot};
  if (stock->find_level(key).exists()) return false;
  stock->move(key, quantities, version);
  before.item = key.item.value();
  before.version = version;
  return true;
}

bool StockLoader::Parts::read_claim(ByteReader& in) {
  ClaimId id;
  const ByteSpan id_bytes = in.raw(id.bytes.size());
  if (!in.ok()) return false;
  std::memcpy(id.bytes.data(), id_bytes.data(), id.bytes.size());
  GroupContext context;
  context.channel = ChannelId(in.narrow<std::uint32_t>());
  context.at = Timestamp::us(sum_of(before.opened_at.us(), in.svarint()));
  const auto flags = in.fixed<std::uint8_t>();
  const bool has_end = (flags & claim_has_end) != 0;
  const Timestamp expires_at =
      has_end ? Timestamp::us(sum_of(context.at.us(), in.svarint())) : Timestamp::never();
  const Seq opened = sum_of(before.opened, in.svarint());
  const Seq version(opened.value() + in.varint());
  context.actor = in.text();
  context.customer = in.text();
  context.reference = in.text();
  if (!in.ok() || flags > (claim_has_end | claim_is_provisional) || !is_time(context.at) ||
      (has_end && !is_time(expires_at)) || context.channel > stock->last_channel() ||
      version < opened) {
    return false;
  }
  before.opened_at = context.at;
  before.opened = opened;
  if (id.is_none()) {
    stock->parts_->claims.append_vacant_head();
    return true;
  }
  if (!is_past(version) || stock->find_claim(id).exists()) return false;
  stock->open_claim(id, expires_at, context, opened, (flags & claim_is_provisional) != 0);
  if (version != opened) stock->set_expiry(id, expires_at, version);
  return true;
}

bool StockLoader::Parts::read_line(ByteReader& in) {
  const std::int64_t row = sum_of(before.claim, in.svarint());
  const auto number = in.narrow<std::uint32_t>();
  const LevelRef level{in.narrow<std::uint32_t>()};
  const auto present = in.narrow<std::uint8_t>();
  if (present >> 7 != 0) return false;
  LineQuantities q;
  std::size_t column = 0;
  for (Quantity* quantity : {&q.held, &q.committed, &q.backordered, &q.fulfilled, &q.cancelled,
                             &q.released, &q.expired}) {
    if ((present >> column++ & 1) != 0)
      *quantity = Quantity(static_cast<std::int64_t>(in.varint()));
    if (!is_quantity(*quantity)) return false;
  }
  if (in.ok() && row == 0 && number == 0 && !level.exists() && present == 0) {
    stock->parts_->claims.append_vacant_line();
    before.claim = 0;
    return true;
  }
  if (!in.ok() || row < 1 || row > stock->claim_count() || !level.exists() ||
      level.row > stock->level_count()) {
    return false;
  }
  const ClaimRef claim{static_cast<std::uint32_t>(row)};
  const ClaimHead head = stock->head(claim);
  if (head.id.is_none()) return false;
  if (number != head.line_count + 1 || number == 0 ||
      !is_quantity(stock->parts_->claims.held(claim) + q.held)) {
    return false;
  }
  stock->move_line(head.id, number, stock->key(level), q, head.version);
  before.claim = claim.row;
  return true;
}

bool StockLoader::Parts::read_request(ByteReader& in) {
  GroupContext context;
  context.actor = in.text();
  context.request_id = in.text();
  RequestRemembered entry;
  entry.fingerprint.low = in.fixed<std::uint64_t>();
  entry.fingerprint.high = in.fixed<std::uint64_t>();
  const Seq at(in.varint());
  context.at = Timestamp::us(in.svarint());
  const auto refused = in.fixed<std::uint8_t>();
  entry.refused = refused == 1;
  entry.answer = in.text();
  auto& requests = stock->parts_->requests;
  if (!in.ok() || refused > 1 || !is_time(context.at) || at <= last_request || !is_past(at) ||
      requests.contains(context.actor, context.request_id)) {
    return false;
  }
  stock->parts_->digest += requests.insert(context, entry, at);
  last_request = at;
  return true;
}

}  // namespace holdfast
