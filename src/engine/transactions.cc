// Everything before a statement is attempted on the state, the statement is decided or reads, and
// the attempt is undone: so a transaction sees itself as COMMIT would leave it, by the code of
// COMMIT. Only what claims hold stays.
#include "engine/transactions.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "ledger/transaction.h"

namespace holdfast {
namespace {

Error error(ErrorCode code, std::string message, std::string hint = {}) {
  return {.code = code, .message = std::move(message), .detail = {}, .hint = std::move(hint)};
}

tl::unexpected<Error> conflict(std::string detail) {
  Error out = error(ErrorCode::serialization_failure,
                    "the transaction cannot be committed: what it rests on has changed",
                    "Nothing of it took effect. Run the transaction again.");
  out.detail = std::move(detail);
  return fail(std::move(out));
}

tl::unexpected<Error> too_large() {
  return fail(error(
      ErrorCode::limit_exceeded,
      fmt::format("the entries of a transaction, with the keys of the reads that COMMIT validates, "
                  "must be at most {} bytes",
                  transaction_bytes_max),
      "Commit more often."));
}

tl::unexpected<Error> too_much_work() {
  return fail(error(ErrorCode::limit_exceeded,
                    fmt::format("a statement of a transaction, with all that came before it, must "
                                "look at at most {} levels, lines and rows",
                                transaction_work_max),
                    "Commit more often."));
}

// What was done; if not exact, apart from numbers that others may change before COMMIT and from
// times.
std::uint64_t effect_of(const Answer& answer, ByteWriter& scratch, bool exact = false) {
  scratch.clear();
  if (exact) {
    scratch.svarint(answer.available.units());
    scratch.svarint(answer.expires_at.us());
  }
  scratch.fixed(static_cast<std::uint8_t>(answer.outcome));
  scratch.fixed(static_cast<std::uint8_t>(answer.state));
  scratch.raw(std::as_bytes(std::span(answer.claim.bytes)));
  for (const AnswerLine& line : answer.lines) {
    scratch.varint(line.line);
    scratch.text(answer.sku_of(line));
    scratch.text(answer.location_of(line));
    scratch.text(answer.lot_of(line));
    scratch.fixed(static_cast<std::uint8_t>(line.outcome));
    scratch.svarint(line.granted.units());
    if (exact) scratch.svarint(line.available.units());
  }
  return hash64(scratch.bytes());
}

// Nothing may be held before it takes effect, at COMMIT: it takes units then and must find them, or
// says how others are taken.
bool bars_holds(const CommandBody& body) {
  if (std::holds_alternative<DefineItem>(body) || std::holds_alternative<DefineLocation>(body) ||
      std::holds_alternative<DefineChannel>(body)) {
    return true;
  }
  if (const auto* adjust = std::get_if<Adjust>(&body)) return adjust->delta < Quantity();
  if (const auto* confirm = std::get_if<Confirm>(&body)) {
    return confirm->if_expired == IfExpired::reclaim;
  }
  return std::holds_alternative<ClaimUnits>(body) || std::holds_alternative<Sale>(body) ||
         std::holds_alternative<Amend>(body) || std::holds_alternative<SetLevel>(body);
}

std::string encoded(const Answer& answer) {
  ByteWriter out;
  answer.encode(out);
  return std::string(as_text(out.bytes()));
}

}  // namespace

Error failed_transaction() {
  return error(ErrorCode::failed_transaction,
               "current transaction is aborted, commands ignored until end of transaction block");
}

Served Transactions::serve(const NextRequest& next, Timestamp now, bool has_space) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  work_ = 1;
  committed_ = batch_.live();
  Served out;
  out.status = serve_now(next, now, has_space);
  const bool is_command = request.kind == Request::Kind::command;
  if (out.status && is_command && is_refusal(request.answer.outcome)) {
    out.is_failure = request.fails_by_refusal();
  }
  if (!out.status || out.is_failure) transaction.fail();
  if (request.kind == Request::Kind::transact && request.verb == TransactionVerb::commit) {
    out.gate = transaction.gate_;
  }
  out.work = work_;
  return out;
}

Status Transactions::serve_now(const NextRequest& next, Timestamp now, bool has_space) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  if (request.kind == Request::Kind::transact) return operate(request, now, has_space);
  if (transaction.has_failed()) {
    return fail(failed_transaction());
  }
  TRY(renew(transaction, now));
  if (request.kind == Request::Kind::read) return read(request, now);
  if (!has_space && request.request_class != RequestClass::freeing) return fail(no_space());
  TRY(command(next, now));
  const bool looks = request.reads_behind && !is_refusal(request.answer.outcome);
  return looks ? read(request, now) : Status();
}

