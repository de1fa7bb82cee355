// For tests: requests, and an engine that answers them.
#pragma once

#include <functional>
#include <optional>

#include "engine/engine_on_disk_for_test.h"

namespace holdfast {

// Hashes to the number that it looks at.
class TestRead final : public RepeatableRead {
 public:
  using Number = std::function<std::uint64_t(const Stock&)>;
  explicit TestRead(Number number) : number_(std::move(number)) {}
  Look look(const Stock& stock, Timestamp, Seq) override { return {.rows = number_(stock)}; }
  [[nodiscard]] std::size_t bytes() const override { return 1; }

 private:
  Number number_;
};

class TestRequest final : public Request {
 public:
  Result<Seq> read(const Stock& stock, Timestamp now) override { return on_read(stock, now); }
  [[nodiscard]] std::unique_ptr<RepeatableRead> repeatable() const override {
    return std::make_unique<TestRead>(number);
  }
  void released(Seq durable) override {
    is_released = true;
    token = durable;
  }
  void failed(const Error& why) override { error = why; }

  std::function<Result<Seq>(const Stock&, Timestamp)> on_read;
  TestRead::Number number;
  bool is_released = false;
  Seq token;
  std::optional<Error> error;
};

// A read of one term of a SKU at main.
inline void look_at(TestRequest& request, std::string_view sku, Term term, Quantity& found) {
  request.kind = Request::Kind::read;
  const auto find = [sku](const Stock& stock) {
    return stock.find_level({stock.find_item(sku), stock.find_location("main"), {}});
  };
  request.on_read = [=, &found](const Stock& stock, Timestamp) {
    const LevelRef level = find(stock);
    found = stock.quantity(level, term);
    return stock.version(level);
  };
  request.number = [=](const Stock& stock) {
    return static_cast<std::uint64_t>(stock.quantity(find(stock), term).units());
  };
}

class EngineTest : public EngineOnDisk {
 protected:
  void reopen() {
    close();
    open();
  }

  // Drives until the request is answered; the disk is real, so this waits for it.
  void finish(TestRequest& request) {
    while (!request.is_released && !request.error.has_value()) engine_->drive();
  }
  Answer run(CommandBody body, CommandContext context = {}) {
    TestRequest request;
    context.actor = "tester";
    request.command = {.context = context, .body = std::move(body)};
    engine_->submit(request);
    finish(request);
    EXPECT_FALSE(request.error.has_value());
    return request.answer;
  }
  Answer claim(std::string_view sku, std::int64_t units, CommandContext context = {},
               Duration hold_for = {}) {
    const LineRequest lines[] = {{.sku = sku, .quantity = Quantity(units)}};
    return run(ClaimUnits{.lines = lines,
                          .hold = hold_for == Duration() ? HoldMode::commit : HoldMode::timed,
                          .hold_for = hold_for},
               context);
  }
  Quantity available(std::string_view sku) {
    Quantity found;
    TestRequest request;
    look_at(request, sku, Term::available, found);
    engine_->submit(request);
    finish(request);
    return found;
  }
  void stock_up(std::string_view sku, std::int64_t units) {
    run(DefineItem{.sku = sku});
    run(Receive{.sku = sku, .quantity = Quantity(units)});
  }
};

}  // namespace holdfast
