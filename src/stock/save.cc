// Rows are written one after the other; a block ends before the row that would make it too long, so
// a row never spans two. Numbers are deltas to the row before in the same block where rows are
// alike, so a block reads by itself.
#include <algorithm>
#include <utility>
#include <vector>

#include "stock/block_format.h"
#include "stock/record_codec.h"
#include "stock/requests.h"
#include "stock/snapshot.h"
#include "stock/stock.h"

namespace holdfast {
namespace {

using Sink = std::function<Status(ByteSpan block)>;

std::uint64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);  // wraps, as reading does
}

class BlockWriter {
 public:
  explicit BlockWriter(const Sink& sink) : sink_(sink) {}

  // `write(out, is_first)` appends one row; with is_first it must not refer to a row before.
  template <class Write>
  Status row(BlockKind kind, Write&& write) {
    if (kind != kind_) TRY(begin(kind));
    const std::size_t before = out_.size();
    write(out_, before == 1);
    if (out_.size() <= checkpoint_block_bytes) return {};
    if (before > 1) {
      out_.truncate(before);
      TRY(begin(kind));
      write(out_, true);
    }
    if (out_.size() <= checkpoint_block_bytes) return {};
    return fail(ErrorCode::limit_exceeded, "a row of {} in a checkpoint is longer than {} bytes",
                name_of(kind), checkpoint_block_bytes);
  }
  Status flush() {
    if (out_.size() <= 1) return {};
    TRY(sink_(out_.bytes()));
    out_.clear();
    kind_ = BlockKind();
    return {};
  }

 private:
  Status begin(BlockKind kind) {
    TRY(flush());
    out_.clear();
    out_.fixed(static_cast<std::uint8_t>(kind));
    kind_ = kind;
    return {};
  }

  const Sink& sink_;
  ByteWriter out_;
  BlockKind kind_ = BlockKind();
};

using Remembered = std::vector<std::pair<Seq, const RememberedRequest*>>;

// In order of seq, whatever rows they are in: the order in which refusals are forgotten.
Remembered remembered_in(const Snapshot& snapshot) {
  Remembered out;
  for (std::uint32_t row = 1; row <= snapshot.request_rows(); ++row) {
    const RememberedRequest* request = snapshot.request(row);
    if (request != nullptr) out.emplace_back(request->seq, request);
  }
  const auto by_seq = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(out.begin(), out.end(), by_seq)) std::sort(out.begin(), out.end(), by_seq);
  return out;
}

Status write_header(BlockWriter& writer, const Snapshot& snapshot, const Remembered& remembered) {
  const RowCounts counts = {snapshot.last_item().value(),    snapshot.last_location().value(),
                            snapshot.last_channel().value(), snapshot.last_lot().value(),
                            snapshot.level_count(),          snapshot.claim_count(),
                            snapshot.line_count(),           remembered.size()};
  return writer.row(BlockKind::header, [&](ByteWriter& out, bool) {
    out.fixed(block_format_version);
    out.varint(snapshot.seq().value());
    out.fixed(snapshot.digest());
    for (const std::uint64_t count : counts) out.varint(count);
  });
}

template <class Id>
Status write_definitions(BlockWriter& writer, BlockKind kind, const Snapshot& snapshot, Id last,
                         auto&& record_of) {
  for (Id id(1); id <= last; id = id.next()) {
    TRY(writer.row(kind, [&](ByteWriter& out, bool) {
      out.varint(snapshot.version(id).value());
      encode(out, record_of(id));
    }));
  }
  return {};
}

Status write_catalogue(BlockWriter& writer, const Snapshot& snapshot) {
  TRY(write_definitions(writer, BlockKind::items, snapshot, snapshot.last_item(),
                        [&](ItemId id) -> const ItemRecord& { return snapshot.item(id); }));
  TRY(write_definitions(
      writer, BlockKind::locations, snapshot, snapshot.last_location(),
      [&](LocationId id) -> const LocationRecord& { return snapshot.location(id); }));
  TRY(write_definitions(
      writer, BlockKind::channels, snapshot, snapshot.last_channel(),
      [&](ChannelId id) -> const ChannelRecord& { return snapshot.channel(id); }));
  for (LotId lot(1); lot <= snapshot.last_lot(); lot = lot.next()) {
    TRY(writer.row(BlockKind::lots,
                   [&](ByteWriter& out, bool) { out.text(snapshot.lot_name(lot)); }));
  }
  return {};
}

