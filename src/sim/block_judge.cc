// Nothing here looks at what a statement was decided on: others may have come between it and
// COMMIT. That the whole is lawful where it stands, Shadow checks.
#include "sim/block_judge.h"

#include <algorithm>
#include <map>

namespace holdfast {
namespace {

// One statement of the block.
struct Promise {
  const AuditedOperation& audited;
  const Reply& reply;

  [[nodiscard]] std::vector<const ShadowGroup*> effects() const {
    std::vector<const ShadowGroup*> out;
    for (const ShadowGroup& group : audited.groups) {
      if (group.moved_or_defined && !group.is_provisional) out.push_back(&group);
    }
    return out;
  }
  // Whether there must be one; an amendment in part may leave a claim as it is.
  [[nodiscard]] bool is_of_effect() const {
    return !is_read(audited.operation.verb) && !is_refusal(reply.outcome) &&
           reply.outcome != Outcome::already;
  }
  [[nodiscard]] bool may_be_nothing() const {
    return audited.operation.verb == Verb::amend && reply.outcome == Outcome::partially_granted;
  }
};

class BlockJudge {
 public:
  BlockJudge(const Auditor& auditor, const AuditedBlock& block, Verdict& verdict)
      : auditor_(auditor), block_(block), verdict_(verdict) {
    for (const std::size_t number : block.attempts) {
      const Attempt& attempt = auditor.attempt(number);
      promises_.push_back(
          {.audited = auditor.operation(attempt.operation), .reply = attempt.reply});
    }
  }

  [[nodiscard]] bool has_effects() const {
    return std::ranges::any_of(promises_,
                               [](const Promise& promise) { return !promise.effects().empty(); });
  }

  // Every promise once, one behind the other, at one moment.
  void judge_kept() const {
    const ShadowGroup* before = nullptr;
    for (const Promise& promise : promises_) {
      const auto effects = promise.effects();
      if (effects.size() > 1 || (!promise.is_of_effect() && !effects.empty())) {
        return wrong(promise, "it took effect {} times", effects.size());
      }
      if (!promise.is_of_effect()) continue;
      if (effects.empty()) {
        if (promise.may_be_nothing()) continue;
        return wrong(promise, "its block was committed without it");
      }
      const ShadowGroup& group = *effects.front();
      if (before != nullptr && (before->last.next() != group.first || before->at != group.at)) {
        return wrong(promise, "it stands at seq {}, the statement before it ended at {}",
                     group.first.value(), before->last.value());
      }
      before = &group;
      if (promise.audited.operation.verb == Verb::claim) judge_claim(promise, group);
    }
  }

  // SERIALIZABLE: what was read is so where the block stands, behind its own changes before it and
  // nobody else's. Returns how many rows that were.
  std::size_t judge_reads() const {
    const auto first = std::ranges::find_if(
        promises_, [](const Promise& promise) { return !promise.effects().empty(); });
    if (first == promises_.end()) return 0;
    std::size_t rows = 0;
    Seq place(first->effects().front()->first.value() - 1);
    for (const Promise& promise : promises_) {
      if (const auto effects = promise.effects(); !effects.empty()) place = effects.front()->last;
      for (const SeenLevel& seen : promise.reply.levels) judge_level(promise, seen, place);
      for (const SeenClaim& seen : promise.reply.claims) judge_claim_row(promise, seen, place);
      rows += promise.reply.levels.size() + promise.reply.claims.size();
    }
    return rows;
  }

  void judge_not_kept() const {
    for (const Promise& promise : promises_) {
      if (!promise.effects().empty()) wrong(promise, "it took effect without its block");
    }
  }

 private:
  void judge_level(const Promise& promise, const SeenLevel& seen, Seq place) const {
    const Shadow& shadow = auditor_.shadow();
    const LevelKey key{shadow.item(seen.sku, place), shadow.location(seen.location, place), {}};
    const Quantities there = shadow.level(key, place).quantities;
    if (there == seen.quantities) return;
    wrong(promise, "{} at {} has {} available where its block stands, seq {}", seen.sku,
          seen.location, there[Term::available].units(), place.value());
  }

  void judge_claim_row(const Promise& promise, const SeenClaim& seen, Seq place) const {
    const ShadowClaim* claim = auditor_.shadow().claim(seen.claim, place);
    const bool exists = claim != nullptr && !claim->provisional && !claim->undone;
    if (exists == seen.exists && (!exists || state_of(claim->sum()) == seen.state)) return;
    wrong(promise, "claim {} is another one where its block stands, seq {}", seen.claim.text(),
          place.value());
  }

  // Nobody else knows the claim before its group, and it has what was granted.
  void judge_claim(const Promise& promise, const ShadowGroup& group) const {
    const Shadow& shadow = auditor_.shadow();
    const ShadowClaim* claim = shadow.claim(promise.reply.claim, group.last);
    if (claim == nullptr || claim->provisional || group.opened != promise.reply.claim) {
      return wrong(promise, "its group is that of claim {}", group.opened.text());
    }
    if (promise.reply.state && *promise.reply.state != state_of(claim->sum())) {
      return wrong(promise, "the claim is {} then", name_of(state_of(claim->sum())));
    }
    if (promise.reply.expires_at && *promise.reply.expires_at != claim->expires_at) {
      return wrong(promise, "it ends at {} µs", claim->expires_at.us());
    }
    if (promise.reply.outcome != Outcome::granted) return;
    std::map<ItemId, Quantity> missing;
    for (const OperationLine& line : promise.audited.operation.lines) {
      missing[shadow.item(line.sku, group.last)] += Quantity(line.quantity);
    }
    for (const ShadowLine& line : claim->lines) {
      missing[line.level.item] -= line.quantities.granted();
    }
    for (const auto& [item, units] : missing) {
      if (!units.is_zero())
        wrong(promise, "{} units of item {} differ", units.units(), item.value());
    }
  }

  template <class... Args>
  void wrong(const Promise& promise, fmt::format_string<Args...> format, Args&&... args) const {
    verdict_.wrong("{}\n  was answered {} in a block that ended {}\n  {}",
                   promise.audited.operation.text(), promise.reply.text(), name_of(block_.end),
                   fmt::format(format, std::forward<Args>(args)...));
  }

  const Auditor& auditor_;
  const AuditedBlock& block_;
  Verdict& verdict_;
  std::vector<Promise> promises_;
};

}  // namespace

void judge_block(const Auditor& auditor, const AuditedBlock& block, Verdict& verdict,
                 Probes& probes) {
  const BlockJudge judge(auditor, block, verdict);
  const bool has_effects = judge.has_effects();
  switch (block.end) {
    case BlockEnd::open:
      return;
    case BlockEnd::committed:
      if (has_effects) probes.hit(Probe::block_committed);
      if (block.is_serializable && judge.judge_reads() > 0) probes.hit(Probe::block_read_validated);
      return judge.judge_kept();
    case BlockEnd::conflicted:
      probes.hit(Probe::block_conflicted);
      return judge.judge_not_kept();
    case BlockEnd::undone:
      probes.hit(Probe::block_undone);
      return judge.judge_not_kept();
    case BlockEnd::unknown:
      probes.hit(has_effects ? Probe::block_unknown_done : Probe::block_unknown_undone);
      return has_effects ? judge.judge_kept() : judge.judge_not_kept();
  }
}

}  // namespace holdfast
