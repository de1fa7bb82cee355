// Claims under load, with a record of what was acknowledged, and the check of that record after a
// crash.
//
//   claim_load run   --port P --record FILE --prefix TEXT [--seconds N] [--connections N] [--depth
//   N] claim_load check --port P --record FILE
//
// `run` sends claims in pipelines, each with a request_id of its own, until the time is over or
// every connection is lost. The record has one line per request: prefix-number, sku, quantity, hold
// in seconds (0: committed), then the acknowledged outcome, claim id and seq; "-" where no answer
// came.
//
// `check` sends every recorded request again. An acknowledged one must come back as replayed with
// the same outcome, claim and seq: nothing is missing and nothing happens twice. One that was never
// answered may have happened or not; now it is known. Prints the units granted per sku, to be
// compared with the levels, and ends with code 1 if anything differs.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "pq_client.h"

namespace {

using holdfast::PqClient;
using holdfast::PqResult;

constexpr const char* claim_sql =
    "SELECT outcome, granted, claim_id, seq, replayed FROM claim(sku => $1, quantity => $2, "
    "hold_for => $3, request_id => $4)";
constexpr const char* commit_sql =
    "SELECT outcome, granted, claim_id, seq, replayed FROM claim(sku => $1, quantity => $2, "
    "request_id => $3)";
constexpr const char* unanswered = "-";
constexpr int sku_count = 8;
constexpr int quantity_max = 3;
constexpr int hold_seconds = 3'600;

struct Recorded {
  std::string request_id, sku;
  int quantity = 0;
  int hold = 0;
  std::string outcome = unanswered;
  std::string claim_id = unanswered;
  std::string seq = unanswered;
};

struct Arguments {
  std::string mode, record, prefix = "run";
  int port = 0;
  int seconds = 3'600;
  int connections = 8;
  int depth = 16;
  bool until_error = false;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  if (argc > 1) arguments.mode = argv[1];
  for (int index = 2; index + 1 < argc; index += 2) {
    const std::string flag = argv[index];
    const char* value = argv[index + 1];
    if (flag == "--port") arguments.port = std::atoi(value);
    if (flag == "--record") arguments.record = value;
    if (flag == "--prefix") arguments.prefix = value;
    if (flag == "--seconds") arguments.seconds = std::atoi(value);
    if (flag == "--connections") arguments.connections = std::atoi(value);
    if (flag == "--depth") arguments.depth = std::atoi(value);
    if (flag == "--until-error") arguments.until_error = std::atoi(value) != 0;
  }
  return arguments;
}

std::vector<std::unique_ptr<PqClient>> connect(const Arguments& arguments) {
  const std::string conninfo =
      "host=127.0.0.1 user=holdfast dbname=holdfast sslmode=disable port=" +
      std::to_string(arguments.port);
  std::vector<std::unique_ptr<PqClient>> clients;
  for (int index = 0; index < arguments.connections; ++index) {
    clients.push_back(std::make_unique<PqClient>(conninfo));
    clients.back()->prepare("hold", claim_sql);
    clients.back()->prepare("commit", commit_sql);
  }
  return clients;
}

void send(PqClient& client, const Recorded& recorded, PqClient::Reply reply) {
  const std::string quantity = std::to_string(recorded.quantity);
  if (recorded.hold > 0) {
    client.send_prepared(
        "hold",
        {recorded.sku, quantity, std::to_string(recorded.hold) + " seconds", recorded.request_id},
        std::move(reply));
  } else {
    client.send_prepared("commit", {recorded.sku, quantity, recorded.request_id}, std::move(reply));
  }
}

// The number of answers that were errors rather than rows; they are no acknowledgements.
int error_count = 0;

void note(Recorded& recorded, const PqResult* result) {
  if (result == nullptr) return;
  if (!result->ok()) {
    if (error_count++ == 0) std::fprintf(stderr, "first error: %s", result->error().c_str());
    return;
  }
  recorded.outcome = result->text("outcome");
  recorded.claim_id = result->text("claim_id").empty() ? "none" : result->text("claim_id");
  recorded.seq = result->text("seq");
}

int run(const Arguments& arguments) {
  auto clients = connect(arguments);
  std::deque<Recorded> records;
  std::printf("running\n");
  std::fflush(stdout);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(arguments.seconds);
  bool alive = true;
  while (alive && std::chrono::steady_clock::now() < deadline) {
    alive = false;
    for (const auto& client : clients) {
      if (client->is_lost()) continue;
      alive = true;
      while (client->waiting() < static_cast<std::size_t>(arguments.depth) && !client->is_lost()) {
        const std::size_t number = records.size();
        Recorded& recorded = records.emplace_back();
        recorded.request_id = arguments.prefix + "-" + std::to_string(number);
        recorded.sku = "LOAD-" + std::to_string(number % sku_count);
        recorded.quantity = 1 + static_cast<int>(number / 7 % quantity_max);
        recorded.hold = number % 3 == 0 ? hold_seconds : 0;
        send(*client, recorded, [&](const PqResult* result) { note(recorded, result); });
      }
    }
    holdfast::pump_any(clients, 100);
    if (arguments.until_error && error_count > 0) break;
  }
  clients.clear();  // what is still waiting stays unanswered
  std::ofstream out(arguments.record, std::ios::app);
  std::size_t acknowledged = 0;
  for (const Recorded& recorded : records) {
    out << recorded.request_id << ' ' << recorded.sku << ' ' << recorded.quantity << ' '
        << recorded.hold << ' ' << recorded.outcome << ' ' << recorded.claim_id << ' '
        << recorded.seq << '\n';
    if (recorded.outcome != unanswered) ++acknowledged;
  }
  std::printf("sent %zu acknowledged %zu errors %d\n", records.size(), acknowledged, error_count);
  return out.good() ? 0 : 2;
}

std::vector<Recorded> read_record(const std::string& path) {
  std::vector<Recorded> records;
  std::ifstream in(path);
  Recorded recorded;
  while (in >> recorded.request_id >> recorded.sku >> recorded.quantity >> recorded.hold >>
         recorded.outcome >> recorded.claim_id >> recorded.seq) {
    records.push_back(recorded);
  }
  return records;
}

class Checker {
 public:
  void compare(const Recorded& recorded, const PqResult* result) {
    if (result == nullptr || !result->ok()) {
      complain(recorded, result == nullptr ? "connection lost" : result->error());
      return;
    }
    Recorded now = recorded;
    note(now, result);
    const bool acknowledged = recorded.outcome != unanswered;
    if (acknowledged) {
      ++acknowledged_;
      if (!result->flag("replayed")) complain(recorded, "acknowledged, but was not known any more");
      if (now.outcome != recorded.outcome || now.claim_id != recorded.claim_id ||
          now.seq != recorded.seq) {
        complain(recorded, "now " + now.outcome + " " + now.claim_id + " " + now.seq);
      }
    } else if (result->flag("replayed")) {
      ++found_unanswered_;
    }
    if (result->flag("granted")) granted_[recorded.sku] += recorded.quantity;
  }

