// SqlSession: one connection's settings and its pool of executions. Statements that concern only
// the session (SHOW, SET, SELECT 1) are answered before run() returns; the rest goes to the engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "service/abandoned_blocks.h"
#include "service/database.h"
#include "service/execution.h"
#include "service/session_settings.h"
#include "service/statement.h"

namespace holdfast {

// Statements of a group that may wait for its end, with values of transaction_bytes_max; more of
// them are executed in a transaction, one by one.
inline constexpr std::size_t group_statements_max = 1'000;

class SqlSession final : public Session {
 public:
  // All outlive the session; it outlives its executions.
  SqlSession(std::string_view database, Engine& engine, PlanCache& plans,
             AbandonedBlocks& abandoned, ScanPlaces& scans, std::string_view principal);
  ~SqlSession() override;

  Result<StatementPtr> prepare(std::string_view sql, std::span<const SqlType> declared) override;
  Result<std::vector<StatementPtr>> prepare_all(std::string_view sql) override;
  Execution& run(const StatementPtr& statement, std::span<const Value> values, RowSink& sink,
                 ExecutionListener& listener) override;
  void recycle(Execution& execution) override;
  void begin_group(bool is_script) override;
  void flush_group() override;
  void cancel() override;
  void submit_group() override;
  [[nodiscard]] bool has_group_block() const override { return group_ == Group::block; }
  Execution& end_group_block(RowSink& sink, ExecutionListener& listener) override;
  [[nodiscard]] std::size_t waiting_commands() const override { return waiting_commands_; }
  void abort_group() override;
  [[nodiscard]] bool may_fail_late(const Statement& statement) const override;
  [[nodiscard]] bool may_run(const Statement& statement) const override;
  [[nodiscard]] Status may_prepare(const Statement* statement) const override;
  void statement_failed() override;
  [[nodiscard]] bool in_transaction() const override;
  [[nodiscard]] Duration idle_timeout() const override {
    return in_transaction() ? idle_in_transaction_timeout_ : idle_session_timeout_;
  }
  [[nodiscard]] std::string_view setting(std::string_view name) const override;
  [[nodiscard]] std::string_view setting_at_start(std::string_view name) const override;
  Status start_setting(std::string_view name, std::string_view value) override;

 private:
  SqlExecution& take();
  void start(SqlExecution& execution);
  void refuse(SqlExecution& execution, Status status);
  void wait_for_group(SqlExecution& execution);
  void scan(SqlExecution& execution, const LookupPlan& plan);
  void join(SqlExecution& execution) { execution.join(transaction_, group_ == Group::block); }
  void warn_outside(SqlExecution& execution, std::string_view what);
  Status run_here(SqlExecution& execution, const PlanBody& body);
  void show(SqlExecution& execution, const SettingInfo* setting);
  void show_all(SqlExecution& execution);
  Status constants(SqlExecution& execution, const ConstantPlan& plan);
  Status types(SqlExecution& execution, const TypesPlan& plan);
  void apply(SqlExecution& execution, const SetPlan& plan);
  Status configure(SqlExecution& execution, const ConstantPlan::Cell& cell, const Value& value);
  void reset_all(SqlExecution& execution);
  [[nodiscard]] std::string_view shown(const SettingInfo& setting) const;
  void tell(SqlExecution& execution, const SettingInfo& setting);
  // Behind every change of settings_: what was read points into them.
  void read_settings();
  [[nodiscard]] std::string seq_text() const;

  // session_transaction.cc
  void transact(SqlExecution& execution, const TransactionPlan& plan);
  void begin(SqlExecution& execution, const TransactionPlan& plan);
  void end(SqlExecution& execution, TransactionVerb verb);
  [[nodiscard]] Status check_block(const PlanBody& body) const;
  [[nodiscard]] Status check_writable(const PlanBody& body) const;
  [[nodiscard]] Duration lease() const;
  void begin_block(const TransactionModes& modes);
  Status set_modes(SqlExecution& execution, const ModesPlan& plan);
  void set_default_modes(SqlExecution& execution, const TransactionModes& modes);
  [[nodiscard]] Status change_modes(const TransactionModes& modes);
  [[nodiscard]] Isolation isolation() const;
  [[nodiscard]] bool is_read_only() const;
  void end_block(SqlExecution& execution, bool committed);
  void keep_settings(SqlExecution& execution, const TransactionPlan& plan);
  void restore(SqlExecution& execution, const SessionSettings& before);
  void abandon_block();
  void become_block();
  void open_group_block();
  void forget_waiting();

  std::string_view database_;
  Engine& engine_;
  PlanCache& plans_;
  AbandonedBlocks& abandoned_;
  ScanPlaces& scans_;
  std::string principal_;
  std::int64_t backend_pid_ = 0;
  SessionSettings settings_;
  // Read from the settings when they change.
  InputRules rules_;
  CommandContext said_;  // holdfast.*, for plain DML; texts are the settings'
  bool raises_refusals_ = false;
  Duration idle_session_timeout_;
  Duration idle_in_transaction_timeout_;
  Duration statement_timeout_;
  Isolation default_isolation_ = Isolation::read_committed;
  bool default_read_only_ = false;
  // What was run since begin_group(): none yet, waiting for its end, or executed in a transaction
  // that nobody said BEGIN to.
  enum class Group : std::uint8_t { none, waiting, block };
  Group group_ = Group::none;
  std::vector<SqlExecution*> waiting_;
  std::size_t waiting_requests_ = 0;
  std::vector<Request*> together_;  // reused
  std::size_t waiting_commands_ = 0;
  std::size_t waiting_bytes_ = 0;  // of their values
  bool group_failed_ = false;
  bool is_script_ = false;
  // The open transaction, and what its end brings back.
  std::shared_ptr<Transaction> transaction_;
  Isolation isolation_ = Isolation::read_committed;
  bool is_read_only_ = false;
  bool has_run_ = false;        // something that reads or changes the ledger
  bool block_changes_ = false;  // it had a command; whether that took effect is not asked
  SessionSettings settings_before_;
  using LocalSettings = std::vector<std::pair<const SettingInfo*, std::string>>;
  LocalSettings local_;  // set by SET LOCAL: the values before
  struct Savepoint {
    std::string name;
    SessionSettings settings;
    LocalSettings local;
    bool is_read_only = false;
  };
  std::vector<Savepoint> savepoints_;  // the engine's, for what only the session knows
  std::vector<std::unique_ptr<SqlExecution>> executions_;
  std::vector<SqlExecution*> idle_;
};

}  // namespace holdfast
