// PgSession: one client's conversation in PostgreSQL's protocol 3.0, as a state machine over bytes:
// feed() takes what arrived, replies go to the transport, executions to the database. It does no
// I/O and knows no socket.
//
//   handshake ──opened──▶ open ──Terminate, lost framing, drain──▶ closing
//
//   open, extended:  Parse Bind Describe Execute Close …  ──error──▶ skip everything until Sync
//   open, simple:    Query ─▶ script: one statement after the other, the first error ends it
//
// Invariants
//   1. Replies leave strictly in the order of the requests (see reply_slot.h), errors included.
//   2. After an error in the extended protocol nothing is executed or answered until Sync. What may
//   still fail when its
//      turn comes (Session::may_fail_late) is therefore never overtaken.
//   3. Bounded: at most in_flight_max executions are in flight and about output_high_bytes of
//   finished ones held; then input waits.
//   4. A message is judged by its own frame; a malformed one costs an error, lost framing costs the
//   connection.
//   5. What is executed up to a Sync, or in one Query, takes effect together (Session's groups);
//   one statement alone is a group without any cost.
//   6. Portals end with their transaction: at Sync or with a Query, unless a block is open then.
//
// Threads: its loop's; complete() excepted nothing is called from elsewhere, and that comes home
// through the transport.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "pgwire/backend.h"
#include "pgwire/copy_in.h"
#include "pgwire/copy_out.h"
#include "pgwire/frontend.h"
#include "pgwire/handshake.h"
#include "pgwire/limits.h"
#include "pgwire/prepared.h"
#include "pgwire/reply_slot.h"
#include "pgwire/transport.h"
#include "service/database.h"

namespace holdfast {

struct PgStats {
  std::atomic<std::uint64_t> sessions = 0, statements = 0, errors = 0, authentication_failures = 0;
};

// What the sessions of one thread share; outlives them.
struct PgContext {
  Database& database;
  const Access& access;
  PgStats& stats;
  SlotPool slots;
  std::size_t message_bytes_max = message_bytes_default;
  // Answers a CancelRequest, by handing it to whoever has that session.
  std::function<void(std::uint32_t process, std::uint32_t secret)> cancel;
};

class PgSession {
 public:
  // `process` and `secret` are the session's cancel key.
  PgSession(PgContext& context, Transport& transport, bool from_loopback, bool is_refused,
            std::uint32_t process, std::uint32_t secret);
  ~PgSession();  // REQUIRES: nothing in flight
  PgSession(const PgSession&) = delete;
  PgSession& operator=(const PgSession&) = delete;

  // Returns how many bytes it took; the rest is offered again with more behind it.
  std::size_t feed(ByteSpan bytes);
  // The last feed() left bytes because of what is in flight, not because a message is incomplete.
  // The transport's resume() is called when they can go on.
  [[nodiscard]] bool waits() const { return waits_; }

  // The client said Terminate, or sends no more: what is in flight is still answered, then the
  // session ends.
  void leave();
  // Ends the session with 57P01, as soon as nothing of it is open.
  void drain();
  // Stops a script before its next statement. What runs is not touched: it may be in the ledger
  // already.
  void cancel();
  // All that was said is sent, after Transport::tell_when_sent().
  void output_sent();
  // The client was silent for too long: while it authenticated, or since it was told that the
  // session is ready.
  void deadline_passed();
  // FATAL, and the end.
  void die(const WireError& error);
  // The connection is gone. What is in flight ends unheard; then the transport hears settled().
  void connection_lost();

