// Who writes a batch: the driver itself for a client that is alone, others as soon as it is not.
#include "engine/lone_client.h"

#include <gtest/gtest.h>

#include "engine/engine_for_test.h"
#include "engine/hand_journal_for_test.h"
#include "journal/memory_directory_for_test.h"
#include "world/hand_clock_for_test.h"

namespace holdfast {
namespace {

class LoneClientTest : public testing::Test {
 protected:
  void SetUp() override {
    auto journal = std::make_unique<HandJournal>();
    journal_ = journal.get();
    auto engine = Engine::open_on(world_, {}, std::move(journal));
    ASSERT_TRUE(engine.has_value());
    engine_ = *std::move(engine);
  }
  // A change by `client`, one request at a time; says who wrote its batch.
  Writer change(TestRequest& client) {
    client.kind = Request::Kind::command;
    client.command = {.context = {.actor = "tester"}, .body = DefineItem{.sku = "SKU"}};
    const std::string title = std::to_string(++changes_);
    std::get<DefineItem>(client.command.body).title = title;
    client.is_released = false;
    engine_->submit(client);
    engine_->drive();
    return journal_->writers.back();
  }
  void read(TestRequest& client) {
    client.kind = Request::Kind::read;
    client.on_read = [](const Stock&, Timestamp) { return Seq(); };
    client.is_released = false;
    engine_->submit(client);
    engine_->drive();
    ASSERT_TRUE(client.is_released);
  }
  void be_alone(TestRequest& client) {
    for (int count = 0; count < 20; ++count) change(client);
    ASSERT_EQ(change(client), Writer::caller);
  }

  HandClock clock_;
  MemoryWorld memory_;
  World world_{clock_, memory_.random, memory_.disk, memory_.background};
  HandJournal* journal_ = nullptr;
  std::unique_ptr<Engine> engine_;
  TestRequest one_, other_;
  int changes_ = 0;
};

TEST_F(LoneClientTest, IsAloneOnlyAfterAWhile) {
  for (int count = 0; count < 10; ++count) ASSERT_EQ(change(one_), Writer::others);
  be_alone(one_);
}

TEST_F(LoneClientTest, TwoThatTakeTurnsAreNotAlone) {
  for (int count = 0; count < 50; ++count) {
    ASSERT_EQ(change(one_), Writer::others);
    ASSERT_EQ(change(other_), Writer::others);
  }
}

TEST_F(LoneClientTest, WhoComesEndsIt) {
  be_alone(one_);
  read(other_);
  EXPECT_EQ(change(one_), Writer::others);
  be_alone(one_);
  EXPECT_EQ(change(other_), Writer::others);
}

TEST_F(LoneClientTest, WhatIsUnderWayIsNotWaitedFor) {
  be_alone(one_);
  journal_->is_slow = true;
  change(one_);
  EXPECT_EQ(journal_->in_flight(), 1u);
  EXPECT_EQ(change(one_), Writer::others);
}

}  // namespace
}  // namespace holdfast
