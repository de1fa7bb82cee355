// Claims of random SKUs from many connections, each by a statement that was prepared once, as an
// application sends them: of one line (sku, quantity), or of several as one JSON parameter.
//
//   cart_load --port P --clients N --seconds S --lines L --first-sku NUMBER --skus COUNT
//
// One line goes without JSON: the statement of B1. Each connection has one claim under way and
// sends the next one when it is answered. Prints "claims=… per_s=…"; a claim that is not granted,
// or a connection that is lost, ends it with code 2. Two threads share the connections, as with
// pgbench -j 2.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pq_client.h"

namespace {

using holdfast::PqClient;
using holdfast::PqResult;
using SteadyClock = std::chrono::steady_clock;

constexpr int threads = 2;
constexpr const char* claim_sql = "SELECT * FROM claim($1, 1)";
constexpr const char* cart_sql = "SELECT * FROM claim(lines => $1)";

struct Arguments {
  int port = 0, clients = 32, seconds = 5, lines = 5;
  std::uint64_t first_sku = 0, skus = 1;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string_view flag = argv[index];
    const char* value = argv[index + 1];
    if (flag == "--port") arguments.port = std::atoi(value);
    if (flag == "--clients") arguments.clients = std::atoi(value);
    if (flag == "--seconds") arguments.seconds = std::atoi(value);
    if (flag == "--lines") arguments.lines = std::atoi(value);
    if (flag == "--first-sku") arguments.first_sku = std::strtoull(value, nullptr, 10);
    if (flag == "--skus") arguments.skus = std::strtoull(value, nullptr, 10);
  }
  return arguments;
}

[[noreturn]] void give_up(const char* what, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", what, why.c_str());
  std::exit(2);
}

// The claims of one thread's connections.
class Buyers {
 public:
  Buyers(const Arguments& arguments, int number, int count)
      : arguments_(arguments), random_(static_cast<std::uint64_t>(number)) {
    const std::string conninfo =
        "host=127.0.0.1 user=holdfast dbname=holdfast sslmode=disable port=" +
        std::to_string(arguments.port);
    for (int index = 0; index < count; ++index) {
      clients_.push_back(std::make_unique<PqClient>(conninfo));
      clients_.back()->prepare("claim", arguments.lines == 1 ? claim_sql : cart_sql);
    }
  }

  // Until the time is over and every answer is there.
  void run(SteadyClock::time_point deadline) {
    for (const auto& client : clients_) buy(*client, deadline);
    while (under_way_ > 0) holdfast::pump_any(clients_, 100);
  }
  [[nodiscard]] std::uint64_t claims() const { return claims_; }

 private:
  void buy(PqClient& client, SteadyClock::time_point deadline) {
    ++under_way_;
    client.send_prepared("claim", {wish()}, [&client, this, deadline](const PqResult* result) {
      if (result == nullptr) give_up("a connection", "lost");
      if (!result->ok()) give_up("a claim", result->error());
      if (!result->flag("granted")) give_up("a claim", std::string(result->text("outcome")));
      --under_way_;
      ++claims_;
      if (SteadyClock::now() < deadline) buy(client, deadline);
    });
  }
  std::string sku() { return std::to_string(arguments_.first_sku + random_() % arguments_.skus); }
  // What is sent: a SKU, or the lines of a cart.
  std::string wish() {
    if (arguments_.lines == 1) return sku();
    std::string cart = "[";
    for (int line = 0; line < arguments_.lines; ++line) {
      if (line > 0) cart += ',';
      cart += R"({"sku":")" + sku() + R"(","quantity":1})";
    }
    return cart + "]";
  }

  const Arguments arguments_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<PqClient>> clients_;
  std::uint64_t claims_ = 0;
  int under_way_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  std::vector<std::unique_ptr<Buyers>> buyers;
  for (int number = 0; number < threads; ++number) {
    const int count = (arguments.clients + threads - 1 - number) / threads;
    buyers.push_back(std::make_unique<Buyers>(arguments, number, count));
  }
  const auto began = SteadyClock::now();
  const auto deadline = began + std::chrono::seconds(arguments.seconds);
  std::vector<std::thread> running;
  for (const auto& some : buyers) running.emplace_back([&] { some->run(deadline); });
  for (std::thread& thread : running) thread.join();
  const std::chrono::duration<double> took = SteadyClock::now() - began;
  std::uint64_t claims = 0;
  for (const auto& some : buyers) claims += some->claims();
  std::printf("claims=%llu per_s=%.1f\n", static_cast<unsigned long long>(claims),
              static_cast<double>(claims) / took.count());
  return 0;
}
