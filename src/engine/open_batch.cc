// What is written is folded at once, but for answers to keep while an attempt is open.
#include "engine/open_batch.h"

#include "base/check.h"

namespace holdfast {

Seq OpenBatch::write(const Decision& decision) {
  encode_group(payload_, decision.context, decision.entries);
  for (const Entry& entry : decision.entries) {
    live_ = live_.next();
    const auto* remembered = is_attempt_ ? std::get_if<RequestRemembered>(&entry) : nullptr;
    if (remembered != nullptr) {
      remember_later(decision.context, *remembered);
    } else {
      fold(stock_, decision.context, entry, live_);
    }
  }
  return live_;
}

void OpenBatch::remember_later(const GroupContext& context, const RequestRemembered& entry) {
  memories_.push_back({.context = context,
                       .entry = entry,
                       .actor = std::string(context.actor),
                       .request_id = std::string(context.request_id),
                       .answer = std::string(entry.answer),
                       .seq = live_});
}

void OpenBatch::begin_attempt() {
  CHECK(!is_attempt_);
  is_attempt_ = true;
  size_before_ = payload_.size();
  live_before_ = live_;
  memories_.clear();
  stock_.begin_attempt();
}

void OpenBatch::keep_attempt() {
  CHECK(is_attempt_);
  is_attempt_ = false;
  stock_.keep_attempt();
  for (Memory& memory : memories_) {
    memory.context.actor = memory.actor;
    memory.context.request_id = memory.request_id;
    memory.entry.answer = memory.answer;
    fold(stock_, memory.context, memory.entry, memory.seq);
  }
}

void OpenBatch::undo_attempt() {
  CHECK(is_attempt_);
  is_attempt_ = false;
  stock_.undo_attempt();
  payload_.truncate(size_before_);
  live_ = live_before_;
}

}  // namespace holdfast
