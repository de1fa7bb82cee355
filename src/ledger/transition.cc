// The ways a claim goes on: extend, confirm (and reclaim), release, cancel, expire. Diagram:
// model/claim.h.
#include "ledger/claim_parts.h"
#include "ledger/sourcing.h"

namespace holdfast {
namespace {

Quantity held_of(const LineQuantities& line) { return line.held; }
Quantity open_of(const LineQuantities& line) { return line.open(); }
Quantity expired_of(const LineQuantities& line) { return line.expired; }

// Gives back what `choose` chose of every line.
void give_back_chosen(Hearing& hearing, OpenClaim& claim, MoveKind kind) {
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const Quantity units = hearing.out.scratch.chosen[number - 1];
    if (units.is_zero()) continue;
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    const LevelRef level = hearing.stock.find_level(line.level);
    move_line(hearing, claim, line, kind, leave(hearing, level, line.quantities, units));
    answer_moved(hearing, line, units);
  }
  answer_claim_state(hearing, claim);
}

}  // namespace

void confirm_chosen(Hearing& hearing, OpenClaim& claim, bool release_rest) {
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    const Quantity units = hearing.out.scratch.chosen[number - 1];
    if (!units.is_zero()) {
      Quantities delta;
      delta[Term::held] = -units;
      delta[Term::committed] = units;
      move_line(hearing, claim, line, MoveKind::confirm, delta);
      answer_moved(hearing, line, units);
    }
    const Quantity rest = line.quantities.held - units;
    if (!release_rest || rest.is_zero()) continue;
    const LevelRef level = hearing.stock.find_level(line.level);
    // The rest is all that is held now, so it is held units that leave.
    move_line(hearing, claim, line, MoveKind::release,
              leave(hearing, level, line.quantities, rest));
  }
  answer_claim_state(hearing, claim);
}

namespace {

// Checks that the chosen expired units can be had again; the demand of lines on one level is
// summed.
void check_reclaim(Hearing& hearing, const OpenClaim& claim) {
  Scratch& scratch = hearing.out.scratch;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const Quantity units = scratch.chosen[number - 1];
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    const ItemRecord& item = hearing.stock.item(line.level.item);
    const LevelRef level = hearing.stock.find_level(line.level);
    if (units.is_zero()) continue;
    hearing.consult(hearing.stock.version(line.level.item));
    if (item.tracking == Tracking::none) {
      for (const Term term : {Term::committed, Term::backordered}) {
        if (!(hearing.consult(level, term) + units).in_range()) {
          hearing.object(Outcome::quantity_invalid, units, {}, Quantity::max());
        }
      }
      continue;
    }
    const Quantity free = hearing.consult(level, Term::available) - scratch.taken[level];
    if (free < units) {
      object_to_line(hearing, line, units, free,
                     outcome_of_shortage(hearing, line.level, units, free));
    }
    scratch.taken.add(level, std::min(free, units));
  }
}

// available → committed, for units that expired: the same lines at the same levels.
void reclaim_chosen(Hearing& hearing, OpenClaim& claim) {
  check_reclaim(hearing, claim);
  if (hearing.objected()) return;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const Quantity units = hearing.out.scratch.chosen[number - 1];
    if (units.is_zero()) continue;
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    const bool untracked = hearing.stock.item(line.level.item).tracking == Tracking::none;
    Quantities delta;
    delta[Term::committed] = units;
    delta[untracked ? Term::backordered : Term::available] = untracked ? units : -units;
    move_line(hearing, claim, line, MoveKind::confirm, delta);
    answer_moved(hearing, line, units);
  }
  hearing.answer.outcome = Outcome::granted;
  answer_claim_state(hearing, claim);
}

// The longest hold that the items of the claim's held lines allow, counted from its opening.
Duration longest_hold(Hearing& hearing, const OpenClaim& claim) {
  Duration out = hold_max;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    if (line.quantities.held.is_zero()) continue;
    hearing.consult(hearing.stock.version(line.level.item));
    out = std::min(out, hearing.stock.item(line.level.item).hold_max.value_or(hold_max));
  }
  return out;
}

}  // namespace

