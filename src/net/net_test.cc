// net: an echo protocol over real loopback sockets: order, back-pressure, deadlines, limits,
// refusals, the heartbeat.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "net/listener.h"

namespace holdfast {
namespace {

// Collects what happened on the loops, for the test's thread to wait for.
class Log {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    seen_.insert(std::move(what));
    changed_.notify_all();
  }
  void wait(const std::string& what) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      return seen_.count(what) > 0;
    })) << what;
  }
  std::size_t count(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return seen_.count(what);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<std::string> seen_;
};

// Echoes whole lines. "note…" is noted in the log; "pause" stops reading until the heartbeat
// resumes; "big N" answers N bytes; "portions N" so many portions, each when the one before is
// sent; "bye" says so, closes.
constexpr std::size_t portion_bytes = 64 * 1024;

class Echo final : public ConnectionHandler {
 public:
  Echo(Connection& connection, Log& log) : connection_(connection), log_(log) {}

  std::size_t on_bytes(ByteSpan bytes) override {
    std::size_t consumed = 0;
    while (!connection_.congested()) {
      const std::string_view rest = as_text(bytes.subspan(consumed));
      const std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) break;
      consumed += end + 1;
      if (!line(rest.substr(0, end))) break;
    }
    return consumed;
  }
  void on_sent() override {
    if (connection_.unsent() > 0) log_.add("not sent");
    say_portion();
  }
  void on_deadline() override {
    log_.add("deadline");
    connection_.output().raw(as_bytes("late\n"));
    connection_.close_after_flush();
  }
  void on_end() override { connection_.close_after_flush(); }
  void on_closed() override {
    log_.add("closed");
    delete this;
  }

 private:
  void say_portion() {
    if (portions_ == 0) return;
    --portions_;
    log_.add("portion");
    connection_.output().raw(as_bytes(std::string(portion_bytes, 'x')));
    connection_.tell_when_sent();
    connection_.flush_soon();
  }
  bool line(std::string_view text) {
    if (text.starts_with("portions ")) {
      portions_ = std::stoul(std::string(text.substr(9)));
      say_portion();
      return true;
    }
    if (text == "pause") {
      connection_.pause();
      log_.add("paused");
      connection_.loop().post([this] { connection_.resume(); });
      return false;
    }
    if (text.starts_with("note")) log_.add("noted");
    if (text == "deadline") connection_.set_deadline(Duration::ms(1));
    if (text.starts_with("big ")) {
      const std::string big(std::stoul(std::string(text.substr(4))), 'x');
      connection_.output().raw(as_bytes(big));
      log_.add("big");
    }
    connection_.output().raw(as_bytes(text));
    connection_.output().raw(as_bytes("\n"));
    connection_.flush_soon();
    if (text == "bye") connection_.close_after_flush();
    return text != "bye";
  }

  Connection& connection_;
  Log& log_;
  std::size_t portions_ = 0;
};

class EchoServer final : public Acceptor {
 public:
  void on_connection(Connection& connection, bool refused) override {
    connection.set_handler(*new Echo(connection, log));
    if (!refused) return;
    connection.output().raw(as_bytes("full\n"));
    connection.close_after_flush();
  }
  Log log;
};

class Client {
 public:
  explicit Client(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view text) {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  std::string read(std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) {
      pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 20'000) <= 0) break;
      char chunk[4096];
      const ssize_t got = ::recv(socket_, chunk, std::min(sizeof chunk, bytes - out.size()), 0);
      if (got <= 0) break;
      out.append(chunk, static_cast<std::size_t>(got));
    }
    return out;
  }
  bool at_end() { return read(1).empty(); }
  void send_end() { EXPECT_EQ(::shutdown(socket_, SHUT_WR), 0); }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

class NetTest : public testing::Test {
 protected:
  void start(std::size_t loop_count, const ListenOptions& options = {},
             const std::function<void()>& beat = {}) {
    for (std::size_t index = 0; index < loop_count; ++index) {
      loops_.push_back(std::make_unique<Loop>());
      if (beat) loops_.back()->set_heartbeat(beat, [] { return Duration::hours(1); });
      pointers_.push_back(loops_.back().get());
    }
    auto listener = Listener::open(pointers_, options, server_);
    ASSERT_TRUE(listener.has_value()) << listener.error().message;
    listener_ = std::move(*listener);
    for (auto& loop : loops_) loop->start();
  }
  void TearDown() override {
    if (listener_) listener_->stop();
    for (auto& loop : loops_) loop->stop();
  }

