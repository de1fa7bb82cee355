// For tests: the database over a real engine on a real directory, with a clock that the test moves:
// every statement goes the whole way from text to rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine_on_disk_for_test.h"
#include "model/timestamp_text.h"
#include "service/database.h"

namespace holdfast {

// An error as rows are: one line.
inline std::string error_text(ErrorCode code, std::string_view message) {
  return fmt::format("error {}: {}", static_cast<int>(code), message);
}

// Rows as text, cells divided by '|'.
class TextSink final : public RowSink {
 public:
  void begin_row(std::size_t cells) override {
    cells_ = cells;
    rows.emplace_back();
    count_ = 0;
  }
  void null() override { cell("∅"); }
  void boolean(bool value) override { cell(value ? "t" : "f"); }
  void integer(std::int64_t value) override { cell(std::to_string(value)); }
  void text(std::string_view value) override { cell(value); }
  void uuid(const ClaimId& value) override { cell(value.text()); }
  void timestamp(Timestamp value) override {
    TimestampText space;
    cell(timestamp_text(value, space));
  }
  void end_row() override { EXPECT_EQ(count_, cells_); }
  [[nodiscard]] bool is_full() const override { return rows.size() >= rows_max; }

  std::vector<std::string> rows;
  std::size_t rows_max = 1'000'000;

 private:
  void cell(std::string_view text) {
    if (count_++ > 0) rows.back() += '|';
    rows.back() += text;
  }
  std::size_t cells_ = 0;
  std::size_t count_ = 0;
};

class Listener final : public ExecutionListener {
 public:
  void finished(Execution&) noexcept override { ++count; }
  void setting_changed(std::string_view name, std::string_view value) noexcept override {
    settings.push_back(fmt::format("{}={}", name, value));
  }
  void notice(const Error& warning) noexcept override { notices.push_back(warning.message); }
  int count = 0;
  std::vector<std::string> settings;
  std::vector<std::string> notices;
};

struct Reply {
  std::vector<std::string> rows;
  std::string tag;
  std::optional<Error> error;
  std::vector<std::string> settings;
  std::vector<std::string> notices;
  TransactionStatus status = TransactionStatus::none;
  std::uint32_t work = 0;  // levels, lines and rows it looked at
  // The only row, or what was wrong.
  [[nodiscard]] std::string row() const {
    if (error) return error_text(error->code, error->message);
    return rows.size() == 1 ? rows[0] : fmt::format("{} rows", rows.size());
  }
};

class ServiceTest : public EngineOnDisk {
 protected:
  void SetUp() override {
    EngineOnDisk::SetUp();
    database_ = make_database("shop", *engine_);
    session_ = database_->open_session("alice");
  }
  void TearDown() override {
    session_.reset();
    database_.reset();
    EngineOnDisk::TearDown();
  }

  Reply execute(Session& session, const StatementPtr& statement, std::span<const Value> values) {
    TextSink sink;
    sink.rows_max = rows_max_;
    Listener listener;
    Execution& execution = session.run(statement, values, sink, listener);
    while (!execution.is_finished()) engine_->drive();
    EXPECT_EQ(listener.count, 1);
    Reply reply{.rows = sink.rows,
                .tag = {},
                .error = {},
                .settings = listener.settings,
                .notices = listener.notices,
                .status = execution.transaction_status(),
                .work = execution.weight()};
    if (execution.status().has_value()) {
      reply.tag = execution.tag();
    } else {
      reply.error = execution.status().error();
    }
    session.recycle(execution);
    return reply;
  }
  Reply run(std::string_view sql, const std::vector<std::string>& texts = {}) {
    return run_on(*session_, sql, texts);
  }
  Reply run_on(Session& session, std::string_view sql, const std::vector<std::string>& texts = {}) {
    auto statement = session.prepare(sql, {});
    if (!statement.has_value())
      return {.rows = {}, .tag = {}, .error = statement.error(), .settings = {}, .work = 0};
    std::vector<Value> values;
    for (const std::string& text : texts) {
      values.push_back({.type = SqlType::unknown, .is_null = false, .text = text, .uuid = {}});
    }
    return execute(session, *statement, values);
  }
  std::string row(std::string_view sql, const std::vector<std::string>& texts = {}) {
    return run(sql, texts).row();
  }
  void stock_up(const std::string& sku, int units) {
    ASSERT_EQ(row("SELECT outcome FROM define_item($1)", {sku}), "done");
    ASSERT_EQ(row("SELECT outcome FROM receive($1, $2)", {sku, std::to_string(units)}), "done");
  }
  std::string claim(const std::string& sku, int units, const std::string& more = "") {
    return row(fmt::format("SELECT claim_id FROM claim('{}', {}{})", sku, units, more));
  }

  std::size_t rows_max_ = 1'000'000;  // of one reply
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

// A shop with three units of A, and somebody else's session beside session_.
class TwoSessionsTest : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    stock_up("A", 3);
    other_ = database_->open_session("bob");
  }
  void TearDown() override {
    other_.reset();
    ServiceTest::TearDown();
  }
  Reply others(std::string_view sql, const std::vector<std::string>& texts = {}) {
    return run_on(*other_, sql, texts);
  }
  ErrorCode error_of(std::string_view sql) {
    const Reply reply = run(sql);
    return reply.error ? reply.error->code : ErrorCode::internal;
  }

  std::unique_ptr<Session> other_;
};

}  // namespace holdfast
