// Levels: the quantities of every (item, location, lot), in pages, found through the item index.
#pragma once

#include <cstdint>

#include "model/level.h"
#include "stock/digest.h"
#include "stock/item_index.h"
#include "stock/pages.h"

namespace holdfast {

// One term of one row of a page, by Term.
[[nodiscard]] inline Quantity value_in(const LevelPage& page, std::uint32_t row_in_page,
                                       std::size_t term) {
  if (term < hot_terms) return page.hot[term][row_in_page];
  const auto* cold = page.cold[term - hot_terms];
  return cold == nullptr ? Quantity() : (*cold)[row_in_page];
}

class Levels {
 public:
  using Table = PagedTable<LevelPage>;

  Levels(Arena& arena, Epochs& epochs) : table_(arena, epochs), items_(arena, table_) {
    table_.append();
  }

  [[nodiscard]] ItemIndex& items() { return items_; }
  [[nodiscard]] const ItemIndex& items() const { return items_; }

  [[nodiscard]] std::uint32_t count() const { return table_.size() - 1; }
  [[nodiscard]] Quantity quantity(LevelRef level, Term term) const {
    return value_in(table_.page_of(level.row), Table::in_page(level.row),
                    static_cast<std::size_t>(term));
  }
  [[nodiscard]] Seq version(LevelRef level) const {
    return table_.page_of(level.row).version[Table::in_page(level.row)];
  }
  [[nodiscard]] LevelKey key(LevelRef level) const {
    const LevelPage& page = table_.page_of(level.row);
    const std::uint32_t row = Table::in_page(level.row);
    return {.item = page.item[row], .location = page.location[row], .lot = page.lot[row]};
  }

  [[nodiscard]] Level level(LevelRef level) const;
  // Brings what a claim reads and writes of the level towards the cache: all but what is on hand.
  void prefetch(LevelRef level) const {
    const LevelPage& page = table_.page_of(level.row);
    const std::uint32_t row = Table::in_page(level.row);
    for (std::size_t term = 1; term < hot_terms; ++term)
      __builtin_prefetch(&page.hot[term][row], 1);
    __builtin_prefetch(&page.version[row], 1);
  }
  // … and what tells how much there is.
  void prefetch_read(LevelRef level) const {
    const LevelPage& page = table_.page_of(level.row);
    const std::uint32_t row = Table::in_page(level.row);
    __builtin_prefetch(&page.hot[static_cast<std::size_t>(Term::on_hand)][row]);
    __builtin_prefetch(&page.hot[static_cast<std::size_t>(Term::available)][row]);
    __builtin_prefetch(&page.version[row]);
  }
  // The same for its key; what finds the page was asked for before.
  void prefetch_key(LevelRef level) const {
    const LevelPage& page = table_.page_of(level.row);
    const std::uint32_t row = Table::in_page(level.row);
    __builtin_prefetch(&page.item[row]);
    __builtin_prefetch(&page.location[row]);
    __builtin_prefetch(&page.lot[row]);
  }
  // What finds the page of a row.
  void prefetch_node(LevelRef level) const { table_.prefetch_node(level.row); }

  // Opens the level if it is absent. Returns the change of the digest.
  std::uint64_t move(const LevelKey& key, const Quantities& delta, Seq seq);

  // What a move of this level replaces, and how to put that back, newest first.
  struct Before {
    LevelKey key;
    LevelRef level;  // absent: the move opens it
    Quantities quantities;
    Seq version;
  };
  [[nodiscard]] Before before_move(const LevelKey& key) const;
  void restore(const Before& before);

  [[nodiscard]] std::uint64_t recomputed_digest() const;
  [[nodiscard]] TableView<LevelPage> view() const { return table_.view(); }

 private:
  LevelRef open(const LevelKey& key);

  Table table_;
  ItemIndex items_;
};

// One row of a page, all terms; what snapshots and Levels share.
[[nodiscard]] Level level_in(const LevelPage& page, std::uint32_t row_in_page);
// The share of one level in the digest.
[[nodiscard]] std::uint64_t digest_share_of(const Level& level);

}  // namespace holdfast
