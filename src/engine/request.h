// What waits in the engine's queue: a command to decide, a read to answer, a snapshot to take, the
// end of a transaction, in its place in the order. The engine borrows it from submit() until it
// calls released() or failed(), exactly one of them, exactly once.
//
//   submit ──▶ queue ──turn: decide, fold, or read() ──▶ held until durable ──▶ released()
//                └───── overloaded, shutting down, disk full, unknown ──────────▶ failed()
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/repeatable_read.h"
#include "engine/transaction.h"
#include "model/answer.h"
#include "model/command.h"
#include "model/ids.h"
#include "model/time.h"
#include "model/transaction_verb.h"
#include "stock/stock.h"

namespace holdfast {

// What a request that was submitted behind one that failed is told, if it was submitted with it.
[[nodiscard]] Error undone_together();

// Confirm, release, cancel, fulfil (freeing) and definitions keep capacity when claims and reads
// are refused for overload. What is left of a full disk is for those that free stock alone.
enum class RequestClass : std::uint8_t { freeing, defining, taking, reading };

// What is told to whoever takes, defines or counts when only the reserve of the disk is left.
[[nodiscard]] Error no_space();

class Request {
 public:
  enum class Kind : std::uint8_t { command, read, snapshot, transact };

  virtual ~Request() = default;
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Set by the owner before submit(). The command's text lives as long as the request is with the
  // engine.
  Kind kind = Kind::command;
  RequestClass request_class = RequestClass::taking;
  Command command;
  // The transaction it belongs to, if any. Its replies promise nothing and need not wait: COMMIT
  // does. It lives until the last of its requests is released or failed.
  Transaction* transaction = nullptr;
  // With Kind::transact, which needs a transaction that has begun.
  TransactionVerb verb = TransactionVerb::commit;
  std::string_view savepoint;  // with the verbs that name one
  // A command that leaves nothing behind when it fails (fails_by_refusal): not even the refusal is
  // remembered.
  bool is_undone_by_failure = false;
  // A command whose effect is looked at behind it, in the same turn: read() is called when it was
  // not refused. REQUIRES: is_undone_by_failure, since the read may fail.
  bool reads_behind = false;
  // In a transaction: COMMIT takes effect only where this comes out then as it did. A read's rows,
  // and what a command refused or found done, which leaves nothing else to check.
  bool is_validated = false;
  // … and the numbers of its answer, when they are told.
  bool tells_numbers = false;
  // Set by the engine before read(), in a transaction: a row with a higher version was changed by
  // the transaction itself, and gets another version at COMMIT.
  Seq committed = seq_max;
  // How long it may wait for its turn; zero: for ever. Afterwards it is not executed: canceled. Not
  // for the end of a transaction.
  Duration patience;
  // Of requests submitted together: the next in the queue belongs to them too.
  bool joins_next = false;
  // Filled by the engine before released(): the answer to a command.
  Answer answer;
  // … to Kind::snapshot, which belongs to no transaction and is submitted alone: the state behind
  // all that was served before. All of it is durable when released() is called. Its owner lets go
  // of it soon: until then, what changes is copied.
  std::shared_ptr<const Snapshot> snapshot;
  // … and to a commit: nothing took effect, since the transaction had failed before.
  bool rolled_back = false;
  // How much of a turn it took: levels and lines looked at, rows made. Of a read it is what read()
  // says. Turns are bounded by its sum; whoever queues many of one client's may look at it.
  std::uint32_t work = 0;

  // Any thread: it shall not be executed, if its turn has not come. Not for the end of a
  // transaction.
  void cancel() { is_canceled_.store(true, std::memory_order_relaxed); }
  void forget_cancel() { is_canceled_.store(false, std::memory_order_relaxed); }
  [[nodiscard]] bool is_canceled() const { return is_canceled_.load(std::memory_order_relaxed); }

  // A read, in its place in the order, on the thread that owns the state: look, copy out what you
  // need, and return the highest version of what you consulted (0: nothing). `now` is the turn's
  // timestamp; what was due is expired. With an error the request fails, and with it those that
  // were submitted together with it, or its transaction.
  virtual Result<Seq> read(const Stock& stock, Timestamp now) = 0;
  // The SKUs that read() will look for, as far as they are known: a hint.
  [[nodiscard]] virtual std::span<const std::string_view> skus() const { return {}; }
  // How to do the last read() again, with is_validated; it owns what it needs. Null: it looked at
  // nothing.
  [[nodiscard]] virtual std::unique_ptr<RepeatableRead> repeatable() const { return nullptr; }
  // Whether a refusal, which `answer` says, is a failure to whoever asked: its transaction has
  // failed then, and what was submitted together with it does not take effect. It is released all
  // the same, when what it rests on is durable. On the thread that owns the state.
  [[nodiscard]] virtual bool fails_by_refusal() const { return false; }
  // Soon it will be released: what that touches may be brought towards the cache. Changes nothing.
  virtual void foresee_release() const {
    __builtin_prefetch(answer.lines.data());
    __builtin_prefetch(answer.names.data());
  }
  // Everything consulted is durable: the answer may leave. `durable` is the token a reply may show.
  // On whichever thread drives the engine; must not block and must not call back into the engine,
  // except submit().
  virtual void released(Seq durable) = 0;
  // Not executed (overloaded, shutting_down), or unknown_result. Same thread rules.
  virtual void failed(const Error& error) = 0;

 private:
  friend class RequestList;
  friend class Engine;
  Request* next_ = nullptr;
  Duration put_at_;  // since boot, with patience
  std::atomic<bool> is_canceled_{false};
};

}  // namespace holdfast
