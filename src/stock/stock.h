// Stock: the current state of one ledger, in memory: levels, catalogue, claims, remembered
// requests.
//
// All queryable rows live in fixed copy-on-write pages, each column contiguous inside its page
// (PAX, Ailamaki et al., VLDB 2001): a point look-up touches few cache lines, a roll-up reads
// column runs, both of the same copy. A snapshot is the page tables at one seq; the writer copies a
// page before it first writes to it afterwards.
//
// Invariants
//   1. Only `fold` (ledger room) calls the methods under "changes"; they never fail and read no
//   clock.
//   2. Every level satisfies Quantities::balanced() after every group, and valid() always.
//   3. Equal sequences of changes give equal states, digests and iteration orders on every machine.
//   4. Rows never move and ids are dense, so references by id stay good for the life of the Stock.
//
// One thread at a time owns a Stock. Snapshots are immutable and may be read from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/catalogue.h"
#include "model/claim.h"
#include "model/entry.h"
#include "model/ids.h"
#include "model/level.h"
#include "model/time.h"

namespace holdfast {

// Where a level stands; good for the life of the Stock. Row 0 is "absent".
struct LevelRef {
  std::uint32_t row = 0;
  [[nodiscard]] bool exists() const { return row != 0; }
};

struct ClaimRef {
  std::uint32_t row = 0;
  [[nodiscard]] bool exists() const { return row != 0; }
};

struct ClaimHead {
  ClaimId id;
  ChannelId channel;
  std::string_view actor;
  std::string_view customer;
  std::string_view reference;
  Timestamp opened_at;
  Timestamp expires_at;  // never() when it was opened committed
  Seq opened;
  Seq version;  // the last entry that changed it or one of its lines
  std::uint32_t line_count = 0;
  bool provisional = false;
};

struct ClaimLine {
  std::uint32_t line = 0;  // from 1
  LevelKey level;
  LineQuantities quantities;
};

struct RememberedAnswer {
  Hash128 fingerprint;
  std::string_view answer;  // Answer::encode
  Seq seq;                  // of the entry that remembered it
  Timestamp at;
  bool refused = false;
};

// What a coming command will look at, for Stock::foresee.
struct Foresight {
  std::string_view sku;
  LocationId location;  // 0: that of the item's first level
  bool is_read = false;
  // The Stock's own notes.
  std::uint64_t hash = 0;
  std::uint32_t step = 0;
  std::uint32_t found = 0;
};

class Snapshot;

class Stock {
 public:
  // With `elsewhere`, which runs jobs on another thread one day, memory that will be needed is
  // touched there beforehand: what is new to a process is cleared first, 2 MiB at a time. The jobs
  // may outlive the Stock.
  using RunElsewhere = std::function<void(std::function<void()> job)>;
  explicit Stock(RunElsewhere elsewhere = {});
  ~Stock();
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;

  // — catalogue: 0 when the name is unknown —
  [[nodiscard]] ItemId find_item(std::string_view sku) const;
  [[nodiscard]] LocationId find_location(std::string_view code) const;
  [[nodiscard]] ChannelId find_channel(std::string_view code) const;
  [[nodiscard]] LotId find_lot(std::string_view name) const;
  // REQUIRES (these and all below that take an id): the id was handed out.
  [[nodiscard]] const ItemRecord& item(ItemId item) const;
  [[nodiscard]] const LocationRecord& location(LocationId location) const;
  [[nodiscard]] const ChannelRecord& channel(ChannelId channel) const;
  [[nodiscard]] std::string_view lot_name(LotId lot) const;  // "" for lot 0
  [[nodiscard]] Seq version(ItemId item) const;
  [[nodiscard]] Seq version(LocationId location) const;
  // Of the channel or of any location, whichever is later: all that selling_order depends on.
  [[nodiscard]] Seq version(ChannelId channel) const;
  [[nodiscard]] ItemId last_item() const;  // ids 1 … last are handed out
  [[nodiscard]] LocationId last_location() const;
  [[nodiscard]] ChannelId last_channel() const;
  [[nodiscard]] LotId last_lot() const;
  // The channel's active locations in the order in which they are tried; empty for an inactive
  // channel.
  [[nodiscard]] std::span<const LocationId> selling_order(ChannelId channel) const;

