// Shadow: the ledger once more, by the simplest code that can be right: maps of histories, filled
// from the decoded entries of the journal and from nothing else. It shares no code with Stock,
// fold or decide, and it can be asked how things stood at any seq.
//
// While it replays it checks what domain.md §Invariants says of every group (the numbers are the
// page's): the equation and the signs (1), the deltas against the lines (3), one way out of `held`
// (4), expiry before anything else at its time (5), shortage filled first, and what each kind of
// movement may do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "model/entry.h"
#include "sim/probes.h"
#include "sim/verdict.h"

namespace holdfast {

struct ShadowLevel {
  Quantities quantities;
  Seq version;
};

struct ShadowLine {
  LevelKey level;
  LineQuantities quantities;
};

struct ShadowClaim {
  bool provisional = false;  // a transaction holds it: to nobody else it is a claim
  bool undone = false;       // there never was one
  Timestamp expires_at;
  ChannelId channel;
  std::vector<ShadowLine> lines;
  Seq version;

  [[nodiscard]] LineQuantities sum() const;
};

struct ShadowRequest {
  std::string reference;  // of the operation that it answers
  std::string answer;
  Seq seq;
  Timestamp at;
  bool refused = false;
};

// One group as it stood in the journal.
struct ShadowGroup {
  Seq first, last;
  Timestamp at;
  std::string actor, reference, request_id;
  std::vector<StockMoved> moves;
  bool moved_or_defined = false;  // more than a remembered refusal
  bool remembered_refusal = false;
  bool is_provisional = false;  // what it does may yet be undone
  ClaimId opened;               // the claim it opened or settled, if any
};

class Shadow {
 public:
  Shadow(Verdict& verdict, Probes& probes) : verdict_(verdict), probes_(probes) {}

  // REQUIRES: header.info.first is one more than last(). Returns the group's summary for the
  // auditor.
  ShadowGroup apply(const BatchHeader& header, const DecodedGroup& group, Seq first);
  // Once per batch, before its groups.
  void begin_batch(const BatchHeader& header);

  [[nodiscard]] Seq last() const { return last_; }
  [[nodiscard]] Timestamp last_at() const { return last_at_; }
  // The end of the group that holds `seq`: what a reader who saw `seq` must have seen whole.
  [[nodiscard]] Seq end_of_group(Seq seq) const;

  // Ids by name, as far as defined at `at`; 0 else.
  [[nodiscard]] ItemId item(const std::string& sku, Seq at) const;
  [[nodiscard]] LocationId location(const std::string& code, Seq at) const;
  [[nodiscard]] ChannelId channel(const std::string& code, Seq at) const;
  // The channel's active locations at `at`.
  [[nodiscard]] std::vector<LocationId> selling(ChannelId channel, Seq at) const;
  [[nodiscard]] bool is_active(ChannelId channel, Seq at) const;

  // As they stood once every entry up to `at` had been applied.
  [[nodiscard]] ShadowLevel level(const LevelKey& key, Seq at) const;
  // Null: there was none.
  [[nodiscard]] const ShadowClaim* claim(const ClaimId& claim, Seq at) const;
  // Units of the item that transactions held.
  [[nodiscard]] Quantity held_provisionally(ItemId item, Seq at) const;
  [[nodiscard]] const ShadowRequest* request(const std::string& request_id) const;  // latest

  [[nodiscard]] const std::map<LevelKey, std::map<Seq, Quantities>>& levels() const {
    return levels_;
  }
  [[nodiscard]] const std::map<ClaimId, std::map<Seq, ShadowClaim>>& claims() const {
    return claims_;
  }

 private:
  template <class Id>
  struct Defined {
    Id id;
    Seq since;
  };

  void apply_entry(const Entry& entry, const GroupContext& context, Seq seq, ShadowGroup& out);
  void move(const StockMoved& moved, Seq seq);
  void move_line(const StockMoved& moved, Seq seq);
  ShadowClaim* change(const ClaimId& claim, Seq seq);
  void extend_holds(Duration by, Seq seq);
  void check_kind(const StockMoved& moved, const Quantities& before, Seq seq);
  void check_group(const ShadowGroup& summary);
  void check_expiry(const DecodedGroup& group, const ShadowGroup& summary);

  Verdict& verdict_;
  Probes& probes_;
  Seq last_;
  Timestamp last_at_;
  Epoch epoch_;
  std::uint64_t expired_in_batch_ = 0;
  std::map<LevelKey, std::map<Seq, Quantities>> levels_;
  std::map<ClaimId, std::map<Seq, ShadowClaim>> claims_;
  std::map<ClaimId, Timestamp> holds_;  // with held units: when they end
  std::map<std::string, Defined<ItemId>> items_;
  std::map<std::string, Defined<LocationId>> locations_;
  std::map<std::string, Defined<ChannelId>> channels_;
  std::map<LocationId, std::map<Seq, LocationRecord>> location_records_;
  std::map<ChannelId, std::map<Seq, ChannelRecord>> channel_records_;
  std::map<std::string, ShadowRequest> requests_;
  std::set<Seq> group_ends_;
};

}  // namespace holdfast
