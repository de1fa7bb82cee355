// A Database for the tests and fuzzers of this room, with a toy language and no engine behind it:
//
//   select 7 | select $1        one row, int8 column "n"; parameters are int8
//   rows 5                      five rows (i int8, t text)
//   big 5                       five rows of big_row_bytes
//   copy 5 | copy all 5         COPY TO of five rows of big_row_bytes: in its sink | as a stream
//   types                       one row with a column of every type
//   echo $1::uuid $2::text …    one text column: the parameters as they were understood
//   set application_name x      a reported setting
//   fail | late fail            out_of_range when it runs; "late" also claims may_fail_late
//   bad syntax                  prepare() fails at position 5
//   deallocate s | deallocate   the protocol forgets the prepared statement, or all of them
//   heavy                       as anything else, but says it was heavy
//   anything else               no rows, tag DONE
//
// With `deferred`, executions wait until the test finishes them, in any order it likes.
#pragma once

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/database.h"

namespace holdfast {

class FakeStatement final : public Statement {
 public:
  FakeStatement(std::string_view text, std::span<const SqlType> declared) : sql(text) {
    if (sql.starts_with("select ")) columns_ = {{"n", SqlType::int8}};
    if (sql.starts_with("rows ")) columns_ = {{"i", SqlType::int8}, {"t", SqlType::text}};
    if (sql.starts_with("big ") || sql.starts_with("copy ")) columns_ = {{"t", SqlType::text}};
    if (sql.starts_with("copy ")) copy_to_.emplace();
    if (sql.starts_with("echo")) columns_ = {{"echo", SqlType::text}};
    if (sql == "types") {
      columns_ = {{"b", SqlType::boolean},      {"i2", SqlType::int2}, {"i4", SqlType::int4},
                  {"i8", SqlType::int8},        {"t", SqlType::text},  {"u", SqlType::uuid},
                  {"at", SqlType::timestamptz}, {"j", SqlType::jsonb}, {"none", SqlType::int8}};
    }
    for (std::size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
      parameters_.push_back(type_behind(at));
    }
    for (std::size_t index = 0; index < std::min(declared.size(), parameters_.size()); ++index) {
      if (declared[index] != SqlType::unknown) parameters_[index] = declared[index];
    }
  }
  [[nodiscard]] std::span<const SqlType> parameters() const override { return parameters_; }
  [[nodiscard]] std::span<const Column> columns() const override { return columns_; }
  [[nodiscard]] bool is_empty() const override { return sql.empty(); }
  [[nodiscard]] const CopyFormat* copy_to() const override {
    return copy_to_ ? &*copy_to_ : nullptr;
  }
  [[nodiscard]] std::string_view deallocates() const override {
    constexpr std::string_view verb = "deallocate ";
    if (sql == "deallocate") return all_statements;
    return sql.starts_with(verb) ? std::string_view(sql).substr(verb.size()) : std::string_view();
  }

  std::string sql;

 private:
  [[nodiscard]] SqlType type_behind(std::size_t at) const {
    const std::size_t colons = sql.find("::", at);
    if (colons == std::string::npos || colons > sql.find(' ', at)) return SqlType::int8;
    const std::string name = sql.substr(colons + 2, sql.find(' ', colons) - colons - 2);
    const std::map<std::string, SqlType> types = {{"bool", SqlType::boolean},
                                                  {"int2", SqlType::int2},
                                                  {"int4", SqlType::int4},
                                                  {"int8", SqlType::int8},
                                                  {"text", SqlType::text},
                                                  {"uuid", SqlType::uuid},
                                                  {"timestamptz", SqlType::timestamptz},
                                                  {"interval", SqlType::interval},
                                                  {"jsonb", SqlType::jsonb},
                                                  {"int2[]", SqlType::int2_array},
                                                  {"int4[]", SqlType::int4_array},
                                                  {"int8[]", SqlType::int8_array},
                                                  {"text[]", SqlType::text_array},
                                                  {"uuid[]", SqlType::uuid_array},
                                                  {"oid[]", SqlType::oid_array},
                                                  {"unknown", SqlType::unknown}};
    const auto found = types.find(name);
    return found == types.end() ? SqlType::text : found->second;
  }
  std::vector<SqlType> parameters_;
  std::vector<Column> columns_;
  std::optional<CopyFormat> copy_to_;
};

// So many rows of one text; says when it goes.
class FakeStream final : public RowStream {
 public:
  FakeStream(std::size_t rows, std::size_t row_bytes, std::size_t& living)
      : left_(rows), row_(row_bytes, 'x'), living_(living) {
    ++living_;
  }
  ~FakeStream() override { --living_; }
  FakeStream(const FakeStream&) = delete;
  FakeStream& operator=(const FakeStream&) = delete;
  bool next(RowSink& sink, std::uint32_t work_max) override {
    for (std::uint32_t work = 0; left_ > 0 && work < work_max; ++work, --left_) {
      sink.begin_row(1);
      sink.text(row_);
      sink.end_row();
    }
    return left_ > 0;
  }

