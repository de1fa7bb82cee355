// Connections to sessions: one Worker per loop owns the sessions there; the registry finds them for
// CancelRequests.
#include "pgwire/server.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "pgwire/session.h"

namespace holdfast {
namespace {

class Worker;

// One client: the bridge between its connection and its session. Lives until the connection is gone
// and nothing of the session is in flight.
class PgConnection final : public ConnectionHandler, public Transport {
 public:
  PgConnection(Worker& worker, Connection& connection, bool refused, std::uint32_t process,
               std::uint32_t secret);

  std::size_t on_bytes(ByteSpan bytes) override {
    const std::size_t consumed = session_.feed(bytes);
    if (session_.waits()) connection_->pause();
    return consumed;
  }
  void on_sent() override { session_.output_sent(); }
  void on_end() override { session_.leave(); }
  void on_deadline() override { session_.deadline_passed(); }
  void on_closed() override {
    connection_ = nullptr;
    session_.connection_lost();
  }

  ByteWriter& output() override {
    return connection_ == nullptr ? nowhere_ : connection_->output();
  }
  void flush_soon() override {
    if (connection_ != nullptr) connection_->flush_soon();
  }
  [[nodiscard]] std::size_t unsent() const override {
    return connection_ == nullptr ? 0 : connection_->unsent();
  }
  [[nodiscard]] bool congested() const override {
    return connection_ != nullptr && connection_->congested();
  }
  void tell_when_sent() override {
    if (connection_ != nullptr) connection_->tell_when_sent();
  }
  void resume() override {
    if (connection_ != nullptr) connection_->resume();
  }
  void close() override {
    if (connection_ != nullptr) connection_->close_after_flush();
  }
  void opened(std::uint32_t) override { connection_->clear_deadline(); }
  void set_deadline(Duration from_now) override {
    if (connection_ == nullptr) return;
    if (from_now > Duration()) {
      connection_->set_deadline(from_now);
    } else {
      connection_->clear_deadline();
    }
  }
  void settled() override;
  [[nodiscard]] bool on_own_thread() const override;
  void post(Task& task) override;

  [[nodiscard]] PgSession& session() { return session_; }
  void cut_off() {
    if (connection_ != nullptr) connection_->close();
  }

 private:
  Worker& worker_;
  Connection* connection_;  // null once it is gone
  std::uint32_t process_;
  PgSession session_;
  ByteWriter nowhere_;
  bool is_settled_ = false;
};

// Shared by all threads: which worker has the session of a process number, and its secret.
class CancelRegistry {
 public:
  std::uint32_t add(Worker& worker, std::uint32_t secret) {
    const std::lock_guard lock(mutex_);
    do {
      next_ = next_ % 0x7fffffff + 1;
    } while (entries_.contains(next_));
    entries_.emplace(next_, Entry{&worker, secret});
    return next_;
  }
  void remove(std::uint32_t process) {
    const std::lock_guard lock(mutex_);
    entries_.erase(process);
  }
  Worker* find(std::uint32_t process, std::uint32_t secret) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(process);
    if (found == entries_.end()) return nullptr;
    // One comparison of whole words: nothing about the secret shows in its duration.
    return (found->second.secret ^ secret) == 0 ? found->second.worker : nullptr;
  }

 private:
  struct Entry {
    Worker* worker;
    std::uint32_t secret;
  };
  std::mutex mutex_;
  std::uint32_t next_ = 0;
  std::unordered_map<std::uint32_t, Entry> entries_;
};

// Counts the connections of all workers, for drain() to wait on.
class OpenCount {
 public:
  void add() { change(1); }
  void remove() { change(-1); }
  bool wait_until_none(std::chrono::microseconds patience) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, patience, [&] { return count_ == 0; });
  }
  void wait_until_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [&] { return count_ == 0; });
  }

 private:
  void change(int by) {
    const std::lock_guard lock(mutex_);
    count_ += by;
    if (count_ == 0) none_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
};

// The sessions of one loop; used on its thread only.
class Worker {
 public:
  Worker(Loop& loop, Database& database, const Access& access, PgStats& stats,
         const PgServerOptions& options, CancelRegistry& registry, OpenCount& open)
      : loop_(loop),
        context_{.database = database,
                 .access = access,
                 .stats = stats,
                 .slots = {},
                 .message_bytes_max = options.message_bytes_max,
                 .cancel = {}},
        authentication_time_max_(options.authentication_time_max),
        registry_(registry),
        open_(open) {
    context_.cancel = [this](std::uint32_t process, std::uint32_t secret) {
      cancel(process, secret);
    };
  }

