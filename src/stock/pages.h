// Pages: the layouts of the tables of a Stock (PAX: every column of a page is contiguous). Rows
// count from 1; row 0 of every table is all zeros, so that an absent row reads as zeros without a
// branch.
#pragma once

#include <array>
#include <cstdint>

#include "model/ids.h"
#include "model/quantity.h"
#include "model/time.h"
#include "stock/paged_table.h"

namespace holdfast {

// Which of a level's terms are cold: absent from most pages.
inline constexpr std::size_t hot_terms = 4;  // on_hand, available, held, committed
static_assert(static_cast<std::size_t>(Term::committed) + 1 == hot_terms);

// 64 rows: what a claim anywhere in the catalogue copies after a snapshot is 3.4 KB, and a run
// still fills a cache line of every column many times over.
struct LevelPage {
  static constexpr unsigned row_bits = 6;
  static constexpr std::size_t rows = std::size_t{1} << row_bits;
  static constexpr std::size_t cold_count = term_count - hot_terms;

  std::array<QuantityColumn<row_bits>, hot_terms> hot{};  // by Term
  std::array<Seq, rows> version{};
  std::array<ItemId, rows> item{};
  std::array<LocationId, rows> location{};
  std::array<LotId, rows> lot{};
  std::array<QuantityColumn<row_bits>*, cold_count> cold{};  // by Term − hot_terms

  void clear(std::uint32_t row);  // of all columns, back to zeros
};

struct ClaimTexts;

// A row whose id is none is vacant: its claim was undone.
struct ClaimPage {
  static constexpr unsigned row_bits = 7;
  static constexpr std::size_t rows = std::size_t{1} << row_bits;
  static constexpr std::size_t cold_count = 0;

  std::array<ClaimId, rows> id{};
  std::array<Timestamp, rows> opened_at{};
  std::array<Timestamp, rows> expires_at{};
  std::array<Seq, rows> opened{};
  std::array<Seq, rows> version{};
  std::array<const ClaimTexts*, rows> texts{};
  std::array<ChannelId, rows> channel{};
  std::array<std::uint32_t, rows> line_count{};
  std::array<std::uint32_t, rows> last_run{};  // the line row that starts the last run of lines
  std::array<bool, rows> provisional{};

  void clear(std::uint32_t row);
};

// The lines of a claim stand in runs of consecutive rows, one run unless other claims opened lines
// in between. A run's first row knows where the run before it starts. The rows of an undone claim
// are vacant: all zeros.
struct LinePage {
  static constexpr unsigned row_bits = 7;
  static constexpr std::size_t rows = std::size_t{1} << row_bits;
  enum Cold : std::size_t { backordered, fulfilled, cancelled, released, expired, earlier_run };
  static constexpr std::size_t cold_count = 6;

  QuantityColumn<row_bits> held{};
  QuantityColumn<row_bits> committed{};
  std::array<std::uint32_t, rows> claim{};
  std::array<std::uint32_t, rows> number{};
  std::array<std::uint32_t, rows> level{};
  std::array<QuantityColumn<row_bits>*, cold_count> cold{};  // by Cold

  void clear(std::uint32_t row);
};

// Rows that are one pointer to an immutable block.
template <class Block>
struct PointerPage {
  static constexpr unsigned row_bits = 7;
  static constexpr std::size_t rows = std::size_t{1} << row_bits;
  static constexpr std::size_t cold_count = 0;

  std::array<const Block*, rows> at{};

  void clear(std::uint32_t row) { at[row] = nullptr; }
};

template <class Columns>
void clear_cold(const Columns& columns, std::uint32_t row) {
  for (auto* column : columns) {
    if (column != nullptr) (*column)[row] = Quantity();
  }
}
inline void LevelPage::clear(std::uint32_t row) {
  for (auto& column : hot) column[row] = Quantity();
  version[row] = Seq();
  item[row] = ItemId();
  location[row] = LocationId();
  lot[row] = LotId();
  clear_cold(cold, row);
}
inline void ClaimPage::clear(std::uint32_t row) {
  id[row] = ClaimId();
  opened_at[row] = expires_at[row] = Timestamp();
  opened[row] = version[row] = Seq();
  texts[row] = nullptr;
  channel[row] = ChannelId();
  line_count[row] = last_run[row] = 0;
  provisional[row] = false;
}
inline void LinePage::clear(std::uint32_t row) {
  held[row] = committed[row] = Quantity();
  claim[row] = number[row] = level[row] = 0;
  clear_cold(cold, row);
}

}  // namespace holdfast
