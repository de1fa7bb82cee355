// COPY … FROM STDIN. Its rows are executed in chunks, one at a time: the next one is read, and runs
// when the one before it has been answered, so nothing behind a row that is wrong takes effect.
//
//   Query ─▶ CopyInResponse ─▶ CopyData … ─▶ CopyDone ─▶ CommandComplete
//                                   └─ chunk ─▶ a silent execution: only an error is said
#include "pgwire/copy_in.h"
#include "pgwire/session.h"

namespace holdfast {

namespace {
constexpr std::size_t chunk_rows_max = 1'000;
constexpr std::size_t unread_max = 256 * 1024;  // beyond that input waits
}  // namespace

void PgSession::begin_copy(const StatementPtr& statement) {
  flush_group();  // what was sent before it and waits for a Sync
  copy_ = std::make_unique<CopyIn>(statement);
  copy_->is_alone = !session_->in_transaction() && !session_->has_group_block() && !script_active_;
  const bool is_binary = copy_->copy.format->kind == CopyFormat::Kind::binary;
  copy_in_response(say(), is_binary, statement->parameters().size());
  flush_due_ = true;
}

bool PgSession::copy_must_wait() const {
  return copy_ != nullptr && (copy_->is_ended || copy_->reader.unread() > unread_max);
}

void PgSession::copy_data(ByteSpan payload) {
  copy_->reader.feed(payload);
  go_on_copying();
}

void PgSession::copy_done() {
  copy_->is_ended = true;
  copy_->reader.end();
  go_on_copying();
}

void PgSession::copy_failed(ByteSpan payload) {
  std::string_view why = as_text(payload);
  if (why.ends_with('\0')) why.remove_suffix(1);
  if (!is_utf8(why)) why = "";
  stop_copying(
      wire_error(sqlstate::query_canceled, fmt::format("COPY from stdin failed: {}", why)));
}

// No more rows are taken; what runs is answered first.
void PgSession::stop_copying(WireError error) {
  copy_->is_ended = true;
  if (!copy_->wrong) copy_->wrong = std::move(error);
  go_on_copying();
}

// Nobody sends rows any more, nor the statements behind them.
void PgSession::abandon_copy() {
  if (copy_ == nullptr) return;
  copy_.reset();
  script_.clear();
  script_active_ = false;
}

// What is said about a row, with its line and what became of those before it.
WireError PgSession::with_place(WireError error, std::uint64_t line) const {
  if (line > 0) error.context = fmt::format("COPY {}, line {}", copy_->copy.relation, line);
  if (error.hint.empty() && copy_->is_alone && copy_->done == 0) {
    error.hint = "No row has taken effect.";
  } else if (error.hint.empty() && copy_->is_alone) {
    error.hint = fmt::format(
        "The first {} rows have taken effect, the others have not: outside of a transaction, each "
        "{} rows are one.",
        copy_->done, chunk_rows_max);
  }
  return error;
}

void PgSession::say_copy_error(WireError error, std::uint64_t line) {
  say_error(with_place(std::move(error), line));
  end_copy(false);
}

// Reads rows while the chunk has room, and runs it when it is full, or all there is.
void PgSession::go_on_copying() {
  while (copy_ != nullptr && in_flight_ == 0) {
    if (suppressing_) return end_copy(false);  // the chunk before has failed
    CopyIn& copy = *copy_;
    if (copy.wrong) return say_copy_error(*std::move(copy.wrong), 0);
    auto next = CopyReader::Next::row;
    while (next == CopyReader::Next::row && copy.rows < chunk_rows_max &&
           copy.reader.text_bytes() < copy_texts_wanted) {
      next = copy.reader.next(copy.values);
      if (next != CopyReader::Next::row) break;
      copy.lines.push_back(copy.reader.line());
      ++copy.rows;
    }
    if (next == CopyReader::Next::wrong) {
      return say_copy_error(copy.reader.error(), copy.reader.line());
    }
    if (next == CopyReader::Next::needs_more) return;
    if (copy.rows > 0) {
      run_chunk();
    } else {
      command_complete(say(), fmt::format("COPY {}", copy.done));
      return end_copy(true);
    }
  }
}

void PgSession::run_chunk() {
  CopyIn& copy = *copy_;
  ReplySlot& slot = push_slot();
  slot.is_script = slot.is_silent = slot.is_copy = true;
  std::swap(copy.lines, copy.running_lines);
  copy.lines.clear();
  copy.rows = 0;
  ++in_flight_;
  ++in_flight_of_group_;
  starting_ = true;
  session_->run(copy.statement, copy.values, slot.rows, slot);
  starting_ = false;
  copy.values.clear();
  copy.reader.clear_texts();
  session_->flush_group();  // it may be part of a group
  if (slot.is_done) release_ready();
}

// The answer to a chunk has come. Nothing is said unless it is an error.
PgSession::Problem PgSession::take_chunk(const Execution& chunk) {
  if (copy_ == nullptr) return std::nullopt;
  if (chunk.status()) {
    copy_->done += chunk.affected();
    return std::nullopt;
  }
  const Error& error = chunk.status().error();
  const std::size_t row = error.row > 0 ? error.row : 1;
  const auto& lines = copy_->running_lines;
  return with_place(wire_error(error), row <= lines.size() ? lines[row - 1] : 0);
}

// What fails ends the script.
void PgSession::end_copy(bool is_good) {
  copy_.reset();
  if (!is_good) script_at_ = script_.size();
  if (script_active_) {
    if (head_ == nullptr && !continuing_script_) continue_script();
    return;
  }
  end_group();
}

}  // namespace holdfast
