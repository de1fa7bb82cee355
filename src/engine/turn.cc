// The turn: one timestamp, what is due, then the queue in order, one batch. Read turn() first.
#include <algorithm>

#include "engine/parts.h"

namespace holdfast {
namespace {

Error too_much_together(std::string_view what, std::uint64_t limit, std::string_view unit) {
  return {.code = ErrorCode::limit_exceeded,
          .message =
              fmt::format("what is sent up to one Sync must {} at most {} {}", what, limit, unit),
          .detail = {},
          .hint = "Send Sync more often."};
}

// Nobody wants it any more.
Error withdrawn(bool is_late) {
  return {.code = ErrorCode::canceled,
          .message = is_late ? "canceling statement due to statement timeout"
                             : "canceling statement due to user request",
          .detail = "Its turn had not come: it was not executed.",
          .hint = {}};
}

}  // namespace

Error undone_together() {
  return {.code = ErrorCode::failed_transaction,
          .message = "not executed: a statement before it, sent up to the same Sync, has failed",
          .detail = {},
          .hint = {}};
}

// One turn: one timestamp, what is due, then the queue in order until the batch is full or the turn
// has looked at enough. Returns its work. REQUIRES: journal->has_room().
std::uint64_t Engine::Parts::turn() {
  const Timestamp now = clock.next();  // the only time that counts; monotone, logged
  std::uint64_t done = 1;
  if (!do_what_is_due(now)) return done;  // exact expiry: before anyone is served
  while (!waiting.empty() && batch.size() < batch_payload_bytes_wanted && done < turn_work_max) {
    intake.served();
    const NextRequest next = waiting.pop(now);
    // What may yet be undone is attempted, alone or not.
    const bool is_attempt = next.request.joins_next || (next.request.is_undone_by_failure &&
                                                        next.request.transaction == nullptr);
    done += is_attempt ? serve_together(next, now) : serve(next, now);
  }
  close_batch(now);
  return done;
}

// One turn of either kind, and how long it took, by the clock reading of its timestamp and one
// more. A checkpoint begins between turns only; one that ends during a turn was beside it all the
// same. Beside one the thread's own time is read too, by two system calls: whoever writes it takes
// a core as well, and whether a long turn worked or had none is what its length alone does not
// tell.
std::uint64_t Engine::Parts::timed_turn(bool has_room) {
  const bool is_beside = checkpointer.is_running();
  const Duration processor = is_beside ? world.clock.processor() : Duration();
  const std::uint64_t done = has_room ? turn() : turn_without_space();
  const Duration took = world.clock.boot() - clock.stamped_at();
  if (is_beside) {
    stats.turns_beside_checkpoint.add(took, world.clock.processor() - processor);
  } else {
    stats.turns.add(took);
  }
  return done;
}

// The disk is so full that not even the reserve is left: nothing can be written, and nobody is left
// waiting. Bounded and counted as turn().
std::uint64_t Engine::Parts::turn_without_space() {
  const Timestamp now = clock.next();
  const bool is_current =
      !stock->due(now).exists();  // else what is due cannot be expired, and may not be shown
  std::uint64_t done = 1;
  while (!waiting.empty() && done < turn_work_max) {
    intake.served();
    const NextRequest next = waiting.pop(now);
    const Served served = serve_without_space(next, now, is_current);
    done += served.work;
    reply(next.request, served.status, served.gate);
  }
  return done;
}

Served Engine::Parts::serve_without_space(const NextRequest& next, Timestamp now, bool is_current) {
  const bool is_read = next.request.kind == Request::Kind::read;
  const bool is_snapshot = next.request.kind == Request::Kind::snapshot;
  if (next.request.transaction != nullptr) {
    return transactions.serve_without_space(next, now, is_current);
  }
  if (is_read && is_current) return serve_read(next.request, now);
  if (is_snapshot && is_current) return serve_snapshot(next.request);
  return {.status = fail(no_space()), .gate = {}};
}

// False when the journal has no room for more: the rest is done by the next turn, before it serves
// anyone.
bool Engine::Parts::do_what_is_due(Timestamp now) {
  for (ClaimRef claim = stock->due(now); claim.exists(); claim = stock->due(now)) {
    if (!make_place(now)) return false;
    decide_expiry(*stock, claim, now, decision);
    batch.write(decision);
    ++stats.expired;
  }
  while (transactions.has_left()) {
    if (!make_place(now)) return false;
    transactions.undo_left(now);
  }
  return true;
}

// For a group in the batch.
bool Engine::Parts::make_place(Timestamp now) {
  if (batch.size() < batch_payload_bytes_wanted) return true;
  close_batch(now);
  return journal->has_room();
}

// Returns its work.
std::uint64_t Engine::Parts::serve(const NextRequest& next, Timestamp now) {
  const Served served = serve_now(next, now);
  reply(next.request, served.status, served.gate);
  return served.work;
}

// The first of several that were submitted together, and the rest of them: nobody comes between,
// and all of them take effect or none. Behind one that is refused, when that is a failure to it,
// none is served; those before it keep their answers, as in PostgreSQL, and have no effect.
std::uint64_t Engine::Parts::serve_together(const NextRequest& first, Timestamp now) {
  together.clear();
  Status whole;
  std::size_t failing = std::string::npos;  // in together
  std::uint64_t done = 0;
  const auto serve_one = [&](const NextRequest& next) {
    together.push_back({.request = &next.request, .gate = {}});
    ++done;
    if (!whole || failing != std::string::npos) return;
    Served served = serve_now(next, now);
    together.back().gate = served.gate;
    done += served.work;
    whole = std::move(served.status);
    if (served.is_failure) failing = together.size() - 1;
    if (batch.attempted_bytes() > transaction_bytes_max) {
      whole = fail(too_much_together("write", transaction_bytes_max, "bytes"));
    } else if (done > transaction_work_max) {
      whole = fail(too_much_together("look at", transaction_work_max, "levels, lines and rows"));
    }
  };
  batch.begin_attempt();
  serve_one(first);
  while (together.back().request->joins_next) {
    intake.served();
    serve_one(waiting.pop(now));
  }
  if (whole && failing == std::string::npos) {
    batch.keep_attempt();
  } else {
    batch.undo_attempt();
  }
  for (std::size_t index = 0; index < together.size(); ++index) {
    Together& one = together[index];
    if (failing != std::string::npos) {
      one.gate = std::min(one.gate, batch.live());  // not on what was undone
      if (!one.request->answer.replayed) one.request->answer.seq = Seq();
      if (index > failing) whole = fail(undone_together());
    }
    reply(*one.request, whole, one.gate);
  }
  return done;
}

// The request is answered, but not told yet.
Served Engine::Parts::serve_now(const NextRequest& next, Timestamp now) {
  Request& request = next.request;
  lone_client.served(request);
  const bool is_late = is_too_late(request);
  if ((is_late || request.is_canceled()) && request.kind != Request::Kind::transact) [[unlikely]] {
    if (request.transaction != nullptr) request.transaction->fail();
    return {.status = fail(withdrawn(is_late)), .gate = {}};
  }
  if (request.transaction != nullptr) [[unlikely]]
    return transactions.serve(next, now, journal->has_space());
  if (request.kind == Request::Kind::read) return serve_read(request, now);
  if (request.kind == Request::Kind::snapshot) return serve_snapshot(request);
  if (request.request_class != RequestClass::freeing && !journal->has_space()) [[unlikely]]
    return {.status = fail(no_space()), .gate = {}};
  return serve_command(next, now);
}

bool Engine::Parts::is_too_late(const Request& request) const {
  return request.patience > Duration() && world.clock.boot() - request.put_at_ >= request.patience;
}

Served Engine::Parts::serve_read(Request& request, Timestamp now) {
  ++stats.reads;
  Result<Seq> gate = request.read(*stock, now);
  Served served{.status = {}, .gate = gate.value_or(Seq()), .work = request.work + 1};
  if (!gate) served.status = fail(std::move(gate).error());
  return served;
}

// Whoever reads it does so away from the turns.
Served Engine::Parts::serve_snapshot(Request& request) {
  ++stats.reads;
  request.snapshot = stock->snapshot(batch.live());
  return {.status = {}, .gate = batch.live()};
}

Served Engine::Parts::serve_command(const NextRequest& next, Timestamp now) {
  ++stats.commands;
  Request& request = next.request;
  Answer& answer = request.answer;
  decide(*stock, {.fresh_claim = next.fresh_claim}, request.command, now, decision, answer);
  if (is_refusal(answer.outcome)) ++stats.refusals;
  Seq gate = decision.gate;
  if (!decision.entries.empty()) gate = batch.write(decision);
  if (!answer.replayed) answer.seq = gate;
  request.work = decision.work;
  Served served{.status = {}, .gate = gate, .work = decision.work + 1};
  if (is_refusal(answer.outcome)) {
    served.is_failure = request.fails_by_refusal();
  } else if (request.reads_behind) {
    look_behind(request, now, served);
  }
  return served;
}

void Engine::Parts::look_behind(Request& request, Timestamp now, Served& served) const {
  const Result<Seq> seen = request.read(*stock, now);
  served.work += request.work;
  if (seen) {
    served.gate = std::max(served.gate, *seen);
  } else {
    served.status = fail(seen.error());
  }
}

// The request may be gone behind it.
void Engine::Parts::reply(Request& request, const Status& status, Seq gate) {
  if (status) {
    held.hold(request, gate, journal->durable());
  } else {
    request.failed(status.error());
  }
}

void Engine::Parts::close_batch(Timestamp now) {
  if (batch.empty()) return;
  const bool is_lone = lone_client.is_alone() && journal->in_flight() == 0;
  journal->append(
      {.first = batch.first(), .last = batch.live(), .at = now, .digest = stock->digest()},
      batch.payload(), is_lone ? Writer::caller : Writer::others);
  batch.clear();
  last_at = now;
  last_batch = world.clock.boot();
  sealed = false;
  ++stats.batches;
}

}  // namespace holdfast
