// The wiring diagram: world → engine → database → PostgreSQL server, on network loops that drive
// the engine.
//
//   loop:       sockets ─▶ PgServer ─▶ Database ─▶ Engine::submit
//   heartbeat:  Engine::drive ─▶ replies ─▶ sockets
//   disk:       completions ─▶ wake descriptor ─▶ the first loop's heartbeat
#include "node/serve.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "access/access.h"
#include "engine/engine.h"
#include "net/listener.h"
#include "net/loop.h"
#include "node/signals.h"
#include "node/terminal.h"
#include "node/version.h"
#include "pgwire/server.h"
#include "service/database.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

constexpr int exit_could_not_start = 1;
constexpr int exit_journal_failed = 3;

// What a session may take to finish what it has in flight when the server stops.
constexpr Duration drain_patience = Duration::seconds(10);

// The one ledger of this process: its name is the database clients connect to.
constexpr const char* ledger_name = "holdfast";

// Connections past the limit that are told so at once; more are closed unheard.
constexpr std::uint64_t refusals_max = 32;
// Descriptors that clients cannot take: those refusals, the journal, its next segment, checkpoints,
// the loops.
constexpr std::uint64_t descriptors_kept = 32 + refusals_max;

// How many connections the limit of open files leaves room for, once it is raised as far as this
// process may.
Result<std::uint64_t> connections_possible() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur <= descriptors_kept) {
    return fail(ErrorCode::invalid_value,
                "the limit of open files is {}; at least {} are needed (see ulimit -n)",
                limit.rlim_cur, descriptors_kept + 1);
  }
  return limit.rlim_cur - descriptors_kept;
}

WriteMethod write_method_of(std::string_view name) {
  if (name == "io_uring") return WriteMethod::uring;
  if (name == "threads") return WriteMethod::threads;
  return WriteMethod::automatic;
}

std::string_view write_method_text(WriteMethod method) {
  return method == WriteMethod::uring ? "io_uring" : "threads";
}

EngineOptions engine_options(const ServeOptions& options) {
  EngineOptions engine;
  engine.journal.in_flight_max = options.in_flight_max;
  engine.journal.accept_loss_after = Seq(options.accept_loss_after);
  engine.checkpoint_every_bytes = options.checkpoint_mib * 1024 * 1024;
  engine.accept_clock = options.accept_clock;
  return engine;
}

Result<Credentials> load_credentials(const std::string& path, Random& random) {
  if (path.empty()) return Credentials{};
  ASSIGN(const std::string text, read_secret_file(path));
  return Credentials::parse(text, random);
}

// The host of "HOST:PORT" as a client on this machine names it.
std::string reachable_host(std::string_view address) {
  std::string_view host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host == "0.0.0.0") return "127.0.0.1";
  return std::string(host == "::" ? "::1" : host);
}

class Server {
 public:
  explicit Server(const ServeOptions& options) : options_(options) {}
  ~Server() { stop_loops(); }

  Status start();
  void print_start_up();
  // Serves until a signal or a journal failure. Returns the exit code.
  int run(Signals& signals);

 private:
  Status open_ledger();
  Status open_doors();
  void beat();
  void stop_loops();

  const ServeOptions& options_;
  std::uint64_t connections_max_ = 0;
  std::unique_ptr<LinuxWorld> world_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Access> access_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<PgServer> postgres_;
  std::atomic<bool> failure_said_{false};
};

Status Server::start() {
  ASSIGN(const bool is_loopback, is_loopback_address(options_.pg_listen));
  TRY(check_options(options_, is_loopback));
  ASSIGN(const std::uint64_t possible, connections_possible());
  connections_max_ = std::min(options_.max_connections, possible);
  TRY(open_ledger());
  return open_doors();
}

Status Server::open_ledger() {
  ASSIGN(world_, LinuxWorld::open(options_.data_dir,
                                  {.write_method = write_method_of(options_.write_method)}));
  ProgressLine line("Recovering");
  Clock& clock = world_->world().clock;
  ASSIGN(engine_, Engine::open(world_->world(), engine_options(options_),
                               [&](std::uint64_t done, std::uint64_t total) {
                                 line.show(done, total, clock.boot());
                               }));
  database_ = make_database(ledger_name, *engine_);
  return {};
}

