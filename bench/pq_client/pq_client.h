// PqClient: one non-blocking libpq connection for load generators and drivers. Statements are sent
// one after the other in pipeline mode, each with a Sync of its own, so each is a transaction of
// its own and one that fails does not take its neighbours along.
//
//   1. Every statement's callback is called exactly once, in the order of sending: with its result,
//      or with nullptr when the connection was lost before the answer came (executed or not:
//      unknown).
//   2. Nothing blocks but the constructor and prepare(); PqLoop waits for many clients at once.
#pragma once

#include <libpq-fe.h>

#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

class PqResult {
 public:
  explicit PqResult(PGresult* result) : result_(result) {}
  [[nodiscard]] bool ok() const;
  [[nodiscard]] std::string sqlstate() const;
  [[nodiscard]] std::string error() const;
  [[nodiscard]] int rows() const { return PQntuples(result_.get()); }
  // The text of a column by name; empty for NULL. REQUIRES: ok(), the row and the column exist.
  [[nodiscard]] std::string_view text(const char* column, int row = 0) const;
  [[nodiscard]] bool flag(const char* column) const { return text(column) == "t"; }
  [[nodiscard]] long long number(const char* column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

class PqClient {
 public:
  using Reply = std::function<void(const PqResult* result)>;

  // Connects; ends the process with libpq's message when that fails (these are tools, not servers).
  explicit PqClient(const std::string& conninfo);
  PqClient(const PqClient&) = delete;
  PqClient& operator=(const PqClient&) = delete;
  ~PqClient();

  // False: it could not be prepared because the connection was lost.
  bool prepare(const char* name, const char* sql);
  void send_prepared(const char* name, std::initializer_list<std::string_view> values, Reply reply);
  void send(const char* sql, std::initializer_list<std::string_view> values, Reply reply);
  // Sends and waits, for set-up. nullptr when the connection was lost.
  const PqResult* run(const char* sql, std::initializer_list<std::string_view> values = {});

  // Reads and writes what is possible now and calls back what was answered.
  void pump();
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] bool is_lost() const { return lost_; }
  [[nodiscard]] int descriptor() const { return PQsocket(connection_); }
  [[nodiscard]] bool wants_write() const { return wants_write_; }

 private:
  struct Waiting {
    Reply reply;
    std::unique_ptr<PqResult> result;
  };
  void sent(int accepted, Reply reply);
  void lose();

  PGconn* connection_;
  std::deque<Waiting> waiting_;
  std::unique_ptr<PqResult> last_;
  std::vector<std::string> held_;  // parameters, zero-terminated for libpq
  bool wants_write_ = false;
  bool lost_ = false;
};

// Waits until any of the clients can be pumped, at most so long, and pumps those.
void pump_any(const std::vector<std::unique_ptr<PqClient>>& clients, int milliseconds);

}  // namespace holdfast
