// SqlExecution: one statement being run, and the engine's request in one object, so that a pooled
// execution costs no allocation. It owns copies of the values, because a protocol's buffer is gone
// before the engine's turn comes.
//
// An INSERT of several rows is several requests: the execution itself is the first, the others are
// its Rows.
//
//   idle ──run──▶ bound ──▶ session statement: finished at once
//                   ├─────▶ command: submit ──▶ released / failed ──▶ finished
//                   └─────▶ read:    submit ──▶ read() ──▶ released / failed ──▶ finished
//                   ──recycle──▶ idle
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/prefetch.h"
#include "engine/engine.h"
#include "engine/request.h"
#include "service/can_claim.h"
#include "service/database.h"
#include "service/lookup.h"
#include "service/scan.h"
#include "sql/bind.h"
#include "sql/plan.h"

namespace holdfast {

// Bytes of parameter values of one execution.
inline constexpr std::size_t values_bytes_max = 1024 * 1024;
// What a pooled execution may keep allocated between two runs.
inline constexpr std::size_t kept_bytes_max = 16 * 1024;

// Of a command: freeing, defining or taking.
[[nodiscard]] RequestClass class_of(const CommandBody& body);

class SqlExecution final : public Execution, public Request {
 public:
  // — Execution —
  [[nodiscard]] bool is_finished() const override {
    return is_finished_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] std::string_view tag() const override { return tag_; }
  [[nodiscard]] std::uint32_t weight() const override { return work; }
  [[nodiscard]] std::size_t affected() const override { return affected_; }
  [[nodiscard]] std::unique_ptr<RowStream> take_stream() override;
  [[nodiscard]] TransactionStatus transaction_status() const override {
    return transaction_status_;
  }

  // — Request —
  Result<Seq> read(const Stock& stock, Timestamp now) override;
  [[nodiscard]] std::span<const std::string_view> skus() const override;
  [[nodiscard]] std::unique_ptr<RepeatableRead> repeatable() const override;
  [[nodiscard]] bool fails_by_refusal() const override { return is_failure(answer.outcome); }
  void foresee_release() const override;
  void released(Seq durable) override;
  void failed(const Error& error) override;

  // — for the session —
  // Soon it begins: brings what that touches towards the cache.
  void foresee_run() const { prefetch(this, sizeof *this); }
  void begin(StatementPtr statement, RowSink& sink, ExecutionListener& listener);
  // Copies the values and their texts.
  Status take_values(std::span<const Value> values);
  // What the session says for plain DML (its texts are copied), and whether it wants refusals of
  // functions as errors.
  struct Manner {
    const CommandContext& context;
    bool raises_refusals = false;
    bool validates = false;  // Request::is_validated
    Duration patience;       // Request::patience
  };
  // Binds what goes to the engine. REQUIRES: the plan is a command, a change, a can_claim or a
  // look-up.
  Status bind(const InputRules& rules, std::string_view actor, const Manner& manner);
  // Of a scan, which is no part of the transaction that it was joined to.
  void scan_at(ScanPlaces::Place place);
  // Queues what was bound, together if nothing else makes it one. Alone in a transaction, its rows
  // are queued one behind the other: each costs all that came before, so others are served between.
  void submit(Engine& engine, bool is_alone);
  // … or as part of a larger whole.
  void collect(std::vector<Request*>& together);
  [[nodiscard]] std::size_t request_count() const { return 1 + row_count_; }
  // It belongs to that transaction, if any, which nobody said BEGIN to if `is_group`.
  void join(std::shared_ptr<Transaction> block, bool is_group);
  // Any of its requests that waits for its turn shall not be executed.
  void cancel_all();
  // It ends the block, or sets or names a savepoint. REQUIRES: joined.
  void operate(TransactionVerb what, std::string_view savepoint_name);
  [[nodiscard]] const Plan& plan() const;
  [[nodiscard]] std::size_t value_bytes() const { return texts_.size(); }
  [[nodiscard]] Binding binding(const InputRules& rules, std::string_view actor) const {
    return {.values = values_, .rules = rules, .actor = actor};
  }
  [[nodiscard]] RowSink& sink() { return *sink_; }
  [[nodiscard]] ExecutionListener& listener() { return *listener_; }
  void count_row() { ++affected_; }
  // Tells the listener. Nothing of the execution may be touched afterwards but by its owner.
  void finish(Status status);
  // Ready for the next run, on the owner's thread.
  void recycle();

 private:
  // One of the further rows of an INSERT.
  class Row final : public Request {
   public:
    Row(SqlExecution& home, std::size_t number) : home_(home), number_(number) {}
    Result<Seq> read(const Stock& stock, Timestamp) override {
      return home_.read_row(*this, stock);
    }
    [[nodiscard]] std::unique_ptr<RepeatableRead> repeatable() const override {
      return home_.repeatable();
    }
    [[nodiscard]] bool fails_by_refusal() const override {
      return home_.is_failure(answer.outcome);
    }
    void released(Seq) override { home_.row_released(*this, number_); }
    void failed(const Error& error) override { home_.row_failed(error); }
    CommandStorage storage;

   private:
    SqlExecution& home_;
    std::size_t number_;  // from 0
  };

  Status bind_change(const ChangePlan& plan, const Binding& binding, const Manner& manner);
  void take_manner(const Manner& manner, Request& request) const;
  void take_context(const CommandContext& context);
  [[nodiscard]] bool is_failure(Outcome outcome) const;
  Result<Seq> read_row(Request& row, const Stock& stock);
  [[nodiscard]] std::unique_ptr<RepeatableRead> repeatable_lookup() const;
  void row_released(const Request& row, std::size_t number);
  void row_failed(Error error);
  void row_done();

  // First what every release touches, close together.
  std::shared_ptr<const Statement> statement_;
  RowSink* sink_ = nullptr;
  ExecutionListener* listener_ = nullptr;
  std::shared_ptr<Transaction> block_;
  std::size_t affected_ = 0;  // rows made or changed
  bool is_group_ = false;
  bool raises_refusals_ = false;
  TransactionStatus transaction_status_ = TransactionStatus::none;
  std::atomic<bool> is_finished_{false};
  std::string tag_;
  std::string scratch_;
  Status status_;

  std::vector<Value> values_;
  std::string texts_;  // of values_
  CommandStorage storage_;
  std::vector<std::unique_ptr<Row>> row_pool_;  // the first row_count_ are in use
  std::size_t row_count_ = 0;
  std::size_t open_rows_ = 0;  // requests, the first included, that are neither released nor failed
  Status rows_status_;         // the first error among them
  Engine* one_by_one_ = nullptr;  // submits the next row when one is done
  CommandContext context_;        // of the session, for changes; its texts:
  std::string context_texts_;
  BoundLookup lookup_;
  bool has_looked_ = false;                 // the last read() was a look-up, by lookup_
  std::optional<ScanPlaces::Place> place_;  // of a scan
  CanClaim can_claim_;
};

}  // namespace holdfast
