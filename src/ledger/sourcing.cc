// Two passes per line: find the place, then take. The numbers of a refusal are those of the first
// pass.
#include "ledger/sourcing.h"

#include "base/check.h"

namespace holdfast {
namespace {

Quantity saturated(Quantity sum) { return std::min(sum, Quantity::max()); }

// What will be available at the level after this command. Units that an amendment gives back fill
// shortage first.
Quantity left_in(const Stock& stock, const Scratch& scratch, LevelRef level) {
  const Quantity left = stock.quantity(level, Term::available) - scratch.taken[level];
  return std::max(left - stock.quantity(level, Term::shortage), zero);
}

void resolve_line(Hearing& hearing, const LineRequest& line, Trial& trial) {
  const Stock& stock = hearing.stock;
  const auto note = [&](Outcome outcome) {
    if (!is_refusal(trial.outcome)) trial.outcome = outcome;  // checked in order: the first stays
  };
  trial.item = stock.find_item(line.sku);
  if (trial.item == ItemId()) {
    note(Outcome::item_unknown);
  } else {
    hearing.consult(stock.version(trial.item));
    trial.untracked = stock.item(trial.item).tracking == Tracking::none;
  }
  if (!line.location.empty()) {
    trial.location = stock.find_location(line.location);
    if (trial.location == LocationId()) note(Outcome::location_unknown);
  }
  if (!line.lot.empty() && !trial.untracked) {
    trial.lot = stock.find_lot(line.lot);
    trial.lot_is_new = trial.lot == LotId();
  }
  if (!is_countable(line.quantity)) {
    note(Outcome::quantity_invalid);
    hearing.object_to_shape(line.quantity, Quantity::max());
  }
}

// Finds and takes units for one line.
class Sourcing {
 public:
  Sourcing(Hearing& hearing, ChannelId channel)
      : hearing_(hearing),
        scratch_(hearing.out.scratch),
        order_(hearing.stock.selling_order(channel)) {
    hearing.consult(hearing.stock.version(channel));
  }

  void check_place(Trial& trial) const {
    if (is_refusal(trial.outcome) && trial.outcome <= Outcome::location_unknown) return;
    const bool sold_there =
        trial.location == LocationId()
            ? !order_.empty()
            : std::find(order_.begin(), order_.end(), trial.location) != order_.end();
    if (!sold_there) trial.outcome = Outcome::location_unknown;
  }

  void source(std::uint32_t request, Quantity wanted, Quantity wanted_by_all, bool partial) {
    Trial& trial = scratch_.trials[request];
    if (trial.untracked) return source_untracked(request, wanted, wanted_by_all);
    for (const LocationId location : places(trial)) {
      const std::span<const LevelRef> levels = levels_at(trial, location);
      const Quantity there = free_in(levels);
      trial.available = saturated(trial.available + there);
      if (there >= wanted) {
        trial.taken = wanted;
        return take(request, levels, wanted);
      }
    }
    if (trial.available >= wanted) return split(request, wanted);
    const Quantity held = held_by_transactions(hearing_, trial.item, places(trial), trial.lot);
    trial.outcome = trial.available + held >= wanted ? Outcome::contended : Outcome::short_of_stock;
    if (!partial || trial.available.is_zero()) return;
    trial.outcome = Outcome::partially_granted;
    split(request, trial.available);
  }

  // What is left over the line's locations after this command; nobody counts untracked units.
  Quantity free_over(const Trial& trial) {
    Quantity sum;
    if (trial.untracked) return sum;
    for (const LocationId location : places(trial)) {
      const std::span<const LevelRef> levels = levels_at(trial, location);
      hearing_.out.work += static_cast<std::uint32_t>(levels.size());
      for (const LevelRef level : levels) {
        sum = saturated(sum + left_in(hearing_.stock, scratch_, level));
      }
    }
    return sum;
  }

 private:
  [[nodiscard]] std::span<const LocationId> places(const Trial& trial) const {
    return trial.location == LocationId() ? order_ : std::span(&trial.location, 1);
  }

  // The levels that can serve the line there, in the order in which they are tried.
  [[nodiscard]] std::span<const LevelRef> levels_at(const Trial& trial, LocationId location) const {
    if (trial.lot_is_new) return {};
    if (trial.lot == LotId()) return hearing_.stock.levels_of(trial.item, location);
    return hearing_.stock.levels_of(trial.item, location, trial.lot);
  }

