// PgServer over real loopback sockets and a fake database: admission, refusal, cancel, time-out,
// drain.
#include "pgwire/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pgwire/session_for_test.h"

namespace holdfast {
namespace {

class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~SocketClient() { ::close(socket_); }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  void say(std::string_view bytes) {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void say_no_more() { ::shutdown(socket_, SHUT_WR); }
  // Reads until what was said ends with this word, or the server closes; returns the words.
  std::string hear_until(std::string_view last_word) {
    std::string words;
    while (last_word.empty() || !words.ends_with(last_word)) {
      pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 20'000) <= 0) return words + " (silence)";
      char chunk[64 * 1024];
      const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
      if (got <= 0) return words + " (closed)";
      unread_.append(chunk, static_cast<std::size_t>(got));
      std::string_view rest = unread_;
      const std::string fresh = client::take_words(rest);
      words += (words.empty() || fresh.empty() ? "" : " ") + fresh;
      read_ = unread_.substr(0, unread_.size() - rest.size());
      unread_.erase(0, read_.size());
    }
    return words;
  }
  std::string open() {
    say(TestSession::greeting());
    std::string words = hear_until("Z");
    const std::size_t key = read_.rfind(client::message('K', client::be64(0)).substr(0, 5));
    if (key != std::string::npos) key_ = read_.substr(key + 5, 8);
    return words;
  }
  [[nodiscard]] const std::string& cancel_key() const { return key_; }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string unread_;  // the beginning of a message
  std::string read_;    // the messages heard last
  std::string key_;
};

class PgServerTest : public testing::Test {
 protected:
  void start(PgServerOptions options = {}) {
    options.listen.address = "127.0.0.1:0";
    Loop* loops[] = {&loop_};
    auto server = PgServer::open(database_, access_, loops, options);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = std::move(*server);
    loop_.start();
  }
  void TearDown() override {
    if (server_) server_->drain(Duration::seconds(20));
    loop_.stop();
    server_.reset();
  }
  // Runs on the loop, where the database belongs.
  void on_loop(const std::function<void()>& work) {
    std::atomic<bool> done = false;
    loop_.post([&] {
      work();
      done = true;
      done.notify_one();
    });
    done.wait(false);
  }

