// For tests: the engine on a real directory, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "world/linux/linux_world.h"

namespace holdfast {

class HandClock final : public Clock {
 public:
  Timestamp wall() override { return wall_; }
  Duration boot() override { return boot_; }
  void pass(Duration duration) {
    wall_ = wall_ + duration;
    boot_ = boot_ + duration;
  }

 private:
  Timestamp wall_ = Timestamp::us(1'700'000'000'000'000);
  Duration boot_ = Duration::seconds(100);
};

class TestRequest final : public Request {
 public:
  Seq read(const Stock& stock, Timestamp now) override { return on_read(stock, now); }
  void released(Seq durable) override {
    is_released = true;
    token = durable;
  }
  void failed(const Error& why) override { error = why; }

  std::function<Seq(const Stock&, Timestamp)> on_read;
  bool is_released = false;
  Seq token;
  std::optional<Error> error;
};

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/holdfast-engine-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    open();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(dir_);
  }
  void open() {
    auto opened = LinuxWorld::open(dir_, {});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    linux_ = *std::move(opened);
    World& real = linux_->world();
    world_.emplace(World{clock_, real.random, real.disk, real.background});
    options_.journal.segment_bytes = 1024 * 1024;
    auto engine = Engine::open(*world_, options_, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = *std::move(engine);
  }
  void close() {
    engine_.reset();
    world_.reset();
    linux_.reset();
  }
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
    request.kind = Request::Kind::read;
    request.on_read = [&](const Stock& stock, Timestamp) {
      const LevelRef level =
          stock.find_level({stock.find_item(sku), stock.find_location("main"), {}});
      found = stock.quantity(level, Term::available);
      return stock.version(level);
    };
    engine_->submit(request);
    finish(request);
    return found;
  }
  void stock_up(std::string_view sku, std::int64_t units) {
    run(DefineItem{.sku = sku});
    run(Receive{.sku = sku, .quantity = Quantity(units)});
  }

  std::string dir_;
  HandClock clock_;
  EngineOptions options_;
  std::unique_ptr<LinuxWorld> linux_;
  std::optional<World> world_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace holdfast
