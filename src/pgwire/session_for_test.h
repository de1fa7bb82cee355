// A PgSession over memory: what a test says goes in, what the server says comes out, tasks from
// "other threads" wait until the test lets them home.
#pragma once

#include <string>
#include <vector>

#include "access/access.h"
#include "pgwire/client_for_test.h"
#include "pgwire/fake_database_for_test.h"
#include "pgwire/session.h"

namespace holdfast {

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(++count_);
  }

 private:
  unsigned count_ = 0;
};

class MemoryTransport final : public Transport {
 public:
  ByteWriter& output() override { return out; }
  [[nodiscard]] std::size_t unsent() const override { return out.size(); }
  void flush_soon() override { ++flushes; }
  [[nodiscard]] bool congested() const override { return is_congested; }
  void tell_when_sent() override { tells_sent = true; }
  void resume() override { is_resumed = true; }
  void close() override { is_closed = true; }
  void opened(std::uint32_t) override { is_opened = true; }
  void set_deadline(Duration from_now) override { deadline = from_now; }
  void settled() override { is_settled = true; }
  [[nodiscard]] bool on_own_thread() const override { return !foreign; }
  void post(Task& task) override { posted.push_back(&task); }

  ByteWriter out;
  std::vector<Task*> posted;
  int flushes = 0;
  Duration deadline;
  bool foreign = false;  // executions end on another thread
  bool tells_sent = false;
  bool is_congested = false, is_resumed = false, is_closed = false, is_opened = false,
       is_settled = false;
};

struct SessionOptions {
  std::string passwords;
  bool from_loopback = true;
  bool is_refused = false;
  std::size_t message_bytes_max = message_bytes_default;
};

class TestSession {
 public:
  explicit TestSession(const SessionOptions& options = {})
      : access_(*Credentials::parse(options.passwords, random_), random_),
        context{.database = database,
                .access = access_,
                .stats = stats,
                .slots = {},
                .message_bytes_max = options.message_bytes_max,
                .cancel = [this](std::uint32_t process,
                                 std::uint32_t secret) { canceled.emplace_back(process, secret); }},
        session(context, transport, options.from_loopback, options.is_refused, 7, 0x01020304) {}
  ~TestSession() {
    session.connection_lost();
    database.finish_all();
    go_home();
  }
  TestSession(const TestSession&) = delete;
  TestSession& operator=(const TestSession&) = delete;

  // Opens it by trust and forgets the greeting.
  static std::string greeting() { return client::startup({"user", "holdfast"}); }
  TestSession& open() {
    say(greeting());
    hear();
    return *this;
  }

  // Feeds as a connection would: what was not taken is offered again with more behind it.
  void say(std::string_view bytes) {
    unread_ += bytes;
    transport.is_resumed = false;
    const std::size_t taken = session.feed(as_bytes(unread_));
    unread_.erase(0, taken);
  }
  // Lets the connection go on where it was resumed.
  void settle() {
    while (transport.is_resumed) say({});
  }
  void go_home() {
    for (Task* task : std::exchange(transport.posted, {})) task->run_task();
    settle();
  }
  std::string hear_raw() {
    std::string said(as_text(transport.out.bytes()));
    transport.out.clear();
    return said;
  }
  std::string hear() { return client::words(hear_raw()); }
  std::string ask(std::string_view bytes) {
    say(bytes);
    return hear();
  }
  [[nodiscard]] std::size_t unread() const { return unread_.size(); }

 private:
  CountingRandom random_;
  Access access_;
  std::string unread_;

 public:
  FakeDatabase database;
  PgStats stats;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> canceled;
  MemoryTransport transport;
  PgContext context;
  PgSession session;
};

}  // namespace holdfast