  CountingRandom random_;
  Access access_{{}, random_};
  FakeDatabase database_;
  Loop loop_;
  std::unique_ptr<PgServer> server_;
};

TEST_F(PgServerTest, ServesManyClients) {
  start();
  SocketClient one(server_->port());
  SocketClient two(server_->port());
  EXPECT_TRUE(one.open().ends_with("K Z"));
  EXPECT_TRUE(two.open().ends_with("K Z"));
  two.say(client::query("select 2"));
  one.say(client::parse("", "rows 1") + client::bind("", "") + client::execute() + client::sync());
  EXPECT_EQ(one.hear_until("Z"), "1 2 D(0,row 0) C(SELECT 1) Z");
  EXPECT_EQ(two.hear_until("Z"), "T(n:20) D(2) C(SELECT 1) Z");
  two.say(client::terminate());
  EXPECT_EQ(two.hear_until(""), " (closed)");
  EXPECT_EQ(server_->stats().sessions, 2u);
  EXPECT_EQ(server_->stats().statements, 2u);
}

TEST_F(PgServerTest, SendsAReplyFarLargerThanTheSocketsBuffers) {
  start();
  SocketClient client(server_->port());
  client.open();
  client.say(client::query("big 20") + client::query("select 1"));
  const std::string words = client.hear_until("C(SELECT 1) Z");
  EXPECT_EQ(std::ranges::count(words, 'x'), 20'000'000);
}

TEST_F(PgServerTest, RefusesPastTheLimitInItsOwnWords) {
  start({.listen = {.connections_max = 1}});
  SocketClient one(server_->port());
  one.open();
  SocketClient two(server_->port());
  two.say(TestSession::greeting());
  EXPECT_EQ(two.hear_until(""), "E(!53300) (closed)");
}

TEST_F(PgServerTest, GivesUpOnAClientThatDoesNotStart) {
  start({.authentication_time_max = Duration::ms(1)});
  SocketClient client(server_->port());
  EXPECT_EQ(client.hear_until(""), "E(!57014) (closed)");
}

TEST_F(PgServerTest, ACancelRequestNeedsTheRightSecret) {
  start();
  on_loop([&] { database_.deferred = true; });
  SocketClient client(server_->port());
  client.open();
  client.say(client::query("select 1; select 2"));
  const auto finish_one = [&] {
    bool finished = false;
    while (!finished) {
      on_loop([&] {
        finished = !database_.waiting.empty();
        if (finished) database_.finish();
      });
    }
  };
  const auto cancel = [&](const std::string& key) {
    SocketClient canceler(server_->port());
    canceler.say(client::request(client::cancel_code, key));
    EXPECT_EQ(canceler.hear_until(""), " (closed)");
  };
  std::string wrong = client.cancel_key();
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  cancel(wrong);
  finish_one();
  finish_one();
  EXPECT_EQ(client.hear_until("Z"), "T(n:20) D(1) C(SELECT 1) T(n:20) D(2) C(SELECT 1) Z");
  client.say(client::query("select 3; select 4") + client::flush());
  bool is_running = false;
  while (!is_running) on_loop([&] { is_running = !database_.waiting.empty(); });
  cancel(client.cancel_key());
  finish_one();
  EXPECT_EQ(client.hear_until("Z"), "T(n:20) D(3) C(SELECT 1) E(57014) Z");
}

// As PostgreSQL: what was asked before the end is answered before the end.
TEST_F(PgServerTest, AnswersWhatStandsBeforeTheEnd) {
  start();
  for (const bool says_so : {true, false}) {
    on_loop([&] { database_.deferred = true; });
    SocketClient client(server_->port());
    client.open();
    client.say(client::query("select 1") + (says_so ? client::terminate() : ""));
    if (!says_so) client.say_no_more();
    bool is_running = false;
    while (!is_running) on_loop([&] { is_running = !database_.waiting.empty(); });
    on_loop([&] { database_.finish(); });
    EXPECT_EQ(client.hear_until(""), "T(n:20) D(1) C(SELECT 1) Z (closed)") << says_so;
  }
  // A script to its last statement.
  on_loop([&] { database_.deferred = false; });
  SocketClient client(server_->port());
  client.open();
  client.say(client::query("select 1; select 2"));
  client.say_no_more();
  EXPECT_EQ(client.hear_until(""), "T(n:20) D(1) C(SELECT 1) T(n:20) D(2) C(SELECT 1) Z (closed)");
}

TEST_F(PgServerTest, DrainLetsWhatRunsFinishAndSaysGoodbye) {
  start();
  on_loop([&] { database_.deferred = true; });
  SocketClient idle(server_->port());
  SocketClient busy(server_->port());
  idle.open();
  busy.open();
  busy.say(client::query("select 1"));
  bool is_running = false;
  while (!is_running) on_loop([&] { is_running = !database_.waiting.empty(); });
  std::thread draining([&] { EXPECT_TRUE(server_->drain(Duration::seconds(20))); });
  EXPECT_EQ(idle.hear_until(""), "E(!57P01) (closed)");
  on_loop([&] { database_.finish(); });
  EXPECT_EQ(busy.hear_until(""), "T(n:20) D(1) C(SELECT 1) Z E(!57P01) (closed)");
  draining.join();
  EXPECT_EQ(database_.outstanding, 0u);
}

TEST_F(PgServerTest, AClientThatLeavesInTheMiddleIsForgottenWhenItsStatementEnds) {
  start();
  on_loop([&] { database_.deferred = true; });
  {
    SocketClient client(server_->port());
    client.open();
    client.say(client::query("select 1"));
    bool is_running = false;
    while (!is_running) on_loop([&] { is_running = !database_.waiting.empty(); });
  }
  on_loop([&] { database_.finish(); });
  while (server_->stats().connections > 0) std::this_thread::yield();
  EXPECT_TRUE(server_->drain(Duration::seconds(20)));
  EXPECT_EQ(database_.outstanding, 0u);
}

}  // namespace
}  // namespace holdfast
