// A disk that fills up: what frees stock goes on, alone, together and in transactions; then nothing
// can be written, nobody waits, and what was held is given back as soon as there is space.
#include <gtest/gtest.h>

#include <vector>

#include "engine/client_for_test.h"

namespace holdfast {
namespace {

// The real directory, on a disk that other files can fill.
class SharedDisk final : public Directory {
 public:
  explicit SharedDisk(Directory& real) : real_(real) {}
  Result<std::unique_ptr<File>> open(std::string_view name, OpenMode mode) override {
    return real_.open(name, mode);
  }
  Result<std::unique_ptr<WriteQueue>> write_queue(std::string_view name,
                                                  std::size_t in_flight_max) override {
    return real_.write_queue(name, in_flight_max);
  }
  Result<std::vector<std::string>> list() override { return real_.list(); }
  Status remove(std::string_view name) override { return real_.remove(name); }
  Status rename(std::string_view from, std::string_view to) override {
    return real_.rename(from, to);
  }
  Status sync() override { return real_.sync(); }
  Result<std::uint64_t> free_bytes() override {
    if (is_full) return std::uint64_t{0};
    return real_.free_bytes();
  }
  Result<std::unique_ptr<FileLock>> lock(std::string_view name) override {
    return real_.lock(name);
  }
  [[nodiscard]] int wake_descriptor() const override { return real_.wake_descriptor(); }

  std::atomic<bool> is_full{false};  // asked in the background

 private:
  Directory& real_;
};

class FullDiskTest : public EngineTest {
 protected:
  void SetUp() override {
    options_.journal.segment_bytes = std::uint64_t{8} * 1024 * 1024;
    EngineTest::SetUp();
    stock_up("A", 10);
  }
  void TearDown() override {
    EXPECT_EQ(engine_->stock().digest(), engine_->stock().recomputed_digest());
    EngineTest::TearDown();
  }
  Directory& disk_of(Directory& real) override { return disk_.emplace(real); }

  Client begin() {
    Client client(*engine_);
    client.begin();
    return client;
  }
  // A command with much to write; what it is told.
  std::optional<ErrorCode> write(RequestClass request_class) {
    const std::string much(200'000, 'x');
    TestRequest request;
    request.request_class = request_class;
    request.command = {.context = {.actor = "tester", .reference = much},
                       .body = Receive{.sku = "A", .quantity = Quantity(1)}};
    engine_->submit(request);
    finish(request);
    if (!request.error) return {};
    return request.error->code;
  }
  void write_until_refused(RequestClass request_class) {
    std::optional<ErrorCode> code;
    while (!code) code = write(request_class);
    EXPECT_EQ(*code, ErrorCode::disk_full);
  }
  void leave_the_reserve() {
    disk_->is_full = true;
    write_until_refused(RequestClass::taking);
  }
  void fill() {
    leave_the_reserve();
    write_until_refused(RequestClass::freeing);
  }
  // The journal looks for space now and then.
  void free_space() {
    disk_->is_full = false;
    while (write(RequestClass::taking)) {
      clock_.pass(Duration::ms(500));
      world_->background.drain();
    }
  }
  std::int64_t held() {
    Client nobody(*engine_);
    return nobody.see("A", Term::held).units();
  }

  std::optional<SharedDisk> disk_;
};

TEST_F(FullDiskTest, TransactionsAndGroupsThatOnlyFreeUseTheReserve) {
  const Answer hold = claim("A", 2, {}, Duration::hours(10));
  Client ann = begin();
  ann.claim("A", 3);
  leave_the_reserve();

  Client bob = begin();
  bob.request_class = RequestClass::freeing;
  EXPECT_EQ(bob.run(Release{.claim = hold.claim}).outcome, Outcome::done);
  EXPECT_TRUE(bob.commit());
  EXPECT_EQ(held(), 3);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::disk_full);
  EXPECT_TRUE(ann.rolled_back);
  EXPECT_EQ(held(), 0);

  const std::int64_t before = available("A").units();
  TestRequest give, take;
  give.request_class = RequestClass::freeing;
  give.command = {.context = {.actor = "tester"},
                  .body = Receive{.sku = "A", .quantity = Quantity(1)}};
  take.command = {.context = {.actor = "tester"},
                  .body = Sale{.sku = "A", .quantity = Quantity(1)}};
  std::vector<Request*> together{&give, &take};
  engine_->submit_together(together);
  finish(give);
  finish(take);
  ASSERT_TRUE(give.error && take.error) << "all or none";
  EXPECT_EQ(give.error->code, ErrorCode::disk_full);
  EXPECT_EQ(available("A").units(), before);
}

TEST_F(FullDiskTest, WithoutAnySpaceTransactionsEndAndNothingStaysHeld) {
  Client ann = begin();
  Client bob = begin();
  Client cyd = begin();
  Client dan = begin();
  ann.claim("A", 1);
  bob.claim("A", 2);
  cyd.claim("A", 3);
  fill();
  EXPECT_EQ(dan.see("A", Term::held), Quantity(6)) << "who did nothing may look";
  EXPECT_TRUE(dan.commit());
  cyd.see("A", Term::held);
  ASSERT_TRUE(cyd.error);
  EXPECT_EQ(cyd.error->code, ErrorCode::disk_full);
  const Status committed = ann.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::disk_full);
  EXPECT_TRUE(bob.roll_back());
  EXPECT_EQ(held(), 6) << "that cannot be written yet";
  free_space();
  EXPECT_EQ(held(), 3);
  EXPECT_TRUE(cyd.commit());
  EXPECT_TRUE(cyd.rolled_back) << "a statement of it was not executed";
  EXPECT_EQ(held(), 0);
}

}  // namespace
}  // namespace holdfast
