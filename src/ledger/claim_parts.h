// What the operations on an existing claim share: finding it, choosing units of its lines, moving
// them, and the answer.
#pragma once

#include <functional>

#include "ledger/give_back.h"
#include "ledger/hearing.h"

namespace holdfast {

// A claim that exists, with the sum over its lines as the operation leaves it.
struct OpenClaim {
  ClaimRef ref;
  ClaimHead head;
  LineQuantities sum;
};

// Finds the claim and consults it; objects with claim_unknown.
bool find_claim(Hearing& hearing, const ClaimId& id, OpenClaim& out);

// Why a claim in its present state cannot be changed as asked: claim_expired or wrong_state.
void object_to_state(Hearing& hearing, const OpenClaim& claim);

// Objects to selections that name unknown items or locations, with a line of the answer for each,
// or no countable quantity. State of claims apart.
void check_selections(Hearing& hearing, std::span<const LineSelection> selections);

// Which units of a line an operation may move.
using Eligible = Quantity (*)(const LineQuantities& line);

// Fills scratch.chosen with the units of every line that the selections (none: everything) cover,
// and returns their sum; objects with quantity_invalid to more than the lines have and to what is
// no line of the claim, with a line of the answer for each. What an earlier selection chose is gone
// for later ones.
Quantity choose(Hearing& hearing, const OpenClaim& claim, std::span<const LineSelection> selections,
                Eligible eligible);

// Writes a move of a line of the claim and keeps the sum up to date.
void move_line(Hearing& hearing, OpenClaim& claim, const ClaimLine& line, MoveKind kind,
               const Quantities& delta);

// The answer's line for units of a line that moved.
void answer_moved(Hearing& hearing, const ClaimLine& line, Quantity units);

// Objects to units of a line that are not there; the answer's line says which.
void object_to_line(Hearing& hearing, const ClaimLine& line, Quantity units, Quantity there,
                    Outcome outcome = Outcome::short_of_stock);

// Nothing left to do and nothing wrong with that, if what was selected is there at all.
void answer_already(Hearing& hearing, const OpenClaim& claim,
                    std::span<const LineSelection> selections);

// held → committed for what was chosen; what was not is released with `release_rest`.
void confirm_chosen(Hearing& hearing, OpenClaim& claim, bool release_rest);

// Objects to chosen units that are not there to be shipped; else committed → fulfilled for them.
void check_shippable(Hearing& hearing, const OpenClaim& claim);
void fulfil_chosen(Hearing& hearing, OpenClaim& claim);

// What the ledger does to a claim by itself: all its held units go back, as `kind`; of a
// provisional claim nothing is left.
void take_back(const Stock& stock, ClaimRef claim, Timestamp now, MoveKind kind, Decision& out);

// The claim's part of the answer: id, state, expiry.
void answer_claim_state(Hearing& hearing, const OpenClaim& claim);

// The quantities of a line after a move: the one place that knows which counter the units go to.
[[nodiscard]] LineQuantities line_delta(MoveKind kind, const Quantities& delta);
LineQuantities& operator+=(LineQuantities& sum, const LineQuantities& delta);

}  // namespace holdfast
