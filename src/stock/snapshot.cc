// A snapshot holds the upper level of each table; everything below is shared with the writer until
// it copies.
#include "stock/snapshot.h"

#include "base/check.h"
#include "stock/parts.h"

namespace holdfast {
namespace {

template <class Page>
constexpr std::uint32_t in_page(std::uint32_t row) {
  return row & (static_cast<std::uint32_t>(Page::rows) - 1);
}

template <class Block>
const Block& block_of(const TableView<PointerPage<Block>>& view, std::uint32_t id) {
  CHECK(id >= 1 && id < view.size(), "id {} was not handed out", id);
  return *view.page_of(id).at[in_page<PointerPage<Block>>(id)];
}

// The rows of a page that are in the view, without row 0.
struct Rows {
  std::uint32_t first = 0;
  std::uint32_t size = 0;
  std::uint32_t skip = 0;  // rows of the page before `first`

  template <class T, std::size_t n>
  [[nodiscard]] std::span<const T> of(const std::array<T, n>& column) const {
    return std::span<const T>(column).subspan(skip, size);
  }
  template <std::size_t n>
  [[nodiscard]] QuantityRun of(const std::array<Quantity, n>* column) const {
    return column == nullptr ? nullptr : column->data() + skip;
  }
};

template <class Page>
Rows rows_of(const TableView<Page>& view, std::uint32_t index) {
  CHECK(index < view.page_count());
  const std::uint32_t begin = index << Page::row_bits;
  const std::uint32_t skip = index == 0 ? 1 : 0;
  const auto end = std::min<std::uint64_t>(view.size(), std::uint64_t{begin} + Page::rows);
  return {
      .first = begin + skip, .size = static_cast<std::uint32_t>(end - begin) - skip, .skip = skip};
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const void> keep, Stock::Parts& parts, Seq seq)
    : seq_(seq),
      digest_(parts.digest),
      items_(parts.catalogue.items().view()),
      locations_(parts.catalogue.locations().view()),
      channels_(parts.catalogue.channels().view()),
      lots_(parts.catalogue.lots_view()),
      levels_(parts.levels.view()),
      heads_(parts.claims.heads_view()),
      lines_(parts.claims.lines_view()),
      requests_(parts.requests.view()),
      released_(parts.epochs.begin_snapshot()),
      keep_(std::move(keep)) {}

Snapshot::~Snapshot() { released_->store(true, std::memory_order_release); }

const ItemRecord& Snapshot::item(ItemId item) const {
  return block_of(items_, item.value()).record;
}
const LocationRecord& Snapshot::location(LocationId location) const {
  return block_of(locations_, location.value()).record;
}
const ChannelRecord& Snapshot::channel(ChannelId channel) const {
  return block_of(channels_, channel.value()).record;
}
std::string_view Snapshot::lot_name(LotId lot) const {
  return lot == LotId() ? std::string_view() : block_of(lots_, lot.value()).text();
}
Seq Snapshot::version(ItemId item) const { return block_of(items_, item.value()).version; }
Seq Snapshot::version(LocationId location) const {
  return block_of(locations_, location.value()).version;
}
Seq Snapshot::version(ChannelId channel) const {
  return block_of(channels_, channel.value()).version;
}

Level Snapshot::level(LevelRef level) const {
  CHECK(level.exists() && level.row <= level_count());
  return level_in(levels_.page_of(level.row), in_page<LevelPage>(level.row));
}

LevelKey Snapshot::key(LevelRef level) const {
  CHECK(level.exists() && level.row <= level_count());
  const LevelPage& page = levels_.page_of(level.row);
  const std::uint32_t row = in_page<LevelPage>(level.row);
  return {.item = page.item[row], .location = page.location[row], .lot = page.lot[row]};
}

LevelRun Snapshot::level_run(std::uint32_t index) const {
  const Rows rows = rows_of(levels_, index);
  const LevelPage& page = levels_.page(index);
  LevelRun run{.first = rows.first,
               .size = rows.size,
               .item = rows.of(page.item),
               .location = rows.of(page.location),
               .lot = rows.of(page.lot),
               .version = rows.of(page.version)};
  for (std::size_t term = 0; term < hot_terms; ++term) run.terms[term] = rows.of(&page.hot[term]);
  for (std::size_t term = hot_terms; term < term_count; ++term) {
    run.terms[term] = rows.of(page.cold[term - hot_terms]);
  }
  return run;
}

ClaimHead Snapshot::head(ClaimRef claim) const {
  CHECK(claim.exists() && claim.row <= claim_count());
  return head_in(heads_.page_of(claim.row), in_page<ClaimPage>(claim.row));
}

ClaimLine Snapshot::line(ClaimRef claim, std::uint32_t number) const {
  CHECK(claim.exists() && claim.row <= claim_count());
  const ClaimPage& head = heads_.page_of(claim.row);
  const std::uint32_t row = in_page<ClaimPage>(claim.row);
  CHECK(number >= 1 && number <= head.line_count[row]);
  const std::uint32_t at =
      find_line_row(head.last_run[row], number,
                    [this](std::uint32_t run) -> const LinePage& { return lines_.page_of(run); });
  const LinePage& page = lines_.page_of(at);
  return {.line = number,
          .level = key(LevelRef{page.level[in_page<LinePage>(at)]}),
          .quantities = quantities_in(page, in_page<LinePage>(at))};
}

LineQuantities Snapshot::sum(ClaimRef claim) const {
  LineQuantities sum;
  const std::uint32_t lines = head(claim).line_count;
  for (std::uint32_t number = 1; number <= lines; ++number) {
    const LineQuantities units = line(claim, number).quantities;
    sum.held += units.held;
    sum.committed += units.committed;
    sum.backordered += units.backordered;
    sum.fulfilled += units.fulfilled;
    sum.cancelled += units.cancelled;
    sum.released += units.released;
    sum.expired += units.expired;
  }
  return sum;
}

ClaimRun Snapshot::claim_run(std::uint32_t index) const {
  const Rows rows = rows_of(heads_, index);
  const ClaimPage& page = heads_.page(index);
  return {.first = rows.first,
          .size = rows.size,
          .id = rows.of(page.id),
          .channel = rows.of(page.channel),
          .opened_at = rows.of(page.opened_at),
          .expires_at = rows.of(page.expires_at),
          .opened = rows.of(page.opened),
          .version = rows.of(page.version),
          .line_count = rows.of(page.line_count)};
}

LineRun Snapshot::line_run(std::uint32_t index) const {
  const Rows rows = rows_of(lines_, index);
  const LinePage& page = lines_.page(index);
  return {.first = rows.first,
          .size = rows.size,
          .claim = rows.of(page.claim),
          .number = rows.of(page.number),
          .level = rows.of(page.level),
          .held = rows.of(&page.held),
          .committed = rows.of(&page.committed),
          .backordered = rows.of(page.cold[LinePage::backordered]),
          .fulfilled = rows.of(page.cold[LinePage::fulfilled]),
          .cancelled = rows.of(page.cold[LinePage::cancelled]),
          .released = rows.of(page.cold[LinePage::released]),
          .expired = rows.of(page.cold[LinePage::expired])};
}

const RememberedRequest* Snapshot::request(std::uint32_t row) const {
  CHECK(row >= 1 && row <= request_rows());
  return requests_.page_of(row).at[in_page<PointerPage<RememberedRequest>>(row)];
}

}  // namespace holdfast