Status Server::open_doors() {
  World& world = world_->world();
  ASSIGN(Credentials credentials, load_credentials(options_.password_file, world.random));
  access_ = std::make_unique<Access>(std::move(credentials), world.random);
  if (!options_.password_file.empty() && !access_->has_passwords()) {
    return fail(ErrorCode::invalid_value, "--password-file {}: names no user",
                options_.password_file);
  }
  const unsigned count = options_.network_threads != 0
                             ? options_.network_threads
                             : loops_for(std::thread::hardware_concurrency());
  std::vector<Loop*> loops;
  for (unsigned index = 0; index < count; ++index) {
    Loop& loop = *loops_.emplace_back(std::make_unique<Loop>());
    loop.set_heartbeat([this] { beat(); }, [this] { return engine_->wake_after(); });
    loops.push_back(&loop);
  }
  loops.front()->watch(world.disk.wake_descriptor());
  ASSIGN(postgres_, PgServer::open(*database_, *access_, loops,
                                   {.listen = {.address = options_.pg_listen,
                                               .connections_max = connections_max_,
                                               .refusals_max = refusals_max}}));
  for (auto& loop : loops_) loop->start();
  return {};
}

void Server::beat() {
  engine_->drive();
  if (engine_->has_failed() && !failure_said_.exchange(true)) kill(getpid(), SIGTERM);
}

void Server::print_start_up() {
  const EngineReport& report = engine_->report();
  fmt::print("{}\n", version_text());
  if (!options_.config_file.empty()) fmt::print("  config      {}\n", options_.config_file);
  fmt::print("  postgres    {}   (psql -h {} -p {} -U holdfast holdfast)\n", postgres_->address(),
             reachable_host(postgres_->address()), postgres_->port());
  fmt::print("  data        {}\n", options_.data_dir);
  fmt::print("  durability  every reply waits for the disk; writes through {}\n",
             write_method_text(world_->write_method()));
  fmt::print("  journal     {}, epoch {}\n", options_.journal, report.journal.epoch.value() + 1);
  fmt::print("  recovered   seq {} in {} ms ({} entries replayed{})\n",
             report.journal.end.seq.value(), report.took.us() / 1'000,
             with_thousands(report.entries),
             report.checkpoint.value() == 0
                 ? ""
                 : fmt::format(" behind a checkpoint at {}", report.checkpoint.value()));
  if (report.journal.torn) {
    fmt::print("  note        a torn, unacknowledged tail was cut; its bytes are in {}\n",
               report.journal.torn_saved_as);
  }
  fmt::print("  access      {}\n", access_->has_passwords()
                                       ? "passwords (SCRAM-SHA-256)"
                                       : "this machine is trusted, no password set");
  if (connections_max_ < options_.max_connections) {
    fmt::print("  connections at most {}, not {}: the limit of open files (ulimit -n)\n",
               connections_max_, options_.max_connections);
  }
  std::fflush(stdout);
}

int Server::run(Signals& signals) {
  signals.wait();
  signals.let_the_next_end_it();
  if (engine_->has_failed()) {
    print_error(engine_->failure());
    postgres_->drain(drain_patience);
    stop_loops();
    return exit_journal_failed;
  }
  fmt::print("stopping: answering what is queued\n");
  std::fflush(stdout);
  postgres_->drain(drain_patience);
  stop_loops();
  if (auto status = engine_->shut_down(); !status.has_value()) {
    print_error(status.error());
    return engine_->has_failed() ? exit_journal_failed : 0;
  }
  fmt::print("stopped at seq {}\n", engine_->durable().value());
  return 0;
}

void Server::stop_loops() {
  for (auto& loop : loops_) loop->stop();
  postgres_.reset();
  loops_.clear();
}

}  // namespace

int run_serve(const ServeOptions& options) {
  Signals signals;
  Server server(options);
  if (auto status = server.start(); !status.has_value()) {
    print_error(status.error());
    return exit_could_not_start;
  }
  server.print_start_up();
  return server.run(signals);
}

}  // namespace holdfast