  Quantity free_in(std::span<const LevelRef> levels) {
    Quantity sum;
    for (const LevelRef level : levels) {
      sum = saturated(sum + hearing_.consult(level, Term::available) - scratch_.taken[level]);
    }
    return sum;
  }

  // REQUIRES: that much is free over the line's locations.
  void split(std::uint32_t request, Quantity units) {
    Trial& trial = scratch_.trials[request];
    trial.taken = units;
    for (const LocationId location : places(trial)) {
      const std::span<const LevelRef> levels = levels_at(trial, location);
      const Quantity here = std::min(free_in(levels), units);
      take(request, levels, here);
      units -= here;
      if (units.is_zero()) return;
    }
    CHECK(false, "{} units were free and are gone", units.units());
  }

  // REQUIRES: that much is free in them.
  void take(std::uint32_t request, std::span<const LevelRef> levels, Quantity left) {
    for (const LevelRef level : levels) {
      if (left.is_zero()) return;
      const Quantity free = hearing_.stock.quantity(level, Term::available) - scratch_.taken[level];
      const Quantity units = std::min(free, left);
      if (units <= zero) continue;
      left -= units;
      scratch_.taken.add(level, units);
      scratch_.picks.push_back({.request = request,
                                .key = hearing_.stock.key(level),
                                .level = level,
                                .units = units,
                                .untracked = false});
    }
    CHECK(left.is_zero(), "{} units were free and are gone", left.units());
  }

  // Never short; but its level must not leave the range, whatever else the command adds to it.
  void source_untracked(std::uint32_t request, Quantity wanted, Quantity wanted_by_all) {
    Trial& trial = scratch_.trials[request];
    const LevelKey key{trial.item, places(trial).front(), LotId()};
    const LevelRef level = hearing_.stock.find_level(key);
    for (const Term term : {Term::held, Term::committed, Term::backordered}) {
      if ((hearing_.consult(level, term) + wanted_by_all).in_range()) continue;
      trial.outcome = Outcome::quantity_invalid;
      return;
    }
    trial.taken = wanted;
    scratch_.picks.push_back(
        {.request = request, .key = key, .level = level, .units = wanted, .untracked = true});
  }

