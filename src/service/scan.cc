// Rows in the order of their tables, which is that of their first appearance.
#include "service/scan.h"

#include "base/check.h"
#include "service/row_cells.h"

namespace holdfast {
namespace {

std::uint32_t last_row(const Snapshot& snapshot, Relation relation) {
  switch (relation) {
    case Relation::stock:
      return snapshot.level_count();
    case Relation::items:
      return snapshot.last_item().value();
    case Relation::claims:
      return snapshot.claim_count();
    case Relation::availability:
    case Relation::locations:
    case Relation::channels:
      break;
  }
  CHECK(false, "not a relation that is scanned");
}

}  // namespace

Result<ScanPlaces::Place> ScanPlaces::take() {
  if (taken_.fetch_add(1, std::memory_order_relaxed) < scans_max) return Place(*this);
  taken_.fetch_sub(1, std::memory_order_relaxed);
  return fail(
      Error{.code = ErrorCode::overloaded,
            .message = fmt::format("at most {} COPY TO of a whole relation at once", scans_max),
            .detail = {},
            .hint = "Try again when one of them has ended."});
}

Scan::Scan(std::shared_ptr<const Snapshot> snapshot, ScanPlaces::Place place, Relation relation,
           std::vector<std::uint8_t> sources, std::int64_t limit)
    : snapshot_(std::move(snapshot)),
      place_(std::move(place)),
      relation_(relation),
      sources_(std::move(sources)),
      left_(limit),
      last_(last_row(*snapshot_, relation)) {}

bool Scan::next(RowSink& sink, std::uint32_t work_max) {
  std::uint32_t work = 0;
  while (number_ <= last_ && left_ != 0 && work < work_max) work += row(sink, number_++);
  return number_ <= last_ && left_ != 0;
}

template <class Cell>
void Scan::write(RowSink& sink, const Cell& cell) {
  sink.begin_row(sources_.size());
  for (const std::uint8_t source : sources_) cell(source);
  sink.end_row();
  if (left_ > 0) --left_;
}

std::uint32_t Scan::row(RowSink& sink, std::uint32_t number) {
  RowCells<Snapshot> cells(*snapshot_, sink, scratch_);
  if (relation_ == Relation::stock) {
    const Level level = snapshot_->level(LevelRef{number});
    write(sink, [&](std::uint8_t source) { cells.level(level, static_cast<StockColumn>(source)); });
    return 1;
  }
  if (relation_ == Relation::items) {
    const ItemId id(number);
    write(sink, [&](std::uint8_t source) {
      cells.item(snapshot_->item(id), snapshot_->version(id), static_cast<ItemColumn>(source));
    });
    return 1;
  }
  const ClaimRef claim{number};
  const ClaimHead head = snapshot_->head(claim);
  // One that was undone, or is not yet a claim to anybody.
  if (head.id.is_none() || head.provisional) return 1;
  const LineQuantities sum = snapshot_->sum(claim);
  write(sink, [&](std::uint8_t source) {
    cells.claim(claim, head, sum, static_cast<ClaimColumn>(source));
  });
  return 1 + head.line_count;
}

}  // namespace holdfast
