// The turn, and what surrounds it. Read turn() first.
#include "engine/engine.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/checkpointer.h"
#include "engine/held_replies.h"
#include "engine/intake.h"
#include "engine/lookahead.h"
#include "engine/open_batch.h"
#include "engine/recovery.h"
#include "engine/transactions.h"
#include "engine/turn_clock.h"

namespace holdfast {
namespace {

// A batch is closed once it is this long: large enough that its sync is shared by thousands, small
// enough that the disk starts early. A group always fits behind it (batch_payload_bytes_max −
// group_bytes_max), and so does a transaction, one group of which may be too much for it.
constexpr std::size_t batch_payload_bytes_wanted = 256 * 1024;
static_assert(batch_payload_bytes_wanted + transaction_bytes_max + group_bytes_max <=
              batch_payload_bytes_max);

// What requests submitted together may write at the most: it fits behind what is wanted.
constexpr std::size_t together_bytes_max = batch_payload_bytes_max - batch_payload_bytes_wanted;

// How soon to look again for a segment that is being prepared, and on a disk without space.
constexpr Duration look_again_after = Duration::ms(1);
constexpr Duration look_for_space_after = Duration::ms(50);

// What one turn may look at (Request::work), and one call of drive(): about a millisecond. Behind
// it time moves on, what is due expires, and the network is read, however much is queued.
constexpr std::uint64_t turn_work_max = 20'000;

Error too_large_together() {
  return {.code = ErrorCode::limit_exceeded,
          .message = fmt::format("what is sent up to one Sync must write at most {} bytes",
                                 together_bytes_max),
          .detail = {},
          .hint = "Send Sync more often."};
}

// Wall time is trusted this far across a restart; beyond it the operator confirms.
constexpr Duration outage_trusted_max = Duration::hours(24);

}  // namespace

struct Engine::Parts {
  Parts(World& the_world, const EngineOptions& the_options, std::unique_ptr<FileLock> the_lock,
        Recovered recovered)
      : world(the_world),
        options(the_options),
        lock(std::move(the_lock)),
        stock(std::move(recovered.stock)),
        journal(std::move(recovered.journal)),
        report(std::move(recovered.report)),
        clock(the_world.clock, report.journal.at),
        checkpointer(the_world, the_options.checkpoint_every_bytes),
        intake(the_options.queue_max, the_options.queue_reserved),
        waiting(*stock, the_world.random.next()),
        batch(*stock, report.journal.end.seq),
        transactions(*stock, batch),
        last_at(report.journal.at) {}

  // — the turn —
  std::uint64_t turn();
  std::uint64_t serve_together(const NextRequest& first, Timestamp now);
  std::uint64_t turn_without_space();
  bool expire_due(Timestamp now);
  std::uint64_t serve(const NextRequest& next, Timestamp now);
  std::uint64_t serve_read(Request& request, Timestamp now);
  std::uint64_t serve_command(const NextRequest& next, Timestamp now);
  bool refused_for_space(Request& request);
  std::uint64_t serve_transaction(const NextRequest& next, Timestamp now);
  void close_batch(Timestamp now);

  // — around it —
  [[nodiscard]] Error refusal(Intake::Put put) const;
  void work();
  bool take_note();
  void checkpoint_if_wanted();
  void seal_if_idle();
  void seal();
  Status make_room();
  void publish(bool is_unfinished);
  void become_driver();
  Status finish_queue();
  void stop(const Error& error);
  Status resume();
  Status define_defaults(Timestamp now);

  World& world;
  const EngineOptions options;
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<Stock> stock;
  std::unique_ptr<Journal> journal;
  EngineReport report;
  TurnClock clock;
  Checkpointer checkpointer;
  Intake intake;
  Lookahead waiting;  // taken from intake, not served yet
  HeldReplies held;

  Decision decision;  // reused
  OpenBatch batch;
  Transactions transactions;
  Timestamp last_at;  // of the newest batch
  Epoch epoch;
  bool sealed = true;   // the newest batch is a seal, or there is none
  Duration last_batch;  // boot time at which it was closed

