// Sourcing: from which levels the lines of a claim or an amendment are taken.
//
//   explicit location   the line's own, one of the channel's active locations
//   no location         the first in the channel's order that covers the line, else split in order
//   untracked item      always found: backordered at the explicit or first location
//
// Demand is summed per level over the command. Lines that can be served at fewer levels choose
// first (location and lot, then location, then lot, then neither), so a sourced line never starves
// an explicit one it could have avoided.
#pragma once

#include "ledger/hearing.h"

namespace holdfast {

// Objects to a channel that does not sell.
bool check_channel(Hearing& hearing, ChannelId channel);

// Looks up the names and checks the shape of each line: one Trial per line. False: nothing to
// source.
bool resolve_lines(Hearing& hearing, std::span<const LineRequest> lines);

// Finds units for the resolved lines: picks in line order, and each trial's outcome, taken and
// available. Units that scratch.taken holds as negative are free to this command. Objects for the
// first failing line; with `partial` a line takes what there is, and only a command that takes
// nothing at all is short_of_stock.
void source_lines(Hearing& hearing, ChannelId channel, std::span<const LineRequest> lines,
                  bool partial);

// Objects for the refused trials, in the order of their lines. Short lines of a partial command are
// no objection unless nothing was taken for any.
void object_for_lines(Hearing& hearing, std::span<const LineRequest> lines, bool partial);

// What is free over the locations of a line, after everything taken. Saturates.
Quantity free_units(Hearing& hearing, ChannelId channel, const Trial& trial);

// What transactions under way hold of the item at the locations (of the lot, if any): it may come
// back.
Quantity held_by_transactions(Hearing& hearing, ItemId item, std::span<const LocationId> locations,
                              LotId lot);
// Why `wanted` units cannot be had there when so many are free: short_of_stock, or contended.
Outcome outcome_of_shortage(Hearing& hearing, const LevelKey& level, Quantity wanted,
                            Quantity free);

// The refused command's answer: every line with its own outcome and numbers.
void answer_refused_lines(Hearing& hearing, std::span<const LineRequest> lines);

// The answer's line for a pick, taken into the claim's line `number`.
void answer_pick(Hearing& hearing, const LineRequest& request, const Pick& pick,
                 std::uint32_t number);
// … and for a line for which nothing was taken.
void answer_nothing(Hearing& hearing, const LineRequest& request, const Trial& trial);

// The granted command's answer, in the order of its lines. number_of(pick): the claim's line it
// went into.
template <class NumberOf>
void answer_lines(Hearing& hearing, std::span<const LineRequest> lines, NumberOf&& number_of) {
  const Scratch& scratch = hearing.out.scratch;
  auto pick = scratch.picks.begin();
  for (std::uint32_t index = 0; index < lines.size(); ++index) {
    if (scratch.trials[index].taken.is_zero()) {
      answer_nothing(hearing, lines[index], scratch.trials[index]);
    }
    for (; pick != scratch.picks.end() && pick->request == index; ++pick) {
      answer_pick(hearing, lines[index], *pick, number_of(*pick));
    }
  }
}

// granted, or partially_granted when a line got less than it asked for.
Outcome outcome_of_grant(const Scratch& scratch);

}  // namespace holdfast
