// amend: a claim's lines are replaced in one decision. Its own units count as free, so a claim
// never blocks its own amendment; what the new lines find at a level where the claim has units
// stays as it is, and only the difference moves.
//
// A line whose level is wanted no more releases its open units; a level that is new gets a new
// line. Fulfilled units stay. New units are taken as the claim stands: held while any unit is held,
// else committed.
#include "base/check.h"
#include "ledger/claim_parts.h"
#include "ledger/sourcing.h"

namespace holdfast {
namespace {

// The claim's lines into scratch.amended; their units are free to this command.
void lay_out(Hearing& hearing, const OpenClaim& claim) {
  Scratch& scratch = hearing.out.scratch;
  for (std::uint32_t number = 1; number <= claim.head.line_count; ++number) {
    const ClaimLine line = hearing.stock.line(claim.ref, number);
    Amended& own = scratch.amended.emplace_back();
    own.key = line.level;
    own.level = hearing.stock.find_level(line.level);
    own.before = line.quantities;
    own.untracked = hearing.stock.item(line.level.item).tracking == Tracking::none;
    if (!own.untracked) scratch.taken.add(own.level, -own.before.open());
  }
}

// Lays a pick over the claim's units at its level; what they do not cover is extra. Returns the
// line it went into.
std::uint32_t lay_over(Scratch& scratch, const Pick& pick) {
  Quantity left = pick.units;
  std::uint32_t first = 0;
  for (std::uint32_t index = 0; index < scratch.amended.size(); ++index) {
    Amended& own = scratch.amended[index];
    if (own.key != pick.key) continue;
    if (first == 0) first = index + 1;
    const Quantity keep = std::min(own.before.open() - own.kept, left);
    own.kept += keep;
    left -= keep;
  }
  if (first == 0) {
    scratch.amended.push_back({.key = pick.key, .level = pick.level, .untracked = pick.untracked});
    first = static_cast<std::uint32_t>(scratch.amended.size());
  }
  scratch.amended[first - 1].extra += left;
  return first;
}

// The claim as a whole must stay within the limits of a claim.
void check_whole(Hearing& hearing, const OpenClaim& claim) {
  const Scratch& scratch = hearing.out.scratch;
  Quantity granted = claim.sum.granted();
  for (const Amended& own : scratch.amended) granted += own.extra;
  if (!granted.in_range()) hearing.object(Outcome::quantity_invalid, granted, {}, Quantity::max());
  if (scratch.amended.size() > claim_parts_max) {
    hearing.object(Outcome::limit_exceeded,
                   Quantity(static_cast<std::int64_t>(scratch.amended.size())), {},
                   Quantity(claim_parts_max));
  }
}

// Writes the differences, line by line; false when there are none.
bool write_amendment(Hearing& hearing, OpenClaim& claim) {
  const Term mode = claim.sum.held > zero ? Term::held : Term::committed;
  std::uint32_t number = 0;
  for (const Amended& own : hearing.out.scratch.amended) {
    const ClaimLine line{.line = ++number, .level = own.key, .quantities = own.before};
    const Quantity surplus = own.before.open() - own.kept;
    CHECK(surplus.is_zero() || own.extra.is_zero(), "line {} both gives and takes", number);
    if (!surplus.is_zero()) {
      move_line(hearing, claim, line, MoveKind::release,
                leave(hearing, own.level, own.before, surplus));
    }
    if (!own.extra.is_zero()) {
      Quantities delta;
      delta[mode] = own.extra;
      delta[own.untracked ? Term::backordered : Term::available] =
          own.untracked ? own.extra : -own.extra;
      move_line(hearing, claim, line, MoveKind::claim, delta);
    }
  }
  return !hearing.out.entries.empty();
}

// Whether the claim can be amended in its state.
bool check_state(Hearing& hearing, const OpenClaim& claim) {
  if (!claim.sum.open().is_zero()) return true;
  object_to_state(hearing, claim);
  return false;
}

}  // namespace

void decide_body(Hearing& hearing, const Amend& body) {
  OpenClaim claim;
  if (!resolve_lines(hearing, body.lines)) return;
  if (!find_claim(hearing, body.claim, claim)) return object_for_lines(hearing, body.lines, false);
  if (!check_channel(hearing, claim.head.channel)) return;
  const bool amendable = check_state(hearing, claim);
  if (amendable) lay_out(hearing, claim);
  source_lines(hearing, claim.head.channel, body.lines, body.partial);
  if (hearing.objected()) return answer_refused_lines(hearing, body.lines);

  Scratch& scratch = hearing.out.scratch;
  std::vector<Quantity>& line_of_pick = scratch.chosen;  // by pick: the claim's line it went into
  for (const Pick& pick : scratch.picks) {
    line_of_pick.emplace_back(lay_over(scratch, pick));
  }
  check_whole(hearing, claim);
  if (hearing.objected()) return;
  Answer& answer = hearing.answer;
  const bool changed = write_amendment(hearing, claim);
  const Outcome granted = outcome_of_grant(scratch);
  answer.outcome = granted != Outcome::granted ? granted
                   : changed                   ? Outcome::done
                                               : Outcome::already;
  auto line = line_of_pick.begin();
  answer_lines(hearing, body.lines,
               [&](const Pick&) { return static_cast<std::uint32_t>((line++)->units()); });
  answer_claim_state(hearing, claim);
  if (body.lines.size() != 1) return;
  answer.requested = body.lines.front().quantity;
  answer.available = free_units(hearing, claim.head.channel, scratch.trials.front());
}

}  // namespace holdfast
