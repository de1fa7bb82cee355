// The life of an engine: opening, driving, stopping. Serving is in turn.cc.
#include "engine/engine.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "engine/parts.h"

namespace holdfast {
namespace {

// How soon to look again for a segment that is being prepared, and on a disk without space.
constexpr Duration look_again_after = Duration::ms(1);
constexpr Duration look_for_space_after = Duration::ms(50);

// Wall time is trusted this far across a restart; beyond it the operator confirms.
constexpr Duration outage_trusted_max = Duration::hours(24);

}  // namespace

// What can be done without waiting, for about a millisecond.
void Engine::Parts::work() {
  std::uint64_t done = 0;
  bool is_unfinished = false;
  while (!failed.load(std::memory_order_relaxed)) {
    if (!take_note()) return;
    intake.take(waiting.queue());
    checkpoint_if_wanted();
    const bool waits_for_checkpoint = checkpointer.is_wanted(journal->bytes_written());
    const bool has_work =
        !waiting.empty() || transactions.has_left() || stock->next_expiry() <= clock.peek();
    if (!has_work || waits_for_checkpoint) break;
    if (done >= turn_work_max) {
      is_unfinished = true;
      break;
    }
    const bool has_room = journal->has_room();
    if (!has_room && (journal->has_space() || journal->in_flight() > 0 || waiting.empty())) break;
    done += timed_turn(has_room);
  }
  seal_if_idle();
  publish(is_unfinished);
}

// Tells other threads how things stand, and when to come back without being called.
void Engine::Parts::publish(bool is_unfinished) {
  constexpr Duration nothing_to_do = Duration::hours(1);
  const Duration now = world.clock.boot();
  Duration wake = now + nothing_to_do;
  if (!sealed && journal->in_flight() == 0) wake = std::min(wake, last_batch + options.seal_after);
  // Without room nothing is served and nothing expires; a completion wakes the loop, and with
  // nothing in flight it looks again until the next segment is there.
  Duration soonest = now;
  if (!journal->has_room()) {
    soonest = now + (journal->in_flight() > 0 ? nothing_to_do
                     : journal->has_space()   ? look_again_after
                                              : look_for_space_after);
  }
  if (const Timestamp due = stock->next_expiry(); !due.is_never()) {
    wake = std::min(wake, std::max(soonest, now + (due - clock.peek())));
  }
  const bool waits = !waiting.empty() || transactions.has_left();
  if (waits && journal->in_flight() == 0) wake = std::min(wake, soonest);
  if (is_unfinished) wake = now;
  wake_at_us.store(wake.us(), std::memory_order_relaxed);

  stats.live = batch.live();
  stats.durable = journal->durable();
  stats.journal_bytes = journal->bytes_written();
  stats.checkpoints = checkpointer.written();
  stats.levels = stock->level_count();
  stats.claims = stock->known_claims();
  const std::scoped_lock guard(published_mutex);
  published = stats;
}

// What became durable since the last look; its replies leave. False after a journal error.
bool Engine::Parts::take_note() {
  if (auto status = journal->poll(); !status.has_value()) {
    stop(std::move(status).error());
    return false;
  }
  const Seq now_durable = journal->durable();
  durable.store(now_durable.value(), std::memory_order_release);
  held.release(now_durable);
  return true;
}

void Engine::Parts::checkpoint_if_wanted() {
  if (!checkpointer.is_wanted(journal->bytes_written())) return;
  if (!checkpoint_wanted_at) checkpoint_wanted_at = world.clock.boot();
  if (journal->in_flight() > 0) return;
  stock->reclaim();
  checkpointer.begin(*stock,
                     {.position = journal->position(),
                      .at = last_at,
                      .epoch = epoch,
                      .digest = stock->digest(),
                      .ledger_id = report.journal.ledger_id},
                     journal->bytes_written());
  stats.waits_for_checkpoint.add(world.clock.boot() - *checkpoint_wanted_at);
  checkpoint_wanted_at.reset();
}

// An idle moment after the last batch, an empty one proves it durable.
void Engine::Parts::seal_if_idle() {
  if (sealed || failed.load(std::memory_order_relaxed)) return;
  if (journal->in_flight() > 0 || !journal->has_room()) return;
  if (world.clock.boot() - last_batch < options.seal_after) return;
  seal();
}

void Engine::Parts::seal() {
  last_at = clock.next();
  journal->append(
      {.first = batch.first(), .last = batch.live(), .at = last_at, .digest = stock->digest()}, {},
      Writer::others);
  sealed = true;
}

// The journal could not say what is on disk: what waits for it is unknown, what was not begun is
// not executed.
void Engine::Parts::stop(const Error& error) {
  {
    const std::scoped_lock guard(published_mutex);
    failure = error;
  }
  failed.store(true, std::memory_order_release);
  intake.close();
  held.fail(Error{
      .code = ErrorCode::unknown_result,
      .message = "the journal failed before it could confirm this command; its result is unknown",
      .detail = error.message,
      .hint = "Send it again with the same request_id once the server is back."});
  intake.take(waiting.queue());
  while (!waiting.empty()) {
    intake.served();
    waiting.pop(last_at).request.failed(
        Error{.code = ErrorCode::shutting_down,
              .message = "the journal failed; this command was not executed",
              .detail = error.message,
              .hint = {}});
  }
}

// Raises the epoch and gives holds back the time in which nobody could confirm them.
Status Engine::Parts::resume() {
  epoch = report.journal.epoch.next();
  TRY(journal->start(epoch));
  TRY(make_room());
  const Timestamp now = clock.next();
  if (!report.fresh) report.outage = std::max(Duration(), now - report.journal.at);
  const Duration extended = std::min(report.outage, options.outage_extension_max);
  for (transactions.leave_all(); transactions.has_left();) {
    transactions.undo_left(now);
    if (batch.size() < batch_payload_bytes_wanted) continue;
    close_batch(now);
    TRY(make_room());
  }
  decision.clear();
  decision.context.at = now;
  decision.context.actor = system_actor;
  decision.entries.emplace_back(Resumed{.epoch = epoch, .extended = extended});
  batch.write(decision);
  if (report.fresh) TRY(define_defaults(now));
  close_batch(now);
  while (journal->in_flight() > 0) TRY(journal->wait());
  durable.store(journal->durable().value(), std::memory_order_release);
  return {};
}

// A fresh ledger can be sold from: one location, one channel over all locations.
Status Engine::Parts::define_defaults(Timestamp now) {
  const CommandContext context{.actor = system_actor};
  const Command commands[] = {
      {context, DefineLocation{.code = default_location}},
      {context, DefineChannel{.code = default_channel}},
  };
  Answer answer;
  for (const Command& command : commands) {
    decide(*stock, Facts{}, command, now, decision, answer);
    CHECK(answer.outcome == Outcome::done, "a fresh ledger refuses its defaults");
    batch.write(decision);
  }
  return {};
}

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(World& world, const EngineOptions& options,
                                             const Progress& progress) {
  const Duration began = world.clock.boot();
  ASSIGN(auto lock, world.disk.lock("LOCK"));
  ASSIGN(Recovered recovered, recover(world, options, progress));
  const Duration away = world.clock.wall() - recovered.report.journal.at;
  if (!recovered.report.fresh && !options.accept_clock &&
      (away > outage_trusted_max || away < Duration() - outage_trusted_max)) {
    return fail(ErrorCode::invalid_value,
                "the clock is {} hours {} the last entry of the ledger; holds would {}",
                std::abs(away.us()) / Duration::hours(1).us(),
                away > Duration() ? "ahead of" : "behind",
                away > Duration() ? "expire" : "stand still");
  }
  auto parts = std::make_unique<Parts>(world, options, std::move(lock), std::move(recovered));
  TRY(parts->resume());
  parts->report.took = world.clock.boot() - began;
  return std::make_unique<Engine>(std::move(parts));
}

Result<std::unique_ptr<Engine>> Engine::open_on(World& world, const EngineOptions& options,
                                                std::unique_ptr<Journal> journal) {
  Recovered fresh{.journal = std::move(journal),
                  .stock = std::make_unique<Stock>(in_background(world))};
  fresh.report.fresh = true;
  auto parts = std::make_unique<Parts>(world, options, nullptr, std::move(fresh));
  TRY(parts->resume());
  return std::make_unique<Engine>(std::move(parts));
}

const EngineReport& Engine::report() const { return parts_->report; }

void Engine::submit(Request& request) {
  request.joins_next = false;
  if (request.patience > Duration()) request.put_at_ = parts_->world.clock.boot();
  const Intake::Put put = parts_->intake.put(request);
  if (put != Intake::Put::queued) request.failed(parts_->refusal(put));
}

void Engine::submit_together(std::span<Request* const> requests) {
  for (Request* request : requests) {
    request->joins_next = request != requests.back();
    if (request->patience > Duration()) request->put_at_ = parts_->world.clock.boot();
  }
  const Intake::Put put = parts_->intake.put(requests);
  if (put == Intake::Put::queued) return;
  const Error why = parts_->refusal(put);
  for (Request* request : requests) request->failed(why);
}

Error Engine::Parts::refusal(Intake::Put put) const {
  if (put == Intake::Put::full) {
    return {.code = ErrorCode::overloaded,
            .message = "too many requests are waiting; this one was not executed",
            .detail = fmt::format("The queue holds {} requests.", options.queue_max),
            .hint = "Try again after a short, random pause."};
  }
  return {.code = ErrorCode::shutting_down,
          .message = "the server is shutting down; this command was not executed",
          .detail = {},
          .hint = {}};
}

Duration Engine::wake_after() {
  const std::int64_t now_us = parts_->world.clock.boot().us();
  return Duration::us(
      std::max<std::int64_t>(0, parts_->wake_at_us.load(std::memory_order_relaxed) - now_us));
}

void Engine::drive() {
  if (parts_->demands.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  unsigned seen = 1;
  do {
    seen = parts_->demands.load(std::memory_order_acquire);
    parts_->work();
  } while (!parts_->demands.compare_exchange_strong(seen, 0, std::memory_order_acq_rel));
}

// Waits until the journal takes a batch: for one in flight, or for the segment that is being
// prepared.
Status Engine::Parts::make_room() {
  while (!journal->has_room()) {
    if (journal->in_flight() > 0) {
      TRY(journal->wait());
      continue;
    }
    world.background.drain();
    TRY(journal->poll());
    if (journal->has_room()) break;
    if (!journal->has_space()) {
      return fail(ErrorCode::disk_full, "there is no space for the journal's next segment");
    }
  }
  return {};
}

// Waits until nobody drives and keeps the role: later calls of drive() return at once.
void Engine::Parts::become_driver() {
  unsigned nobody = 0;
  while (!demands.compare_exchange_weak(nobody, 1, std::memory_order_acq_rel)) {
    nobody = 0;
    std::this_thread::yield();
  }
}

// Serves what is queued and waits for the disk until nothing is in flight.
Status Engine::Parts::finish_queue() {
  for (;;) {
    work();
    if (failed.load()) break;
    if (journal->in_flight() > 0) {
      if (auto status = journal->wait(); !status.has_value()) stop(std::move(status).error());
    } else if (waiting.empty() && !intake.has_new()) {
      break;
    } else if (auto status = make_room(); !status.has_value()) {
      stop(std::move(status).error());
    }
  }
  if (failed.load()) return fail(failure);
  return {};
}

Status Engine::shut_down() {
  Parts& parts = *parts_;
  parts.intake.close();
  parts.become_driver();
  TRY(parts.finish_queue());
  if (!parts.sealed && parts.make_room().has_value()) {
    parts.seal();
    TRY(parts.finish_queue());
  }
  parts.world.background.drain();
  parts.checkpointer.ask();
  parts.checkpoint_if_wanted();
  parts.world.background.drain();
  return parts.checkpointer.last_status();
}

Status Engine::checkpoint() {
  Parts& parts = *parts_;
  parts.world.background.drain();
  parts.become_driver();
  parts.checkpointer.ask();
  Status status = parts.finish_queue();
  parts.checkpoint_if_wanted();
  parts.demands.store(0, std::memory_order_release);
  TRY(std::move(status));
  parts.world.background.drain();
  return parts.checkpointer.last_status();
}

bool Engine::has_failed() const { return parts_->failed.load(std::memory_order_acquire); }

Error Engine::failure() const {
  const std::scoped_lock guard(parts_->published_mutex);
  return parts_->failure;
}

Seq Engine::durable() const { return Seq(parts_->durable.load(std::memory_order_acquire)); }

EngineStats Engine::stats() {
  const std::scoped_lock guard(parts_->published_mutex);
  return parts_->published;
}

const Stock& Engine::stock() const { return *parts_->stock; }

}  // namespace holdfast
