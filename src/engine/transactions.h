// Transactions: serves the requests of sessions that have one open, in their place in the order.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/lookahead.h"
#include "engine/open_batch.h"
#include "engine/transaction.h"
#include "ledger/law.h"

namespace holdfast {

class Transactions {
 public:
  Transactions(Stock& stock, OpenBatch& batch) : stock_(stock), batch_(batch) {}

  struct Served {
    Status status;  // failed: what the request is told
    Seq gate;       // of its answer; 0: it need not wait
    std::uint64_t work = 0;
  };
  // has_space: whether the journal takes more than what frees stock. REQUIRES: the request has a
  // transaction; the open batch takes transaction_bytes_max more.
  Served serve(const NextRequest& next, Timestamp now, bool has_space);

  // Undoes one claim that the transactions of an earlier run left behind; false when none is left.
  bool undo_next(Timestamp now);

 private:
  using Step = Transaction::Step;

  Status serve_now(const NextRequest& next, Timestamp now, bool has_space);
  Status command(const NextRequest& next, Timestamp now);
  Result<std::size_t> foresee(const NextRequest& next, Timestamp now);
  bool hold(const NextRequest& next, Timestamp now, Step& step);
  Status add_step(Transaction& transaction, Step step);
  bool answer_from_steps(Request& request);
  Status read(Request& request, Timestamp now);
  bool apply_all(const Transaction& transaction, Timestamp now);
  bool apply(const Step& step, Timestamp now);
  Status operate(Request& request, Timestamp now, bool has_space);
  Status commit(Request& request, Timestamp now, bool has_space);
  Status renew(Transaction& transaction, Timestamp now);
  void roll_back(Transaction& transaction, std::size_t steps, Timestamp now);
  void undo(ClaimRef claim, Timestamp now);
  void rest_on(Transaction& transaction, Seq version) const;

  Stock& stock_;
  OpenBatch& batch_;
  Decision decision_;  // reused
  Answer answer_;
  std::uint64_t work_ = 0;  // of the request being served
};

}  // namespace holdfast
