// COPY … TO STDOUT. Named rows are there at once, in the execution's turn; those of a whole
// relation come from a RowStream, a portion at a time: the next one is made when the connection has
// sent the one before it, so a slow client costs one portion, and others are served in between.
//
//   Query ─▶ execution ─▶ CopyOutResponse ─▶ CopyData … ─▶ CopyDone ─▶ CommandComplete
//                              └─ portion ─▶ sent ─▶ portion …
#include "pgwire/copy_out.h"

#include "net/connection.h"
#include "pgwire/session.h"

namespace holdfast {

namespace {
constexpr std::size_t portion_bytes = 64 * 1024;
constexpr std::uint32_t portion_work_max = 2'000;  // rows and lines
constexpr std::uint32_t step_work_max = 100;
}  // namespace

void PgSession::begin_copy_out(const StatementPtr& statement) {
  flush_group();  // what was sent before it and waits for a Sync
  copy_out_ = std::make_unique<CopyOut>(statement, reply_bytes_max);
  copy_out_->writer.begin();
  ReplySlot& slot = push_slot();
  slot.is_script = slot.is_copy_out = true;
  context_.stats.statements.fetch_add(1, std::memory_order_relaxed);
  ++in_flight_;
  ++in_flight_of_group_;
  starting_ = true;
  session_->run(statement, {}, copy_out_->writer, slot);
  session_->flush_group();  // it may be part of a group
  starting_ = false;
  if (slot.is_done) release_ready();
}

// The execution's place in the order of replies has come.
PgSession::Problem PgSession::take_copy_out(Execution& execution) {
  if (!execution.status()) return wire_error(execution.status().error());
  copy_out_->stream = execution.take_stream();
  return std::nullopt;
}

// Behind its execution. While that runs it may fill the writer, on another thread.
void PgSession::begin_copying_out() {
  if (copy_out_->is_begun || in_flight_ > 0 || starting_) return;
  copy_out_->is_begun = true;
  if (copy_out_->is_unheard) return copy_out_.reset();
  go_on_copying_out();
}

// Says a portion.
void PgSession::go_on_copying_out() {
  if (suppressing_) return end_copy_out(false);  // the execution has failed
  CopyOut& copy = *copy_out_;
  if (copy.is_canceled) {
    copy.stream.reset();
    say_error(wire_error(sqlstate::query_canceled, "canceling statement due to user request"));
    return end_copy_out(false);
  }
  ByteWriter& bytes = copy.writer.out();
  bool has_more = copy.stream != nullptr;
  for (std::uint32_t work = 0; has_more && work < portion_work_max && bytes.size() < portion_bytes;
       work += step_work_max) {
    has_more = copy.stream->next(copy.writer, step_work_max);
  }
  if (!has_more) copy.writer.end();
  say().raw(bytes.bytes());
  bytes.clear();
  flush_due_ = true;
  if (has_more) return transport_.tell_when_sent();
  copy.stream.reset();
  command_complete(say(), fmt::format("COPY {}", copy.writer.rows()));
  end_copy_out(true);
}

void PgSession::output_sent() {
  if (copy_out_ == nullptr || !copy_out_->is_begun) return;
  go_on_copying_out();
  release_ready();
}

// Its state of the ledger goes now, not when the client has read what was said before.
void PgSession::cancel_copy_out() {
  copy_out_->is_canceled = true;
  output_sent();
}

void PgSession::abandon_copy_out() {
  if (copy_out_ == nullptr) return;
  copy_out_->is_unheard = true;
  if (copy_out_->is_begun) copy_out_.reset();
}

// What fails ends the script.
void PgSession::end_copy_out(bool is_good) {
  copy_out_.reset();
  if (!is_good) script_at_ = script_.size();
  if (!script_active_) return end_group();
  if (head_ == nullptr && !continuing_script_) continue_script();
}

}  // namespace holdfast
