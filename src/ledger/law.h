// The law: what a command does to a ledger. Pure: no I/O, clock, thread or random number; equal
// arguments give equal results on every machine, for ever.
//
//   decide(stock, facts, command, now) → entries and an answer, or a refusal;
//     may be clever, reads state, changes nothing
//   fold(stock, entry) → the next state;
//     tiny, total, and its meaning never changes: old journals are replayed by it
#pragma once

#include <deque>
#include <vector>

#include "base/text.h"
#include "ledger/scratch.h"
#include "model/answer.h"
#include "model/command.h"
#include "model/entry.h"
#include "model/ids.h"
#include "model/time.h"
#include "stock/stock.h"

namespace holdfast {

// What decide may not find out by itself.
struct Facts {
  ClaimId fresh_claim;  // the id of a claim that the client did not name; never used before
  // When the units that a transaction takes go back by themselves; never(): no transaction. The
  // claim is provisional, and what was answered is not remembered yet.
  Timestamp lease = Timestamp::never();
  // When a hold that is given or extended ends, if that was told before: later than `now`. Unset:
  // counted from `now`.
  Timestamp held_until;
};

// Reused from command to command: clear() keeps capacity. Entries point into it and into the
// command.
struct Decision {
  GroupContext context;
  std::vector<Entry> entries;  // empty: nothing to write; the state is unchanged
  // The highest version of everything consulted: the answer may not leave before that seq is
  // durable.
  Seq gate;
  // Levels and lines looked at: how much of a turn it took, the same on every machine.
  std::uint32_t work = 0;

  void clear();

  std::deque<ItemRecord> items;
  std::deque<LocationRecord> locations;
  std::deque<ChannelRecord> channels;
  ByteWriter remembered;  // the encoded answer of a RequestRemembered
  Scratch scratch;        // of decide() alone
  Answer unheard;         // of an expiry, which nobody asked for
};

// A claim has at most this many lines, those of a split and of every amendment counted, so that a
// group with all of them and a remembered answer stays below group_bytes_max.
inline constexpr std::size_t claim_parts_max = 1'000;
// Per line: the three names of an answer line at their longest, and a move.
static_assert(claim_parts_max * (3 * (identifier_bytes_max + 2) + 100) < group_bytes_max);

// How long `hold_for => 'default'` is when no item of the claim says.
inline constexpr Duration default_hold_for = Duration::minutes(15);

// REQUIRES: everything due at `now` is expired (decide_expiry), now is later than every earlier
// turn. The answer is written where it will be read; its seq is set by the engine once the entries
// have seqs.
void decide(const Stock& stock, const Facts& facts, const Command& command, Timestamp now,
            Decision& out, Answer& answer);

// The group that expires one claim. REQUIRES: stock.due(now) == claim.
void decide_expiry(const Stock& stock, ClaimRef claim, Timestamp now, Decision& out);

// Applies one entry. REQUIRES: seq is one more than the entry before it; the entry was decided on
// this very state, or is replayed in order. An entry that cannot apply is a bug or a corrupt
// journal that every checksum missed: CHECK.
void fold(Stock& stock, const GroupContext& context, const Entry& entry, Seq seq);

// Asks the memory for what fold(entry) will touch, in Stock::change_foresight_steps steps with some
// other work between them. A hint: entries before it may still change what that is.
void foresee_fold(const Stock& stock, const Entry& entry, std::uint32_t step);

}  // namespace holdfast
