// Slots coming home, and the pool.
#include "pgwire/reply_slot.h"

#include "base/prefetch.h"
#include "pgwire/backend.h"
#include "pgwire/session.h"

namespace holdfast {
namespace {

constexpr std::size_t pooled_slots_max = 4'096;
constexpr std::size_t kept_bytes_max = 16 * 1024;

void recycle(ByteWriter& buffer) {
  if (buffer.size() > kept_bytes_max) {
    buffer = {};
  } else {
    buffer.clear();
  }
}

}  // namespace

void ReplySlot::finished(Execution& done) noexcept {
  execution = &done;
  if (session->on_own_thread()) {
    session->complete(*this);
  } else {
    session->post(*this);
  }
}

void ReplySlot::setting_changed(std::string_view name, std::string_view value) noexcept {
  settings.emplace_back(name, value);
}

void ReplySlot::notice(const Error& warning) noexcept {
  warning_response(notices, wire_error(warning));
}

void ReplySlot::run_task() { session->complete(*this); }

void ReplySlot::reset(PgSession* owner) {
  session = owner;
  next = nullptr;
  recycle(rows.bytes());
  recycle(notices);
  settings.clear();
  recycle(after);
  execution = nullptr;
  portal = nullptr;
  rows_max = 0;
  group = 0;
  is_done = is_script = is_silent = is_copy = is_copy_out = has_error = has_sync = false;
}

std::unique_ptr<ReplySlot> SlotPool::take(PgSession* session) {
  if (free_.empty()) {
    auto slot = std::make_unique<ReplySlot>();
    slot->reset(session);
    return slot;
  }
  auto slot = std::move(free_.back());
  free_.pop_back();
  slot->session = session;
  if (!free_.empty()) prefetch(free_.back().get(), sizeof(ReplySlot));  // a pipeline takes it next
  return slot;
}

void SlotPool::give(std::unique_ptr<ReplySlot> slot) {
  if (free_.size() >= pooled_slots_max) return;
  slot->reset(nullptr);
  free_.push_back(std::move(slot));
}

}  // namespace holdfast