  // — levels —
  [[nodiscard]] LevelRef find_level(const LevelKey& key) const;
  [[nodiscard]] Quantity quantity(LevelRef level, Term term) const;  // zero when absent
  [[nodiscard]] Seq version(LevelRef level) const;                   // 0 when absent
  [[nodiscard]] Level level(LevelRef level) const;                   // REQUIRES: exists
  // The item's levels by (location, lot); with a location, only those there. Lots by id: order of
  // first appearance.
  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item) const;
  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item, LocationId location) const;
  // Of one lot there: at most one.
  [[nodiscard]] std::span<const LevelRef> levels_of(ItemId item, LocationId location,
                                                    LotId lot) const;
  [[nodiscard]] LevelKey key(LevelRef level) const;  // REQUIRES: exists
  [[nodiscard]] std::uint32_t level_count() const;   // rows 1 … count

  // — claims —
  [[nodiscard]] ClaimRef find_claim(const ClaimId& id) const;
  // REQUIRES: exists. The id is none for a row whose claim was undone.
  [[nodiscard]] ClaimHead head(ClaimRef claim) const;
  [[nodiscard]] ClaimLine line(ClaimRef claim,
                               std::uint32_t number) const;  // REQUIRES: 1 ≤ number ≤ line_count
  [[nodiscard]] LineQuantities sum(ClaimRef claim) const;    // over its lines
  [[nodiscard]] std::uint32_t claim_count() const;   // rows 1 … count, in order of opening
  [[nodiscard]] std::uint64_t known_claims() const;  // without those that were undone
  // Those of transactions under way, in order of opening.
  [[nodiscard]] const std::set<std::uint32_t>& provisional_claims() const;

  // — expiry: claims with held units and an end, earliest first, ties in order of opening —
  [[nodiscard]] Timestamp next_expiry() const;      // never() when nothing can expire
  [[nodiscard]] ClaimRef due(Timestamp now) const;  // the earliest with expires_at ≤ now, if any

  // — remembered requests; a refusal 24 h or older at `now` is not found —
  [[nodiscard]] std::optional<RememberedAnswer> find_request(std::string_view actor,
                                                             std::string_view request_id,
                                                             Timestamp now) const;

  // — hints, for whoever knows what comes next; without effect on any answer —
  // The rows of one SKU among millions are in no cache, and each look depends on the one before.
  // Every call does one such step and asks the memory for the next; after foresight_steps calls,
  // with some other work between them, the claim itself waits for nothing (group prefetching, Chen
  // et al., ICDE 2004).
  static constexpr std::uint32_t foresight_steps = 4;
  void foresee(Foresight& ahead) const;
  // The same for the id of a claim that is about to be opened or looked for: one call.
  void foresee(const ClaimId& id) const;
  // The same for changes that name what they change: steps 0 … change_foresight_steps − 1.
  static constexpr std::uint32_t change_foresight_steps = 4;
  void foresee_change(const LevelKey& key, std::uint32_t step) const;
  void foresee_change(const ClaimId& id, std::uint32_t step) const;

  // — changes: for fold only —
  void define(ItemId item, const ItemRecord& record,
              Seq seq);  // REQUIRES: item ≤ last_item().next()
  void define(LocationId location, const LocationRecord& record, Seq seq);
  void define(ChannelId channel, const ChannelRecord& record, Seq seq);
  void name_lot(LotId lot, std::string_view name, Seq seq);
  void move(const LevelKey& key, const Quantities& delta, Seq seq);
  void open_claim(const ClaimId& id, Timestamp expires_at, const GroupContext& context, Seq seq,
                  bool provisional = false);
  void settle_claim(const ClaimId& id, Timestamp expires_at, Seq seq);  // REQUIRES: provisional
  // REQUIRES: provisional, with no open units, and no attempt.
  void undo_claim(const ClaimId& id, Seq seq);
  // line_count + 1 opens a line.
  void move_line(const ClaimId& id, std::uint32_t line, const LevelKey& key,
                 const LineQuantities& delta, Seq seq);
  void set_expiry(const ClaimId& id, Timestamp expires_at, Seq seq);
  void extend_holds(Duration by, Seq seq);
  void remember(const GroupContext& context, const RequestRemembered& entry, Seq seq);

  // — an attempt: changes that may be taken back —
  // Every change from begin_attempt() on remembers what it replaces. keep_attempt() forgets that;
  // undo_attempt() makes the state what it was, digest and all. REQUIRES: one at a time, and
  // meanwhile no snapshot(), undo_claim() or extend_holds().
  void begin_attempt();
  void keep_attempt();
  void undo_attempt();

  // — proof —
  // An order-independent sum over all rows, kept up with every change: equal states have equal
  // digests.
  [[nodiscard]] std::uint64_t digest() const;
  // The same, computed from the rows alone; differs from digest() only if memory or code is broken.
  [[nodiscard]] std::uint64_t recomputed_digest() const;
  // Bytes held by pages, indexes and text.
  [[nodiscard]] std::uint64_t memory_bytes() const;

  // — snapshots —
  // The state as it is now, labelled with `seq`. REQUIRES: seq is not before the last change.
  // Cheap: copies the upper level of the page tables. May be released on any thread; copied pages
  // are freed by the owner at its next call of snapshot() or reclaim().
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot(Seq seq);
  void reclaim();
  // Bytes of pages kept only for snapshots.
  [[nodiscard]] std::uint64_t copied_bytes() const;

 private:
  struct Parts;
  friend class Snapshot;
  friend class StockLoader;
  std::shared_ptr<Parts> parts_;  // with the snapshots: what they see lives as long as they
};

// Writes everything a snapshot holds as a sequence of opaque blocks of at most
// checkpoint_block_bytes, in a fixed order (docs/format/checkpoint.md); stops at the first error of
// the sink. Any thread.
inline constexpr std::size_t checkpoint_block_bytes = 256 * 1024;
Status save(const Snapshot& snapshot, const std::function<Status(ByteSpan block)>& sink);

// Rebuilds a Stock block by block. The bytes may be hostile: corrupt when they are not what save()
// writes.
class StockLoader {
 public:
  // `elsewhere`: for the Stock.
  explicit StockLoader(Stock::RunElsewhere elsewhere = {});
  ~StockLoader();
  Status add(ByteSpan block);
  // After the last block: the state, its recomputed digest checked against the one in the blocks.
  Result<std::unique_ptr<Stock>> finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
