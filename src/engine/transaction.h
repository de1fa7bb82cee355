// Transaction: what one session has done since BEGIN, for COMMIT to make true.
//
//   statement ──▶ decided as if all before it were committed ──▶ answered; nothing is promised yet
//      claims: their units are held at once by a provisional claim (ledger/transaction.h)
//      all else: a step, decided again at COMMIT, in order, before anyone else is served
//      reads: a step when they are validated, looked at again in their place among the others
//   COMMIT ──▶ every step decided, or none: serialization_failure
//   ROLLBACK, a lost connection, the end of the lease ──▶ provisional claims are undone
//
// A session owns it and puts it on its requests; it is looked at only where those are served.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/repeatable_read.h"
#include "model/entry.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/owned_command.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

inline constexpr std::size_t transaction_steps_max = 1'000;
inline constexpr std::size_t savepoints_max = 1'000;
// Of its entries, since a COMMIT is in one batch; the keys of its validated reads count too.
inline constexpr std::size_t transaction_bytes_max = 256 * 1024;
// Levels, lines and rows that one statement of it may look at, all before it counted, and its
// COMMIT; also what is submitted together: nobody else is served meanwhile, so this bounds the
// longest pause, to some tens of milliseconds.
inline constexpr std::uint64_t transaction_work_max = 1'000'000;

class Transaction {
 public:
  // lease: how long its units are held without a statement from the session.
  explicit Transaction(Duration lease) : lease_us_(lease.us()) {}

  // Any thread: another lease, from the next statement on.
  void set_lease(Duration lease) { lease_us_.store(lease.us(), std::memory_order_relaxed); }

  // Any thread: a statement of it was wrong, so only a rollback is accepted.
  void fail() { failed_.store(true, std::memory_order_release); }
  [[nodiscard]] bool has_failed() const { return failed_.load(std::memory_order_acquire); }

 private:
  friend class Transactions;
  struct Step {
    std::unique_ptr<OwnedCommand> command;
    std::unique_ptr<RepeatableRead> read;  // instead of a command
    ClaimId claim;                         // that it opens, none if it opens none
    Seq held;                  // when the claim was opened, provisionally, with its units; 0: it is
                               // decided at COMMIT alone
    bool bars_holds = false;   // nothing behind it is held before COMMIT
    bool frees = false;        // stock, so that it may use the reserve of a full disk
    Timestamp expires_at;      // that the client was told; never(): a held claim will be committed;
                               // unset: it was told none
    std::uint64_t effect = 0;  // a hash of the rest of it, or of the rows: COMMIT does, and finds,
                               // that or nothing
    std::string answer;        // of a held claim, to its request_id, if it has one
    std::size_t bytes = 0;
    bool is_exact = false;  // effect includes the numbers that were answered
    bool writes = false;    // entries: not a read, and not refused
  };
  struct Savepoint {
    std::string name;
    std::size_t steps = 0;
  };

  [[nodiscard]] Duration lease() const {
    return Duration::us(lease_us_.load(std::memory_order_relaxed));
  }
  std::atomic<std::int64_t> lease_us_;
  std::vector<Step> steps_;
  std::vector<Savepoint> savepoints_;
  std::size_t bytes_ = 0;
  Timestamp lease_end_ = Timestamp::never();  // of every provisional claim
  Seq gate_;  // the highest version its answers rest on: COMMIT waits for it
  std::atomic<bool> failed_{false};
};

// What every statement of a failed transaction is told.
[[nodiscard]] Error failed_transaction();

}  // namespace holdfast
