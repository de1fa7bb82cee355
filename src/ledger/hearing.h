// A hearing: one command before the law, with everything its operation may look at and the decision
// it writes.
//
// Checks note objections in any order; the one that is first in the order of Outcome's enumerators
// is the answer, the first noted among equals (so checks of lines go in line order). An operation
// writes entries only when nothing was objected, so a refusal changes nothing.
#pragma once

#include <algorithm>
#include <utility>
#include <variant>

#include "ledger/law.h"

namespace holdfast {

class Hearing {
 public:
  Hearing(const Stock& stock_in, const Facts& facts_in, const CommandContext& context_in,
          Timestamp now_in, Decision& out_in, Answer& answer_in)
      : stock(stock_in),
        facts(facts_in),
        context(context_in),
        now(now_in),
        out(out_in),
        answer(answer_in) {}

  const Stock& stock;
  const Facts& facts;
  const CommandContext& context;
  const Timestamp now;
  Decision& out;
  Answer& answer;

  // The answer may not leave before this version is durable.
  void consult(Seq version) { out.gate = std::max(out.gate, version); }
  [[nodiscard]] Quantity consult(LevelRef level, Term term) {
    ++out.work;
    consult(stock.version(level));
    return stock.quantity(level, term);
  }

  void object(Outcome outcome, Quantity requested = {}, Quantity available = {},
              Quantity limit = {}) {
    if (objected_ && answer.outcome <= outcome) return;
    objected_ = true;
    answer.outcome = outcome;
    answer.requested = requested;
    answer.available = available;
    answer.limit = limit;
  }
  // An objection that the command alone explains, whatever the state: it burns no key.
  void object_to_shape(Quantity requested, Quantity limit) {
    misshapen_ = true;
    object(Outcome::quantity_invalid, requested, {}, limit);
  }
  [[nodiscard]] bool objected() const { return objected_; }
  // The answer is remembered under the command's request_id. Not when the command alone, or a
  // transaction that may yet be undone, is the reason.
  [[nodiscard]] bool is_memorable() const {
    return !(misshapen_ && answer.outcome == Outcome::quantity_invalid) &&
           answer.outcome != Outcome::contended;
  }

  // One more entry, to be filled in where it stays.
  template <class T>
  T& write() {
    return *std::get_if<T>(&out.entries.emplace_back(std::in_place_type<T>));
  }
  template <class T>
  void write(const T& entry) {
    out.entries.emplace_back(std::in_place_type<T>, entry);
  }

 private:
  bool objected_ = false;
  bool misshapen_ = false;
};

inline constexpr Quantity zero;

constexpr bool is_countable(Quantity units) { return units > zero && units <= Quantity::max(); }

// What a group says once, from its command.
void set_context(Decision& out, const CommandContext& context, Timestamp now);

// The operations. Each leaves an answer and entries, or an objection and no entries.
void decide_body(Hearing& hearing, const DefineItem& body);
void decide_body(Hearing& hearing, const DefineLocation& body);
void decide_body(Hearing& hearing, const DefineChannel& body);
void decide_body(Hearing& hearing, const Receive& body);
void decide_body(Hearing& hearing, const Adjust& body);
void decide_body(Hearing& hearing, const Sale& body);
void decide_body(Hearing& hearing, const SetLevel& body);
void decide_body(Hearing& hearing, const ClaimUnits& body);
void decide_body(Hearing& hearing, const Extend& body);
void decide_body(Hearing& hearing, const Confirm& body);
void decide_body(Hearing& hearing, const Amend& body);
void decide_body(Hearing& hearing, const Release& body);
void decide_body(Hearing& hearing, const Cancel& body);
void decide_body(Hearing& hearing, const Fulfil& body);

}  // namespace holdfast