  Hearing& hearing_;
  Scratch& scratch_;
  std::span<const LocationId> order_;
};

// How few levels can serve the line: 3 for one, 0 for any of the item's.
int particularity(const LineRequest& line) {
  return (line.location.empty() ? 0 : 2) + (line.lot.empty() ? 0 : 1);
}

// The sum over all lines; 0 when it leaves the range, which is objected to.
Quantity sum_of(Hearing& hearing, std::span<const LineRequest> lines) {
  Quantity sum;
  for (const LineRequest& line : lines) {
    if (!is_countable(line.quantity)) continue;
    sum += line.quantity;
    if (sum.in_range()) continue;
    hearing.object_to_shape(sum, Quantity::max());
    return Quantity();
  }
  return sum;
}

}  // namespace

bool check_channel(Hearing& hearing, ChannelId channel) {
  if (hearing.stock.channel(channel).active) return true;
  hearing.consult(hearing.stock.version(channel));
  hearing.object(Outcome::channel_unknown, {}, {}, inactive_channel);
  return false;
}

bool resolve_lines(Hearing& hearing, std::span<const LineRequest> lines) {
  if (lines.empty()) {
    hearing.object_to_shape(Quantity(), Quantity());
    return false;
  }
  if (lines.size() > claim_lines_max) {
    hearing.object(Outcome::limit_exceeded, Quantity(static_cast<std::int64_t>(lines.size())), {},
                   Quantity(claim_lines_max));
    return false;
  }
  Scratch& scratch = hearing.out.scratch;
  for (const LineRequest& line : lines) {
    resolve_line(hearing, line, scratch.trials.emplace_back());
  }
  return true;
}

void object_for_lines(Hearing& hearing, std::span<const LineRequest> lines, bool partial) {
  const Scratch& scratch = hearing.out.scratch;
  const bool none_taken = scratch.picks.empty();
  for (std::size_t index = 0; index < scratch.trials.size(); ++index) {
    const Trial& trial = scratch.trials[index];
    if (!is_refusal(trial.outcome)) continue;
    const bool is_short =
        trial.outcome == Outcome::short_of_stock || trial.outcome == Outcome::contended;
    if (is_short && partial && !none_taken) continue;
    const Quantity limit =
        trial.outcome == Outcome::quantity_invalid ? Quantity::max() : Quantity();
    hearing.object(trial.outcome, lines[index].quantity, trial.available, limit);
  }
}

void source_lines(Hearing& hearing, ChannelId channel, std::span<const LineRequest> lines,
                  bool partial) {
  Scratch& scratch = hearing.out.scratch;
  const Quantity wanted_by_all = sum_of(hearing, lines);
  Sourcing sourcing(hearing, channel);
  for (Trial& trial : scratch.trials) sourcing.check_place(trial);
  const bool one_line = lines.size() == 1;
  for (int rank = one_line ? 0 : 3; rank >= 0 && !wanted_by_all.is_zero(); --rank) {
    for (std::uint32_t index = 0; index < lines.size(); ++index) {
      if (is_refusal(scratch.trials[index].outcome)) continue;
      if (!one_line && particularity(lines[index]) != rank) continue;
      sourcing.source(index, lines[index].quantity, wanted_by_all, partial);
    }
  }
  object_for_lines(hearing, lines, partial);
  if (scratch.picks.size() > claim_parts_max) {
    hearing.object(Outcome::limit_exceeded,
                   Quantity(static_cast<std::int64_t>(scratch.picks.size())), {},
                   Quantity(claim_parts_max));
  }
  if (!std::ranges::is_sorted(scratch.picks, {}, &Pick::request)) {
    std::ranges::stable_sort(scratch.picks, {}, &Pick::request);
  }
}

Quantity free_units(Hearing& hearing, ChannelId channel, const Trial& trial) {
  return Sourcing(hearing, channel).free_over(trial);
}

Quantity held_by_transactions(Hearing& hearing, ItemId item, std::span<const LocationId> locations,
                              LotId lot) {
  const Stock& stock = hearing.stock;
  Quantity sum;
  for (const std::uint32_t row : stock.provisional_claims()) {
    const std::uint32_t lines = stock.head(ClaimRef{row}).line_count;
    hearing.out.work += lines;
    for (std::uint32_t number = 1; number <= lines; ++number) {
      const ClaimLine line = stock.line(ClaimRef{row}, number);
      const bool is_there = line.level.item == item &&
                            std::ranges::find(locations, line.level.location) != locations.end() &&
                            (lot == LotId() || lot == line.level.lot);
      if (is_there) sum = saturated(sum + line.quantities.held);
    }
  }
  return sum;
}

Outcome outcome_of_shortage(Hearing& hearing, const LevelKey& level, Quantity wanted,
                            Quantity free) {
  const Quantity held =
      held_by_transactions(hearing, level.item, std::span(&level.location, 1), level.lot);
  return free + held >= wanted ? Outcome::contended : Outcome::short_of_stock;
}

void answer_refused_lines(Hearing& hearing, std::span<const LineRequest> lines) {
  const Scratch& scratch = hearing.out.scratch;
  for (std::size_t index = 0; index < scratch.trials.size(); ++index) {
    answer_nothing(hearing, lines[index], scratch.trials[index]);
  }
}

void answer_nothing(Hearing& hearing, const LineRequest& request, const Trial& trial) {
  AnswerLine& line = hearing.answer.add_line(request.sku, request.location, request.lot);
  line.outcome = trial.outcome;
  line.requested = request.quantity;
  line.available = trial.available;
}

void answer_pick(Hearing& hearing, const LineRequest& request, const Pick& pick,
                 std::uint32_t number) {
  const Stock& stock = hearing.stock;
  const Scratch& scratch = hearing.out.scratch;
  AnswerLine& line = hearing.answer.add_line(request.sku, stock.location(pick.key.location).code,
                                             stock.lot_name(pick.key.lot));
  line.line = number;
  line.outcome = scratch.trials[pick.request].outcome;
  line.requested = request.quantity;
  line.granted = pick.units;
  line.available = left_in(stock, scratch, pick.level);
}

Outcome outcome_of_grant(const Scratch& scratch) {
  for (const Trial& trial : scratch.trials) {
    if (trial.outcome != Outcome::granted) return Outcome::partially_granted;
  }
  return Outcome::granted;
}

}  // namespace holdfast
