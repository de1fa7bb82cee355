// Everything here is written from the domain's page, not from the code that it checks. Slow is
// fine, clever is not.
#include "sim/shadow.h"

#include <algorithm>

namespace holdfast {
namespace {

// The newest value at or before `at`; null when there is none.
template <class Value>
const Value* latest(const std::map<Seq, Value>& history, Seq at) {
  auto next = history.upper_bound(at);
  if (next == history.begin()) return nullptr;
  return &std::prev(next)->second;
}

Quantity& counter_of(LineQuantities& line, MoveKind kind) {
  switch (kind) {
    case MoveKind::fulfil:
      return line.fulfilled;
    case MoveKind::cancel:
      return line.cancelled;
    case MoveKind::expire:
      return line.expired;
    default:
      return line.released;
  }
}

bool has_negative(const LineQuantities& line) {
  return std::ranges::any_of(
      std::initializer_list<Quantity>{line.held, line.committed, line.backordered, line.fulfilled,
                                      line.cancelled, line.released, line.expired},
      [](Quantity quantity) { return quantity < Quantity(); });
}

}  // namespace

LineQuantities ShadowClaim::sum() const {
  LineQuantities sum;
  for (const ShadowLine& line : lines) {
    sum.held += line.quantities.held;
    sum.committed += line.quantities.committed;
    sum.backordered += line.quantities.backordered;
    sum.fulfilled += line.quantities.fulfilled;
    sum.cancelled += line.quantities.cancelled;
    sum.released += line.quantities.released;
    sum.expired += line.quantities.expired;
  }
  return sum;
}

void Shadow::begin_batch(const BatchHeader& header) {
  if (header.info.at <= last_at_) {
    verdict_.wrong("logged time stands still: the batch of seq {} is at {} µs, after one at {} µs",
                   header.info.first.value(), header.info.at.us(), last_at_.us());
  }
  if (header.epoch < epoch_) {
    verdict_.wrong("epoch {} follows epoch {}", header.epoch.value(), epoch_.value());
  }
  if (header.info.first != last_.next()) {
    verdict_.wrong("the batch of seq {} follows seq {}", header.info.first.value(), last_.value());
  }
  expired_in_batch_ = 0;
  last_at_ = header.info.at;
  epoch_ = header.epoch;
}

ShadowGroup Shadow::apply(const BatchHeader& header, const DecodedGroup& group, Seq first) {
  ShadowGroup summary{.first = first,
                      .last = Seq(first.value() + group.entries.size() - 1),
                      .at = header.info.at,
                      .actor = std::string(group.context.actor),
                      .reference = std::string(group.context.reference),
                      .request_id = std::string(group.context.request_id)};
  check_expiry(group, summary);
  Seq seq = first;
  for (const Entry& entry : group.entries) {
    apply_entry(entry, group.context, seq, summary);
    last_ = seq;
    seq = seq.next();
  }
  group_ends_.insert(summary.last);
  check_group(summary);
  return summary;
}

void Shadow::apply_entry(const Entry& entry, const GroupContext& context, Seq seq,
                         ShadowGroup& out) {
  if (const auto* remembered = std::get_if<RequestRemembered>(&entry)) {
    out.remembered_refusal = remembered->refused;
    requests_[std::string(context.request_id)] = {.reference = std::string(context.reference),
                                                  .answer = std::string(remembered->answer),
                                                  .seq = seq,
                                                  .at = out.at,
                                                  .refused = remembered->refused};
    return;
  }
  out.moved_or_defined = true;
  if (const auto* moved = std::get_if<StockMoved>(&entry)) {
    move(*moved, seq);
    out.moves.push_back(*moved);
  } else if (const auto* opened = std::get_if<ClaimOpened>(&entry)) {
    if (claim(opened->claim, seq) != nullptr) {
      verdict_.wrong("seq {} opens claim {} again", seq.value(), opened->claim.text());
    }
    claims_[opened->claim][seq] = {.provisional = opened->provisional,
                                   .expires_at = opened->expires_at,
                                   .channel = context.channel,
                                   .version = seq};
    out.opened = opened->claim;
    out.is_provisional = opened->provisional;
  } else if (const auto* expiry = std::get_if<ExpirySet>(&entry)) {
    if (ShadowClaim* claim = change(expiry->claim, seq)) {
      claim->expires_at = expiry->expires_at;
      if (holds_.contains(expiry->claim)) holds_[expiry->claim] = expiry->expires_at;
    }
  } else if (const auto* settled = std::get_if<ClaimSettled>(&entry)) {
    if (ShadowClaim* claim = change(settled->claim, seq)) {
      if (!claim->provisional) {
        verdict_.wrong("seq {} settles claim {}, which is no transaction's", seq.value(),
                       settled->claim.text());
      }
      claim->provisional = false;
      claim->expires_at = settled->expires_at;
      out.opened = settled->claim;
      if (holds_.contains(settled->claim)) holds_[settled->claim] = settled->expires_at;
    }
  } else if (const auto* undone = std::get_if<ClaimUndone>(&entry)) {
    if (ShadowClaim* claim = change(undone->claim, seq)) {
      if (!claim->provisional || !claim->sum().open().is_zero()) {
        verdict_.wrong("seq {} undoes claim {}, which is not a transaction's or still holds units",
                       seq.value(), undone->claim.text());
      }
      claim->undone = true;
      if (!out.moves.empty() && out.moves.front().kind == MoveKind::expire) {
        probes_.hit(Probe::block_lease_ended);
      }
    }
  } else if (const auto* item = std::get_if<ItemDefined>(&entry)) {
    items_.try_emplace(item->record->sku, Defined<ItemId>{item->item, seq});
  } else if (const auto* location = std::get_if<LocationDefined>(&entry)) {
    locations_.try_emplace(location->record->code, Defined<LocationId>{location->location, seq});
    location_records_[location->location][seq] = *location->record;
  } else if (const auto* channel = std::get_if<ChannelDefined>(&entry)) {
    channels_.try_emplace(channel->record->code, Defined<ChannelId>{channel->channel, seq});
    channel_records_[channel->channel][seq] = *channel->record;
  } else if (const auto* resumed = std::get_if<Resumed>(&entry)) {
    extend_holds(resumed->extended, seq);
  }
}

void Shadow::move(const StockMoved& moved, Seq seq) {
  auto& history = levels_[moved.level];
  const Quantities before = history.empty() ? Quantities{} : history.rbegin()->second;
  Quantities after = before;
  after += moved.delta;
  history[seq] = after;
  check_kind(moved, before, seq);
  if (moved.line != 0) move_line(moved, seq);
}

void Shadow::move_line(const StockMoved& moved, Seq seq) {
  ShadowClaim* claim = change(moved.claim, seq);
  if (claim == nullptr) return;
  if (moved.line == claim->lines.size() + 1) claim->lines.push_back({.level = moved.level});
  if (moved.line > claim->lines.size() || claim->lines[moved.line - 1].level != moved.level) {
    verdict_.wrong("seq {} moves line {} of claim {}, which is not there", seq.value(), moved.line,
                   moved.claim.text());
    return;
  }
  LineQuantities& line = claim->lines[moved.line - 1].quantities;
  const Quantity held = moved.delta[Term::held];
  const Quantity committed = moved.delta[Term::committed];
  line.held += held;
  line.committed += committed;
  line.backordered += moved.delta[Term::backordered];
  if (moved.kind == MoveKind::confirm) line.expired -= held + committed;  // taken again
  if (held + committed < Quantity()) counter_of(line, moved.kind) -= held + committed;
  if (has_negative(line)) {
    verdict_.wrong("seq {}: line {} of claim {} goes below zero", seq.value(), moved.line,
                   moved.claim.text());
  }
  if (claim->sum().held > Quantity()) {
    holds_[moved.claim] = claim->expires_at;
  } else {
    holds_.erase(moved.claim);
  }
}

// The claim's state from `seq` on, to be changed; null (and a verdict) when it was never opened.
ShadowClaim* Shadow::change(const ClaimId& claim, Seq seq) {
  const auto found = claims_.find(claim);
  if (found == claims_.end() || found->second.rbegin()->second.undone) {
    verdict_.wrong("seq {} names claim {}, which was never opened", seq.value(), claim.text());
    return nullptr;
  }
  ShadowClaim& changed = found->second[seq] = found->second.rbegin()->second;
  changed.version = seq;
  return &changed;
}

void Shadow::extend_holds(Duration by, Seq seq) {
  if (by > Duration() && !holds_.empty()) probes_.hit(Probe::outage_extended_holds);
  for (auto& [id, expires_at] : holds_) {
    if (expires_at.is_never()) continue;
    expires_at = expires_at + by;
    change(id, seq)->expires_at = expires_at;
  }
}

// What each kind of movement may do to a level (domain.md, Operations). Written as the one delta
// that is right for the units that move.
void Shadow::check_kind(const StockMoved& moved, const Quantities& before, Seq seq) {
  const Quantities& delta = moved.delta;
  const Quantity zero;
  Quantities right;
  // Units become free: shortage is filled first.
  const auto frees = [&](Quantity units) {
    const Quantity filled = std::min(units, before[Term::shortage]);
    if (filled > zero) probes_.hit(Probe::shortage_filled);
    right[Term::shortage] = -filled;
    right[Term::available] = units - filled;
  };
  // Units are gone, whoever was promised them.
  const auto takes = [&](Quantity units) {
    const Quantity taken = std::min(units, before[Term::available]);
    if (taken < units) probes_.hit(Probe::shortage_made);
    right[Term::available] = -taken;
    right[Term::shortage] = units - taken;
  };
  const Quantity held = delta[Term::held];
  const Quantity committed = delta[Term::committed];
  Quantity units;
  switch (moved.kind) {
    case MoveKind::receive:
    case MoveKind::adjust:
    case MoveKind::sale:
      units = delta[Term::on_hand];
      right[Term::on_hand] = units;
      if (units > zero && moved.kind != MoveKind::sale) frees(units);
      if (units < zero && moved.kind != MoveKind::receive) takes(-units);
      break;
    case MoveKind::claim:
      units = held + committed;
      right[Term::available] = -units;
      right[held > zero ? Term::held : Term::committed] = units;
      if (units > before[Term::available]) {
        verdict_.wrong("seq {} claims {} where {} were available", seq.value(), units.units(),
                       before[Term::available].units());
      }
      break;
    case MoveKind::confirm:
      // held → committed; or, of a claim that expired, available → committed again.
      units = committed;
      right[Term::held] = std::min(held, zero);
      right[Term::committed] = units;
      right[Term::available] = -(held + committed);
      if (held + committed < zero || held + committed > before[Term::available]) {
        verdict_.wrong("seq {} confirms {} units, {} of them anew, where {} were available",
                       seq.value(), units.units(), (held + committed).units(),
                       before[Term::available].units());
      }
      break;
    case MoveKind::release:
    case MoveKind::cancel:
    case MoveKind::expire:
      units = -(held + committed);
      right[Term::held] = held;
      right[Term::committed] = moved.kind == MoveKind::expire ? zero : committed;
      frees(units);
      if (held > zero || committed > zero) units = zero;  // not a release: no units are right
      break;
    case MoveKind::fulfil:
      units = -committed;
      right[Term::on_hand] = -units;
      right[Term::committed] = -units;
      if (before[Term::on_hand] < units) {
        verdict_.wrong("seq {} ships {} units where {} are", seq.value(), units.units(),
                       before[Term::on_hand].units());
      }
      break;
  }
  const bool both_ways = moved.kind == MoveKind::adjust;
  // A level may be made without units.
  const bool is_made = both_ways && before.is_zero();
  if ((units.is_zero() && !is_made) ||
      (units < zero && !both_ways && moved.kind != MoveKind::sale) || !(delta == right)) {
    verdict_.wrong(
        "seq {}: a {} of {} units has the wrong delta: available {} held {} committed "
        "{} shortage {} on_hand {}",
        seq.value(), name_of(moved.kind), units.units(), delta[Term::available].units(),
        held.units(), committed.units(), delta[Term::shortage].units(),
        delta[Term::on_hand].units());
  }
}

// Invariant 1, and no level that offers what it is short of.
void Shadow::check_group(const ShadowGroup& summary) {
  for (const StockMoved& moved : summary.moves) {
    const Quantities& now = levels_[moved.level].rbegin()->second;
    if (!now.valid() || !now.balanced()) {
      verdict_.wrong("after seq {} a level breaks the equation: available {} on_hand {}",
                     summary.last.value(), now[Term::available].units(),
                     now[Term::on_hand].units());
    }
    if (now[Term::available] > Quantity() && now[Term::shortage] > Quantity()) {
      verdict_.wrong("after seq {} a level offers {} units and is short of {}",
                     summary.last.value(), now[Term::available].units(),
                     now[Term::shortage].units());
    }
  }
}

// Invariant 5. What is due at a group's time is expired before any other group of that time; only
// what resumes a ledger comes first, for it moves the ends, and what undoes a transaction may, for
// it decides nothing.
void Shadow::check_expiry(const DecodedGroup& group, const ShadowGroup& summary) {
  const Entry& front = group.entries.front();
  if (std::holds_alternative<Resumed>(front)) return;
  const bool gives_back_alone = std::holds_alternative<ClaimUndone>(group.entries.back()) &&
                                std::get_if<StockMoved>(&front) != nullptr &&
                                std::get<StockMoved>(front).kind == MoveKind::release;
  if (gives_back_alone) return;
  const auto* moved = std::get_if<StockMoved>(&front);
  if (moved != nullptr && moved->kind == MoveKind::expire) {
    probes_.hit(++expired_in_batch_ > 1 ? Probe::expired_many_in_turn : Probe::expired_in_turn);
    const auto hold = holds_.find(moved->claim);
    if (hold == holds_.end() || hold->second > summary.at || summary.actor != system_actor) {
      verdict_.wrong("seq {} expires claim {} at {} µs, before its end", summary.first.value(),
                     moved->claim.text(), summary.at.us());
    }
    return;
  }
  for (const auto& [id, expires_at] : holds_) {
    if (expires_at > summary.at) continue;
    verdict_.wrong(
        "seq {}, {}, was decided at {} µs while claim {} was held beyond its end at {} µs",
        summary.first.value(), name_of(front), summary.at.us(), id.text(), expires_at.us());
    return;
  }
}

Seq Shadow::end_of_group(Seq seq) const {
  const auto found = group_ends_.lower_bound(seq);
  return found == group_ends_.end() ? last_ : *found;
}

ItemId Shadow::item(const std::string& sku, Seq at) const {
  const auto found = items_.find(sku);
  return found == items_.end() || found->second.since > at ? ItemId() : found->second.id;
}

LocationId Shadow::location(const std::string& code, Seq at) const {
  const auto found = locations_.find(code);
  return found == locations_.end() || found->second.since > at ? LocationId() : found->second.id;
}

ChannelId Shadow::channel(const std::string& code, Seq at) const {
  const auto found = channels_.find(code);
  return found == channels_.end() || found->second.since > at ? ChannelId() : found->second.id;
}

std::vector<LocationId> Shadow::selling(ChannelId channel, Seq at) const {
  const auto records = channel_records_.find(channel);
  if (records == channel_records_.end()) return {};
  const ChannelRecord* record = latest(records->second, at);
  if (record == nullptr || !record->active) return {};
  std::vector<LocationId> candidates = record->locations;
  if (record->all_locations) {
    for (const auto& [id, history] : location_records_) candidates.push_back(id);
  }
  std::erase_if(candidates, [&](LocationId id) {
    const LocationRecord* location = latest(location_records_.at(id), at);
    return location == nullptr || !location->active;
  });
  return candidates;
}

bool Shadow::is_active(ChannelId channel, Seq at) const {
  const auto records = channel_records_.find(channel);
  if (records == channel_records_.end()) return false;
  const ChannelRecord* record = latest(records->second, at);
  return record != nullptr && record->active;
}

ShadowLevel Shadow::level(const LevelKey& key, Seq at) const {
  const auto found = levels_.find(key);
  if (found == levels_.end()) return {};
  const auto next = found->second.upper_bound(at);
  if (next == found->second.begin()) return {};
  return {std::prev(next)->second, std::prev(next)->first};
}

const ShadowClaim* Shadow::claim(const ClaimId& claim, Seq at) const {
  const auto found = claims_.find(claim);
  const ShadowClaim* then = found == claims_.end() ? nullptr : latest(found->second, at);
  return then == nullptr || then->undone ? nullptr : then;
}

Quantity Shadow::held_provisionally(ItemId item, Seq at) const {
  Quantity sum;
  for (const auto& [id, history] : claims_) {
    const ShadowClaim* then = latest(history, at);
    if (then == nullptr || !then->provisional) continue;
    for (const ShadowLine& line : then->lines) {
      if (line.level.item == item) sum += line.quantities.held;
    }
  }
  return sum;
}

const ShadowRequest* Shadow::request(const std::string& request_id) const {
  const auto found = requests_.find(request_id);
  return found == requests_.end() ? nullptr : &found->second;
}

}  // namespace holdfast
