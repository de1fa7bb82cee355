// See pq_client.h. libpq's rules for pipelines are in its manual, "Pipeline Mode": after each
// statement's results comes a null, after each Sync one result of its own without a null.
#include "pq_client.h"

#include <poll.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace holdfast {

bool PqResult::ok() const {
  const ExecStatusType status = PQresultStatus(result_.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

std::string PqResult::sqlstate() const {
  const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

std::string PqResult::error() const { return PQresultErrorMessage(result_.get()); }

std::string_view PqResult::text(const char* column, int row) const {
  const int index = PQfnumber(result_.get(), column);
  if (index < 0 || row >= rows()) {
    std::fprintf(stderr, "no column %s in row %d of the answer\n", column, row);
    std::exit(2);
  }
  return {PQgetvalue(result_.get(), row, index),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, index))};
}

long long PqResult::number(const char* column) const {
  const std::string_view digits = text(column);
  long long value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

PqClient::PqClient(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK || PQsetnonblocking(connection_, 1) != 0 ||
      PQenterPipelineMode(connection_) != 1) {
    std::fprintf(stderr, "cannot connect: %s\n", PQerrorMessage(connection_));
    std::exit(2);
  }
}

PqClient::~PqClient() { PQfinish(connection_); }

void PqClient::sent(int accepted, Reply reply) {
  waiting_.push_back({std::move(reply), nullptr});
  if (accepted != 1 || PQpipelineSync(connection_) != 1) lose();
}

void PqClient::send(const char* sql, std::initializer_list<std::string_view> values, Reply reply) {
  held_.assign(values.begin(), values.end());
  std::vector<const char*> pointers;
  pointers.reserve(held_.size());
  for (const std::string& value : held_) pointers.push_back(value.c_str());
  sent(PQsendQueryParams(connection_, sql, static_cast<int>(pointers.size()), nullptr,
                         pointers.data(), nullptr, nullptr, 0),
       std::move(reply));
}

void PqClient::send_prepared(const char* name, std::initializer_list<std::string_view> values,
                             Reply reply) {
  held_.assign(values.begin(), values.end());
  std::vector<const char*> pointers;
  pointers.reserve(held_.size());
  for (const std::string& value : held_) pointers.push_back(value.c_str());
  sent(PQsendQueryPrepared(connection_, name, static_cast<int>(pointers.size()), pointers.data(),
                           nullptr, nullptr, 0),
       std::move(reply));
}

bool PqClient::prepare(const char* name, const char* sql) {
  bool answered = false;
  bool good = false;
  sent(PQsendPrepare(connection_, name, sql, 0, nullptr), [&](const PqResult* result) {
    answered = true;
    good = result != nullptr && result->ok();
    if (result != nullptr && !good) {
      std::fprintf(stderr, "cannot prepare %s: %s\n", sql, result->error().c_str());
      std::exit(2);
    }
  });
  while (!answered) {
    pollfd wait{descriptor(), static_cast<short>(POLLIN | (wants_write_ ? POLLOUT : 0)), 0};
    if (!lost_) ::poll(&wait, 1, -1);
    pump();
  }
  return good;
}

const PqResult* PqClient::run(const char* sql, std::initializer_list<std::string_view> values) {
  bool answered = false;
  last_.reset();
  send(sql, values, [&](const PqResult*) { answered = true; });
  while (!answered) {
    pollfd wait{descriptor(), static_cast<short>(POLLIN | (wants_write_ ? POLLOUT : 0)), 0};
    if (!lost_) ::poll(&wait, 1, -1);
    pump();
  }
  return last_.get();
}

void PqClient::lose() {
  lost_ = true;
  while (!waiting_.empty()) {
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    first.reply(nullptr);
  }
}

void PqClient::pump() {
  if (lost_) {
    lose();
    return;
  }
  const int flushed = PQflush(connection_);
  wants_write_ = flushed == 1;
  const bool readable = PQconsumeInput(connection_) == 1;
  while (!waiting_.empty() && PQisBusy(connection_) == 0) {
    PGresult* result = PQgetResult(connection_);
    if (result == nullptr) {
      if (PQstatus(connection_) == CONNECTION_BAD) break;
      continue;
    }
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
      waiting_.front().result = std::make_unique<PqResult>(result);
      continue;
    }
    PQclear(result);
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    last_ = std::move(first.result);
    first.reply(last_.get());
  }
  if (!readable || flushed < 0 || PQstatus(connection_) == CONNECTION_BAD) lose();
}

void pump_any(const std::vector<std::unique_ptr<PqClient>>& clients, int milliseconds) {
  std::vector<pollfd> waits;
  waits.reserve(clients.size());
  for (const auto& client : clients) {
    const short events = static_cast<short>(POLLIN | (client->wants_write() ? POLLOUT : 0));
    waits.push_back({client->is_lost() ? -1 : client->descriptor(), events, 0});
  }
  ::poll(waits.data(), waits.size(), milliseconds);
  for (std::size_t index = 0; index < clients.size(); ++index) {
    if (waits[index].revents != 0) clients[index]->pump();
  }
}

}  // namespace holdfast