// A statement that changes something: what it would do after all before it.
Status Transactions::command(const NextRequest& next, Timestamp now) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  TRY(check_steps(transaction));
  Step step;
  const bool is_claim = std::holds_alternative<ClaimUnits>(request.command.body);
  const bool is_foreseen = !transaction.steps_.empty() || !is_claim;
  if (is_foreseen) {
    ASSIGN(step.bytes, foresee(next, now));
    step.writes = step.bytes > 0;
  }
  const bool may_hold = is_claim && std::ranges::none_of(transaction.steps_, &Step::bars_holds);
  const bool is_nothing = is_foreseen && !step.writes;  // refused, or done before
  if (may_hold && !is_nothing) hold(next, now, step);
  if (!step.writes && (!request.is_validated || request.answer.replayed)) return {};
  step.command = std::make_unique<OwnedCommand>(request.command);
  if (is_claim) step.claim = step.writes ? request.answer.claim : next.fresh_claim;
  const bool is_held = step.held != Seq();
  step.is_exact = request.is_validated && request.tells_numbers && !is_held;
  step.effect = effect_of(request.answer, scratch_, step.is_exact);
  if (is_held && !request.command.context.request_id.empty()) {
    step.answer = encoded(request.answer);
  }
  step.bars_holds = !is_held && bars_holds(request.command.body);
  const bool says_end = is_claim || std::holds_alternative<Extend>(request.command.body);
  if (!is_held && step.writes && says_end) step.expires_at = request.answer.expires_at;
  step.frees = !step.writes || request.request_class == RequestClass::freeing;
  return add_step(transaction, std::move(step));
}

// Decides the command as it will be at COMMIT. Returns the bytes of its entries.
Result<std::size_t> Transactions::foresee(const NextRequest& next, Timestamp now) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  std::size_t bytes = 0;
  batch_.begin_attempt();
  const Status applied = apply_all(transaction, now);
  if (applied) {
    decide(stock_, {.fresh_claim = next.fresh_claim}, request.command, now, decision_,
           request.answer);
    work_ += decision_.work;
    const std::size_t before = batch_.attempted_bytes();
    const bool changes = !is_refusal(request.answer.outcome) && !decision_.entries.empty();
    if (changes) batch_.write(decision_);
    bytes = batch_.attempted_bytes() - before;
  }
  batch_.undo_attempt();
  TRY(applied);
  rest_on(transaction, decision_.gate);
  request.answer.seq = Seq();  // known when it is committed
  return bytes;
}

// Takes the units of a claim now, if nobody must give them first. The answer is the one that was
// foreseen, or, when nothing was, what is true now.
void Transactions::hold(const NextRequest& next, Timestamp now, Step& step) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  const bool is_foreseen = step.bytes != 0;
  const std::uint64_t foreseen = is_foreseen ? effect_of(request.answer, scratch_) : 0;
  const Facts facts{.fresh_claim = is_foreseen ? request.answer.claim : next.fresh_claim,
                    .lease = now + transaction.lease()};
  decide(stock_, facts, request.command, now, decision_, answer_);
  work_ += decision_.work;
  rest_on(transaction, decision_.gate);
  const bool is_granted = !is_refusal(answer_.outcome) && !decision_.entries.empty();
  const bool is_held =
      is_granted && (!is_foreseen || (effect_of(answer_, scratch_) == foreseen &&
                                      answer_.expires_at == request.answer.expires_at));
  if (is_held || !is_foreseen) std::swap(request.answer, answer_);
  request.answer.seq = Seq();
  if (!is_held) return;
  step.writes = true;
  const std::size_t before = batch_.size();
  batch_.write(decision_);
  step.bytes = batch_.size() - before;
  step.held = stock_.head(stock_.find_claim(request.answer.claim)).opened;
  const Timestamp end = request.answer.expires_at;
  step.expires_at = end.is_set() ? end : Timestamp::never();
  transaction.lease_end_ = std::min(transaction.lease_end_, facts.lease);
}

Status Transactions::check_steps(const Transaction& transaction) {
  if (transaction.steps_.size() < transaction_steps_max) return {};
  return fail(
      error(ErrorCode::limit_exceeded,
            fmt::format("a transaction must have at most {} statements or rows of COPY that "
                        "change something, or that COMMIT validates; outside of a "
                        "transaction block COPY takes any number",
                        transaction_steps_max)));
}

Status Transactions::add_step(Transaction& transaction, Step step) {
  transaction.bytes_ += step.bytes;
  transaction.steps_.push_back(std::move(step));
  return transaction.bytes_ <= transaction_bytes_max ? Status() : too_large();
}