  EngineStats stats;

  // — shared with other threads —
  std::atomic<unsigned> demands{0};  // drive() calls not yet answered
  std::atomic<std::uint64_t> durable{0};
  std::atomic<std::int64_t> wake_at_us{0};  // boot time
  std::atomic<std::uint32_t> widest_item{0};
  std::atomic<bool> failed{false};
  std::mutex published_mutex;
  Error failure;
  EngineStats published;
};

// One turn: one timestamp, what is due, then the queue in order until the batch is full or the turn
// has looked at enough. Returns its work. REQUIRES: journal->has_room().
std::uint64_t Engine::Parts::turn() {
  const Timestamp now = clock.next();  // the only clock read; monotone, logged
  ++stats.turns;
  std::uint64_t done = 1;
  if (!expire_due(now)) return done;  // exact expiry: before anyone is served
  while (!waiting.empty() && batch.size() < batch_payload_bytes_wanted && done < turn_work_max) {
    intake.served();
    const NextRequest next = waiting.pop(now);
    done += next.request.joins_next ? serve_together(next, now) : serve(next, now);
  }
  close_batch(now);
  return done;
}

// The first of several that were submitted together, and the rest of them.
std::uint64_t Engine::Parts::serve_together(const NextRequest& first, Timestamp now) {
  const bool is_too_large =
      first.request.together.bytes_max(stock->widest_item()) > together_bytes_max;
  const bool is_refused = is_too_large || !journal->has_space();
  const Error why = is_too_large ? too_large_together() : no_space();
  const auto serve_one = [&](const NextRequest& next) -> std::uint64_t {
    if (!is_refused) return serve(next, now);
    next.request.failed(why);
    return 1;
  };
  std::uint64_t done = serve_one(first);
  for (bool is_last = false; !is_last;) {
    intake.served();
    const NextRequest next = waiting.pop(now);
    is_last = !next.request.joins_next;  // it may be gone when it was served
    done += serve_one(next);
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
    Request& request = waiting.pop(now).request;
    if (request.kind == Request::Kind::read && is_current) {
      done += serve_read(request, now);
    } else {
      request.failed(no_space());
      ++done;
    }
  }
  return done;
}

// False when the journal has no room for more: the rest is expired by the next turn, before it
// serves anyone.
bool Engine::Parts::expire_due(Timestamp now) {
  for (ClaimRef claim = stock->due(now); claim.exists(); claim = stock->due(now)) {
    if (batch.size() >= batch_payload_bytes_wanted) {
      close_batch(now);
      if (!journal->has_room()) return false;
    }
    decide_expiry(*stock, claim, now, decision);
    batch.write(decision);
    ++stats.expired;
  }
  return true;
}

// Returns its work.
std::uint64_t Engine::Parts::serve(const NextRequest& next, Timestamp now) {
  if (next.request.transaction != nullptr) [[unlikely]]
    return serve_transaction(next, now);
  if (next.request.kind == Request::Kind::read) return serve_read(next.request, now);
  if (refused_for_space(next.request)) return 1;
  return serve_command(next, now);
}

std::uint64_t Engine::Parts::serve_read(Request& request, Timestamp now) {
  ++stats.reads;
  const Seq gate = request.read(*stock, now);
  const std::uint64_t done = request.work + 1;  // the request may be gone once it is released
  held.hold(request, gate, journal->durable());
  return done;
}

std::uint64_t Engine::Parts::serve_command(const NextRequest& next, Timestamp now) {
  ++stats.commands;
  Request& request = next.request;
  Answer& answer = request.answer;
  decide(*stock, {.fresh_claim = next.fresh_claim}, request.command, now, decision, answer);
  if (is_refusal(answer.outcome)) ++stats.refusals;
  Seq gate = decision.gate;
  if (!decision.entries.empty()) gate = batch.write(decision);
  if (!answer.replayed) answer.seq = gate;
  request.work = decision.work;
  held.hold(request, gate, journal->durable());
  return decision.work + 1;
}

bool Engine::Parts::refused_for_space(Request& request) {
  if (request.request_class == RequestClass::freeing || journal->has_space()) return false;
  request.failed(no_space());
  return true;
}

std::uint64_t Engine::Parts::serve_transaction(const NextRequest& next, Timestamp now) {
  Request& request = next.request;
  const Transactions::Served served = transactions.serve(next, now, journal->has_space());
  if (served.status) {
    held.hold(request, served.gate, journal->durable());
  } else {
    request.failed(served.status.error());
  }
  return served.work;
}

void Engine::Parts::close_batch(Timestamp now) {
  if (batch.empty()) return;
  journal->append(
      {.first = batch.first(), .last = batch.live(), .at = now, .digest = stock->digest()},
      batch.payload());
  batch.clear();
  last_at = now;
  last_batch = world.clock.boot();
  sealed = false;
  ++stats.batches;
}

// What can be done without waiting, for about a millisecond.
void Engine::Parts::work() {
  std::uint64_t done = 0;
  bool is_unfinished = false;
  while (!failed.load(std::memory_order_relaxed)) {
    if (!take_note()) return;
    intake.take(waiting.queue());
    checkpoint_if_wanted();
    const bool waits_for_checkpoint = checkpointer.is_wanted(journal->bytes_written());
    const bool has_work = !waiting.empty() || stock->next_expiry() <= clock.peek();
    if (!has_work || waits_for_checkpoint) break;
    if (done >= turn_work_max) {
      is_unfinished = true;
      break;
    }
    if (journal->has_room()) {
      done += turn();
    } else if (!journal->has_space() && journal->in_flight() == 0 && !waiting.empty()) {
      done += turn_without_space();
    } else {
      break;
    }
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
  if (!waiting.empty() && journal->in_flight() == 0) wake = std::min(wake, soonest);
  if (is_unfinished) wake = now;
  wake_at_us.store(wake.us(), std::memory_order_relaxed);

  widest_item.store(stock->widest_item(), std::memory_order_relaxed);
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
  if (!checkpointer.is_wanted(journal->bytes_written()) || journal->in_flight() > 0) return;
  stock->reclaim();
  checkpointer.begin(*stock,
                     {.position = journal->position(),
                      .at = last_at,
                      .epoch = epoch,
                      .digest = stock->digest(),
                      .ledger_id = report.journal.ledger_id},
                     journal->bytes_written());
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
      {.first = batch.first(), .last = batch.live(), .at = last_at, .digest = stock->digest()}, {});
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
  while (transactions.undo_next(now)) {
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
  Recovered fresh{.journal = std::move(journal), .stock = std::make_unique<Stock>()};
  fresh.report.fresh = true;
  auto parts = std::make_unique<Parts>(world, options, nullptr, std::move(fresh));
  TRY(parts->resume());
  return std::make_unique<Engine>(std::move(parts));
}

const EngineReport& Engine::report() const { return parts_->report; }

void Engine::submit(Request& request) {
  request.joins_next = false;
  const Intake::Put put = parts_->intake.put(request);
  if (put != Intake::Put::queued) request.failed(parts_->refusal(put));
}

void Engine::submit_together(std::span<Request* const> requests) {
  EntrySize size;
  for (Request* request : requests) {
    request->joins_next = request != requests.back();
    if (request->kind == Request::Kind::command) size += entry_size_of(request->command);
  }
  requests.front()->together = size;
  const Intake::Put put = parts_->intake.put(requests);
  if (put == Intake::Put::queued) return;
  const Error why = parts_->refusal(put);
  for (Request* request : requests) request->failed(why);
}

bool Engine::fits_together(const EntrySize& size) const {
  const std::uint32_t widest = parts_->widest_item.load(std::memory_order_relaxed);
  return size.bytes_max(widest * 2 + 1) <= together_bytes_max;
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
