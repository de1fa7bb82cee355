// Every row is checked in full before it is applied, so hostile bytes end as an error and never as
// a broken invariant (whose CHECK would stop the process). Nothing is allocated by a length or
// count that the bytes only claim.
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/check.h"
#include "stock/block_format.h"
#include "stock/parts.h"
#include "stock/record_codec.h"
#include "stock/stock.h"

namespace holdfast {
namespace {

struct ClaimRow {
  std::size_t start = 0;  // its first byte in the block
  ClaimId id;
  GroupContext context;
  Timestamp expires_at;
  Seq opened;
  Seq version;
  std::uint8_t flags = 0;
};
struct LineRow {
  std::size_t start = 0;
  std::int64_t claim = 0;
  std::uint32_t number = 0;
  LevelRef level;
  LineQuantities quantities;
  bool is_vacant = false;
};

// More than the memory answers at a time.
constexpr std::size_t rows_ahead = 64;
constexpr std::uint32_t row_steps = 2;

}  // namespace

struct StockLoader::Parts {
  explicit Parts(Stock::RunElsewhere elsewhere)
      : stock(std::make_unique<Stock>(std::move(elsewhere))) {}

  std::unique_ptr<Stock> stock;
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
  [[nodiscard]] bool read_request(ByteReader& in);
  template <class Row>
  Status read_rows(ByteReader& in);
  template <class Row>
  Status add_rows(std::span<const Row> rows);
  [[nodiscard]] bool read(ByteReader& in, ClaimRow& out);
  [[nodiscard]] bool read(ByteReader& in, LineRow& out);
  void foresee(const ClaimRow& row, std::uint32_t step) const;
  void foresee(const LineRow& row, std::uint32_t step) const;
  [[nodiscard]] bool add(const ClaimRow& row);
  [[nodiscard]] bool add(const LineRow& row);
  [[nodiscard]] tl::unexpected<Error> no_row(std::size_t at) const;
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

StockLoader::StockLoader(Stock::RunElsewhere elsewhere)
    : parts_(std::make_unique<Parts>(std::move(elsewhere))) {}
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
  if (kind == BlockKind::claims) return read_rows<ClaimRow>(in);
  if (kind == BlockKind::lines) return read_rows<LineRow>(in);
  std::uint64_t& count = found[count_index(kind)];
  do {
    const std::size_t at = in.position();
    if (count == expected[count_index(kind)] || !read_row(in) || !in.ok()) return no_row(at);
    ++count;
  } while (!in.at_end());
  return {};
}

// What a claim or a line names lies anywhere, so some rows are read before the first of them is
// added, and what they need is asked for meanwhile.
template <class Row>
Status StockLoader::Parts::read_rows(ByteReader& in) {
  std::array<Row, rows_ahead> rows;
  do {
    std::size_t count = 0;
    bool is_whole = true;
    do {
      rows[count] = Row{.start = in.position()};
      is_whole = read(in, rows[count]);
      if (is_whole) ++count;
    } while (is_whole && count < rows_ahead && !in.at_end());
    TRY(add_rows(std::span<const Row>(rows).first(count)));
    if (!is_whole) return no_row(rows[count].start);
  } while (!in.at_end());
  return {};
}

template <class Row>
Status StockLoader::Parts::add_rows(std::span<const Row> rows) {
  for (std::uint32_t step = 0; step < row_steps; ++step) {
    for (const Row& row : rows) foresee(row, step);
  }
  std::uint64_t& count = found[count_index(kind)];
  for (const Row& row : rows) {
    if (count == expected[count_index(kind)] || !add(row)) return no_row(row.start);
    ++count;
  }
  return {};
}

tl::unexpected<Error> StockLoader::Parts::no_row(std::size_t at) const {
  return fail(ErrorCode::corrupt, "checkpoint block {} ({}): no row at byte {}", blocks,
              name_of(kind), at);
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
    case BlockKind::claims:
    case BlockKind::lines:
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

bool StockLoader::Parts::read(ByteReader& in, ClaimRow& out) {
  const ByteSpan id_bytes = in.raw(out.id.bytes.size());
  if (!in.ok()) return false;
  std::memcpy(out.id.bytes.data(), id_bytes.data(), out.id.bytes.size());
  GroupContext& context = out.context;
  context.channel = ChannelId(in.narrow<std::uint32_t>());
  context.at = Timestamp::us(sum_of(before.opened_at.us(), in.svarint()));
  out.flags = in.fixed<std::uint8_t>();
  const bool has_end = (out.flags & claim_has_end) != 0;
  out.expires_at =
      has_end ? Timestamp::us(sum_of(context.at.us(), in.svarint())) : Timestamp::never();
  out.opened = sum_of(before.opened, in.svarint());
  out.version = Seq(out.opened.value() + in.varint());
  context.actor = in.text();
  context.customer = in.text();
  context.reference = in.text();
  if (!in.ok() || out.flags > (claim_has_end | claim_is_provisional) || !is_time(context.at) ||
      (has_end && !is_time(out.expires_at)) || context.channel > stock->last_channel() ||
      out.version < out.opened) {
    return false;
  }
  before.opened_at = context.at;
  before.opened = out.opened;
  return true;
}

void StockLoader::Parts::foresee(const ClaimRow& row, std::uint32_t step) const {
  if (step == 0) stock->foresee(row.id);
}

bool StockLoader::Parts::add(const ClaimRow& row) {
  if (row.id.is_none()) {
    stock->parts_->claims.append_vacant_head();
    return true;
  }
  if (!is_past(row.version) || stock->find_claim(row.id).exists()) return false;
  stock->open_claim(row.id, row.expires_at, row.context, row.opened,
                    (row.flags & claim_is_provisional) != 0);
  if (row.version != row.opened) stock->set_expiry(row.id, row.expires_at, row.version);
  return true;
}

bool StockLoader::Parts::read(ByteReader& in, LineRow& out) {
  out.claim = sum_of(before.claim, in.svarint());
  out.number = in.narrow<std::uint32_t>();
  out.level = LevelRef{in.narrow<std::uint32_t>()};
  const auto present = in.narrow<std::uint8_t>();
  if (present >> 7 != 0) return false;
  LineQuantities& q = out.quantities;
  std::size_t column = 0;
  for (Quantity* quantity : {&q.held, &q.committed, &q.backordered, &q.fulfilled, &q.cancelled,
                             &q.released, &q.expired}) {
    if ((present >> column++ & 1) != 0)
      *quantity = Quantity(static_cast<std::int64_t>(in.varint()));
    if (!is_quantity(*quantity)) return false;
  }
  if (!in.ok()) return false;
  out.is_vacant = out.claim == 0 && out.number == 0 && !out.level.exists() && present == 0;
  if (!out.is_vacant && (out.claim < 1 || out.claim > stock->claim_count() || !out.level.exists() ||
                         out.level.row > stock->level_count())) {
    return false;
  }
  before.claim = static_cast<std::uint32_t>(out.claim);
  return true;
}

void StockLoader::Parts::foresee(const LineRow& row, std::uint32_t step) const {
  const Levels& levels = stock->parts_->levels;  // row 0, of a vacant line, is there too
  if (step == 0) levels.prefetch_node(row.level);
  if (step == 1) levels.prefetch_key(row.level);
}

bool StockLoader::Parts::add(const LineRow& row) {
  Claims& claims = stock->parts_->claims;
  if (row.is_vacant) {
    claims.append_vacant_line();
    return true;
  }
  const ClaimRef claim{static_cast<std::uint32_t>(row.claim)};
  const ClaimHead head = stock->head(claim);
  if (head.id.is_none()) return false;
  if (row.number != head.line_count + 1 || row.number == 0 ||
      !is_quantity(claims.held(claim) + row.quantities.held)) {
    return false;
  }
  stock->parts_->applied(claims.move_line(claim, row.number, row.level, stock->key(row.level),
                                          row.quantities, head.version),
                         head.version);
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
