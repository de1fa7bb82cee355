// claim: available → held or committed, all lines or none, or with `partial` what there is.
#include <optional>

#include "ledger/sourcing.h"

namespace holdfast {
namespace {

ChannelId resolve_channel(Hearing& hearing) {
  const ChannelId named = hearing.out.context.channel;
  if (named != ChannelId()) return named;
  return hearing.out.context.channel = hearing.stock.find_channel(default_channel);
}

// The shortest of what the items of the command say; nothing when none says anything.
std::optional<Duration> shortest(const Hearing& hearing,
                                 std::optional<Duration> ItemRecord::*policy) {
  std::optional<Duration> out;
  for (const Trial& trial : hearing.out.scratch.trials) {
    if (trial.item == ItemId()) continue;
    const auto& said = hearing.stock.item(trial.item).*policy;
    if (said && (!out || *said < *out)) out = said;
  }
  return out;
}

// When the claim expires; objects to a hold that is longer than its items allow.
Timestamp expiry_of(Hearing& hearing, const ClaimUnits& body) {
  const Timestamp told = hearing.facts.held_until;
  if (body.hold == HoldMode::commit) return Timestamp::never();
  const Duration longest =
      std::min(shortest(hearing, &ItemRecord::hold_max).value_or(hold_max), hold_max);
  if (body.hold == HoldMode::by_policy) {
    const Duration policy = shortest(hearing, &ItemRecord::hold_for).value_or(default_hold_for);
    return told.is_set() ? told : hearing.now + std::min(policy, longest);
  }
  if (body.hold_for <= Duration()) {
    hearing.object_to_shape(seconds_down(body.hold_for), seconds_down(longest));
    return Timestamp::never();
  }
  if (body.hold_for > longest) {
    hearing.object(Outcome::limit_exceeded, seconds_up(body.hold_for), {}, seconds_down(longest));
    return Timestamp::never();
  }
  return told.is_set() ? told : hearing.now + body.hold_for;
}

// The id of the new claim; objects to one that is taken.
ClaimId id_of(Hearing& hearing, const ClaimUnits& body) {
  if (body.claim.is_none()) return hearing.facts.fresh_claim;
  const ClaimRef taken = hearing.stock.find_claim(body.claim);
  if (taken.exists()) {
    const ClaimHead head = hearing.stock.head(taken);
    hearing.consult(head.version);
    hearing.object(head.provisional ? Outcome::contended : Outcome::claim_exists);
  }
  return body.claim;
}

// Committed units of a new claim leave at once: those that somebody counted leave the shelf too.
void write_fulfilment(Hearing& hearing, const ClaimId& id) {
  std::uint32_t number = 0;
  for (const Pick& pick : hearing.out.scratch.picks) {
    StockMoved& moved = hearing.write<StockMoved>();
    moved.kind = MoveKind::fulfil;
    moved.level = pick.key;
    moved.claim = id;
    moved.line = ++number;
    moved.delta[Term::committed] = -pick.units;
    moved.delta[pick.untracked ? Term::backordered : Term::on_hand] = -pick.units;
  }
}

// In a transaction the units are held until it is settled, whatever they become then.
void write_claim(Hearing& hearing, const ClaimId& id, Timestamp expires_at) {
  const bool provisional = !hearing.facts.lease.is_never();
  const Timestamp end = provisional ? hearing.facts.lease : expires_at;
  hearing.write(ClaimOpened{.claim = id, .expires_at = end, .provisional = provisional});
  const Term term = end.is_never() ? Term::committed : Term::held;
  std::uint32_t number = 0;
  for (const Pick& pick : hearing.out.scratch.picks) {
    StockMoved& moved = hearing.write<StockMoved>();
    moved.kind = MoveKind::claim;
    moved.level = pick.key;
    moved.claim = id;
    moved.line = ++number;
    moved.delta[term] = pick.units;
    if (pick.untracked) {
      moved.delta[Term::backordered] = pick.units;
    } else {
      moved.delta[Term::available] = -pick.units;
    }
  }
}

void answer_claim(Hearing& hearing, const ClaimUnits& body, const ClaimId& id,
                  Timestamp expires_at) {
  const std::span<const LineRequest> lines = body.lines;
  const Scratch& scratch = hearing.out.scratch;
  Answer& answer = hearing.answer;
  answer.outcome = outcome_of_grant(scratch);
  answer.claim = id;
  answer.state = body.fulfil             ? ClaimState::fulfilled
                 : expires_at.is_never() ? ClaimState::committed
                                         : ClaimState::held;
  answer.expires_at = expires_at.is_never() ? Timestamp() : expires_at;
  std::uint32_t number = 0;
  answer_lines(hearing, lines, [&](const Pick&) { return ++number; });
  if (lines.size() != 1) return;
  answer.requested = lines.front().quantity;
  answer.available = free_units(hearing, hearing.out.context.channel, scratch.trials.front());
}

}  // namespace

void decide_body(Hearing& hearing, const ClaimUnits& body) {
  const ChannelId channel = resolve_channel(hearing);
  if (channel == ChannelId()) return hearing.object(Outcome::channel_unknown);
  if (!check_channel(hearing, channel)) return;
  if (!resolve_lines(hearing, body.lines)) return;
  const ClaimId id = id_of(hearing, body);
  const Timestamp expires_at = expiry_of(hearing, body);
  source_lines(hearing, channel, body.lines, body.partial);
  if (hearing.objected()) return answer_refused_lines(hearing, body.lines);
  write_claim(hearing, id, expires_at);
  if (body.fulfil && hearing.facts.lease.is_never()) write_fulfilment(hearing, id);
  answer_claim(hearing, body, id, expires_at);
}

}  // namespace holdfast