 private:
  std::size_t left_;
  std::string row_;
  std::size_t& living_;
};

class FakeExecution final : public Execution {
 public:
  [[nodiscard]] bool is_finished() const override { return finished; }
  [[nodiscard]] const Status& status() const override { return result; }
  [[nodiscard]] std::string_view tag() const override { return tag_text; }
  [[nodiscard]] std::uint32_t weight() const override { return weighs; }
  [[nodiscard]] std::size_t affected() const override { return 0; }
  [[nodiscard]] TransactionStatus transaction_status() const override { return behind; }
  [[nodiscard]] std::unique_ptr<RowStream> take_stream() override { return std::move(stream); }

  Status result;
  std::unique_ptr<RowStream> stream;
  std::string tag_text;
  bool finished = false;
  std::string sql;
  std::string echo;
  std::int64_t number = 0;
  std::size_t big_row_bytes = 0;
  std::uint32_t weighs = 1;
  TransactionStatus behind = TransactionStatus::none;
  RowSink* sink = nullptr;
  ExecutionListener* listener = nullptr;
};

class FakeDatabase final : public Database {
 public:
  [[nodiscard]] std::string_view name() const override { return "holdfast"; }
  std::unique_ptr<Session> open_session(std::string_view principal) override;

  bool deferred = false;
  std::size_t big_row_bytes = 1'000'000;
  std::vector<std::string> ran;        // every statement run, in order
  std::deque<FakeExecution*> waiting;  // deferred ones
  Duration idle, idle_in_block;        // how long a client may be silent
  std::size_t outstanding = 0;         // executions not recycled
  int cancels = 0;
  std::size_t streams = 0;           // … and streams not released
  std::vector<std::string> groups;   // what became of groups: together, or flush and end
  std::optional<Error> group_error;  // of the end of a flushed one
  std::map<std::string, std::string, std::less<>> settings;

  // Ends waiting[index]; with an error if given.
  void finish(std::size_t index = 0, std::optional<Error> error = std::nullopt) {
    FakeExecution* execution = waiting[index];
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
    if (error) execution->result = fail(std::move(*error));
    end(*execution);
  }
  void finish_all() {
    while (!waiting.empty()) finish();
  }
  static void end(FakeExecution& execution) {
    if (execution.result) produce(execution);
    if (execution.sink->is_full()) execution.result = fail(execution.sink->overflow());
    execution.finished = true;
    execution.listener->finished(execution);
  }

 private:
  static void produce(FakeExecution& execution);
};

class FakeSession final : public Session {
 public:
  explicit FakeSession(FakeDatabase& database) : database_(database) {}

