// The order of findings matters less than that the first one is printed with its numbers.
#include "sim/auditor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "journal/file_journal.h"
#include "sim/block_judge.h"
#include "sim/judge.h"

namespace holdfast {
namespace {

bool was_not_executed(ErrorCode code) { return code != ErrorCode::unknown_result; }

// The errors that an operation in good form may meet.
bool may_meet(ErrorCode code) {
  return code == ErrorCode::overloaded || code == ErrorCode::shutting_down ||
         code == ErrorCode::disk_full || code == ErrorCode::unknown_result;
}
// … and a statement of a transaction.
bool may_meet_in_block(ErrorCode code) {
  return may_meet(code) || code == ErrorCode::serialization_failure;
}

}  // namespace

std::string_view name_of(BlockEnd end) {
  constexpr std::array<std::string_view, 5> names = {"open", "committed", "conflicted", "undone",
                                                     "unknown"};
  return names[static_cast<std::size_t>(end)];
}

std::size_t Auditor::sent(const Operation& operation, std::optional<std::size_t> block) {
  const auto [known, is_new] = by_number_.try_emplace(operation.number, operations_.size());
  if (is_new) {
    by_reference_[operation.reference] = operations_.size();
    if (!operation.request_id.empty()) keyed_.push_back(operations_.size());
    operations_.push_back({.operation = operation, .attempts = {}, .groups = {}});
  }
  AuditedOperation& audited = operations_[known->second];
  Attempt attempt{.operation = known->second, .floor = revealed_, .block = block};
  attempt.after = std::ranges::any_of(audited.attempts, [&](std::size_t earlier) {
    return attempts_[earlier].state == Attempt::State::answered;
  });
  audited.attempts.push_back(attempts_.size());
  if (block) blocks_[*block].attempts.push_back(attempts_.size());
  attempts_.push_back(std::move(attempt));
  return attempts_.size() - 1;
}

void Auditor::answered(std::size_t number, Reply reply, Seq durable, bool shows_gate) {
  Attempt& attempt = attempts_[number];
  const Operation& operation = operations_[attempt.operation].operation;
  if (attempt.state != Attempt::State::under_way) {
    verdict_.wrong("{} is answered twice", operation.text());
    return;
  }
  attempt.ceiling = durable;
  attempt.shows_gate = shows_gate;
  attempt.reply = std::move(reply);
  if (attempt.block) return answered_in_block(number);
  if (attempt.reply.error.has_value()) {
    const ErrorCode code = *attempt.reply.error;
    attempt.state = was_not_executed(code) ? Attempt::State::not_executed : Attempt::State::unknown;
    if (code == ErrorCode::unknown_result) probes_.hit(Probe::unknown_answered);
    if (operation.verb == Verb::malformed) {
      probes_.hit(Probe::malformed_refused);
    } else if (!may_meet(code)) {
      verdict_.wrong("{} fails: {}", operation.text(), attempt.reply.message);
    }
    return;
  }
  if (operation.verb == Verb::malformed) {
    verdict_.wrong("{} was let in: {}", operation.text(), attempt.reply.text());
  }
  attempt.state = Attempt::State::answered;
  reveal(attempt.reply, durable);
  pending_.push_back(number);
}

// A promise: what it shows need not be durable, nor be ever.
void Auditor::answered_in_block(std::size_t number) {
  Attempt& attempt = attempts_[number];
  const auto& error = attempt.reply.error;
  attempt.state = error ? Attempt::State::not_executed : Attempt::State::answered;
  if (!error) return;
  std::erase(blocks_[*attempt.block].attempts, number);
  if (may_meet_in_block(*error)) return;
  verdict_.wrong("{} fails in a block: {}", operations_[attempt.operation].operation.text(),
                 attempt.reply.message);
}

std::size_t Auditor::block_begun(bool is_serializable) {
  blocks_.emplace_back().is_serializable = is_serializable;
  return blocks_.size() - 1;
}

void Auditor::block_rolled_back_to(std::size_t block, std::size_t count) {
  auto& attempts = blocks_[block].attempts;
  for (; attempts.size() > count; attempts.pop_back()) {
    attempts_[attempts.back()].state = Attempt::State::not_executed;
  }
  probes_.hit(Probe::block_rolled_back_to);
}

void Auditor::block_ended(std::size_t block, BlockEnd end) {
  blocks_[block].end = end;
  pending_blocks_.push_back(block);
  if (end == BlockEnd::committed || end == BlockEnd::unknown) return;
  for (const std::size_t attempt : blocks_[block].attempts) {
    attempts_[attempt].state = Attempt::State::not_executed;
  }
}

void Auditor::lost(std::size_t attempt) {
  if (attempts_[attempt].state == Attempt::State::under_way) {
    attempts_[attempt].state = Attempt::State::unknown;
  }
}

// Promise 2: nothing that an answer shows may still be lost.
void Auditor::reveal(const Reply& reply, Seq durable) {
  Seq shown = reply.seq;
  for (const SeenLevel& level : reply.levels) shown = std::max(shown, level.version);
  for (const SeenClaim& claim : reply.claims) shown = std::max(shown, claim.version);
  if (shown > durable) {
    verdict_.wrong("an answer shows seq {} while only {} is durable: {}", shown.value(),
                   durable.value(), reply.text());
  }
  revealed_ = std::max(revealed_, shown);
}

void Auditor::recovered(Seq recovered) {
  if (recovered < revealed_) {
    verdict_.wrong("seq {} was shown to a client, but the ledger recovered only up to {}",
                   revealed_.value(), recovered.value());
  }
  if (recovered < shadow_.last()) {
    verdict_.wrong("seq {} was durable in the journal, but the ledger recovered only up to {}",
                   shadow_.last().value(), recovered.value());
  }
}

Status Auditor::read_journal(Directory& disk, Seq durable) {
  const auto report = read_file_journal(
      disk, JournalPosition{},
      [&](const BatchHeader& header, ByteSpan payload) { return visit(header, payload, durable); },
      [](std::uint64_t, std::uint64_t) {});
  if (!report.has_value()) return fail(report.error());
  if (shadow_.last() < durable) {
    verdict_.wrong("seq {} is durable, the journal on disk ends at {}", durable.value(),
                   shadow_.last().value());
  }
  judge_pending();
  return {};
}

Status Auditor::visit(const BatchHeader& header, ByteSpan payload, Seq durable) {
  if (header.info.last < header.info.first || header.info.last > durable) return {};
  if (header.info.last <= shadow_.last()) {
    const auto known = batches_.find(header.info.last);
    if (known == batches_.end() || known->second != header.hash) {
      verdict_.wrong("the batch that ends at seq {} was replaced by another",
                     header.info.last.value());
    }
    return {};
  }
  batches_[header.info.last] = header.hash;
  shadow_.begin_batch(header);
  ByteReader in(payload);
  DecodedGroup group;
  Seq first = header.info.first;
  while (!in.at_end()) {
    group.clear();
    if (!decode_group(in, group) || group.entries.empty()) {
      verdict_.wrong("the batch of seq {} holds no whole groups", header.info.first.value());
      return {};
    }
    ShadowGroup summary = shadow_.apply(header, group, first);
    first = summary.last.next();
    file(std::move(summary));
  }
  if (first != header.info.last.next()) {
    verdict_.wrong("the batch of seq {} ends at {}, not at {}", header.info.first.value(),
                   first.value() - 1, header.info.last.value());
  }
  return {};
}

// A group names its operation. Invariant 6: at most one that had an effect; 12: none for what was
// never let in.
void Auditor::file(ShadowGroup group) {
  if (group.actor == system_actor) return;
  const auto found = by_reference_.find(group.reference);
  if (found == by_reference_.end()) {
    verdict_.wrong("seq {} names {}, which nobody sent", group.last.value(), group.reference);
    return;
  }
  AuditedOperation& audited = operations_[found->second];
  const auto has_effect = [](const ShadowGroup& one) {
    return one.moved_or_defined && !one.is_provisional;
  };
  if (has_effect(group) && std::ranges::any_of(audited.groups, has_effect)) {
    verdict_.wrong("{} took effect twice, the second time at seq {}", audited.operation.text(),
                   group.last.value());
  }
  const bool may_exist = std::ranges::any_of(audited.attempts, [&](std::size_t number) {
    return attempts_[number].state != Attempt::State::not_executed;
  });
  if ((!may_exist && !group.is_provisional) || is_read(audited.operation.verb) ||
      audited.operation.verb == Verb::malformed) {
    verdict_.wrong("{} was not executed, yet seq {} is its", audited.operation.text(),
                   group.last.value());
  }
  if (audited.operation.request_id != group.request_id) {
    verdict_.wrong("seq {} carries request_id {}, {} was sent", group.last.value(),
                   group.request_id, audited.operation.request_id);
  }
  audited.groups.push_back(std::move(group));
}

void Auditor::judge_pending() {
  const Judge judge(shadow_, verdict_, probes_);
  for (const std::size_t number : pending_) {
    Attempt& attempt = attempts_[number];
    judge.judge(operations_[attempt.operation], attempt);
    // Judged once, its rows are of no more use.
    attempt.reply.levels.clear();
    attempt.reply.claims.clear();
  }
  pending_.clear();
  for (const std::size_t block : pending_blocks_) {
    judge_block(*this, blocks_[block], verdict_, probes_);
  }
  pending_blocks_.clear();
}

// Invariants 1, 2 and 3 on the state itself.
void Auditor::check_state(const Stock& stock) {
  struct Open {
    Quantity held, committed, backordered;
  };
  std::vector<Open> open(stock.level_count() + 1);
  for (std::uint32_t row = 1; row <= stock.claim_count(); ++row) {
    const ClaimHead head = stock.head(ClaimRef{row});
    for (std::uint32_t number = 1; number <= head.line_count; ++number) {
      const ClaimLine line = stock.line(ClaimRef{row}, number);
      if (line.quantities.open().is_zero()) continue;
      Open& sum = open[stock.find_level(line.level).row];
      sum.held += line.quantities.held;
      sum.committed += line.quantities.committed;
      sum.backordered += line.quantities.backordered;
    }
  }
  for (std::uint32_t row = 1; row <= stock.level_count(); ++row) {
    const Quantities quantities = stock.level(LevelRef{row}).quantities;
    if (!quantities.valid() || !quantities.balanced()) {
      verdict_.wrong("level {} breaks the equation: available {}", row,
                     quantities[Term::available].units());
    }
    if (open[row].held != quantities[Term::held] ||
        open[row].committed != quantities[Term::committed] ||
        open[row].backordered != quantities[Term::backordered]) {
      verdict_.wrong("level {} holds {} and promises {}, its claims' lines say {} and {}", row,
                     quantities[Term::held].units(), quantities[Term::committed].units(),
                     open[row].held.units(), open[row].committed.units());
    }
  }
  if (stock.digest() != stock.recomputed_digest()) {
    verdict_.wrong("the digest {:016x} is not that of the rows, {:016x}", stock.digest(),
                   stock.recomputed_digest());
  }
}

// Invariant 2, when everything in the state is durable and read.
void Auditor::compare_with_shadow(const Stock& stock) {
  if (shadow_.levels().size() != stock.level_count()) {
    verdict_.wrong("the entries make {} levels, the state has {}", shadow_.levels().size(),
                   stock.level_count());
  }
  for (const auto& [key, history] : shadow_.levels()) {
    const LevelRef level = stock.find_level(key);
    if (!level.exists() || !(stock.level(level).quantities == history.rbegin()->second)) {
      verdict_.wrong("item {} at location {} differs from the sum of its entries", key.item.value(),
                     key.location.value());
    }
  }
  for (const auto& [id, history] : shadow_.claims()) {
    const ClaimRef claim = stock.find_claim(id);
    const ShadowClaim& expected = history.rbegin()->second;
    if (expected.undone) {
      if (claim.exists()) verdict_.wrong("claim {} was undone and is there", id.text());
      continue;
    }
    if (!claim.exists() || !(stock.sum(claim) == expected.sum()) ||
        stock.head(claim).expires_at != expected.expires_at) {
      verdict_.wrong("claim {} differs from its entries", id.text());
    }
  }
}

// Invariant 5: in a turn at `now`, whatever it answers.
void Auditor::check_nothing_due(const Stock& stock, Timestamp now) {
  for (std::uint32_t row = 1; row <= stock.claim_count(); ++row) {
    const ClaimHead head = stock.head(ClaimRef{row});
    if (head.expires_at > now || stock.sum(ClaimRef{row}).held.is_zero()) continue;
    verdict_.wrong("at {} µs claim {} is held beyond its end at {} µs", now.us(), head.id.text(),
                   head.expires_at.us());
  }
}

}  // namespace holdfast