Status Transactions::read(Request& request, Timestamp now) {
  Transaction& transaction = *request.transaction;
  const bool is_alone = transaction.steps_.empty();
  Step step;
  if (!is_alone) batch_.begin_attempt();
  const Result<Seq> seen = read_behind_steps(request, now, step);
  if (!is_alone) batch_.undo_attempt();
  if (!seen) return fail(seen.error());
  rest_on(transaction, *seen);
  if (step.read == nullptr) return {};
  TRY(check_steps(transaction));
  return add_step(transaction, std::move(step));
}

Result<Seq> Transactions::read_behind_steps(Request& request, Timestamp now, Step& step) {
  TRY(apply_all(*request.transaction, now));
  request.committed = committed_;
  Result<Seq> seen = request.read(stock_, now);
  work_ += request.work;
  if (!seen || !request.is_validated) return seen;
  step.read = request.repeatable();
  if (step.read == nullptr) return seen;
  step.effect = look_again(step, now);
  step.bytes = step.read->bytes();
  step.bars_holds = true;  // what is held would be part of what COMMIT finds
  step.frees = true;
  return seen;
}

std::uint64_t Transactions::look_again(const Step& step, Timestamp now) {
  const RepeatableRead::Look found = step.read->look(stock_, now, committed_);
  work_ += found.work;
  return found.rows;
}

Status Transactions::apply_all(const Transaction& transaction, Timestamp now) {
  std::size_t number = 0;
  for (const Step& step : transaction.steps_) {
    ++number;
    if (!apply(step, now)) {
      return conflict(fmt::format("Its step {}, {}.", number, why_not(step, now)));
    }
    if (batch_.attempted_bytes() > transaction_bytes_max) return too_large();
    if (work_ > transaction_work_max) return too_much_work();
  }
  return {};
}

std::string Transactions::why_not(const Step& step, Timestamp now) {
  if (step.read != nullptr) return "a read, would find other rows now";
  const bool is_over = step.expires_at.is_set() && step.expires_at <= now;
  return fmt::format(
      "{}, {}", name_of(step.command->get().body),
      is_over ? "is a hold that has ended" : "would not come out now as it was answered");
}

// False when it cannot be done, or seen, any more as it was answered.
bool Transactions::apply(const Step& step, Timestamp now) {
  if (step.read != nullptr) return look_again(step, now) == step.effect;
  const Command& command = step.command->get();
  ++work_;
  if (step.held != Seq()) {
    if (!held_claim(step).exists()) return false;
    const Settlement settlement{.claim = step.claim,
                                .expires_at = step.expires_at,
                                .command = command,
                                .answer = step.answer};
    if (!decide_settlement(stock_, settlement, now, decision_)) return false;
  } else {
    const bool is_taken = !step.claim.is_none() && stock_.find_claim(step.claim).exists();
    if (is_taken) return false;  // the id was told, and somebody else has used it
    if (step.expires_at.is_set() && step.expires_at <= now) return false;
    const Facts facts{.fresh_claim = step.claim, .held_until = step.expires_at};
    decide(stock_, facts, command, now, decision_, answer_);
    if (answer_.replayed || effect_of(answer_, scratch_, step.is_exact) != step.effect)
      return false;
  }
  work_ += decision_.work;
  if (step.writes && !decision_.entries.empty()) batch_.write(decision_);
  return true;
}

Status Transactions::operate(Request& request, Timestamp now, bool has_space) {
  Transaction& transaction = *request.transaction;
  auto& savepoints = transaction.savepoints_;
  if (request.verb == TransactionVerb::commit) return commit(request, now, has_space);
  if (request.verb == TransactionVerb::rollback) {
    roll_back(transaction, 0, now);
    return {};
  }
  if (transaction.has_failed() && request.verb != TransactionVerb::rollback_to) {
    return fail(failed_transaction());
  }
  if (request.verb != TransactionVerb::rollback_to) TRY(renew(transaction, now));
  if (request.verb == TransactionVerb::savepoint) {
    if (savepoints.size() >= savepoints_max) {
      return fail(
          error(ErrorCode::limit_exceeded,
                fmt::format("a transaction must have at most {} savepoints", savepoints_max)));
    }
    savepoints.push_back(
        {.name = std::string(request.savepoint), .steps = transaction.steps_.size()});
    return {};
  }
  const auto found = std::ranges::find(savepoints.rbegin(), savepoints.rend(), request.savepoint,
                                       &Transaction::Savepoint::name);
  if (found == savepoints.rend()) {
    return fail(error(ErrorCode::undefined_savepoint,
                      fmt::format("savepoint \"{}\" does not exist", request.savepoint)));
  }
  const auto at = found.base() - 1;
  if (request.verb == TransactionVerb::rollback_to) {
    std::size_t kept = at->steps;
    while (kept < transaction.steps_.size() && !transaction.steps_[kept].writes) ++kept;
    roll_back(transaction, kept, now);
    transaction.failed_.store(false, std::memory_order_release);
    savepoints.erase(at + 1, savepoints.end());
  } else {
    savepoints.erase(at, savepoints.end());
  }
  return {};
}