void decide_body(Hearing& hearing, const Extend& body) {
  OpenClaim claim;
  if (!find_claim(hearing, body.claim, claim)) return;
  if (claim.sum.held.is_zero()) return object_to_state(hearing, claim);
  if (body.hold_for <= Duration()) {
    return hearing.object_to_shape(seconds_down(body.hold_for), seconds_down(hold_max));
  }
  const Duration longest = longest_hold(hearing, claim);
  if (body.hold_for > hold_max) {
    return hearing.object(Outcome::limit_exceeded, seconds_up(body.hold_for), {},
                          seconds_down(longest));
  }
  const Timestamp told = hearing.facts.held_until;
  const Timestamp until = told.is_set() ? told : hearing.now + body.hold_for;
  if (until <= claim.head.expires_at) return answer_already(hearing, claim, {});
  const Duration in_all = until - claim.head.opened_at;
  if (in_all > longest) {
    return hearing.object(Outcome::limit_exceeded, seconds_up(in_all), {}, seconds_down(longest));
  }
  hearing.write(ExpirySet{.claim = body.claim, .expires_at = until});
  hearing.answer.expires_at = until;
}

void decide_body(Hearing& hearing, const Confirm& body) {
  OpenClaim claim;
  check_selections(hearing, body.lines);
  if (!find_claim(hearing, body.claim, claim) || hearing.objected()) return;
  const LineQuantities& sum = claim.sum;
  if (sum.held.is_zero() && sum.expired > zero) {
    if (body.if_expired == IfExpired::refuse) return hearing.object(Outcome::claim_expired);
    const Quantity units = choose(hearing, claim, body.lines, expired_of);
    if (hearing.objected()) return;
    return units.is_zero() ? answer_already(hearing, claim, body.lines)
                           : reclaim_chosen(hearing, claim);
  }
  if (sum.held.is_zero()) {
    const bool confirmed = sum.committed > zero || sum.fulfilled > zero;
    return confirmed ? answer_already(hearing, claim, body.lines) : object_to_state(hearing, claim);
  }
  const Quantity units = choose(hearing, claim, body.lines, held_of);
  if (hearing.objected()) return;
  if (units.is_zero()) return answer_already(hearing, claim, body.lines);
  confirm_chosen(hearing, claim, body.release_rest);
}

void decide_body(Hearing& hearing, const Release& body) {
  OpenClaim claim;
  if (!find_claim(hearing, body.claim, claim)) return;
  if (claim.sum.open().is_zero()) {
    const bool released = state_of(claim.sum) == ClaimState::released;
    return released ? answer_already(hearing, claim, {}) : object_to_state(hearing, claim);
  }
  choose(hearing, claim, {}, open_of);
  give_back_chosen(hearing, claim, MoveKind::release);
}

void decide_body(Hearing& hearing, const Cancel& body) {
  OpenClaim claim;
  check_selections(hearing, body.lines);
  if (!find_claim(hearing, body.claim, claim) || hearing.objected()) return;
  if (claim.sum.open().is_zero()) {
    const bool cancelled = state_of(claim.sum) == ClaimState::cancelled;
    return cancelled ? answer_already(hearing, claim, body.lines) : object_to_state(hearing, claim);
  }
  const Quantity units = choose(hearing, claim, body.lines, open_of);
  if (hearing.objected()) return;
  if (units.is_zero()) return answer_already(hearing, claim, body.lines);
  give_back_chosen(hearing, claim, MoveKind::cancel);
}

void take_back(const Stock& stock, ClaimRef ref, Timestamp now, MoveKind kind, Decision& out) {
  const CommandContext context{.actor = system_actor};
  const Facts nothing;
  out.clear();
  out.unheard.clear();
  set_context(out, context, now);
  Hearing hearing(stock, nothing, context, now, out, out.unheard);
  OpenClaim claim{.ref = ref, .head = stock.head(ref), .sum = stock.sum(ref)};
  hearing.consult(claim.head.version);
  choose(hearing, claim, {}, held_of);
  give_back_chosen(hearing, claim, kind);
  if (claim.head.provisional) hearing.write(ClaimUndone{.claim = claim.head.id});
}

void decide_expiry(const Stock& stock, ClaimRef ref, Timestamp now, Decision& out) {
  take_back(stock, ref, now, MoveKind::expire, out);
}

}  // namespace holdfast
