// Claims: heads and lines in pages, in order of opening, found by id; and which of them expire
// next.
#pragma once

#include <cstdint>
#include <set>

#include "model/claim.h"
#include "model/entry.h"
#include "stock/chunked.h"
#include "stock/digest.h"
#include "stock/expiry_queue.h"
#include "stock/levels.h"
#include "stock/pages.h"
#include "stock/stock.h"
#include "stock/tag_index.h"
#include "stock/text_blocks.h"

namespace holdfast {

// The texts of a claim, immutable: this header, then the bytes of actor, customer and reference.
// Consecutive claims with the same texts share one.
struct ClaimTexts {
  std::uint32_t actor_size = 0;
  std::uint32_t customer_size = 0;
  std::uint32_t reference_size = 0;
  std::uint64_t digest = 0;  // of texts and sizes

  [[nodiscard]] std::string_view actor() const { return {bytes(), actor_size}; }
  [[nodiscard]] std::string_view customer() const { return {bytes() + actor_size, customer_size}; }
  [[nodiscard]] std::string_view reference() const {
    return {bytes() + actor_size + customer_size, reference_size};
  }
  [[nodiscard]] std::uint64_t computed_digest() const;

 private:
  [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

class Claims {
 public:
  using Heads = PagedTable<ClaimPage>;
  using Lines = PagedTable<LinePage>;

  Claims(Arena& arena, Epochs& epochs, TextBlocks& texts);

  [[nodiscard]] ClaimRef find(const ClaimId& id) const;
  // The steps of Stock::foresee_change, each after the memory of the one before has come.
  void prefetch(const ClaimId& id) const;
  void prefetch_head(const ClaimId& id) const;
  void prefetch_line(const ClaimId& id) const;  // the one that was opened last
  [[nodiscard]] ClaimHead head(ClaimRef claim) const;
  [[nodiscard]] ClaimLine line(ClaimRef claim, std::uint32_t number, const Levels& levels) const;
  [[nodiscard]] LineQuantities sum(ClaimRef claim) const;
  [[nodiscard]] std::uint32_t count() const { return heads_.size() - 1; }
  [[nodiscard]] std::uint64_t known() const { return by_id_.size(); }
  [[nodiscard]] const std::set<std::uint32_t>& provisional() const { return provisional_; }
  [[nodiscard]] Quantity held(ClaimRef claim) const { return held_[claim.row]; }
  [[nodiscard]] const ExpiryQueue& expiries() const { return expiries_; }

  // All return the change of the digest.
  std::uint64_t open(const ClaimId& id, Timestamp expires_at, const GroupContext& context, Seq seq,
                     bool provisional);
  std::uint64_t move_line(const ClaimId& id, std::uint32_t number, const LevelKey& key,
                          const LineQuantities& delta, const Levels& levels, Seq seq);
  // The same for who has looked up both. REQUIRES: `key` is the level's.
  std::uint64_t move_line(ClaimRef claim, std::uint32_t number, LevelRef level, const LevelKey& key,
                          const LineQuantities& delta, Seq seq);
  std::uint64_t set_expiry(const ClaimId& id, Timestamp expires_at, Seq seq);
  std::uint64_t settle(const ClaimId& id, Timestamp expires_at, Seq seq);
  std::uint64_t undo(const ClaimId& id, const Levels& levels);
  std::uint64_t extend_holds(Duration by, Seq seq);

  // What a change of a claim replaces, and how to put that back, newest first.
  struct Before {
    ClaimRef claim;  // absent: it is opened
    Timestamp expires_at;
    Seq version;
    std::uint32_t line_count = 0;
    std::uint32_t last_run = 0;
    bool provisional = false;
    std::uint32_t line = 0;  // the row of the line that is moved; 0: none, or a new one
    LineQuantities quantities;
  };
  // line: the number of the line that is moved, or 0.
  [[nodiscard]] Before before_change(const ClaimId& id, std::uint32_t line) const;
  void restore(const Before& before);
  // A row where a claim or a line was undone: how a checkpoint is loaded.
  void append_vacant_head();
  void append_vacant_line() { lines_.append(); }
  // The texts taken since an attempt began are no more.
  void forget_latest_texts() { latest_texts_ = nullptr; }

  [[nodiscard]] std::uint64_t recomputed_digest(const Levels& levels) const;
  [[nodiscard]] TableView<ClaimPage> heads_view() const { return heads_.view(); }
  [[nodiscard]] TableView<LinePage> lines_view() const { return lines_.view(); }

 private:
  // Is that the claim in the row?
  [[nodiscard]] bool is_at(std::uint32_t row, const ClaimId& id) const {
    return heads_.page_of(row).id[Heads::in_page(row)] == id;
  }
  [[nodiscard]] ClaimRef existing(const ClaimId& id) const;
  [[nodiscard]] LevelRef level_at(std::uint32_t line) const {
    return LevelRef{lines_.page_of(line).level[Lines::in_page(line)]};
  }
  [[nodiscard]] std::uint32_t line_row(const ClaimPage& page, std::uint32_t row,
                                       std::uint32_t number) const;
  const ClaimTexts* texts_of(const GroupContext& context);
  std::uint32_t append_line(ClaimPage& head, ClaimRef claim, std::uint32_t number, LevelRef level);
  void apply(LinePage& page, std::uint32_t line, const LineQuantities& delta, const ClaimId& id);
  void put(LinePage& page, std::uint32_t line, const LineQuantities& quantities);
  void drop_newest();
  void set_provisional(ClaimPage& head, std::uint32_t claim, bool provisional);
  std::uint64_t touch(ClaimPage& head, std::uint32_t row, Seq seq);
  std::uint64_t put_expiry(ClaimRef claim, Timestamp expires_at, Seq seq);
  void requeue(ClaimRef claim, Timestamp expires_at);

  TextBlocks& texts_;
  Heads heads_;
  Lines lines_;
  TagIndex by_id_;
  Chunked<Quantity, 12> held_;  // by claim row: sum over its lines
  ExpiryQueue expiries_;
  std::set<std::uint32_t> provisional_;  // rows
  const ClaimTexts* latest_texts_ = nullptr;
};

// Reading rows of pages; what snapshots and Claims share.
[[nodiscard]] ClaimHead head_in(const ClaimPage& page, std::uint32_t row_in_page);
[[nodiscard]] LineQuantities quantities_in(const LinePage& page, std::uint32_t row_in_page);

// The line row of a claim's line: from the run that starts at `run` backwards.
template <class PageOf>
[[nodiscard]] std::uint32_t find_line_row(std::uint32_t run, std::uint32_t number,
                                          PageOf&& page_of) {
  constexpr std::uint32_t mask = static_cast<std::uint32_t>(LinePage::rows) - 1;
  for (;;) {
    const LinePage& page = page_of(run);
    const std::uint32_t first = page.number[run & mask];
    if (number >= first) return run + (number - first);
    const auto* earlier = page.cold[LinePage::earlier_run];
    CHECK(earlier != nullptr, "line {} lies before its claim's first", number);
    run = static_cast<std::uint32_t>((*earlier)[run & mask].units());
  }
}

}  // namespace holdfast
