// Transactions: serves the requests of sessions that have one open, in their place in the order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/lookahead.h"
#include "engine/open_batch.h"
#include "engine/served.h"
#include "engine/transaction.h"
#include "ledger/law.h"

namespace holdfast {

class Transactions {
 public:
  Transactions(Stock& stock, OpenBatch& batch) : stock_(stock), batch_(batch) {}

  // has_space: whether the journal takes more than what frees stock. REQUIRES: the request has a
  // transaction; the open batch takes transaction_bytes_max more.
  Served serve(const NextRequest& next, Timestamp now, bool has_space);
  // The same while nothing at all can be written: reads of a transaction that has done nothing yet,
  // and its end, are served. What ends with units held leaves them behind. is_current: nothing is
  // due.
  Served serve_without_space(const NextRequest& next, Timestamp now, bool is_current);

  // — claims of transactions that are no more, to be undone as soon as that can be written —
  [[nodiscard]] bool has_left() const { return !left_.empty(); }
  // All provisional claims there are: those of an earlier run.
  void leave_all();
  // Undoes one. REQUIRES: has_left(); one group more fits the open batch.
  void undo_left(Timestamp now);

 private:
  using Step = Transaction::Step;

  Status serve_now(const NextRequest& next, Timestamp now, bool has_space);
  Status command(const NextRequest& next, Timestamp now);
  Result<std::size_t> foresee(const NextRequest& next, Timestamp now);
  void hold(const NextRequest& next, Timestamp now, Step& step);
  [[nodiscard]] static Status check_steps(const Transaction& transaction);
  Status add_step(Transaction& transaction, Step step);
  Status read(Request& request, Timestamp now);
  Result<Seq> read_behind_steps(Request& request, Timestamp now, Step& step);
  std::uint64_t look_again(const Step& step, Timestamp now);
  Status apply_all(const Transaction& transaction, Timestamp now);
  bool apply(const Step& step, Timestamp now);
  [[nodiscard]] static std::string why_not(const Step& step, Timestamp now);
  Status operate(Request& request, Timestamp now, bool has_space);
  Status commit(Request& request, Timestamp now, bool has_space);
  Status renew(Transaction& transaction, Timestamp now);
  void roll_back(Transaction& transaction, std::size_t steps, Timestamp now);
  void undo(ClaimRef claim, Timestamp now);
  void leave(Transaction& transaction);
  [[nodiscard]] ClaimRef held_claim(const Step& step) const;
  [[nodiscard]] ClaimRef held_claim(const ClaimId& claim, Seq opened) const;
  void rest_on(Transaction& transaction, Seq version) const;

  Stock& stock_;
  OpenBatch& batch_;
  struct Left {
    ClaimId claim;
    Seq opened;
  };
  std::vector<Left> left_;
  Decision decision_;  // reused
  Answer answer_;
  ByteWriter scratch_;
  std::uint64_t work_ = 0;  // of the request being served
  Seq committed_;           // the last entry before it
};

}  // namespace holdfast
