// For tests: one session of an engine, with a transaction or without.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/engine_for_test.h"

namespace holdfast {

// Statement by statement.
class Client {
 public:
  explicit Client(Engine& engine) : engine_(engine) {}

  void begin() { transaction_ = std::make_unique<Transaction>(Duration::seconds(30)); }
  Answer run(CommandBody body, std::string_view key = {}) {
    TestRequest request;
    request.request_class = request_class;
    request.command = {.context = {.actor = "ann", .request_id = key}, .body = std::move(body)};
    send(request);
    return request.answer;
  }
  Answer claim(std::string_view sku, std::int64_t units, std::string_view key = {}) {
    const LineRequest lines[] = {{.sku = sku, .quantity = Quantity(units)}};
    return run(ClaimUnits{.lines = lines}, key);
  }
  Quantity see(std::string_view sku, Term term) {
    Quantity found;
    TestRequest request;
    look_at(request, sku, term, found);
    send(request);
    return found;
  }
  Status operate(TransactionVerb verb, std::string_view savepoint = {}) {
    TestRequest request;
    request.kind = Request::Kind::transact;
    request.request_class = RequestClass::freeing;
    request.verb = verb;
    request.savepoint = savepoint;
    send(request);
    rolled_back = request.rolled_back;
    if (is_end(verb)) transaction_.reset();
    return request.error ? Status(fail(*request.error)) : Status();
  }
  Status commit() { return operate(TransactionVerb::commit); }
  Status roll_back() { return operate(TransactionVerb::rollback); }

  RequestClass request_class = RequestClass::taking;
  bool validates = false;      // what it reads and is refused
  std::optional<Error> error;  // of the last statement
  bool rolled_back = false;

 private:
  void send(TestRequest& request) {
    request.transaction = transaction_.get();
    request.is_validated = validates;
    engine_.submit(request);
    while (!request.is_released && !request.error) engine_.drive();
    error = request.error;
  }
  Engine& engine_;
  std::unique_ptr<Transaction> transaction_;
};

}  // namespace holdfast
