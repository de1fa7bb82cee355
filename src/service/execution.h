// SqlExecution: one statement being run, and the engine's request in one object, so that a pooled
// execution costs no allocation. It owns copies of the values, because a protocol's buffer is gone
// before the engine's turn comes.
//
//   idle ──run──▶ bound ──▶ session statement: finished at once
//                   ├─────▶ command: submit ──▶ released / failed ──▶ finished
//                   └─────▶ read:    submit ──▶ read() ──▶ released / failed ──▶ finished
//                   ──recycle──▶ idle
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/request.h"
#include "service/database.h"
#include "service/lookup.h"
#include "sql/bind.h"
#include "sql/plan.h"

namespace holdfast {

// Bytes of parameter values of one execution.
inline constexpr std::size_t values_bytes_max = 1024 * 1024;
// What a pooled execution may keep allocated between two runs.
inline constexpr std::size_t kept_bytes_max = 16 * 1024;

class SqlExecution final : public Execution, public Request {
 public:
  // — Execution —
  [[nodiscard]] bool is_finished() const override {
    return is_finished_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] std::string_view tag() const override { return tag_; }
  [[nodiscard]] std::uint32_t weight() const override { return work; }
  [[nodiscard]] TransactionStatus transaction_status() const override {
    return transaction_status_;
  }

  // — Request —
  Result<Seq> read(const Stock& stock, Timestamp now) override;
  void released(Seq durable) override;
  void failed(const Error& error) override;

  // — for the session —
  void begin(StatementPtr statement, RowSink& sink, ExecutionListener& listener);
  // Copies the values and their texts.
  Status take_values(std::span<const Value> values);
  // Binds what goes to the engine. REQUIRES: the plan is a command, a can_claim or a look-up.
  Status bind(const InputRules& rules, std::string_view actor);
  // It belongs to that transaction, if any, which nobody said BEGIN to if `is_group`.
  void join(std::shared_ptr<Transaction> block, bool is_group);
  // It ends the block, or sets or names a savepoint. REQUIRES: joined.
  void operate(TransactionVerb what, std::string_view savepoint_name);
  [[nodiscard]] const Plan& plan() const;
  [[nodiscard]] std::size_t value_bytes() const { return texts_.size(); }
  [[nodiscard]] Binding binding(const InputRules& rules, std::string_view actor) const {
    return {.values = values_, .rules = rules, .actor = actor};
  }
  [[nodiscard]] RowSink& sink() { return *sink_; }
  [[nodiscard]] ExecutionListener& listener() { return *listener_; }
  void count_row() { ++rows_; }
  // Tells the listener. Nothing of the execution may be touched afterwards but by its owner.
  void finish(Status status);
  // Ready for the next run, on the owner's thread.
  void recycle();

 private:
  Status bind_can_claim(const CanClaimPlan& plan, const Binding& binding);
  Seq read_can_claim(const Stock& stock);

  std::shared_ptr<const Statement> statement_;
  RowSink* sink_ = nullptr;
  ExecutionListener* listener_ = nullptr;

  std::vector<Value> values_;
  std::string texts_;  // of values_
  CommandStorage storage_;
  BoundLookup lookup_;
  struct {
    std::string_view sku, channel;
    Quantity quantity;
  } can_claim_;
  std::string scratch_;

  std::shared_ptr<Transaction> block_;
  bool is_group_ = false;
  TransactionStatus transaction_status_ = TransactionStatus::none;
  std::size_t rows_ = 0;
  Status status_;
  std::string tag_;
  std::atomic<bool> is_finished_{false};
};

}  // namespace holdfast