  Result<StatementPtr> prepare(std::string_view sql, std::span<const SqlType> declared) override {
    sql = trimmed(sql);
    if (sql.find(';') != std::string_view::npos) {
      return fail(ErrorCode::syntax_error,
                  "cannot insert multiple commands into a prepared statement");
    }
    if (sql.starts_with("bad")) {
      Error error{
          .code = ErrorCode::syntax_error, .message = "syntax error", .detail = {}, .hint = {}};
      error.position = 5;
      return fail(std::move(error));
    }
    return std::make_shared<const FakeStatement>(sql, declared);
  }
  Result<std::vector<StatementPtr>> prepare_all(std::string_view sql) override {
    std::vector<StatementPtr> all;
    while (true) {
      const std::size_t end = sql.find(';');
      ASSIGN(auto one, prepare(sql.substr(0, end), {}));
      all.push_back(std::move(one));
      if (end == std::string_view::npos) return all;
      sql.remove_prefix(end + 1);
    }
  }
  Execution& run(const StatementPtr& statement, std::span<const Value> values, RowSink& sink,
                 ExecutionListener& listener) override {
    auto* execution = new FakeExecution;
    ++database_.outstanding;
    execution->big_row_bytes = database_.big_row_bytes;
    execution->sql = static_cast<const FakeStatement&>(*statement).sql;
    execution->sink = &sink;
    execution->listener = &listener;
    database_.ran.push_back(execution->sql);
    if (execution->sql.starts_with("heavy")) execution->weighs = 10'000;
    if (execution->sql.starts_with("copy all ")) {
      std::size_t rows = 0;
      std::from_chars(execution->sql.data() + 9, execution->sql.data() + execution->sql.size(),
                      rows);
      execution->stream = std::make_unique<FakeStream>(std::min<std::size_t>(rows, 10'000),
                                                       database_.big_row_bytes, database_.streams);
    }
    if (group_ == Group::waiting) is_used_ = true;
    if (execution->sql == "begin") open_ = true;
    if (execution->sql == "commit") open_ = failed_ = false;
    if (execution->sql == "warn") {
      listener.notice(
          {.code = ErrorCode::no_transaction, .message = "no block", .detail = {}, .hint = {}});
    }
    if (execution->sql.starts_with("set ")) set(*execution, listener);
    for (const Value& value : values) execution->echo += text_of(value) + " ";
    if (!values.empty()) execution->number = values[0].integer;
    if (execution->sql.ends_with("fail")) {
      execution->result = fail(ErrorCode::out_of_range, "it failed");
      statement_failed();
    }
    execution->behind = !open_    ? TransactionStatus::none
                        : failed_ ? TransactionStatus::failed
                                  : TransactionStatus::open;
    if (database_.deferred) {
      database_.waiting.push_back(execution);
    } else {
      FakeDatabase::end(*execution);
    }
    return *execution;
  }
  void recycle(Execution& execution) override {
    --database_.outstanding;
    delete static_cast<FakeExecution*>(&execution);
  }
  [[nodiscard]] bool may_fail_late(const Statement& statement) const override {
    return static_cast<const FakeStatement&>(statement).sql.starts_with("late");
  }
  // Groups: what is asked of it is written down between the statements.
  void begin_group(bool /*is_script*/) override {
    if (!open_ && group_ == Group::none) group_ = Group::waiting;
  }
  void cancel() override { ++database_.cancels; }
  void flush_group() override {
    if (group_ != Group::waiting || !is_used_) return;
    group_ = Group::block;
    database_.groups.push_back("flush");
  }
  void submit_group() override {
    if (group_ == Group::waiting && is_used_) database_.groups.push_back("together");
    group_ = Group::none;
    is_used_ = false;
  }
  [[nodiscard]] bool has_group_block() const override { return group_ == Group::block; }
  Execution& end_group_block(RowSink& sink, ExecutionListener& listener) override {
    group_ = Group::none;
    is_used_ = false;
    database_.groups.push_back("end");
    auto* execution = new FakeExecution;
    ++database_.outstanding;
    execution->sink = &sink;
    execution->listener = &listener;
    if (database_.group_error) execution->result = fail(*database_.group_error);
    FakeDatabase::end(*execution);
    return *execution;
  }
  [[nodiscard]] Duration idle_timeout() const override {
    return open_ ? database_.idle_in_block : database_.idle;
  }
  [[nodiscard]] bool may_run(const Statement&) const override { return !failed_; }
  [[nodiscard]] Status may_prepare(const Statement* statement) const override {
    const auto* fake = static_cast<const FakeStatement*>(statement);
    if (!failed_ || (fake != nullptr && fake->sql == "commit")) return {};
    return fail(ErrorCode::failed_transaction, "the block has failed");
  }
  [[nodiscard]] std::size_t waiting_commands() const override { return 0; }
  void abort_group() override {
    group_ = Group::none;
    is_used_ = false;
  }
  void statement_failed() override {
    flush_group();
    failed_ = open_;
  }
  [[nodiscard]] bool in_transaction() const override { return open_; }
  [[nodiscard]] std::string_view setting(std::string_view name) const override {
    const auto found = database_.settings.find(name);
    return found == database_.settings.end() ? std::string_view() : found->second;
  }
  [[nodiscard]] std::string_view setting_at_start(std::string_view) const override { return {}; }
  Status start_setting(std::string_view name, std::string_view value) override {
    if (value == "wrong") return fail(ErrorCode::invalid_value, "{} is wrong", name);
    database_.settings[std::string(name)] = value;
    return {};
  }

 private:
  void set(FakeExecution& execution, ExecutionListener& listener) {
    const std::string& sql = execution.sql;
    const std::size_t space = sql.find(' ', 4);
    const std::string name = sql.substr(4, space - 4);
    const std::string value = space == std::string::npos ? "" : sql.substr(space + 1);
    database_.settings[name] = value;
    listener.setting_changed(name, value);
  }
  static std::string text_of(const Value& value) {
    if (value.is_null) return "null";
    switch (value.type) {
      case SqlType::boolean:
        return value.boolean ? "true" : "false";
      case SqlType::int2:
      case SqlType::int4:
      case SqlType::int8:
      case SqlType::interval:
      case SqlType::timestamptz:
        return std::to_string(value.integer);
      case SqlType::uuid:
        return value.uuid.text();
      case SqlType::unknown:
        return "?" + std::string(value.text);
      default:
        break;
    }
    return "'" + std::string(value.text) + "'";
  }
  FakeDatabase& database_;
  enum class Group : std::uint8_t { none, waiting, block };
  Group group_ = Group::none;
  bool is_used_ = false;  // something was run in it
  bool open_ = false;     // a block
  bool failed_ = false;
};

inline std::unique_ptr<Session> FakeDatabase::open_session(std::string_view) {
  return std::make_unique<FakeSession>(*this);
}

inline void FakeDatabase::produce(FakeExecution& execution) {
  RowSink& sink = *execution.sink;
  const std::string& sql = execution.sql;
  execution.tag_text = sql.starts_with("set ") ? "SET" : "DONE";
  const auto number_behind = [&](std::size_t at) {
    std::int64_t number = 0;
    std::from_chars(sql.data() + at, sql.data() + sql.size(), number);
    return number;
  };
  if (sql.starts_with("select ")) {
    sink.begin_row(1);
    sink.integer(sql[7] == '$' ? execution.number : number_behind(7));
    sink.end_row();
    execution.tag_text = "SELECT 1";
  } else if (sql.starts_with("rows ")) {
    const std::int64_t rows = std::clamp<std::int64_t>(number_behind(5), 0, 10'000);
    for (std::int64_t row = 0; row < rows; ++row) {
      sink.begin_row(2);
      sink.integer(row);
      sink.text("row " + std::to_string(row));
      sink.end_row();
    }
    execution.tag_text = "SELECT " + std::to_string(rows);
  } else if (sql.starts_with("big ") || sql.starts_with("copy ")) {
    const std::string text(execution.big_row_bytes, 'x');
    const std::int64_t rows = std::clamp<std::int64_t>(number_behind(sql.find(' ') + 1), 0, 100);
    for (std::int64_t row = 0; row < rows; ++row) {
      sink.begin_row(1);
      sink.text(text);
      sink.end_row();
    }
    execution.tag_text = "SELECT " + std::to_string(rows);
  } else if (sql.starts_with("echo")) {
    sink.begin_row(1);
    sink.text(execution.echo);
    sink.end_row();
    execution.tag_text = "SELECT 1";
  } else if (sql == "types") {
    sink.begin_row(9);
    sink.boolean(true);
    sink.integer(-2);
    sink.integer(4);
    sink.integer(-8);
    sink.text("h\xc3\xa9");
    sink.uuid(*ClaimId::parse("0190163d-8694-739b-aea5-966c26f8ad90"));
    sink.timestamp(Timestamp::us(1'795'389'343'120'000));
    sink.text("{\"a\":1}");
    sink.null();
    sink.end_row();
    execution.tag_text = "SELECT 1";
  }
}

}  // namespace holdfast