  void admit(Connection& connection, bool refused) {
    const std::uint32_t secret = context_.access.secret();
    const std::uint32_t process = registry_.add(*this, secret);
    auto owned = std::make_unique<PgConnection>(*this, connection, refused, process, secret);
    connection.set_handler(*owned);
    connection.set_deadline(authentication_time_max_);
    PgConnection& added = *sessions_.emplace(process, std::move(owned)).first->second;
    open_.add();
    if (draining_) added.session().drain();
  }

  void forget(std::uint32_t process) {
    registry_.remove(process);
    // Not inside the session's own call: later in this batch, or in the next.
    loop_.post([this, process] {
      sessions_.erase(process);
      open_.remove();
    });
  }

  void drain() {
    draining_ = true;
    for (auto& [process, connection] : sessions_) connection->session().drain();
  }
  void cut_off() {
    for (auto& [process, connection] : sessions_) connection->cut_off();
  }

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] PgContext& context() { return context_; }

 private:
  void cancel(std::uint32_t process, std::uint32_t secret) {
    Worker* owner = registry_.find(process, secret);
    if (owner == nullptr) return;
    owner->loop_.post([owner, process] {
      const auto found = owner->sessions_.find(process);
      if (found != owner->sessions_.end()) found->second->session().cancel();
    });
  }

  Loop& loop_;
  PgContext context_;
  Duration authentication_time_max_;
  CancelRegistry& registry_;
  OpenCount& open_;
  std::map<std::uint32_t, std::unique_ptr<PgConnection>> sessions_;
  bool draining_ = false;
};

PgConnection::PgConnection(Worker& worker, Connection& connection, bool refused,
                           std::uint32_t process, std::uint32_t secret)
    : worker_(worker),
      connection_(&connection),
      process_(process),
      session_(worker.context(), *this, connection.peer_is_loopback(), refused, process, secret) {}

void PgConnection::settled() {
  if (is_settled_) return;
  is_settled_ = true;
  worker_.forget(process_);
}

bool PgConnection::on_own_thread() const { return worker_.loop().is_current(); }
void PgConnection::post(Task& task) { worker_.loop().post(task); }

}  // namespace

struct PgServer::Parts final : Acceptor {
  PgStats stats;
  CancelRegistry registry;
  OpenCount open;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Listener> listener;

  void on_connection(Connection& connection, bool refused) override {
    for (auto& worker : workers) {
      if (&worker->loop() == &connection.loop()) return worker->admit(connection, refused);
    }
    CHECK(false, "a connection on a loop that is not ours");
  }
};

Result<std::unique_ptr<PgServer>> PgServer::open(Database& database, const Access& access,
                                                 std::span<Loop* const> loops,
                                                 const PgServerOptions& options) {
  auto parts = std::make_unique<Parts>();
  for (Loop* loop : loops) {
    parts->workers.push_back(std::make_unique<Worker>(*loop, database, access, parts->stats,
                                                      options, parts->registry, parts->open));
  }
  ASSIGN(parts->listener, Listener::open(loops, options.listen, *parts));
  return std::unique_ptr<PgServer>(new PgServer(std::move(parts)));
}

PgServer::PgServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PgServer::~PgServer() = default;

std::uint16_t PgServer::port() const { return parts_->listener->port(); }
std::string PgServer::address() const { return parts_->listener->address(); }

PgServerStats PgServer::stats() const {
  return {.connections = parts_->listener->connections(),
          .sessions = parts_->stats.sessions.load(),
          .statements = parts_->stats.statements.load(),
          .errors = parts_->stats.errors.load(),
          .authentication_failures = parts_->stats.authentication_failures.load()};
}

bool PgServer::drain(Duration patience) {
  parts_->listener->stop();
  for (auto& worker : parts_->workers) {
    worker->loop().post([raw = worker.get()] { raw->drain(); });
  }
  if (parts_->open.wait_until_none(std::chrono::microseconds(patience.us()))) return true;
  for (auto& worker : parts_->workers) {
    worker->loop().post([raw = worker.get()] { raw->cut_off(); });
  }
  parts_->open.wait_until_none();
  return false;
}

}  // namespace holdfast
