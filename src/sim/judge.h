// Judge: was one answer right, given what the journal says? It asks the Shadow how things stood at
// the answer's place in the order. It knows the domain's rules, not how `decide` goes about them:
// where a rule leaves freedom (which location a sourced line is taken from), any lawful choice is
// right.
//
// The place of an answer
//   with a group: just before its first entry for what was decided on, just behind its last for
//   what was done.
//   without: the highest seq it consulted, or what was known when it was sent, whichever is later.
//   What it consulted has not changed in between, so any lawful place gives the same verdict.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "sim/probes.h"
#include "sim/shadow.h"
#include "sim/verdict.h"

namespace holdfast {

struct Attempt;
struct AuditedOperation;
struct Reply;
struct Operation;
struct OperationLine;

class Judge {
 public:
  Judge(const Shadow& shadow, Verdict& verdict, Probes& probes)
      : shadow_(shadow), verdict_(verdict), probes_(probes) {}

  // REQUIRES: the attempt is answered without error, the journal is read up to its seq.
  void judge(const AuditedOperation& audited, const Attempt& attempt) const;

 private:
  struct Case {  // what is judged
    const AuditedOperation& audited;
    const Attempt& attempt;
    const Operation& operation;
    const Reply& reply;
    const ShadowGroup* group;  // that the answer stands for, if any
  };

  void judge_read(const Case& of) const;
  void judge_command(const Case& of) const;
  void judge_replay(const Case& of) const;
  void judge_refusal(const Case& of) const;
  void judge_effect(const Case& of) const;
  void judge_claim(const Case& of) const;
  void judge_claim_line_totals(const Case& of) const;
  void judge_confirm(const Case& of) const;
  void judge_amend(const Case& of) const;
  void judge_fact(const Case& of) const;
  [[nodiscard]] bool refusal_is_right(const Case& of, Seq at) const;
  [[nodiscard]] bool is_short(const Operation& operation, Seq at) const;
  [[nodiscard]] bool is_contended(const Operation& operation, Seq at) const;
  [[nodiscard]] bool lines_are_short(const Operation& operation, ChannelId channel,
                                     const ShadowClaim* own, Seq at) const;
  [[nodiscard]] bool only_the_sum_is_short(const Case& of) const;
  [[nodiscard]] const ShadowClaim* claim_of_all(const ClaimId& id, Seq at) const;
  [[nodiscard]] ChannelId channel_of(const Operation& operation, Seq at) const;
  [[nodiscard]] Quantity on_hand(const Operation& operation, Seq at) const;
  [[nodiscard]] Quantity available(ItemId item, LocationId location, Seq at) const;
  [[nodiscard]] Quantity salable(ItemId item, ChannelId channel, Seq at) const;
  void count(const Case& of) const;
  template <class... Args>
  void wrong(const Case& of, fmt::format_string<Args...> format, Args&&... args) const;

  const Shadow& shadow_;
  Verdict& verdict_;
  Probes& probes_;
};

}  // namespace holdfast
