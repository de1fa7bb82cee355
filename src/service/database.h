// Database: what Holdfast offers to a protocol, in its own words: prepare a statement, run it, get
// rows. One Database per ledger; one Session per connection.
//
//   protocol ──prepare(sql)──▶ Statement (planned once, immutable, shared)
//   protocol ──Session::run(statement, values, sink, listener)──▶ Execution ──▶ engine ──▶
//   listener.finished()
//
// Threads: a Session and its Executions belong to one network thread. A Statement may be shared.
// Listeners are called on whichever thread drives the engine (see engine/request.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "service/value.h"
#include "sql/copy_format.h"
#include "sql/types.h"

namespace holdfast {

// One planned statement. Immutable.
class Statement {
 public:
  virtual ~Statement() = default;
  [[nodiscard]] virtual std::span<const SqlType> parameters() const = 0;
  [[nodiscard]] virtual std::span<const Column> columns()
      const = 0;                                    // empty: no rows (SET …), NoData
  [[nodiscard]] virtual bool is_empty() const = 0;  // nothing but blanks and comments
  // COPY … FROM STDIN: how its rows are written, nullptr for any other statement. It is run with
  // the values of one or more rows, parameters() for each, all of them or none; again and again.
  // Its relation is named in messages.
  struct Copy {
    const CopyFormat* format = nullptr;
    std::string_view relation;
  };
  [[nodiscard]] virtual Copy copy() const { return {}; }
  // COPY … TO STDOUT: how its rows are wanted, nullptr for any other statement.
  [[nodiscard]] virtual const CopyFormat* copy_to() const { return nullptr; }
  // The prepared statement that the protocol forgets when this one has run: a name, all_statements
  // (DEALLOCATE ALL, DISCARD ALL), or none.
  static constexpr std::string_view all_statements{"\0", 1};  // no name has a NUL
  [[nodiscard]] virtual std::string_view deallocates() const { return {}; }
};
using StatementPtr = std::shared_ptr<const Statement>;

class Execution;

// The rows of a whole relation, made as they are wanted: any number of them, at one seq, all of it
// durable. It holds on to a state of the ledger: let it go as soon as nobody reads. Any one thread.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // The next rows, until about `work_max` rows and lines were looked at. False: those were the
  // last. REQUIRES: it has never returned false.
  virtual bool next(RowSink& sink, std::uint32_t work_max) = 0;
};

// Where a session stands behind a statement, as ReadyForQuery says it.
enum class TransactionStatus : std::uint8_t { none, open, failed };

class ExecutionListener {
 public:
  virtual ~ExecutionListener() = default;
  // The execution is over: status(), tag() and the rows in its sink are final. Must not block.
  virtual void finished(Execution& execution) noexcept = 0;
  // A setting that clients are told about changed (ParameterStatus). Called before finished().
  virtual void setting_changed(std::string_view name, std::string_view value) noexcept = 0;
  // A warning. Called before finished().
  virtual void notice(const Error& warning) noexcept = 0;
};

// One statement being run. Pooled by its session: get it from Session::run, give it back with
// Session::recycle.
class Execution {
 public:
  virtual ~Execution() = default;
  [[nodiscard]] virtual bool is_finished() const = 0;
  [[nodiscard]] virtual const Status& status() const = 0;  // REQUIRES: finished
  [[nodiscard]] virtual std::string_view tag()
      const = 0;  // "SELECT 1", "SET", "SHOW"; REQUIRES: finished, ok
  // Rows made or changed. REQUIRES: finished.
  [[nodiscard]] virtual std::size_t affected() const = 0;
  // The rows that are not in its sink, of COPY … TO of a whole relation; once; nullptr: there are
  // none. REQUIRES: finished, ok.
  [[nodiscard]] virtual std::unique_ptr<RowStream> take_stream() { return nullptr; }
  // How heavy it was: levels looked at, rows made. REQUIRES: finished.
  [[nodiscard]] virtual std::uint32_t weight() const = 0;
  // REQUIRES: finished.
  [[nodiscard]] virtual TransactionStatus transaction_status() const = 0;
  // The protocol's own mark, e.g. its slot in the order of replies. Not read by the service.
  std::uint64_t mark = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  // Exactly one statement (or none: is_empty). `declared` may be shorter than the parameters;
  // unknown means inferred.
  virtual Result<StatementPtr> prepare(std::string_view sql, std::span<const SqlType> declared) = 0;
  // The statements of a simple query, in order. An error names the position in the whole text.
  virtual Result<std::vector<StatementPtr>> prepare_all(std::string_view sql) = 0;
  // Runs it. May call listener.finished() before it returns. Values are copied; sink and listener
  // are borrowed until then. Errors (bad values, overload) come through the execution's status too.
  virtual Execution& run(const StatementPtr& statement, std::span<const Value> values,
                         RowSink& sink, ExecutionListener& listener) = 0;
  virtual void recycle(Execution& execution) = 0;  // REQUIRES: finished