  EchoServer server_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<Loop*> pointers_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(NetTest, EchoesLinesHoweverTheyAreSplit) {
  start(2);
  Client one(listener_->port());
  Client two(listener_->port());
  const std::string text = "hello\nworld\n";
  for (char c : text) one.send(std::string_view(&c, 1));
  two.send(text + text);
  EXPECT_EQ(one.read(text.size()), text);
  EXPECT_EQ(two.read(2 * text.size()), text + text);
}

TEST_F(NetTest, KeepsTheRestWhilePausedAndFeedsItAfterwards) {
  start(1);
  Client client(listener_->port());
  client.send("a\npause\nb\npause\nc\n");
  EXPECT_EQ(client.read(6), "a\nb\nc\n");
}

// What fills more than one read, its end included, comes with one edge.
TEST_F(NetTest, ReadsAllUpToTheEnd) {
  start(1);
  Client client(listener_->port());
  std::string text;
  while (text.size() < 3 * read_chunk_bytes) text += "a line that is echoed\n";
  std::thread sender([&] {
    client.send(text);
    client.send_end();
  });
  EXPECT_EQ(client.read(text.size()), text);
  EXPECT_TRUE(client.at_end());
  sender.join();
  server_.log.wait("closed");
}

TEST_F(NetTest, ReadsTheEndThatComesWithTheLastBytes) {
  start(1);
  for (int again = 0; again < 50; ++again) {
    Client client(listener_->port());
    client.send("a\n");
    client.send_end();
    EXPECT_EQ(client.read(100), "a\n");
  }
}

TEST_F(NetTest, StopsReadingFromAReaderThatDoesNotRead) {
  start(1);
  Client client(listener_->port());
  const std::size_t each = 4 * 1024 * 1024;
  std::string request = "big " + std::to_string(each) + "\n";
  const std::size_t reply = each + request.size();
  for (int index = 0; index < 8; ++index) client.send(request);
  // The kernel's buffers take one reply at most, so the second waits in output() and the third is
  // not read.
  server_.log.wait("big");
  EXPECT_LT(server_.log.count("big"), 8u);
  EXPECT_EQ(client.read(8 * reply).size(), 8 * reply);
  EXPECT_EQ(server_.log.count("big"), 8u);
}

// The first of two clients that bring much at once need not wait until the second is served.
TEST_F(NetTest, BeatsBetweenConnectionsThatBringMuch) {
  start(1, {},
        [this] { server_.log.add("beat at " + std::to_string(server_.log.count("noted"))); });
  Client one(listener_->port());
  Client two(listener_->port());
  for (Client* client : {&one, &two}) {
    client->send("hello\n");
    EXPECT_EQ(client->read(6), "hello\n");
  }
  std::latch is_held(1);
  std::latch both_sent(1);
  loops_.front()->post([&] {
    is_held.count_down();
    both_sent.wait();
  });
  is_held.wait();
  const std::string much = "note" + std::string(8000, 'x') + "\n";
  one.send(much);
  two.send(much);
  both_sent.count_down();
  EXPECT_EQ(one.read(much.size()), much);
  EXPECT_EQ(two.read(much.size()), much);
  server_.log.wait("beat at 1");
  server_.log.wait("beat at 2");
}

TEST_F(NetTest, SaysThePortionsOfALongReplyAsTheyAreSent) {
  start(1);
  Client slow(listener_->port());
  constexpr std::size_t portions = 400;  // more than the kernel's buffers take
  slow.send("portions " + std::to_string(portions) + "\n");
  server_.log.wait("portion");
  Client other(listener_->port());
  other.send("hello\n");
  EXPECT_EQ(other.read(6), "hello\n");
  EXPECT_LT(server_.log.count("portion"), portions);
  EXPECT_EQ(slow.read(portions * portion_bytes).size(), portions * portion_bytes);
  EXPECT_EQ(server_.log.count("portion"), portions);
  EXPECT_EQ(server_.log.count("not sent"), 0u);
}

TEST_F(NetTest, SaysLastWordsAndCloses) {
  start(1);
  Client client(listener_->port());
  client.send("bye\nnever\n");
  EXPECT_EQ(client.read(100), "bye\n");
  EXPECT_TRUE(client.at_end());
  server_.log.wait("closed");
}

TEST_F(NetTest, ADeadlinePasses) {
  start(1);
  Client client(listener_->port());
  client.send("deadline\n");
  EXPECT_EQ(client.read(100), "deadline\nlate\n");
  server_.log.wait("deadline");
}

TEST_F(NetTest, RefusesPastTheLimitAndAdmitsAgain) {
  start(1, {.connections_max = 1});
  {
    Client first(listener_->port());
    first.send("a\n");
    EXPECT_EQ(first.read(2), "a\n");
    Client second(listener_->port());
    EXPECT_EQ(second.read(100), "full\n");
    server_.log.wait("closed");
  }
  while (listener_->connections() > 0) std::this_thread::yield();
  Client third(listener_->port());
  third.send("c\n");
  EXPECT_EQ(third.read(2), "c\n");
}

TEST_F(NetTest, StopClosesWhatIsOpen) {
  start(2);
  Client one(listener_->port());
  one.send("a\n");
  EXPECT_EQ(one.read(2), "a\n");
  listener_->stop();
  for (auto& loop : loops_) loop->stop();
  listener_.reset();
  loops_.clear();
  EXPECT_TRUE(one.at_end());
  EXPECT_EQ(server_.log.count("closed"), 1u);
}

TEST(Loop, BeatsAfterTasksAndWhenTheWatchedDescriptorSpeaks) {
  Log log;
  Loop loop;
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int beats = 0;
  bool posted = false;
  loop.set_heartbeat(
      [&] {
        ++beats;
        log.add("beat");
        if (posted) log.add("beat behind task");
      },
      [] { return Duration::hours(1); });
  loop.watch(descriptor);
  loop.start();
  loop.post([&] {
    EXPECT_TRUE(loop.is_current());
    posted = true;
  });
  log.wait("beat behind task");
  const std::size_t before = log.count("beat");
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(descriptor, &one, sizeof one), 8);
  while (log.count("beat") == before) std::this_thread::yield();
  EXPECT_FALSE(loop.is_current());
  loop.stop();
  ::close(descriptor);
}

TEST(Loop, WakesByItselfWhenTheHeartbeatAsksForIt) {
  Log log;
  Loop loop;
  int beats = 0;
  loop.set_heartbeat([&] { log.add(std::to_string(++beats)); }, [] { return Duration::ms(1); });
  loop.start();
  log.wait("5");
  loop.stop();
}

TEST(Loop, RunsTasksInTheOrderTheyWerePosted) {
  Loop loop;
  std::vector<int> order;
  for (int index = 0; index < 100; ++index) loop.post([&order, index] { order.push_back(index); });
  loop.start();
  loop.stop();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Loop, MayGoWithoutEverRunning) {
  bool ran = false;
  {
    Loop loop;
    loop.post([&] { ran = true; });
    loop.stop();
  }
  EXPECT_TRUE(ran);
}

TEST(Address, KnowsLoopbackAndRefusesNonsense) {
  EXPECT_TRUE(is_loopback_address("127.0.0.1:5433").value());
  EXPECT_TRUE(is_loopback_address("[::1]:0").value());
  EXPECT_FALSE(is_loopback_address("0.0.0.0:5433").value());
  for (const auto* bad :
       {"", "localhost", "::1:5433", ":5433", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:5x"}) {
    const auto result = is_loopback_address(bad);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_value) << bad;
  }
}

}  // namespace
}  // namespace holdfast
