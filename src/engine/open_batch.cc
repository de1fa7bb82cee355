// What is written is folded at once.
#include "engine/open_batch.h"

#include "base/check.h"

namespace holdfast {

Seq OpenBatch::write(const Decision& decision) {
  encode_group(payload_, decision.context, decision.entries);
  for (const Entry& entry : decision.entries) {
    live_ = live_.next();
    fold(stock_, decision.context, entry, live_);
  }
  return live_;
}

void OpenBatch::begin_attempt() {
  CHECK(!is_attempt_);
  is_attempt_ = true;
  size_before_ = payload_.size();
  live_before_ = live_;
  stock_.begin_attempt();
}

void OpenBatch::keep_attempt() {
  CHECK(is_attempt_);
  is_attempt_ = false;
  stock_.keep_attempt();
}

void OpenBatch::undo_attempt() {
  CHECK(is_attempt_);
  is_attempt_ = false;
  stock_.undo_attempt();
  payload_.truncate(size_before_);
  live_ = live_before_;
}

}  // namespace holdfast
