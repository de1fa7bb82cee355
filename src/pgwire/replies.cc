// The queue of replies: executions started, finished in any order, emitted in theirs.
#include <algorithm>

#include "net/connection.h"
#include "pgwire/session.h"

namespace holdfast {

ByteWriter& PgSession::say() {
  if (tail_ == nullptr) return transport_.output();
  // Behind a Sync a new group begins, with a place of its own.
  if (tail_->has_sync) push_slot().is_done = true;
  return tail_->after;
}

void PgSession::count_error() { context_.stats.errors.fetch_add(1, std::memory_order_relaxed); }

void PgSession::say_error(const WireError& error) {
  count_error();
  flush_due_ = true;
  session_->statement_failed();
  error_response(say(), error);
  if (tail_ == nullptr) {
    note_error();
  } else {
    tail_->has_error = true;
  }
}

void PgSession::note_setting(std::string name, std::string value) {
  for (ToldSetting& setting : told_) {
    if (setting.name != name) continue;
    setting.now = std::move(value);
    return;
  }
  std::string told(session_->setting_at_start(name));
  told_.push_back({.name = std::move(name), .now = std::move(value), .told = std::move(told)});
}

// As PostgreSQL 14 and later: what has changed since it was said last is said before ReadyForQuery.
void PgSession::say_settings(ByteWriter& out) {
  for (ToldSetting& setting : told_) {
    if (setting.told == setting.now) continue;
    parameter_status(out, setting.name, setting.now);
    setting.told = setting.now;
  }
}

// An error has left.
void PgSession::note_error() {
  if (status_ == TransactionStatus::open) status_ = TransactionStatus::failed;
}

ReplySlot& PgSession::push_slot() {
  ReplySlot* slot = context_.slots.take(this).release();
  slot->group = group_;
  if (tail_ == nullptr) {
    head_ = slot;
  } else {
    tail_->next = slot;
  }
  tail_ = slot;
  ++queued_;
  return *slot;
}

// A portal keeps what is not fetched yet.
RowLimit PgSession::row_limit(const Portal* portal) const {
  if (portal == nullptr) {
    return {.bytes = reply_bytes_max, .what = "the rows of a statement must be"};
  }
  return {.bytes = portal_bytes_max - std::min(portal_bytes_max, portal_bytes()),
          .what = "the portals of a session may hold, beside what they hold now,"};
}

void PgSession::start(const StatementPtr& statement, std::span<const Value> values,
                      ByteSpan formats, Portal* portal, std::uint32_t rows_max, bool is_script) {
  ReplySlot& slot = push_slot();
  slot.is_script = is_script;
  slot.rows_max = rows_max;
  slot.portal = portal;
  if (portal != nullptr) {
    portal->slot = &slot;
    portal->state = Portal::State::running;
  }
  slot.rows.start(statement->columns(), formats, row_limit(portal));
  if (is_script && !statement->columns().empty()) {
    row_description(slot.rows.bytes(), statement->columns(), {});
  }
  context_.stats.statements.fetch_add(1, std::memory_order_relaxed);
  ++in_flight_;
  ++in_flight_of_group_;
  starting_ = true;
  session_->run(statement, values, slot.rows, slot);
  starting_ = false;
  if (slot.is_done) release_ready();
  // Also behind a BEGIN that is done while what it took into its block is not.
  if (in_flight_ > 0 && session_->may_fail_late(*statement)) exclusive_ = true;
}

// Executes what waits for the end of its group.
void PgSession::flush_group() {
  session_->flush_group();
  if (in_flight_ > 0 && session_->has_group_block()) exclusive_ = true;
}

// Executes what waits, or ends what was executed already: of that only an error is heard.
void PgSession::finish_group() {
  if (!session_->has_group_block()) return session_->submit_group();
  ReplySlot& slot = push_slot();
  slot.is_silent = true;
  ++in_flight_;
  ++in_flight_of_group_;
  session_->end_group_block(slot.rows, slot);
}

// Sync, or the end of a Query.
void PgSession::end_group() {
  finish_group();
  if (!session_->in_transaction()) drop_portals();
  skip_until_sync_ = false;
  flushing_ = false;
  ++group_;
  in_flight_of_group_ = 0;
  if (tail_ == nullptr) {
    suppressing_ = false;
    flush_due_ = true;
    say_ready(transport_.output());
    return farewell_if_drained();
  }
  if (tail_->has_sync) push_slot().is_done = true;
  tail_->has_sync = true;
}

void PgSession::adapt_window(ReplySlot& slot) {
  const bool is_heavy =
      slot.execution->weight() > heavy_weight || slot.rows.bytes().size() > heavy_reply_bytes;
  window_ = is_heavy ? 1 : std::min(window_ + 1, in_flight_max);
}

void PgSession::complete(ReplySlot& slot) {
  CHECK(!slot.is_done && in_flight_ > 0);
  slot.is_done = true;
  --in_flight_;
  if (slot.group == group_) --in_flight_of_group_;
  held_bytes_ += slot.rows.bytes().size();
  adapt_window(slot);
  if (!starting_) release_ready();
}

void PgSession::release_ready() {
  while (head_ != nullptr && head_->is_done) {
    std::unique_ptr<ReplySlot> slot(head_);
    head_ = slot->next;
    if (head_ == nullptr) tail_ = nullptr;
    --queued_;
    held_bytes_ -= std::min(held_bytes_, slot->rows.bytes().size() + slot->after.size());
    emit(*slot);
    context_.slots.give(std::move(slot));
  }
  if (in_flight_ == 0) exclusive_ = false;
  if (head_ == nullptr) held_bytes_ = 0;
  if (lost_) {
    if (in_flight_ > 0) return;
    copy_out_.reset();
    return transport_.settled();
  }
  if (copy_ != nullptr) {
    if (in_flight_ == 0 && !starting_) go_on_copying();
  } else if (copy_out_ != nullptr) {
    begin_copying_out();
  } else if (script_active_ && head_ == nullptr && !continuing_script_) {
    continue_script();
  }
  flush_if_due();
  if (state_ == State::closing) {
    if (head_ == nullptr && copy_out_ == nullptr) transport_.close();
    return;
  }
  farewell_if_drained();
  if (waits_ && !must_wait()) {
    waits_ = false;
    transport_.resume();
  }
}

void PgSession::emit(ReplySlot& slot) {
  if (lost_) {
    if (slot.execution != nullptr) session_->recycle(*slot.execution);
    return;
  }
  ByteWriter& out = transport_.output();
  if (slot.execution != nullptr) {
    for (auto& [name, value] : slot.settings) note_setting(std::move(name), std::move(value));
    if (suppressing_) {
      if (slot.portal != nullptr) slot.portal->state = Portal::State::done;
    } else if (const Problem problem = emit_execution(slot, out)) {
      count_error();
      flush_due_ = true;
      error_response(out, *problem);
      suppressing_ = true;
      status_ = slot.execution->transaction_status();
      // Its Sync has not been seen yet: what still comes before it is not executed either.
      if (slot.group == group_ && !slot.is_script) skip_until_sync_ = true;
    }
    if (!suppressing_) status_ = slot.execution->transaction_status();
    if (slot.portal != nullptr) slot.portal->slot = nullptr;
    session_->recycle(*slot.execution);
  }
  if (!suppressing_) out.raw(slot.after.bytes());
  if (slot.has_error) note_error();
  if (slot.has_sync) {
    suppressing_ = false;
    flush_due_ = true;
    say_ready(out);
  }
}

PgSession::Problem PgSession::emit_execution(ReplySlot& slot, ByteWriter& out) {
  Portal* const portal = slot.portal;
  if (portal != nullptr) portal->state = Portal::State::done;
  const Status& status = slot.execution->status();
  out.raw(slot.notices.bytes());
  if (slot.is_copy) return take_chunk(*slot.execution);
  if (slot.is_copy_out) return take_copy_out(*slot.execution);
  if (!status) return wire_error(status.error());
  if (slot.is_silent) return std::nullopt;
  ByteWriter& rows = slot.rows.bytes();
  // As PostgreSQL: suspended as soon as the limit is reached, even if no row is left behind it.
  if (slot.rows_max > 0 && slot.rows.rows() >= slot.rows_max) {
    const std::size_t size = size_of_rows(rows.bytes(), slot.rows_max);
    if (portal != nullptr) {
      portal->state = Portal::State::suspended;
      portal->rows_left = slot.rows.rows() - slot.rows_max;
      portal->fetched = size;
      portal->tag = slot.execution->tag();
    }
    out.raw(rows.bytes().first(size));
    portal_suspended(out);
    if (portal != nullptr) portal->rows = std::exchange(rows, {});
  } else {
    out.raw(rows.bytes());
    command_complete(out, slot.execution->tag());
  }
  return std::nullopt;
}

}  // namespace holdfast
