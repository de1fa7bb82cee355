// A settlement is a confirmation without a question: the claim is as its transaction left it.
#include "ledger/transaction.h"

#include "base/check.h"
#include "ledger/claim_parts.h"

namespace holdfast {
namespace {

Quantity held_of(const LineQuantities& line) { return line.held; }

// False when its key was used by somebody else since.
bool remember(Hearing& hearing, const Settlement& settlement) {
  const CommandContext& context = settlement.command.context;
  if (context.request_id.empty()) return true;
  if (hearing.stock.find_request(context.actor, context.request_id, hearing.now)) return false;
  Decision& out = hearing.out;
  const Hash128 print = fingerprint(settlement.command, out.remembered);
  out.remembered.clear();
  out.remembered.raw(as_bytes(settlement.answer));
  hearing.write(RequestRemembered{
      .fingerprint = print, .answer = as_text(out.remembered.bytes()), .refused = false});
  return true;
}

}  // namespace

bool decide_settlement(const Stock& stock, const Settlement& settlement, Timestamp now,
                       Decision& out) {
  const CommandContext& context = settlement.command.context;
  const Facts nothing;
  out.clear();
  out.unheard.clear();
  set_context(out, context, now);
  Hearing hearing(stock, nothing, context, now, out, out.unheard);
  OpenClaim claim;
  claim.ref = stock.find_claim(settlement.claim);
  if (!claim.ref.exists() || settlement.expires_at <= now) return false;
  claim.head = stock.head(claim.ref);
  claim.sum = stock.sum(claim.ref);
  CHECK(claim.head.provisional && claim.sum.held == claim.sum.granted(),
        "claim {} is no transaction's", settlement.claim.text());
  hearing.consult(claim.head.version);
  out.context.channel = claim.head.channel;
  hearing.write(ClaimSettled{.claim = settlement.claim, .expires_at = settlement.expires_at});
  if (settlement.expires_at.is_never()) {
    choose(hearing, claim, {}, held_of);
    const auto* body = std::get_if<ClaimUnits>(&settlement.command.body);
    const bool leaves = body != nullptr && body->fulfil;
    if (leaves) check_shippable(hearing, claim);  // a fact may have taken them meanwhile
    if (!hearing.objected()) confirm_chosen(hearing, claim, false);
    if (!hearing.objected() && leaves) fulfil_chosen(hearing, claim);
  }
  if (!hearing.objected() && remember(hearing, settlement)) return true;
  out.entries.clear();
  return false;
}

void decide_undoing(const Stock& stock, ClaimRef claim, Timestamp now, Decision& out) {
  take_back(stock, claim, now, MoveKind::release, out);
  out.context.reason = rollback_reason;
}

void decide_lease(std::span<const ClaimId> claims, Timestamp until, Timestamp now, Decision& out) {
  out.clear();
  set_context(out, {.actor = system_actor}, now);
  for (const ClaimId& claim : claims) {
    out.entries.emplace_back(ExpirySet{.claim = claim, .expires_at = until});
  }
}

}  // namespace holdfast
