// ReplySlot: one place in a session's order of replies. Executions of a pipeline run together and
// end in any order; their replies leave in the order of the requests, through a queue of slots.
//
//   [ execution: rows, tag or error ] [ what was said behind it ] [ ReadyForQuery, if a Sync
//   followed ]
//
// While the queue is empty nothing waits, and the session writes straight to its connection.
//
// Threads: until `finished`, the execution may fill `rows` from the thread that drives the engine;
// then the slot comes back to the session's thread, which owns all the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "pgwire/row_encoder.h"
#include "service/database.h"

namespace holdfast {

class PgSession;
struct Portal;

using SettingChanges = std::vector<std::pair<std::string, std::string>>;

class ReplySlot final : public ExecutionListener, public Task {
 public:
  void finished(Execution& execution) noexcept override;
  void setting_changed(std::string_view name, std::string_view value) noexcept override;
  void notice(const Error& warning) noexcept override;
  void run_task() override;

  // Makes it as new, keeping its buffers if they are small.
  void reset(PgSession* session);

  PgSession* session = nullptr;
  ReplySlot* next = nullptr;
  RowEncoder rows;
  ByteWriter notices;              // warnings, said before the rows
  SettingChanges settings;         // of a SET, or of the end of a block
  ByteWriter after;                // messages said behind the execution
  Execution* execution = nullptr;  // set when it has finished
  Portal* portal = nullptr;        // wants the rows past rows_max
  std::uint32_t rows_max = 0;
  std::uint64_t group = 0;  // Syncs before it
  bool is_done = false;     // no execution, or a finished one
  bool is_script = false;   // of a simple query
  bool is_silent = false;   // the end of a group, or rows of a COPY: only an error is said
  bool is_copy = false;
  bool is_copy_out = false;  // its rows are the session's to say
  bool has_error = false;    // among what was said behind it
  bool has_sync = false;
};

// The slots that are not in use, for all sessions of one thread; an idle session holds none.
class SlotPool {
 public:
  std::unique_ptr<ReplySlot> take(PgSession* session);
  void give(std::unique_ptr<ReplySlot> slot);

 private:
  std::vector<std::unique_ptr<ReplySlot>> free_;
};

}  // namespace holdfast