  // — groups: statements that take effect together, as everything up to a Sync, or in one Query —
  //
  //   begin_group ─▶ run … ─▶ submit_group                             nothing was executed before
  //                   └─ flush_group ─▶ run … ─▶ end_group_block ──▶ its own execution: an error,
  //                   or
  //                                                                  no word
  //
  // What waits in a group is not finished before it is submitted or flushed; an error in a group
  // flushes it, and then the end undoes it.
  // No effect inside a transaction block, which is a group by itself.
  // Of a script (a Query with several statements) it counts as a transaction block for SET LOCAL.
  virtual void begin_group(bool is_script) = 0;
  // What was submitted, and waits for its turn still, shall not be executed: 57014.
  virtual void cancel() = 0;
  // Executes what waits; its replies come, but nothing is final before the end of the group.
  virtual void flush_group() = 0;
  // The end, while all of it waits: executes it.
  virtual void submit_group() = 0;
  // The group was flushed: it must be ended by end_group_block().
  [[nodiscard]] virtual bool has_group_block() const = 0;
  virtual Execution& end_group_block(RowSink& sink, ExecutionListener& listener) = 0;
  // Commands that wait in the group: none of them runs yet, and each looks at few rows.
  [[nodiscard]] virtual std::size_t waiting_commands() const = 0;
  // The client is gone: what waits is not executed.
  virtual void abort_group() = 0;

  // Whether this statement, now, can still end in an error when its turn comes (a refusal raised as
  // an error). Behind such a one a protocol holds back the rest of its pipeline, since PostgreSQL
  // would not run it either; any other statement may overlap with what follows.
  [[nodiscard]] virtual bool may_fail_late(const Statement&) const = 0;
  // Whether the transaction block that may be open lets it run at all.
  [[nodiscard]] virtual bool may_run(const Statement&) const = 0;
  // Whether it may be prepared, bound or described: a block that has failed lets only through what
  // leaves it. No statement: one that could not be planned.
  [[nodiscard]] virtual Status may_prepare(const Statement*) const = 0;
  // The protocol refused a statement before it was run: the transaction block or group that is open
  // has failed.
  virtual void statement_failed() = 0;
  // Whether a transaction block is open behind all that was run so far.
  [[nodiscard]] virtual bool in_transaction() const = 0;
  // How long a client may be silent now, by idle_session_timeout, or, in a transaction block,
  // idle_in_transaction_session_timeout. Zero: for ever.
  [[nodiscard]] virtual Duration idle_timeout() const = 0;
  [[nodiscard]] virtual std::string_view setting(std::string_view name) const = 0;
  // As it was when the session began: what RESET goes back to.
  [[nodiscard]] virtual std::string_view setting_at_start(std::string_view name) const = 0;
  // A parameter of the start-up message, or of its `options`; an error where SET would be one.
  // Unknown ones are accepted silently. "pg_backend_pid" tells the session what pg_backend_pid()
  // shall answer.
  virtual Status start_setting(std::string_view name, std::string_view value) = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  virtual std::unique_ptr<Session> open_session(std::string_view principal) = 0;
};

// The engine outlives the database, which outlives its sessions.
std::unique_ptr<Database> make_database(std::string name, Engine& engine);

}  // namespace holdfast
