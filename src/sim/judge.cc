// Rules from domain.md §Operations and §Settled corners.
#include "sim/judge.h"

#include <algorithm>
#include <set>

#include "model/answer.h"
#include "sim/auditor.h"

namespace holdfast {
namespace {

std::string location_or_default(const std::string& code) {
  return code.empty() ? std::string(default_location) : code;
}

// Units of a claim that are open, by item.
std::map<ItemId, Quantity> open_by_item(const ShadowClaim& claim) {
  std::map<ItemId, Quantity> out;
  for (const ShadowLine& line : claim.lines) out[line.level.item] += line.quantities.open();
  return out;
}

const ShadowGroup* group_at(const AuditedOperation& audited, Seq seq) {
  for (const ShadowGroup& group : audited.groups) {
    if (group.last == seq) return &group;
  }
  return nullptr;
}

Seq before(const ShadowGroup& group) { return Seq(group.first.value() - 1); }

}  // namespace

template <class... Args>
void Judge::wrong(const Case& of, fmt::format_string<Args...> format, Args&&... args) const {
  verdict_.wrong("{}\n  was answered {}\n  {}", of.operation.text(), of.reply.text(),
                 fmt::format(format, std::forward<Args>(args)...));
}

void Judge::judge(const AuditedOperation& audited, const Attempt& attempt) const {
  const Case of{.audited = audited,
                .attempt = attempt,
                .operation = audited.operation,
                .reply = attempt.reply,
                .group = group_at(audited, attempt.reply.seq)};
  if (is_read(audited.operation.verb)) return judge_read(of);
  judge_command(of);
  if (verdict_.is_clean()) count(of);
}

// — reads —

// Strictly serializable: one place behind everything known when it was sent at which every row is
// the newest version. The earliest lawful place is enough to try; a group is seen whole.
void Judge::judge_read(const Case& of) const {
  Seq place = of.attempt.floor;
  for (const SeenLevel& seen : of.reply.levels) place = std::max(place, seen.version);
  for (const SeenClaim& seen : of.reply.claims) place = std::max(place, seen.version);
  place = shadow_.end_of_group(place);
  for (const SeenLevel& seen : of.reply.levels) {
    const LevelKey key{shadow_.item(seen.sku, place), shadow_.location(seen.location, place), {}};
    const ShadowLevel level = shadow_.level(key, place);
    if (level.version == seen.version && level.quantities == seen.quantities) continue;
    wrong(of, "{} at {} shows version {} with {} available; at seq {} it is version {} with {}",
          seen.sku, seen.location, seen.version.value(), seen.quantities[Term::available].units(),
          place.value(), level.version.value(), level.quantities[Term::available].units());
  }
  for (const SeenClaim& seen : of.reply.claims) {
    const ShadowClaim* claim = claim_of_all(seen.claim, place);
    if (claim == nullptr || !seen.exists) {
      if ((claim == nullptr) == seen.exists) {
        wrong(of, "claim {} is {} at seq {}", seen.claim.text(),
              seen.exists ? "not there" : "there", place.value());
      }
      continue;
    }
    if (state_of(claim->sum()) != seen.state ||
        (seen.expires_at.has_value() && *seen.expires_at != claim->expires_at)) {
      wrong(of, "claim {} is {} until {} at seq {}, not {}", seen.claim.text(),
            name_of(state_of(claim->sum())), claim->expires_at.us(), place.value(),
            name_of(seen.state));
    }
  }
  // A sum over locations shows no version: it is right if it was so at some moment between the
  // question and the answer.
  for (const SeenAvailability& seen : of.reply.salable) {
    bool is_right = false;
    for (Seq at = of.attempt.floor; at <= of.attempt.ceiling && !is_right; at = at.next()) {
      const ItemId item = shadow_.item(seen.sku, at);
      const ChannelId channel = shadow_.channel(seen.channel, at);
      is_right = shadow_.end_of_group(at) == at && salable(item, channel, at) == seen.available;
    }
    if (!is_right) {
      wrong(of, "{} was never {} between seq {} and {}", seen.sku, seen.available.units(),
            of.attempt.floor.value(), of.attempt.ceiling.value());
    }
  }
}

// — commands —

void Judge::judge_command(const Case& of) const {
  if (of.reply.replayed) judge_replay(of);
  // A second answer to the same key must be the first one again.
  if (of.attempt.after && !of.operation.request_id.empty() && !of.reply.replayed) {
    if (std::ranges::any_of(of.audited.groups, [&](const ShadowGroup& group) {
          return group.last <= of.attempt.floor && group.moved_or_defined;
        })) {
      wrong(of, "the same key had been answered before, this is not marked replayed");
    }
  }
  if (is_refusal(of.reply.outcome)) return judge_refusal(of);
  if (of.reply.outcome == Outcome::already) return;
  const bool is_unchanged = of.group == nullptr || !of.group->moved_or_defined;
  if (is_unchanged && of.operation.verb == Verb::amend &&
      of.reply.outcome == Outcome::partially_granted) {
    return;  // what can be had is what the claim has
  }
  if (of.group == nullptr) return wrong(of, "no group of this operation ends at its seq");
  if (!of.group->moved_or_defined) return wrong(of, "its group at that seq changed nothing");
  // Real-time order: whoever starts after an acknowledgement comes after it.
  if (!of.reply.replayed && of.group->first <= of.attempt.floor) {
    wrong(of, "it stands before seq {}, which was acknowledged when it was sent",
          of.attempt.floor.value());
  }
  judge_effect(of);
}

void Judge::judge_replay(const Case& of) const {
  const ShadowRequest* remembered = shadow_.request(of.operation.request_id);
  if (remembered == nullptr || of.group == nullptr) {
    return wrong(of, "it is marked replayed, but the ledger remembers no answer at that seq");
  }
  Answer answer;
  ByteReader in(as_bytes(remembered->answer));
  if (!answer.decode(in)) return wrong(of, "the remembered answer cannot be read");
  if (remembered->seq != of.reply.seq) return;  // since then remembered anew
  if (answer.outcome != of.reply.outcome || answer.claim != of.reply.claim) {
    wrong(of, "the ledger remembers {} for claim {}", name_of(answer.outcome), answer.claim.text());
  }
}

void Judge::judge_refusal(const Case& of) const {
  if (of.group != nullptr) {
    if (of.group->moved_or_defined) return wrong(of, "the refused command changed the ledger");
    if (!refusal_is_right(of, before(*of.group))) {
      wrong(of, "that is not so at seq {}", before(*of.group).value());
    }
    return;
  }
  const Seq from = std::max(of.attempt.floor, of.attempt.shows_gate ? of.reply.seq : Seq());
  if (refusal_is_right(of, shadow_.end_of_group(from))) return;
  if (of.attempt.shows_gate) {
    return wrong(of, "that is not so at seq {}", shadow_.end_of_group(from).value());
  }
  // Its place is not shown: somewhere between the question and the answer it must be right.
  for (Seq at = from; at <= of.attempt.ceiling; at = at.next()) {
    if (shadow_.end_of_group(at) == at && refusal_is_right(of, at)) return;
  }
  wrong(of, "that is not so anywhere between seq {} and {}", from.value(),
        of.attempt.ceiling.value());
}

bool Judge::refusal_is_right(const Case& of, Seq at) const {
  const Operation& operation = of.operation;
  const ShadowClaim* claim = claim_of_all(operation.claim, at);
  const auto any_line = [&](auto&& matches) {
    return std::ranges::any_of(operation.lines, matches);
  };
  const bool has_lines = operation.verb == Verb::claim || operation.verb == Verb::amend;
  switch (of.reply.outcome) {
    case Outcome::request_mismatch: {
      const ShadowRequest* remembered = shadow_.request(operation.request_id);
      return remembered != nullptr && remembered->reference != operation.reference;
    }
    case Outcome::channel_unknown:
      if (operation.verb == Verb::claim) return !shadow_.is_active(channel_of(operation, at), at);
      if (operation.verb == Verb::amend && claim != nullptr) {
        return channel_of(operation, at) == ChannelId() || !shadow_.is_active(claim->channel, at);
      }
      return channel_of(operation, at) == ChannelId();
    case Outcome::item_unknown:
      if (!has_lines) return shadow_.item(operation.sku, at) == ItemId();
      return any_line([&](const auto& line) { return shadow_.item(line.sku, at) == ItemId(); });
    case Outcome::location_unknown: {
      if (!has_lines) {
        return shadow_.location(location_or_default(operation.location), at) == LocationId() ||
               any_line([&](const auto& line) {
                 return shadow_.location(line.location, at) == LocationId();
               });
      }
      const ChannelId channel = claim != nullptr && operation.verb == Verb::amend
                                    ? claim->channel
                                    : channel_of(operation, at);
      const auto selling = shadow_.selling(channel, at);
      return any_line([&](const auto& line) {
        if (line.location.empty()) return selling.empty();
        return std::ranges::find(selling, shadow_.location(line.location, at)) == selling.end();
      });
    }
    case Outcome::claim_unknown:
      return claim == nullptr;
    case Outcome::claim_exists:
      return claim != nullptr;
    case Outcome::claim_expired:
      return claim != nullptr && claim->sum().expired > Quantity();
    case Outcome::wrong_state:
      // Something of it is closed, or it is not in the state that the command is for.
      return claim != nullptr;
    case Outcome::quantity_invalid:
      return claim != nullptr || operation.verb == Verb::adjust ||
             operation.verb == Verb::set_stock;
    case Outcome::limit_exceeded:
      return operation.verb == Verb::extend || operation.verb == Verb::amend;
    case Outcome::short_of_stock:
      return is_short(operation, at);
    case Outcome::contended:
      return is_contended(operation, at);
    case Outcome::stale_expectation:
      return operation.expected && on_hand(operation, at) != Quantity(*operation.expected);
    default:
      return false;  // no other refusal exists for these operations
  }
}

// The id, or units that would do, are a transaction's.
bool Judge::is_contended(const Operation& operation, Seq at) const {
  const ShadowClaim* claim = shadow_.claim(operation.claim, at);
  if (claim != nullptr && claim->provisional) return true;
  std::set<ItemId> items = {shadow_.item(operation.sku, at)};
  for (const OperationLine& line : operation.lines) items.insert(shadow_.item(line.sku, at));
  if (claim != nullptr) {
    for (const ShadowLine& line : claim->lines) items.insert(line.level.item);
  }
  return is_short(operation, at) && std::ranges::any_of(items, [&](ItemId item) {
           return shadow_.held_provisionally(item, at) > Quantity();
         });
}

bool Judge::is_short(const Operation& operation, Seq at) const {
  const ShadowClaim* claim = claim_of_all(operation.claim, at);
  switch (operation.verb) {
    case Verb::claim:
      return lines_are_short(operation, channel_of(operation, at), nullptr, at);
    case Verb::amend:
      return claim != nullptr && lines_are_short(operation, claim->channel, claim, at);
    case Verb::adjust:
      return !operation.force &&
             available(shadow_.item(operation.sku, at),
                       shadow_.location(location_or_default(operation.location), at),
                       at) < Quantity(-operation.quantity);
    case Verb::set_stock:
      return available(shadow_.item(operation.sku, at),
                       shadow_.location(location_or_default(operation.location), at),
                       at) < on_hand(operation, at) - Quantity(operation.quantity);
    case Verb::confirm: {
      // A reclaim: what expired is not there any more.
      if (claim == nullptr || !operation.reclaim) return false;
      std::map<ItemId, Quantity> wanted;
      for (const ShadowLine& line : claim->lines) {
        wanted[line.level.item] += line.quantities.expired;
      }
      return std::ranges::any_of(claim->lines, [&](const ShadowLine& line) {
        return available(line.level.item, line.level.location, at) < wanted[line.level.item];
      });
    }
    case Verb::fulfil:
      return claim != nullptr && std::ranges::any_of(claim->lines, [&](const ShadowLine& line) {
               return shadow_.level(line.level, at).quantities[Term::shortage] > Quantity();
             });
    default:
      return false;
  }
}

// Invariant 7: the demand of one command is summed before it is compared. Right when no placement
// can serve all lines; where explicit and sourced lines of one item compete, the order of the lines
// may decide, so either answer is right.
bool Judge::lines_are_short(const Operation& operation, ChannelId channel, const ShadowClaim* own,
                            Seq at) const {
  std::map<ItemId, Quantity> total;
  std::map<std::pair<ItemId, LocationId>, Quantity> explicit_total;
  std::set<ItemId> sourced;
  for (const OperationLine& line : operation.lines) {
    const ItemId item = shadow_.item(line.sku, at);
    total[item] += Quantity(line.quantity);
    if (line.location.empty()) {
      sourced.insert(item);
    } else {
      explicit_total[{item, shadow_.location(line.location, at)}] += Quantity(line.quantity);
    }
  }
  std::map<std::pair<ItemId, LocationId>, Quantity> freed;
  if (own != nullptr) {
    for (const ShadowLine& line : own->lines) {
      freed[{line.level.item, line.level.location}] += line.quantities.open();
    }
  }
  // A shortage swallows what is freed first; then being short is right as well.
  const auto free_at = [&](ItemId item, LocationId location) {
    const Quantities level = shadow_.level({item, location, {}}, at).quantities;
    const auto mine = freed.find({item, location});
    const Quantity units = mine == freed.end() ? Quantity() : mine->second;
    return level[Term::available] + std::max(Quantity(), units - level[Term::shortage]);
  };
  for (const auto& [where, units] : explicit_total) {
    if (units > free_at(where.first, where.second)) return true;
    if (sourced.contains(where.first)) return true;  // they compete
  }
  for (const ItemId item : sourced) {
    Quantity sum;
    for (const LocationId location : shadow_.selling(channel, at)) sum += free_at(item, location);
    if (total[item] > sum) return true;
  }
  return false;
}

// Each line alone could have been served.
bool Judge::only_the_sum_is_short(const Case& of) const {
  const Seq at = of.group != nullptr ? before(*of.group) : std::max(of.reply.seq, of.attempt.floor);
  return std::ranges::all_of(of.operation.lines, [&](const OperationLine& line) {
    Operation alone = of.operation;
    alone.lines = {line};
    return !is_short(alone, at);
  });
}

// — effects —

void Judge::judge_effect(const Case& of) const {
  const ShadowClaim* was = shadow_.claim(of.operation.claim, before(*of.group));
  const ShadowClaim* is = shadow_.claim(of.reply.claim, of.group->last);
  if (of.reply.state.has_value() && is != nullptr && *of.reply.state != state_of(is->sum())) {
    wrong(of, "the claim is {} then", name_of(state_of(is->sum())));
  }
  switch (of.operation.verb) {
    case Verb::claim:
      return judge_claim(of);
    case Verb::confirm:
      return judge_confirm(of);
    case Verb::amend:
      return judge_amend(of);
    case Verb::release:
      if (is == nullptr || !is->sum().open().is_zero()) wrong(of, "units of it are still open");
      return;
    case Verb::cancel:
      if (is == nullptr || (of.operation.lines.empty() && !is->sum().open().is_zero())) {
        wrong(of, "units of it are still open");
      }
      return;
    case Verb::fulfil:
      if (is == nullptr || (of.operation.lines.empty() && !is->sum().committed.is_zero())) {
        wrong(of, "units of it are still to be shipped");
      }
      return;
    case Verb::extend:
      if (is == nullptr || was == nullptr || is->expires_at <= was->expires_at ||
          is->expires_at > of.group->at + *of.operation.hold_for) {
        wrong(of, "it was to end {} µs after {} µs, it ends at {} µs", of.operation.hold_for->us(),
              of.group->at.us(), is == nullptr ? 0 : is->expires_at.us());
      }
      return;
    case Verb::receive:
    case Verb::adjust:
    case Verb::sale:
    case Verb::set_stock:
      return judge_fact(of);
    default:
      return;  // definitions: that the group is there is all
  }
}

void Judge::judge_claim(const Case& of) const {
  const ShadowClaim* claim = shadow_.claim(of.reply.claim, of.group->last);
  if (claim == nullptr || of.group->opened != of.reply.claim) {
    return wrong(of, "its group opens claim {}", of.group->opened.text());
  }
  if (!of.operation.claim.is_none() && of.operation.claim != of.reply.claim) {
    wrong(of, "the client chose another id");
  }
  const Timestamp ends =
      of.operation.hold_for ? of.group->at + *of.operation.hold_for : Timestamp::never();
  if (claim->expires_at != ends) {
    wrong(of, "decided at {} µs it ends at {} µs", of.group->at.us(), claim->expires_at.us());
  }
  if (of.operation.hold_for && of.reply.expires_at && *of.reply.expires_at != ends) {
    wrong(of, "the answer says it ends at {} µs, the ledger {} µs", of.reply.expires_at->us(),
          ends.us());
  }
  const LineQuantities sum = claim->sum();
  if (of.operation.fulfil && sum.fulfilled != sum.granted()) {
    wrong(of, "{} of {} units have left", sum.fulfilled.units(), sum.granted().units());
  }
  if ((of.operation.hold_for ? sum.committed : sum.held) > Quantity()) {
    wrong(of, "it is {} held and {} committed", sum.held.units(), sum.committed.units());
  }
  const auto selling =
      shadow_.selling(channel_of(of.operation, before(*of.group)), before(*of.group));
  for (const ShadowLine& line : claim->lines) {
    if (std::ranges::find(selling, line.level.location) == selling.end()) {
      wrong(of, "location {} does not sell for its channel", line.level.location.value());
    }
  }
  judge_claim_line_totals(of);
}

// Granted: every unit that was asked. Partially: some, and nothing more was to be had.
void Judge::judge_claim_line_totals(const Case& of) const {
  const ShadowClaim& claim = *shadow_.claim(of.reply.claim, of.group->last);
  std::map<ItemId, Quantity> asked;
  std::map<std::pair<ItemId, LocationId>, Quantity> asked_there;
  const Seq at = before(*of.group);
  for (const OperationLine& line : of.operation.lines) {
    const ItemId item = shadow_.item(line.sku, at);
    asked[item] += Quantity(line.quantity);
    if (!line.location.empty()) {
      asked_there[{item, shadow_.location(line.location, at)}] += Quantity(line.quantity);
    }
  }
  std::map<ItemId, Quantity> got;
  std::map<std::pair<ItemId, LocationId>, Quantity> got_there;
  for (const ShadowLine& line : claim.lines) {
    got[line.level.item] += line.quantities.granted();
    got_there[{line.level.item, line.level.location}] += line.quantities.granted();
  }
  bool is_whole = true;
  for (const auto& [item, units] : asked) {
    if (got[item] > units) wrong(of, "item {} got more than was asked", item.value());
    if (got[item] == units) continue;
    is_whole = false;
    // Only lines without a location may look everywhere.
    const bool may_look_everywhere =
        std::ranges::all_of(of.operation.lines, [&, asked_item = item](const OperationLine& line) {
          return shadow_.item(line.sku, at) != asked_item || line.location.empty();
        });
    const ChannelId channel = channel_of(of.operation, at);
    if (may_look_everywhere && salable(item, channel, of.group->last) > Quantity()) {
      wrong(of, "more of item {} was available", item.value());
    }
  }
  for (const auto& [where, units] : asked_there) {
    if (got_there[where] >= units) continue;
    if (is_whole) wrong(of, "location {} was asked for more", where.second.value());
    if (available(where.first, where.second, of.group->last) > Quantity()) {
      wrong(of, "more of item {} was available at location {}", where.first.value(),
            where.second.value());
    }
  }
  if (is_whole != (of.reply.outcome == Outcome::granted)) {
    wrong(of, "the claim {} all that was asked", is_whole ? "holds" : "does not hold");
  }
}

void Judge::judge_confirm(const Case& of) const {
  const ShadowClaim* was = shadow_.claim(of.operation.claim, before(*of.group));
  const ShadowClaim* is = shadow_.claim(of.operation.claim, of.group->last);
  if (was == nullptr || is == nullptr) return wrong(of, "there is no such claim");
  const LineQuantities then = was->sum();
  const LineQuantities now = is->sum();
  if (now.committed <= then.committed) wrong(of, "nothing was committed");
  if (then.held.is_zero()) {
    if (!of.operation.reclaim || then.expired.is_zero()) {
      wrong(of, "there was nothing held, and no reclaim was asked");
    }
    return;
  }
  if (was->expires_at <= of.group->at) wrong(of, "it had expired at {} µs", was->expires_at.us());
  const bool must_be_empty = of.operation.lines.empty() || of.operation.release_rest;
  if (must_be_empty && !now.held.is_zero()) wrong(of, "{} are still held", now.held.units());
  if (of.operation.lines.empty() && now.committed != then.committed + then.held) {
    wrong(of, "{} were held, {} more are committed", then.held.units(),
          (now.committed - then.committed).units());
  }
}

// Afterwards the claim has the lines that were asked, no more and, unless partial, no less.
void Judge::judge_amend(const Case& of) const {
  const ShadowClaim* is = shadow_.claim(of.operation.claim, of.group->last);
  if (is == nullptr) return wrong(of, "there is no such claim");
  std::map<ItemId, Quantity> asked;
  for (const OperationLine& line : of.operation.lines) {
    asked[shadow_.item(line.sku, of.group->last)] += Quantity(line.quantity);
  }
  for (const auto& [item, units] : open_by_item(*is)) {
    if (units > asked[item]) wrong(of, "item {} has {} units", item.value(), units.units());
    asked[item] -= units;
  }
  const bool is_whole =
      std::ranges::all_of(asked, [](const auto& rest) { return rest.second.is_zero(); });
  if (!is_whole && of.reply.outcome != Outcome::partially_granted) {
    wrong(of, "the claim does not have all that was asked");
  }
}

void Judge::judge_fact(const Case& of) const {
  const Operation& operation = of.operation;
  const LevelKey key{shadow_.item(operation.sku, of.group->last),
                     shadow_.location(location_or_default(operation.location), of.group->last),
                     {}};
  const Quantities was = shadow_.level(key, before(*of.group)).quantities;
  const Quantities is = shadow_.level(key, of.group->last).quantities;
  if (operation.verb == Verb::set_stock && !of.reply.replayed &&
      was[Term::on_hand] != Quantity(operation.expected.value_or(0))) {
    wrong(of, "{} were on hand, not what was expected", was[Term::on_hand].units());
  }
  const Quantity delta = operation.verb == Verb::sale ? Quantity(-operation.quantity)
                         : operation.verb == Verb::set_stock
                             ? Quantity(operation.quantity) - was[Term::on_hand]
                             : Quantity(operation.quantity);
  if (is[Term::on_hand] - was[Term::on_hand] != delta) {
    wrong(of, "on_hand went from {} to {}", was[Term::on_hand].units(), is[Term::on_hand].units());
  }
  const bool is_request =
      operation.verb == Verb::set_stock || (operation.verb == Verb::adjust && !operation.force);
  if (is_request && is[Term::shortage] > was[Term::shortage]) {
    wrong(of, "an adjustment without force made a shortage");
  }
}

// — the state at a seq —

// Null when nobody but a transaction knows it.
const ShadowClaim* Judge::claim_of_all(const ClaimId& id, Seq at) const {
  const ShadowClaim* claim = shadow_.claim(id, at);
  return claim == nullptr || claim->provisional ? nullptr : claim;
}

ChannelId Judge::channel_of(const Operation& operation, Seq at) const {
  return shadow_.channel(
      operation.channel.empty() ? std::string(default_channel) : operation.channel, at);
}

Quantity Judge::on_hand(const Operation& operation, Seq at) const {
  const LevelKey key{shadow_.item(operation.sku, at),
                     shadow_.location(location_or_default(operation.location), at),
                     {}};
  return shadow_.level(key, at).quantities[Term::on_hand];
}

Quantity Judge::available(ItemId item, LocationId location, Seq at) const {
  return shadow_.level({item, location, {}}, at).quantities[Term::available];
}

Quantity Judge::salable(ItemId item, ChannelId channel, Seq at) const {
  Quantity sum;
  for (const LocationId location : shadow_.selling(channel, at)) {
    sum += available(item, location, at);
  }
  return sum;
}

// Right answers that are rare are counted.
void Judge::count(const Case& of) const {
  const Reply& reply = of.reply;
  const bool is_claim = of.operation.verb == Verb::claim;
  if (reply.replayed) {
    probes_.hit(is_refusal(reply.outcome) ? Probe::replay_of_refusal : Probe::answered_replayed);
    return;
  }
  switch (reply.outcome) {
    case Outcome::granted:
      if (is_claim) {
        probes_.hit(Probe::claim_granted);
        const bool is_sourced = std::ranges::all_of(
            of.operation.lines, [](const auto& line) { return line.location.empty(); });
        const auto lines = shadow_.claim(reply.claim, of.group->last)->lines.size();
        if (is_sourced) {
          probes_.hit(lines > of.operation.lines.size() ? Probe::claim_split_over_locations
                                                        : Probe::claim_sourced_whole);
        }
      }
      break;
    case Outcome::partially_granted:
      probes_.hit(Probe::claim_partially_granted);
      break;
    case Outcome::already:
      probes_.hit(Probe::answered_already);
      break;
    case Outcome::request_mismatch:
      probes_.hit(Probe::refused_mismatch);
      break;
    case Outcome::channel_unknown:
      probes_.hit(Probe::refused_channel);
      break;
    case Outcome::item_unknown:
      probes_.hit(Probe::refused_item);
      break;
    case Outcome::location_unknown:
      probes_.hit(Probe::refused_location);
      break;
    case Outcome::claim_unknown:
      probes_.hit(Probe::refused_claim_unknown);
      break;
    case Outcome::claim_exists:
      probes_.hit(Probe::refused_claim_exists);
      break;
    case Outcome::claim_expired:
      probes_.hit(Probe::refused_claim_expired);
      break;
    case Outcome::wrong_state:
      probes_.hit(Probe::refused_wrong_state);
      break;
    case Outcome::quantity_invalid:
      probes_.hit(Probe::refused_quantity);
      break;
    case Outcome::short_of_stock:
      if (of.operation.verb == Verb::confirm) probes_.hit(Probe::reclaim_refused);
      if (is_claim) probes_.hit(Probe::claim_refused_short);
      if (is_claim && only_the_sum_is_short(of)) probes_.hit(Probe::claim_refused_repeated_lines);
      break;
    case Outcome::contended:
      probes_.hit(Probe::refused_contended);
      break;
    case Outcome::stale_expectation:
      probes_.hit(Probe::refused_stale);
      break;
    default:
      break;
  }
  if (of.group == nullptr || is_refusal(reply.outcome)) return;
  const ShadowClaim* was = shadow_.claim(of.operation.claim, before(*of.group));
  if (of.operation.verb == Verb::amend) probes_.hit(Probe::amended);
  if (of.operation.verb == Verb::set_stock) probes_.hit(Probe::level_set);
  if (of.operation.fulfil) probes_.hit(Probe::claim_left_at_once);
  if (of.operation.verb == Verb::confirm && was != nullptr) {
    probes_.hit(was->sum().held.is_zero() ? Probe::reclaimed_after_expiry
                                          : Probe::confirmed_in_part);
  }
  if (of.operation.verb == Verb::fulfil && !of.operation.lines.empty()) {
    probes_.hit(Probe::fulfilled_in_part);
  }
}

}  // namespace holdfast
