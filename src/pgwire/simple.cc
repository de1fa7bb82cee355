// The simple query protocol: several statements in one message, all results in text.
#include "base/text.h"
#include "pgwire/session.h"

namespace holdfast {

// What the block refuses is refused when it is run.
bool PgSession::copies_in(const Statement& statement) const {
  return statement.copy().format != nullptr && session_->may_run(statement);
}

bool PgSession::copies_out(const Statement& statement) const {
  return statement.copy_to() != nullptr && session_->may_run(statement);
}

void PgSession::query(ByteSpan payload) {
  unnamed_statement_.reset();
  drop(unnamed_portal_);
  const auto refuse = [&](const WireError& error) {
    say_error(error);
    end_group();
  };
  const auto sql = decode_query(payload);
  if (!sql) return refuse(wire_error(sqlstate::protocol_violation, "malformed Query message"));
  if (!is_utf8(*sql)) {
    return refuse(wire_error(sqlstate_of(ErrorCode::invalid_encoding),
                             "invalid byte sequence for encoding \"UTF8\" in the statement"));
  }
  auto statements = session_->prepare_all(*sql);
  if (!statements) return refuse(wire_error(statements.error()));
  std::erase_if(*statements, [](const StatementPtr& statement) { return statement->is_empty(); });
  for (const StatementPtr& statement : *statements) {
    if (statement->parameters().empty() || statement->copy().format != nullptr) continue;
    return refuse(
        wire_error(sqlstate_of(ErrorCode::undefined_parameter), "there is no parameter $1"));
  }
  if (statements->empty()) {
    empty_query_response(say());
    return end_group();
  }
  if (statements->size() == 1) {
    if (auto problem = deallocate(*statements->front())) return refuse(*problem);
    if (copies_in(*statements->front())) return begin_copy(statements->front());
    if (copies_out(*statements->front())) return begin_copy_out(statements->front());
    start(statements->front(), {}, {}, nullptr, 0, true);
    return end_group();
  }
  script_ = std::move(*statements);
  script_at_ = 0;
  script_active_ = true;
  cancel_wanted_ = false;
  continue_script();
}

// One statement at a time: the next starts when the reply of this one has left, unless that was an
// error.
void PgSession::continue_script() {
  continuing_script_ = true;
  while (script_at_ < script_.size()) {
    if (suppressing_) break;
    if (cancel_wanted_) {
      say_error(wire_error(sqlstate::query_canceled, "canceling statement due to user request"));
      break;
    }
    const StatementPtr statement = script_[script_at_++];
    if (auto problem = deallocate(*statement)) {
      say_error(*problem);
      break;
    }
    session_->begin_group(true);  // the first one, and behind the end of a block
    if (copies_in(*statement)) {
      continuing_script_ = false;
      return begin_copy(statement);
    }
    if (copies_out(*statement)) {
      begin_copy_out(statement);
      if (copy_out_ == nullptr) continue;
      continuing_script_ = false;
      return;
    }
    start(statement, {}, {}, nullptr, 0, true);
    flush_group();
    if (head_ != nullptr) {
      continuing_script_ = false;
      return;
    }
  }
  script_active_ = false;
  continuing_script_ = false;
  script_.clear();
  end_group();
}

}  // namespace holdfast
