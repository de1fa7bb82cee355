// What the law knows of transactions: the units that one takes are held by provisional claims from
// the statement on, so nobody else gets them and nobody waits; COMMIT settles them, ROLLBACK undoes
// them. Whatever gives, sets or edits is decided at COMMIT, in order, by decide().
//
//   decide(… facts.lease …) ──▶ provisional ──decide_settlement──▶ the claim that was answered
//                                   └──decide_undoing, or its expiry──▶ there never was one
#pragma once

#include <string_view>

#include "ledger/law.h"

namespace holdfast {

// What an undone claim's moves say in the ledger.
inline constexpr std::string_view rollback_reason = "rollback";

// A provisional claim, and what the client was told it will be.
struct Settlement {
  ClaimId claim;
  Timestamp expires_at;  // never(): committed
  // Its context, and the answer to keep under its request_id (Answer::encode), if it has one.
  const Command& command;
  std::string_view answer;
};

// The group that makes it that. False, with nothing to write in `out`: the claim's lease has ended,
// or the hold that was answered, or its request_id was used meanwhile, or what is to leave at once
// is not there any more. REQUIRES: the claim is provisional,
// if it exists.
[[nodiscard]] bool decide_settlement(const Stock& stock, const Settlement& settlement,
                                     Timestamp now, Decision& out);

// The group that undoes a provisional claim. REQUIRES: it is one.
void decide_undoing(const Stock& stock, ClaimRef claim, Timestamp now, Decision& out);

// The group that gives provisional claims a longer lease. REQUIRES: each is one; at least one.
void decide_lease(std::span<const ClaimId> claims, Timestamp until, Timestamp now, Decision& out);

}  // namespace holdfast