  [[nodiscard]] bool is_open() const { return state_ == State::open; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

  // For ReplySlot.
  void complete(ReplySlot& slot);
  [[nodiscard]] bool on_own_thread() const { return transport_.on_own_thread(); }
  void post(Task& task) { transport_.post(task); }

 private:
  enum class State : std::uint8_t { handshake, open, closing };
  using Problem = std::optional<WireError>;

  // session.cc
  std::size_t feed_handshake(ByteSpan bytes);
  void open();
  bool take_message(ByteSpan bytes, std::size_t& consumed);
  bool dispatch(char type, ByteSpan payload);
  bool dispatch_copy(char type, ByteSpan payload);
  [[nodiscard]] bool must_wait() const;
  void begin_discard(const FrameHeader& header);
  void end_discard();
  void farewell_if_drained();
  void flush_if_due();
  void say_ready(ByteWriter& out);
  void stop_waiting_for_client();

  // extended.cc
  Problem parse(ByteSpan payload);
  Problem bind(ByteSpan payload);
  Problem bind_portal(const BindMessage& message, Portal& portal);
  Problem describe(ByteSpan payload);
  Problem execute(ByteSpan payload, bool& must_hold);
  Problem close(ByteSpan payload);
  [[nodiscard]] Problem check_block(const Statement* statement) const;
  void sync();
  void fetch(Portal& portal, std::uint32_t rows_max);
  PreparedStatement* find_statement(std::string_view name);
  Portal* find_portal(std::string_view name);
  void drop_statement(std::string_view name);
  Problem deallocate(const Statement& statement);
  void drop(Portal& portal);
  void drop_portals();
  [[nodiscard]] std::size_t portal_bytes() const;

  // simple.cc
  void query(ByteSpan payload);
  void continue_script();
  [[nodiscard]] bool copies_in(const Statement& statement) const;
  [[nodiscard]] bool copies_out(const Statement& statement) const;

  // copy.cc
  void begin_copy(const StatementPtr& statement);
  [[nodiscard]] bool copy_must_wait() const;
  void copy_data(ByteSpan payload);
  void copy_done();
  void copy_failed(ByteSpan payload);
  [[nodiscard]] WireError with_place(WireError error, std::uint64_t line) const;
  void say_copy_error(WireError error, std::uint64_t line);
  void go_on_copying();
  void run_chunk();
  Problem take_chunk(const Execution& chunk);
  void end_copy(bool is_good);
  void stop_copying(WireError error);
  void abandon_copy();

  // copy_out.cc
  void begin_copy_out(const StatementPtr& statement);
  Problem take_copy_out(Execution& execution);
  void begin_copying_out();
  void go_on_copying_out();
  void cancel_copy_out();
  void abandon_copy_out();
  void end_copy_out(bool is_good);

  // replies.cc
  ByteWriter& say();  // where the next message belongs: behind what is in flight, or straight out
  void say_error(const WireError& error);
  ReplySlot& push_slot();
  [[nodiscard]] RowLimit row_limit(const Portal* portal) const;
  void adapt_window(ReplySlot& slot);
  void start(const StatementPtr& statement, std::span<const Value> values, ByteSpan formats,
             Portal* portal, std::uint32_t rows_max, bool is_script);
  void flush_group();
  void finish_group();
  void end_group();
  void release_ready();
  void emit(ReplySlot& slot);
  Problem emit_execution(ReplySlot& slot, ByteWriter& out);
  void note_setting(std::string name, std::string value);
  void say_settings(ByteWriter& out);
  void count_error();
  void note_error();

  PgContext& context_;
  Transport& transport_;
  State state_ = State::handshake;
  std::unique_ptr<Handshake> handshake_;
  std::uint32_t process_;
  std::uint32_t secret_;
  std::unique_ptr<Session> session_;

  ByName<PreparedStatement> statements_;
  std::size_t statement_bytes_ = 0;
  std::optional<PreparedStatement> unnamed_statement_;
  TransactionStatus status_ = TransactionStatus::none;  // behind what has left so far
  ByName<std::unique_ptr<Portal>> portals_;
  Portal unnamed_portal_;
  ParseMessage parse_message_;           // reused
  std::vector<SqlType> declared_types_;  // reused

  // The settings that changed since the session began.
  struct ToldSetting {
    std::string name;
    std::string now;
    std::string told;
  };
  std::vector<ToldSetting> told_;

  // The queue of replies.
  ReplySlot* head_ = nullptr;
  ReplySlot* tail_ = nullptr;
  std::size_t queued_ = 0;                // slots in it
  std::size_t in_flight_ = 0;             // executions not finished
  std::size_t in_flight_of_group_ = 0;    // of them, since the last Sync
  std::size_t window_ = in_flight_start;  // how many there may be
  std::size_t held_bytes_ = 0;            // in finished slots, and said behind executions
  std::uint64_t group_ = 0;               // Syncs so far
  bool starting_ = false;                 // inside Session::run
  bool next_is_sync_ = false;             // behind the message that is dispatched
  bool suppressing_ = false;  // an error left; nothing more until the slot with its Sync
  bool skip_until_sync_ = false;
  bool exclusive_ = false;  // what is in flight may fail late

  std::vector<StatementPtr> script_;
  std::size_t script_at_ = 0;
  bool script_active_ = false;
  bool continuing_script_ = false;
  std::unique_ptr<CopyIn> copy_;       // while the client sends rows
  std::unique_ptr<CopyOut> copy_out_;  // while it gets them
  bool cancel_wanted_ = false;

  std::uint64_t discard_bytes_ = 0;  // of a message past the limit
  char discard_type_ = 0;
  bool discards_in_copy_ = false;
  bool waits_ = false;
  bool flush_due_ = false;
  bool flushing_ = false;         // since a Flush, until Sync
  bool is_deadline_set_ = false;  // for the client's next message
  bool draining_ = false;
  bool lost_ = false;
};

}  // namespace holdfast