void write_level(ByteWriter& out, const Level& level, const Level& before) {
  out.svarint(std::int64_t{level.key.item.value()} - before.key.item.value());
  out.varint(level.key.location.value());
  out.varint(level.key.lot.value());
  out.svarint(static_cast<std::int64_t>(level.version.value() - before.version.value()));
  std::uint64_t present = 0;
  for (std::size_t term = 0; term < term_count; ++term) {
    if (!level.quantities[static_cast<Term>(term)].is_zero()) present |= 1u << term;
  }
  out.varint(present);
  for (std::size_t term = 0; term < term_count; ++term) {
    if ((present >> term & 1) != 0) out.svarint(level.quantities[static_cast<Term>(term)].units());
  }
}

Status write_levels(BlockWriter& writer, const Snapshot& snapshot) {
  Level before;
  for (std::uint32_t row = 1; row <= snapshot.level_count(); ++row) {
    const Level level = snapshot.level(LevelRef{row});
    TRY(writer.row(BlockKind::levels, [&](ByteWriter& out, bool is_first) {
      write_level(out, level, is_first ? Level() : before);
    }));
    before = level;
  }
  return {};
}

Status write_claims(BlockWriter& writer, const Snapshot& snapshot) {
  ClaimHead before;
  for (std::uint32_t row = 1; row <= snapshot.claim_count(); ++row) {
    const ClaimHead head = snapshot.head(ClaimRef{row});
    TRY(writer.row(BlockKind::claims, [&](ByteWriter& out, bool is_first) {
      const ClaimHead previous = is_first ? ClaimHead() : before;
      out.raw(std::as_bytes(std::span(head.id.bytes)));
      out.varint(head.channel.value());
      out.svarint(
          static_cast<std::int64_t>(difference(head.opened_at.us(), previous.opened_at.us())));
      out.fixed<std::uint8_t>(
          static_cast<std::uint8_t>((head.expires_at.is_never() ? 0 : claim_has_end) |
                                    (head.provisional ? claim_is_provisional : 0)));
      if (!head.expires_at.is_never()) {
        out.svarint(
            static_cast<std::int64_t>(difference(head.expires_at.us(), head.opened_at.us())));
      }
      out.svarint(static_cast<std::int64_t>(head.opened.value() - previous.opened.value()));
      out.varint(head.version.value() - head.opened.value());
      out.text(head.actor);
      out.text(head.customer);
      out.text(head.reference);
    }));
    before = head;
  }
  return {};
}

void write_line(ByteWriter& out, const LineRun& run, std::uint32_t index,
                std::uint32_t claim_before) {
  out.svarint(std::int64_t{run.claim[index]} - claim_before);
  out.varint(run.number[index]);
  out.varint(run.level[index]);
  const std::array<QuantityRun, 7> columns = {run.held,      run.committed, run.backordered,
                                              run.fulfilled, run.cancelled, run.released,
                                              run.expired};
  std::uint64_t present = 0;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if (columns[column] != nullptr && !columns[column][index].is_zero()) present |= 1u << column;
  }
  out.varint(present);
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if ((present >> column & 1) != 0) {
      out.varint(static_cast<std::uint64_t>(columns[column][index].units()));
    }
  }
}

Status write_lines(BlockWriter& writer, const Snapshot& snapshot) {
  std::uint32_t claim_before = 0;
  for (std::uint32_t run_index = 0; run_index < snapshot.line_run_count(); ++run_index) {
    const LineRun run = snapshot.line_run(run_index);
    for (std::uint32_t index = 0; index < run.size; ++index) {
      TRY(writer.row(BlockKind::lines, [&](ByteWriter& out, bool is_first) {
        write_line(out, run, index, is_first ? 0 : claim_before);
      }));
      claim_before = run.claim[index];
    }
  }
  return {};
}

Status write_requests(BlockWriter& writer, const Remembered& remembered) {
  for (const auto& [seq, request] : remembered) {
    TRY(writer.row(BlockKind::requests, [&, request = request](ByteWriter& out, bool) {
      out.text(request->actor());
      out.text(request->request_id());
      out.fixed(request->fingerprint.low);
      out.fixed(request->fingerprint.high);
      out.varint(request->seq.value());
      out.svarint(request->at.us());
      out.fixed<std::uint8_t>(request->refused ? 1 : 0);
      out.text(request->answer());
    }));
  }
  return {};
}

}  // namespace

Status save(const Snapshot& snapshot, const Sink& sink) {
  BlockWriter writer(sink);
  const Remembered remembered = remembered_in(snapshot);
  TRY(write_header(writer, snapshot, remembered));
  TRY(write_catalogue(writer, snapshot));
  TRY(write_levels(writer, snapshot));
  TRY(write_claims(writer, snapshot));
  TRY(write_lines(writer, snapshot));
  TRY(write_requests(writer, remembered));
  return writer.flush();
}

}  // namespace holdfast
