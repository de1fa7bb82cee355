// For tests: an engine on a real directory, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "world/hand_clock_for_test.h"
// tidy: allow edge: a test needs real doors
#include "world/linux/linux_world.h"

namespace holdfast {

inline EngineOptions small_segments() {
  EngineOptions options;
  options.journal.segment_bytes = 1024 * 1024;
  return options;
}

class EngineOnDisk : public testing::Test {
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
    world_.emplace(World{clock_, real.random, disk_of(real.disk), real.background});
    auto engine = Engine::open(*world_, options_, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = *std::move(engine);
  }
  // For tests of a disk that is not as it should be.
  virtual Directory& disk_of(Directory& real) { return real; }
  void close() {
    engine_.reset();
    world_.reset();
    linux_.reset();
  }

  std::string dir_;
  HandClock clock_;
  EngineOptions options_ = small_segments();
  std::unique_ptr<LinuxWorld> linux_;
  std::optional<World> world_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace holdfast
