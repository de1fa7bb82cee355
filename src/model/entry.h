// Entries: the immutable rows of the ledger, the only thing ever written. An entry says what
// changed, with numbers, so that applying it (`fold`) needs no decision, no clock and no look-up by
// name.
//
// A group is all entries of one command: visible whole or not at all. Its context stands once, in
// front of it. The byte form is docs/format/entries.md; encode_group and decode_group are its only
// writer and reader.
//
// Quantities are additive: a level's balance at any seq is the sum of its entries' deltas up to
// there. Everything else is the latest version by seq.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/catalogue.h"
#include "model/claim.h"
#include "model/ids.h"
#include "model/level.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

// Why units moved. `fold` reads from it which counter of the line the units that leave held or
// committed go to. The numbers are in the ledger: appended to, never reordered.
enum class MoveKind : std::uint8_t {
  receive = 1,
  adjust = 2,
  sale = 3,
  claim = 4,  // opens the line if it is new; also an amendment that takes more
  confirm =
      5,  // held → committed; or reclaimed: available → committed, out of the line's expired units
  release = 6,
  cancel = 7,
  expire = 8,
  fulfil = 9,
};
[[nodiscard]] std::string_view name_of(MoveKind kind);

// The quantities of one level changed, and with them, if `line` is not 0, those of one claim line:
// held, committed and backordered by the level's own deltas; what left held + committed in sum goes
// to the counter of `kind` (release → released, cancel → cancelled, expire → expired, fulfil →
// fulfilled); what a confirm adds to that sum comes out of expired.
struct StockMoved {
  MoveKind kind = MoveKind::receive;
  LevelKey level;
  Quantities delta;
  ClaimId claim;                     // none when line is 0
  std::uint32_t line = 0;            // from 1; one more than the claim has: a new line
  std::int64_t unit_cost_minor = 0;  // of a receipt, 0 when not given
};
// A claim with no lines yet; customer, reference and channel are the group's.
struct ClaimOpened {
  ClaimId claim;
  Timestamp expires_at;  // never(): it cannot expire
  // It belongs to a transaction: it holds its units, and is a claim to nobody else, until it is
  // settled or undone.
  bool provisional = false;
};
// The transaction of a provisional claim was committed.
struct ClaimSettled {
  ClaimId claim;
  Timestamp expires_at;
};
// … or not: there never was such a claim. Its units were given back by moves before.
struct ClaimUndone {
  ClaimId claim;
};
struct ExpirySet {
  ClaimId claim;
  Timestamp expires_at;
};
// Records belong to who made the entry (Decision, DecodedGroup) and live as long as it.
struct ItemDefined {
  ItemId item;
  const ItemRecord* record = nullptr;
};
struct LocationDefined {
  LocationId location;
  const LocationRecord* record = nullptr;
};
struct ChannelDefined {
  ChannelId channel;
  const ChannelRecord* record = nullptr;
};
struct LotNamed {
  LotId lot;
  std::string_view name;
};
// The answer to (the group's actor, the group's request_id). Always the last entry of its group.
struct RequestRemembered {
  Hash128 fingerprint;
  std::string_view answer;  // Answer::encode
  bool refused = false;     // forgotten 24 hours later
};
// A writer took over after an outage; the expiry of every claim with held units moves by
// `extended`.
struct Resumed {
  Epoch epoch;
  Duration extended;
};

using Entry =
    std::variant<StockMoved, ClaimOpened, ExpirySet, ItemDefined, LocationDefined, ChannelDefined,
                 LotNamed, RequestRemembered, Resumed, ClaimSettled, ClaimUndone>;

// The `kind` column of the ledger relation: "claim", "receive", "define_item", …
[[nodiscard]] std::string_view name_of(const Entry& entry);

// Said once per group.
struct GroupContext {
  Timestamp at;  // the turn's; stored in the batch, not in the group
  std::string_view actor;
  std::string_view request_id;
  std::string_view reference;
  std::string_view reason;
  std::string_view customer;
  ChannelId channel;      // 0: none
  Timestamp occurred_at;  // 0: as `at`
};

// A group is at most this long when encoded; checked before it is decided (54000).
inline constexpr std::size_t group_bytes_max = 512 * 1024;

// Appends the group to `out`. REQUIRES: at least one entry.
void encode_group(ByteWriter& out, const GroupContext& context, std::span<const Entry> entries);

// A group read back. Its views point into the bytes it was read from, its records are its own.
struct DecodedGroup {
  GroupContext context;
  std::vector<Entry> entries;

  void clear();

  std::deque<ItemRecord> items;
  std::deque<LocationRecord> locations;
  std::deque<ChannelRecord> channels;
};

// Reads one group; false when the bytes are not one (they may be hostile; nothing is trusted).
// context.at is left alone.
[[nodiscard]] bool decode_group(ByteReader& in, DecodedGroup& out);

}  // namespace holdfast
