// Read run(), then start(), then step().
#include "sim/simulation.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "journal/checkpoint.h"
#include "service/database.h"
#include "sim/block.h"

namespace holdfast {
namespace {

constexpr std::uint64_t patience = 20'000;  // rounds in which everything under way must be answered

constexpr CrashFate fates[] = {CrashFate::drop,   CrashFate::keep,    CrashFate::tear,
                               CrashFate::garble, CrashFate::reorder, CrashFate::random};

bool is_segment(std::string_view name) { return name.ends_with(".seg"); }

}  // namespace

// A read in the turn that looks at everything: invariant 5 holds for whoever reads now.
class Simulation::Watch final : public Request {
 public:
  explicit Watch(Auditor& auditor) : auditor_(auditor) {
    kind = Kind::read;
    request_class = RequestClass::reading;
  }
  Result<Seq> read(const Stock& stock, Timestamp now) override {
    auditor_.check_nothing_due(stock, now);
    return Seq();
  }
  void released(Seq) override { is_done = true; }
  void failed(const Error&) override { is_done = true; }
  bool is_done = true;

 private:
  Auditor& auditor_;
};

// What lives and dies with the process. Destroyed from the bottom up: sessions before their
// database, that before the engine.
struct Simulation::Life {
  explicit Life(Auditor& auditor) : watch(auditor) {}
  Watch watch;
  std::vector<std::unique_ptr<Door>> engine_doors;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Database> database;
  std::vector<std::unique_ptr<Door>> sql_doors;
  std::optional<BlockClient::Home> home;
  std::vector<std::unique_ptr<BlockClient>> block_clients;
  bool is_full = false;
};

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      rng_(options.seed),
      knobs_(draw_knobs(rng_)),
      random_(rng_.next()),
      disk_(clock_, rng_.next()),
      world_{.clock = clock_, .random = random_, .disk = disk_, .background = background_},
      workload_(rng_.fork(), knobs_),
      auditor_(verdict_, probes_) {
  disk_.knobs.write_latency_min = Duration::us(rng_.between(1, 50));
  disk_.knobs.write_latency_max = Duration::us(rng_.between(50, 800));
  disk_.knobs.completes_before_durable = options.disk_acknowledges_early;
  for (std::size_t index = 0; index < knobs_.locations; ++index) {
    locations_.push_back(workload_.location(index));
  }
}

// A run that ended in the middle ends as by a crash.
Simulation::~Simulation() {
  if (life_ == nullptr || life_->engine == nullptr) return;
  disk_.crash_after(disk_.io_count());
  bury();
}

template <class... Args>
void Simulation::say(fmt::format_string<Args...> format, Args&&... args) {
  if (!options_.verbose) return;
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::fputs(fmt::format("{:>12} µs  {}\n", clock_.boot().us(), text).c_str(), stderr);
}

SimulationReport Simulation::run() {
  if (start()) run_opening();
  for (std::uint64_t count = 0; count < options_.steps && !is_over_ && verdict_.is_clean();
       ++count) {
    step();
  }
  if (!is_over_ && verdict_.is_clean()) end();
  return {.wrong = verdict_.text(),
          .hash = hash_,
          .operations = auditor_.operation_count(),
          .answers = answers_,
          .entries = auditor_.shadow().last().value(),
          .lives = lives_,
          .probes = probes_};
}

// The first operations are sent until they are executed: without items there is nothing to do.
void Simulation::run_opening() {
  for (const Operation& operation : workload_.opening()) {
    send(operation);
    drive();
  }
  settle();
}

void Simulation::step() {
  const auto happens = [&](std::uint64_t per_mille) { return rng_.per_mille(per_mille); };
  if (happens(knobs_.crash)) crash();
  if (happens(knobs_.restart)) stop_in_order();
  if (is_over_) return;
  if (happens(knobs_.crash_at_io)) plan_crash();
  if (happens(knobs_.io_error)) plan_io_error();
  if (happens(knobs_.disk_full)) fill_disk();
  if (disk_full_steps_ > 0 && --disk_full_steps_ == 0) free_disk();
  if (happens(knobs_.checkpoint)) checkpoint();
  if (happens(knobs_.clock_jump)) jump();
  if (happens(knobs_.pause)) pause();
  if (happens(knobs_.rot)) rot();
  if (is_over_) return;
  if (happens(knobs_.burst)) burst();
  traffic();
  if (is_dead()) {
    die();
    return;
  }
  audit();
}

void Simulation::traffic() {
  if (rng_.percent(70) && under_way_.size() < knobs_.clients * knobs_.pipeline_max) {
    send(workload_.next());
  }
  clock_.advance(Duration::us(rng_.percent(5) ? rng_.between(0, 60'000) : rng_.between(0, 300)));
  auto& block_clients = life_->block_clients;
  if (!block_clients.empty() && rng_.percent(knobs_.block_percent)) {
    rng_.pick(block_clients)->step();
  }
  if (rng_.percent(80)) drive();
  if (rng_.percent(30)) background();
}

// — sending and hearing —

void Simulation::send(const Operation& operation) {
  const std::size_t client = rng_.below(knobs_.clients);
  auto& doors = rng_.percent(knobs_.sql_percent) ? life_->sql_doors : life_->engine_doors;
  send_through(*doors[client], operation);
}

void Simulation::send_through(Door& door, const Operation& operation) {
  door.send(operation, announce(operation, {}));
}

std::size_t Simulation::announce(const Operation& operation, std::optional<std::size_t> block) {
  const std::size_t attempt = auditor_.sent(operation, block);
  say("send {}: {}{}", attempt, operation.text(),
      block ? fmt::format(" in block {}", *block) : std::string());
  under_way_.push_back(attempt);
  sent_at_drive_.push_back(drives_);  // attempts are numbered without gaps
  return attempt;
}

void Simulation::replied(std::size_t attempt, Reply reply, bool shows_gate) {
  if (!takes_replies_) return;
  ++answers_;
  under_way_.remove(attempt);
  const std::string text = reply.text();
  say("reply {}: {}", attempt, text);
  hash_ = hash64(as_bytes(text), hash_ ^ attempt);
  if (reply.error == ErrorCode::overloaded) probes_.hit(Probe::overload_refused);
  if (reply.error == ErrorCode::disk_full) probes_.hit(Probe::disk_full_refused);
  if (!reply.error && !reply.claim.is_none() && !is_refusal(reply.outcome)) {
    workload_.claim_exists(reply.claim);
  }
  if (auditor_.attempt(attempt).block) {
    return auditor_.answered(attempt, std::move(reply), life_->engine->durable(), shows_gate);
  }
  const AuditedOperation& audited = auditor_.operation(auditor_.attempt(attempt).operation);
  const bool is_freeing =
      audited.operation.verb == Verb::release || audited.operation.verb == Verb::receive;
  if (disk_full_steps_ > 0 && !reply.error && reply.outcome == Outcome::done && is_freeing) {
    probes_.hit(Probe::disk_full_freeing_accepted);
  }
  const bool waited = !reply.error && drives_ > sent_at_drive_[attempt] + 2;
  if (waited && is_read(audited.operation.verb)) probes_.hit(Probe::read_waited_for_durability);
  if (waited && is_refusal(reply.outcome)) probes_.hit(Probe::refusal_waited_for_durability);
  if (!reply.levels.empty() && !shows_gate) probes_.hit(Probe::read_through_sql);
  if (reply.replayed && crashed_before_) probes_.hit(Probe::replay_after_crash);
  auditor_.answered(attempt, std::move(reply), life_->engine->durable(), shows_gate);
}

void Simulation::drive() {
  ++drives_;
  life_->engine->drive();
  for (auto* doors : {&life_->engine_doors, &life_->sql_doors}) {
    for (auto& door : *doors) door->reap();
  }
  for (auto& client : life_->block_clients) client->reap();
}

// More at once than the queue takes. What frees stock still finds room.
void Simulation::burst() {
  for (std::size_t count = knobs_.engine.queue_max + 2; count > 0; --count) {
    send(workload_.next_of(Verb::claim));
  }
  const std::size_t before = under_way_.size();
  send(workload_.next_of(Verb::release));
  if (under_way_.size() > before) probes_.hit(Probe::overload_freeing_accepted);
}

// Until nothing is under way and everything is durable. False when the life ended meanwhile.
bool Simulation::settle() {
  for (std::uint64_t round = 0; round < patience; ++round) {
    if (is_dead()) return false;
    const EngineStats stats = life_->engine->stats();
    if (under_way_.empty() && background_.waiting() == 0 && stats.live == stats.durable &&
        round > 0) {
      return true;
    }
    clock_.advance(Duration::us(100));
    drive();
    background_.run_one();
  }
  verdict_.wrong("{} operations are never answered", under_way_.size());
  return false;
}

void Simulation::audit() {
  auditor_.check_state(life_->engine->stock());
  if (life_->watch.is_done && rng_.percent(30)) {
    life_->watch.is_done = false;
    life_->engine->submit(life_->watch);
  }
}

// — lives —

bool Simulation::is_dead() const { return disk_.has_crashed() || life_->engine->has_failed(); }

Status Simulation::try_to_open() {
  life_ = std::make_unique<Life>(auditor_);
  EngineOptions options = knobs_.engine;
  options.accept_clock = accept_clock_;
  ASSIGN(life_->engine, Engine::open(world_, options, [](std::uint64_t, std::uint64_t) {}));
  life_->database = make_database("holdfast", *life_->engine);
  for (std::size_t client = 0; client < knobs_.clients; ++client) {
    life_->engine_doors.push_back(engine_door(*life_->engine, *this, locations_));
    life_->sql_doors.push_back(sql_door(*life_->database, *this, locations_));
  }
  life_->home.emplace(
      BlockClient::Home{.database = *life_->database,
                        .auditor = auditor_,
                        .workload = workload_,
                        .taker = *this,
                        .locations = locations_,
                        .announce = [this](const Operation& operation, std::size_t block) {
                          return announce(operation, block);
                        }});
  for (std::size_t client = 0; client < knobs_.block_clients; ++client) {
    life_->block_clients.push_back(
        std::make_unique<BlockClient>(*life_->home, rng_.fork(), verdict_));
  }
  return {};
}

bool Simulation::start() {
  for (int attempts = 0; attempts < 50; ++attempts) {
    const bool crashes = rng_.per_mille(knobs_.crash_in_recovery) && attempts < 20;
    if (crashes) disk_.crash_after(disk_.io_count() + rng_.below(25));
    const Status opened = try_to_open();
    if (opened.has_value() && !disk_.has_crashed()) {
      disk_.crash_after(~std::uint64_t{0});
      expects_trouble_ = disk_full_steps_ > 0;  // a full disk outlives the process
      ++lives_;
      look_around();
      return verdict_.is_clean() && !is_over_;
    }
    life_.reset();
    if (disk_.has_crashed()) {
      probes_.hit(Probe::crash_in_recovery);
      say("crash in recovery");
      background_.drain();
      disk_.restart(rng_.pick(fates));
      continue;
    }
    if (!survives(opened.error())) return false;
  }
  verdict_.wrong("the ledger does not start");
  return false;
}

// Why it did not start, and whether to try again.
bool Simulation::survives(const Error& error) {
  say("does not start: {}", error.message);
  background_.drain();
  disk_.restart_process();
  switch (error.code) {
    case ErrorCode::invalid_value:  // the clock
      probes_.hit(Probe::clock_refused_to_start);
      accept_clock_ = true;
      return true;
    case ErrorCode::disk_full:
      free_disk();
      return true;
    case ErrorCode::io_error:
    case ErrorCode::unknown_result:
      if (expects_trouble_) return true;
      break;
    case ErrorCode::corrupt:
      if (!journal_rots_) break;
      probes_.hit(Probe::corruption_refused_to_start);
      is_over_ = true;
      return false;
    default:
      break;
  }
  verdict_.wrong("the ledger does not start: {}", error.message);
  return false;
}

// What recovery found must be what was promised.
void Simulation::look_around() {
  Engine& engine = *life_->engine;
  const EngineReport& report = engine.report();
  say("life {}: recovered seq {}, checkpoint {}, torn {}", lives_, report.journal.end.seq.value(),
      report.checkpoint.value(), report.journal.torn);
  accept_clock_ = false;
  auditor_.recovered(report.journal.end.seq);
  if (!compare_with_journal()) return;
  hash_ = hash64(as_bytes(fmt::format("{:016x}", engine.stock().digest())), hash_);
  if (report.journal.torn) probes_.hit(Probe::torn_tail_cut);
  if (report.checkpoint.value() > 0) probes_.hit(Probe::checkpoint_loaded);
  if (lives_ > 1 && report.checkpoint.value() == 0) probes_.hit(Probe::recovered_from_start);
  if (checkpoint_rots_ && report.checkpoint.value() > 0) probes_.hit(Probe::older_checkpoint_used);
  if (journal_rots_) probes_.hit(Probe::corruption_survived);
  // The first one, the one made ahead of it, and more: it was switched.
  const auto names = disk_.list();
  if (names.has_value() && std::ranges::count_if(*names, is_segment) > 2) {
    probes_.hit(Probe::segment_switch);
  }
  checkpoint_rots_ = false;
  ask_again();
}

// False when the journal cannot be read: whoever starts from a checkpoint does not see damage in
// front of it, whoever reads all of it does, and says so.
bool Simulation::compare_with_journal() {
  const Engine& engine = *life_->engine;
  if (const Status read = auditor_.read_journal(disk_, engine.durable()); !read.has_value()) {
    if (!journal_rots_ || read.error().code != ErrorCode::corrupt) {
      verdict_.wrong("the journal cannot be read: {}", read.error().message);
    }
    is_over_ = true;
    return false;
  }
  auditor_.check_state(engine.stock());
  auditor_.compare_with_shadow(engine.stock());
  return true;
}

// Clients that lost their connection come back with the same words and the same key.
void Simulation::ask_again() {
  const auto& keyed = auditor_.keyed();
  for (std::size_t count = 0; count < 4 && !keyed.empty() && verdict_.is_clean(); ++count) {
    const std::size_t from = keyed.size() > 12 ? keyed.size() - 12 : 0;
    const std::size_t index = keyed[from + rng_.below(keyed.size() - from)];
    const AuditedOperation& audited = auditor_.operation(index);
    const bool is_unknown = std::ranges::any_of(audited.attempts, [&](std::size_t attempt) {
      return auditor_.attempt(attempt).state == Attempt::State::unknown;
    });
    if (is_unknown) {
      probes_.hit(audited.groups.empty() ? Probe::unknown_found_undone : Probe::unknown_found_done);
    }
    send(Operation(audited.operation));
  }
}

void Simulation::crash() {
  say("crash");
  probes_.hit(Probe::crash);
  disk_.crash_after(disk_.io_count());
  die();
}

// The process is gone: what was under way is unknown. The machine may go with it.
void Simulation::die() {
  const bool machine_dies = disk_.has_crashed() || rng_.percent(70);
  const Seq live = life_->engine->stats().live;
  if (!disk_.has_crashed()) {
    say("the engine stopped: {}", life_->engine->failure().message);
    if (life_->engine->has_failed()) {
      if (!expects_trouble_) {
        verdict_.wrong("the engine stopped without a fault: {}", life_->engine->failure().message);
      }
      probes_.hit(Probe::io_error_stopped);
    }
  }
  bury();
  crashed_before_ = true;
  if (machine_dies || disk_.has_crashed()) {
    disk_.restart(rng_.pick(fates));
  } else {
    disk_.restart_process();
  }
  restart_after_outage();
  if (life_ != nullptr && life_->engine->report().journal.end.seq < live) {
    probes_.hit(Probe::crash_lost_entries);
  }
}

// Nobody hears the dead: what was under way is unknown. A session must be empty before it goes, so
// the engine, which cannot write any more, is asked to give everything up first.
void Simulation::bury() {
  takes_replies_ = false;
  for (auto& client : life_->block_clients) client->bury();
  for (const std::size_t attempt : under_way_) auditor_.lost(attempt);
  under_way_.clear();
  for (int round = 0; round < 100; ++round) {
    clock_.advance(Duration::ms(1));
    drive();
    background_.run_one();
  }
  life_.reset();
  background_.drain();
  takes_replies_ = true;
}

void Simulation::restart_after_outage() {
  clock_.advance(
      Duration::ms(rng_.percent(20) ? rng_.between(1, 40 * 60 * 1'000) : rng_.between(0, 3'000)));
  if (!start()) is_over_ = true;
}

void Simulation::stop_in_order() {
  say("stop");
  const Status status = life_->engine->shut_down();
  if (!status.has_value() && !expects_trouble_ && !disk_.has_crashed()) {
    verdict_.wrong("an orderly stop fails: {}", status.error().message);
  }
  if (status.has_value()) {
    if (!under_way_.empty()) {
      verdict_.wrong("an orderly stop leaves {} operations unanswered", under_way_.size());
    }
    probes_.hit(Probe::orderly_restart);
  }
  if (is_dead()) return die();
  bury();
  if (disk_.has_crashed() || rng_.percent(50)) {
    disk_.restart(rng_.pick(fates));
  } else {
    disk_.restart_process();
  }
  restart_after_outage();
}

// All faults end; everything is answered, stopped, verified offline.
void Simulation::end() {
  knobs_.crash_in_recovery = 0;
  free_disk();
  while (verdict_.is_clean() && !is_over_ && !settle()) {
    if (verdict_.is_clean()) die();
  }
  if (is_over_ || !verdict_.is_clean()) return;
  disk_.crash_after(~std::uint64_t{0});
  if (!give_blocks_up() || !compare_with_journal()) return;
  const Status stopped = life_->engine->shut_down();
  if (is_dead()) return bury();  // a planned fault came late
  const std::uint64_t digest = life_->engine->stock().digest();
  if (!stopped.has_value() && !expects_trouble_) {
    verdict_.wrong("the last stop fails: {}", stopped.error().message);
  }
  life_.reset();
  const auto verified = verify_ledger(disk_, [](std::uint64_t, std::uint64_t) {});
  if (!verified.has_value()) {
    verdict_.wrong("verify cannot read: {}", verified.error().message);
  } else if (!verified->problems.empty() && !has_rotted_) {
    verdict_.wrong("verify: {}", verified->problems.front());
  } else if (verified->problems.empty() && verified->digest != digest) {
    verdict_.wrong("verify computes digest {:016x}, the engine had {:016x}", verified->digest,
                   digest);
  } else if (verified->oversold != 0) {
    verdict_.wrong("verify finds {} oversold groups", verified->oversold);
  }
  const std::vector<std::string> names = disk_.list().value();
  for (const std::string& name : names) {
    if (is_segment(name)) hash_ = hash64(disk_.contents(name), hash_);
  }
}

// What transactions hold is given back when they are gone, as soon as that can be written.
bool Simulation::give_blocks_up() {
  for (auto& client : life_->block_clients) client->leave();
  for (std::uint64_t round = 0; round < patience; ++round) {
    if (!settle()) return false;
    if (life_->engine->stock().provisional_claims().empty()) return true;
    clock_.advance(Duration::ms(1));
  }
  verdict_.wrong("units are held by transactions that have ended");
  return false;
}

// — faults —

void Simulation::plan_crash() {
  probes_.hit(Probe::crash_at_io);
  disk_.crash_after(disk_.io_count() + rng_.below(40));
}

void Simulation::plan_io_error() {
  expects_trouble_ = true;
  disk_.fail_io(1 + rng_.below(12), ErrorCode::io_error);
}

void Simulation::fill_disk() {
  if (disk_full_steps_ > 0) return;
  say("the disk fills up");
  expects_trouble_ = true;
  disk_full_steps_ = static_cast<std::uint64_t>(rng_.between(5, 150));
  const std::uint64_t left = rng_.below(3) * 64 * 1024;
  disk_.knobs.capacity_bytes -= disk_.free_bytes().value_or(0);
  disk_.knobs.capacity_bytes += left;
}

void Simulation::free_disk() {
  if (disk_.knobs.capacity_bytes != SimDiskKnobs().capacity_bytes) {
    say("the disk has space again");
    probes_.hit(Probe::disk_full_over);
  }
  disk_full_steps_ = 0;
  disk_.knobs.capacity_bytes = SimDiskKnobs().capacity_bytes;
}

void Simulation::checkpoint() {
  if (is_dead()) return;
  const Status status = life_->engine->checkpoint();
  if (disk_.has_crashed()) probes_.hit(Probe::crash_in_checkpoint);
  if (status.has_value()) {
    probes_.hit(Probe::checkpoint_asked);
  } else {
    probes_.hit(Probe::checkpoint_failed);
    if (!expects_trouble_ && !disk_.has_crashed()) {
      verdict_.wrong("a checkpoint fails: {}", status.error().message);
    }
  }
}

void Simulation::background() {
  const bool was_alive = !disk_.has_crashed();
  const std::uint64_t written = life_->engine->stats().checkpoints;
  if (!background_.run_one(rng_.next())) return;
  if (was_alive && disk_.has_crashed()) probes_.hit(Probe::crash_in_checkpoint);
  drive();
  if (life_->engine->stats().checkpoints > written) probes_.hit(Probe::checkpoint_by_bytes);
}

void Simulation::jump() {
  const bool is_long = rng_.percent(5);
  const Duration by =
      Duration::seconds(is_long ? rng_.between(25, 48) * 3'600 : rng_.between(1, 7'200));
  const bool is_forward = rng_.percent(50);
  probes_.hit(is_forward ? Probe::clock_jump_forward : Probe::clock_jump_back);
  say("the clock jumps {} s {}", by.us() / 1'000'000, is_forward ? "forward" : "back");
  clock_.set_wall(is_forward ? clock_.wall() + by : clock_.wall() + Duration::us(-by.us()));
}

void Simulation::pause() {
  probes_.hit(Probe::paused);
  clock_.advance(Duration::us(rng_.between(1, knobs_.hold_max_drawn.us() * 2)));
}

// A bit that was acknowledged turns over. In the newest checkpoint it must not matter; in the
// journal the ledger may refuse to start. The newest batch is proved by a seal first: before that
// it cannot be told from one that was being written (durability.md, residual window).
void Simulation::rot() {
  if (!settle()) return;
  clock_.advance(knobs_.engine.seal_after + Duration::us(1));
  drive();
  if (!settle()) return;
  clock_.advance(Duration::ms(2));
  drive();
  if (is_dead()) return;  // a planned fault came with what was due
  const auto checkpoints = list_checkpoints(disk_);
  if (checkpoints.has_value() && !checkpoints->empty() && rng_.percent(70)) {
    const std::string& name = checkpoints->front();
    const std::size_t size = disk_.contents(name).size();
    if (size == 0) return;
    disk_.flip_bit(name, rng_.below(size), static_cast<unsigned>(rng_.below(8)));
    checkpoint_rots_ = true;
    has_rotted_ = true;
    say("rot in {}", name);
  } else {
    std::vector<std::string> names = disk_.list().value();
    std::erase_if(names, [](const std::string& name) { return !is_segment(name); });
    const std::string& name = names[rng_.below(names.size())];
    const std::vector<std::byte> contents = disk_.contents(name);
    if (contents.empty()) return;
    // Mostly where batches are: behind them is the space of those to come.
    const auto last = std::ranges::find_if(contents.rbegin(), contents.rend(),
                                           [](std::byte byte) { return byte != std::byte{}; });
    const auto used = static_cast<std::size_t>(contents.rend() - last);
    const std::size_t bound = rng_.percent(75) && used > 0 ? used : contents.size();
    disk_.flip_bit(name, rng_.below(bound), static_cast<unsigned>(rng_.below(8)));
    journal_rots_ = true;
    has_rotted_ = true;
    say("rot in {}", name);
  }
  crash();
}

}  // namespace holdfast
