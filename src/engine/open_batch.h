// OpenBatch: the groups of the batch that is being filled, folded into the state as they are
// written, each entry with its seq.
//
// The groups of a COMMIT are attempted: written and folded until one is refused, then taken back as
// if they had never been.
#pragma once

#include "base/bytes.h"
#include "ledger/law.h"
#include "model/ids.h"
#include "stock/stock.h"

namespace holdfast {

class OpenBatch {
 public:
  // live: the last entry of the state.
  OpenBatch(Stock& stock, Seq live) : stock_(stock), first_(live.next()), live_(live) {}

  // Gives the decision's entries their seqs, adds the group and folds it. Returns the last seq.
  Seq write(const Decision& decision);

  // — an attempt: begin, any number of write(), then keep or undo —
  void begin_attempt();
  void keep_attempt();
  void undo_attempt();
  // REQUIRES: one is open.
  [[nodiscard]] std::size_t attempted_bytes() const { return payload_.size() - size_before_; }

  [[nodiscard]] bool empty() const { return payload_.empty(); }
  [[nodiscard]] std::size_t size() const { return payload_.size(); }
  [[nodiscard]] ByteSpan payload() const { return payload_.bytes(); }
  [[nodiscard]] Seq first() const { return first_; }  // of its entries
  [[nodiscard]] Seq live() const { return live_; }    // the last entry folded
  // It was appended; the next one begins.
  void clear() {
    payload_.clear();
    first_ = live_.next();
  }

 private:
  Stock& stock_;
  ByteWriter payload_;
  Seq first_;
  Seq live_;
  bool is_attempt_ = false;
  std::size_t size_before_ = 0;
  Seq live_before_;
};

}  // namespace holdfast