  int finish() const {
    std::printf("checked %zu acknowledged, %zu unanswered had happened, %zu problems\n",
                acknowledged_, found_unanswered_, problems_);
    for (const auto& [sku, units] : granted_) std::printf("granted %s %lld\n", sku.c_str(), units);
    return problems_ == 0 ? 0 : 1;
  }

 private:
  void complain(const Recorded& recorded, const std::string& what) {
    if (problems_++ < 10) {
      std::printf("problem: %s %s %s %s: %s\n", recorded.request_id.c_str(),
                  recorded.outcome.c_str(), recorded.claim_id.c_str(), recorded.seq.c_str(),
                  what.c_str());
    }
  }

  std::size_t acknowledged_ = 0, found_unanswered_ = 0, problems_ = 0;
  std::map<std::string, long long> granted_;
};

int check(const Arguments& arguments) {
  const std::vector<Recorded> records = read_record(arguments.record);
  auto clients = connect(arguments);
  Checker checker;
  std::size_t next = 0;
  std::size_t answered = 0;
  while (answered < records.size()) {
    for (const auto& client : clients) {
      while (next < records.size() &&
             client->waiting() < static_cast<std::size_t>(arguments.depth)) {
        const Recorded& recorded = records[next++];
        send(*client, recorded, [&](const PqResult* result) {
          ++answered;
          checker.compare(recorded, result);
        });
      }
    }
    holdfast::pump_any(clients, 1'000);
  }
  return checker.finish();
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.mode == "run") return run(arguments);
  if (arguments.mode == "check") return check(arguments);
  std::fprintf(stderr, "claim_load run|check --port P --record FILE …\n");
  return 2;
}
