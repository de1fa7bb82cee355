// Snapshot: the state at one seq, immutable, to be read from any thread while its Stock goes on. By
// row, for look-ups, and by column run, for roll-ups: a run is one page's rows, each column
// contiguous, borrowed in place.
//
// Views, runs and records are good while the snapshot lives. Rows count from 1, in order of
// opening; what was opened later is not there.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "model/catalogue.h"
#include "model/level.h"
#include "stock/epochs.h"
#include "stock/pages.h"
#include "stock/stock.h"

namespace holdfast {

template <class Record>
struct Defined;
struct Name;
struct RememberedRequest;

// Quantities of consecutive rows; a null column is all zeros.
using QuantityRun = const Quantity*;

// Levels `first` … first + size − 1; all spans have that size.
struct LevelRun {
  std::uint32_t first = 0;
  std::uint32_t size = 0;
  std::span<const ItemId> item;
  std::span<const LocationId> location;
  std::span<const LotId> lot;
  std::span<const Seq> version;
  std::array<QuantityRun, term_count> terms{};  // by Term
};

struct ClaimRun {
  std::uint32_t first = 0;
  std::uint32_t size = 0;
  std::span<const ClaimId> id;
  std::span<const ChannelId> channel;
  std::span<const Timestamp> opened_at;
  std::span<const Timestamp> expires_at;
  std::span<const Seq> opened;
  std::span<const Seq> version;
  std::span<const std::uint32_t> line_count;
};

// Lines in order of opening, over all claims.
struct LineRun {
  std::uint32_t first = 0;
  std::uint32_t size = 0;
  std::span<const std::uint32_t> claim;   // the claim's row
  std::span<const std::uint32_t> number;  // of the line in its claim, from 1
  std::span<const std::uint32_t> level;   // the level's row
  QuantityRun held = nullptr;
  QuantityRun committed = nullptr;
  QuantityRun backordered = nullptr;
  QuantityRun fulfilled = nullptr;
  QuantityRun cancelled = nullptr;
  QuantityRun released = nullptr;
  QuantityRun expired = nullptr;
};

class Snapshot {
 public:
  // Made by Stock::snapshot only. `keep` owns what the pages are in.
  Snapshot(std::shared_ptr<const void> keep, Stock::Parts& parts, Seq seq);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  [[nodiscard]] Seq seq() const { return seq_; }
  // The state's digest at seq().
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  // — catalogue; REQUIRES: 1 ≤ id ≤ last —
  [[nodiscard]] ItemId last_item() const { return ItemId(items_.size() - 1); }
  [[nodiscard]] LocationId last_location() const { return LocationId(locations_.size() - 1); }
  [[nodiscard]] ChannelId last_channel() const { return ChannelId(channels_.size() - 1); }
  [[nodiscard]] LotId last_lot() const { return LotId(lots_.size() - 1); }
  [[nodiscard]] const ItemRecord& item(ItemId item) const;
  [[nodiscard]] const LocationRecord& location(LocationId location) const;
  [[nodiscard]] const ChannelRecord& channel(ChannelId channel) const;
  [[nodiscard]] std::string_view lot_name(LotId lot) const;  // "" for lot 0
  [[nodiscard]] Seq version(ItemId item) const;
  [[nodiscard]] Seq version(LocationId location) const;
  [[nodiscard]] Seq version(ChannelId channel) const;  // of the definition alone

  // — levels —
  [[nodiscard]] std::uint32_t level_count() const { return levels_.size() - 1; }
  [[nodiscard]] Level level(LevelRef level) const;  // REQUIRES (below too): 1 ≤ row ≤ count
  [[nodiscard]] LevelKey key(LevelRef level) const;
  [[nodiscard]] std::uint32_t level_run_count() const { return levels_.page_count(); }
  [[nodiscard]] LevelRun level_run(std::uint32_t index) const;

  // — claims —
  [[nodiscard]] std::uint32_t claim_count() const { return heads_.size() - 1; }
  [[nodiscard]] ClaimHead head(ClaimRef claim) const;
  [[nodiscard]] ClaimLine line(ClaimRef claim, std::uint32_t number) const;
  [[nodiscard]] LineQuantities sum(ClaimRef claim) const;  // over its lines
  [[nodiscard]] std::uint32_t claim_run_count() const { return heads_.page_count(); }
  [[nodiscard]] ClaimRun claim_run(std::uint32_t index) const;
  [[nodiscard]] std::uint32_t line_count() const { return lines_.size() - 1; }
  [[nodiscard]] std::uint32_t line_run_count() const { return lines_.page_count(); }
  [[nodiscard]] LineRun line_run(std::uint32_t index) const;

  // — remembered requests: rows 1 … count, null where none is; for save() —
  [[nodiscard]] std::uint32_t request_rows() const { return requests_.size() - 1; }
  [[nodiscard]] const RememberedRequest* request(std::uint32_t row) const;

 private:
  Seq seq_;
  std::uint64_t digest_ = 0;
  TableView<PointerPage<Defined<ItemRecord>>> items_;
  TableView<PointerPage<Defined<LocationRecord>>> locations_;
  TableView<PointerPage<Defined<ChannelRecord>>> channels_;
  TableView<PointerPage<Name>> lots_;
  TableView<LevelPage> levels_;
  TableView<ClaimPage> heads_;
  TableView<LinePage> lines_;
  TableView<PointerPage<RememberedRequest>> requests_;
  Epochs::Released released_;
  std::shared_ptr<const void> keep_;
};

}  // namespace holdfast