Status Transactions::commit(Request& request, Timestamp now, bool has_space) {
  Transaction& transaction = *request.transaction;
  request.rolled_back = true;
  if (transaction.has_failed() ||
      (!has_space && !std::ranges::all_of(transaction.steps_, &Step::frees))) {
    const bool was_failed = transaction.has_failed();
    roll_back(transaction, 0, now);
    return was_failed ? Status() : fail(no_space());
  }
  batch_.begin_attempt();
  if (Status applied = apply_all(transaction, now); !applied) {
    batch_.undo_attempt();
    roll_back(transaction, 0, now);
    return applied;
  }
  batch_.keep_attempt();
  if (!transaction.steps_.empty()) transaction.gate_ = batch_.live();
  transaction.steps_.clear();
  request.rolled_back = false;
  return {};
}

// Long before its lease ends.
Status Transactions::renew(Transaction& transaction, Timestamp now) {
  if (transaction.lease_end_.is_never()) return {};
  std::vector<ClaimId> claims;
  for (const Step& step : transaction.steps_) {
    if (step.held == Seq()) continue;
    if (!held_claim(step).exists()) {
      return conflict(
          "It was silent for longer than idle_in_transaction_session_timeout, so what it held was "
          "given back.");
    }
    claims.push_back(step.claim);
  }
  const Duration lease = transaction.lease();
  const Duration left = transaction.lease_end_ - now;
  if (claims.empty() || (left >= Duration::us(lease.us() / 2) && left <= lease)) return {};
  transaction.lease_end_ = now + lease;
  decide_lease(claims, transaction.lease_end_, now, decision_);
  batch_.write(decision_);
  work_ += claims.size();
  return {};
}

// Forgets all steps but the first `steps`.
void Transactions::roll_back(Transaction& transaction, std::size_t steps, Timestamp now) {
  auto& all = transaction.steps_;
  for (; all.size() > steps; all.pop_back()) {
    const Step& step = all.back();
    transaction.bytes_ -= step.bytes;
    if (const ClaimRef claim = held_claim(step); claim.exists()) undo(claim, now);
  }
}

void Transactions::undo(ClaimRef claim, Timestamp now) {
  decide_undoing(stock_, claim, now, decision_);
  batch_.write(decision_);
  work_ += decision_.work + 1;
}

// Its claim, if it holds one still: when its lease has ended, the id may be somebody else's.
ClaimRef Transactions::held_claim(const Step& step) const {
  return step.held == Seq() ? ClaimRef() : held_claim(step.claim, step.held);
}

ClaimRef Transactions::held_claim(const ClaimId& claim, Seq opened) const {
  const ClaimRef found = stock_.find_claim(claim);
  return found.exists() && stock_.head(found).opened == opened ? found : ClaimRef();
}

// — without space —

Served Transactions::serve_without_space(const NextRequest& next, Timestamp now, bool is_current) {
  Request& request = next.request;
  Transaction& transaction = *request.transaction;
  const bool is_end = request.kind == Request::Kind::transact && holdfast::is_end(request.verb);
  const bool is_nothing = std::ranges::none_of(transaction.steps_, &Step::writes);
  const bool is_read = request.kind == Request::Kind::read && is_current;
  if (is_nothing && (is_end || is_read)) return serve(next, now, false);
  if (!is_end) {
    transaction.fail();
    return {.status = fail(no_space()), .gate = {}};
  }
  const bool is_lost = request.verb == TransactionVerb::commit && !transaction.has_failed();
  request.rolled_back = true;
  leave(transaction);
  return {.status = is_lost ? Status(fail(no_space())) : Status(), .gate = {}};
}

void Transactions::leave(Transaction& transaction) {
  for (const Step& step : transaction.steps_) {
    if (step.held != Seq()) left_.push_back({.claim = step.claim, .opened = step.held});
  }
  transaction.steps_.clear();
}

void Transactions::leave_all() {
  for (const std::uint32_t row : stock_.provisional_claims()) {
    const ClaimHead head = stock_.head(ClaimRef{row});
    left_.push_back({.claim = head.id, .opened = head.opened});
  }
}

void Transactions::undo_left(Timestamp now) {
  const Left left = left_.back();
  left_.pop_back();
  if (const ClaimRef claim = held_claim(left.claim, left.opened); claim.exists()) {
    undo(claim, now);
  }
}

// What its attempts wrote is nobody's to wait for. REQUIRES: none is open.
void Transactions::rest_on(Transaction& transaction, Seq version) const {
  transaction.gate_ = std::max(transaction.gate_, std::min(version, batch_.live()));
}

}  // namespace holdfast
