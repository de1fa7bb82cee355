// What the wire alone costs: a PgServer over a database that answers every statement at once with
// one row shaped like a claim's. Drive it with pgbench and compare with bench/null_server; the
// difference is sessions, codecs and loops.
//
//   wire_bench [loops]      prints the port, serves until standard input ends
#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "pgwire/server.h"

namespace holdfast {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    CHECK(::getrandom(out.data(), out.size(), 0) == static_cast<ssize_t>(out.size()));
  }
};

class ClaimLike final : public Statement {
 public:
  explicit ClaimLike(std::string_view sql) {
    parameters_.assign(static_cast<std::size_t>(std::ranges::count(sql, '$')), SqlType::text);
  }
  [[nodiscard]] std::span<const SqlType> parameters() const override { return parameters_; }
  [[nodiscard]] std::span<const Column> columns() const override { return columns_; }
  [[nodiscard]] bool is_empty() const override { return false; }

 private:
  std::vector<SqlType> parameters_;
  std::vector<Column> columns_ = {{"granted", SqlType::boolean},
                                  {"outcome", SqlType::text},
                                  {"claim_id", SqlType::uuid},
                                  {"state", SqlType::text},
                                  {"expires_at", SqlType::timestamptz},
                                  {"available", SqlType::int8},
                                  {"seq", SqlType::int8},
                                  {"replayed", SqlType::boolean}};
};

class AtOnce final : public Execution {
 public:
  [[nodiscard]] bool is_finished() const override { return true; }
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] std::string_view tag() const override { return "SELECT 1"; }
  [[nodiscard]] std::uint32_t weight() const override { return 1; }
  [[nodiscard]] std::size_t affected() const override { return 0; }
  [[nodiscard]] TransactionStatus transaction_status() const override {
    return TransactionStatus::none;
  }

 private:
  Status status_;
};

class BenchSession final : public Session {
 public:
  Result<StatementPtr> prepare(std::string_view sql, std::span<const SqlType>) override {
    return std::make_shared<const ClaimLike>(sql);
  }
  Result<std::vector<StatementPtr>> prepare_all(std::string_view sql) override {
    return std::vector<StatementPtr>{std::make_shared<const ClaimLike>(sql)};
  }
  Execution& run(const StatementPtr&, std::span<const Value>, RowSink& sink,
                 ExecutionListener& listener) override {
    sink.begin_row(8);
    sink.boolean(true);
    sink.text("granted");
    sink.uuid(ClaimId{.bytes = {1, 2, 3}});
    sink.text("committed");
    sink.null();
    sink.integer(--available_);
    sink.integer(++seq_);
    sink.boolean(false);
    sink.end_row();
    listener.finished(execution_);
    return execution_;
  }
  void recycle(Execution&) override {}
  void begin_group(bool /*is_script*/) override {}
  void flush_group() override {}
  void submit_group() override {}
  [[nodiscard]] bool has_group_block() const override { return false; }
  Execution& end_group_block(RowSink&, ExecutionListener&) override { return execution_; }
  [[nodiscard]] Duration idle_timeout() const override { return Duration(); }
  void cancel() override {}
  [[nodiscard]] bool may_run(const Statement&) const override { return true; }
  [[nodiscard]] Status may_prepare(const Statement*) const override { return {}; }
  [[nodiscard]] std::size_t waiting_commands() const override { return 0; }
  void abort_group() override {}
  [[nodiscard]] bool may_fail_late(const Statement&) const override { return false; }
  void statement_failed() override {}
  [[nodiscard]] bool in_transaction() const override { return false; }
  [[nodiscard]] std::string_view setting(std::string_view) const override { return {}; }
  [[nodiscard]] std::string_view setting_at_start(std::string_view) const override { return {}; }
  Status start_setting(std::string_view, std::string_view) override { return {}; }

 private:
  AtOnce execution_;
  std::int64_t available_ = 1'000'000;
  std::int64_t seq_ = 0;
};

class BenchDatabase final : public Database {
 public:
  [[nodiscard]] std::string_view name() const override { return "holdfast"; }
  std::unique_ptr<Session> open_session(std::string_view) override {
    return std::make_unique<BenchSession>();
  }
};

int serve(unsigned loop_count) {
  SystemRandom random;
  BenchDatabase database;
  const Access access({}, random);
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<Loop*> pointers;
  for (unsigned index = 0; index < loop_count; ++index) {
    pointers.push_back(loops.emplace_back(std::make_unique<Loop>()).get());
  }
  auto server = PgServer::open(database, access, pointers, {.listen = {.address = "127.0.0.1:0"}});
  CHECK(server.has_value(), "{}", server.error().message);
  for (auto& loop : loops) loop->start();
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  (*server)->drain(Duration::seconds(1));
  for (auto& loop : loops) loop->stop();
  return 0;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  return holdfast::serve(argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1);
}
