// Frames in, messages dispatched; the beginning and the end of a session.
#include "pgwire/session.h"

#include <array>

#include "base/text.h"
#include "net/connection.h"

namespace holdfast {
namespace {

// PostgreSQL 15's exact set of reported parameters, in its order, with what is said when the
// database has no such setting.
struct Reported {
  std::string_view name;
  std::string_view fallback;
};
constexpr std::array<Reported, 13> reported_settings = {{
    {"application_name", ""},
    {"client_encoding", "UTF8"},
    {"DateStyle", "ISO, MDY"},
    {"default_transaction_read_only", "off"},
    {"in_hot_standby", "off"},
    {"integer_datetimes", "on"},
    {"IntervalStyle", "postgres"},
    {"is_superuser", "on"},
    {"server_encoding", "UTF8"},
    {"server_version", "15.0 (Holdfast)"},
    {"session_authorization", ""},
    {"standard_conforming_strings", "on"},
    {"TimeZone", "UTC"},
}};

constexpr std::string_view message_types = "QPBDECSHXFdcfp";

}  // namespace

PgSession::PgSession(PgContext& context, Transport& transport, bool from_loopback, bool is_refused,
                     std::uint32_t process, std::uint32_t secret)
    : context_(context),
      transport_(transport),
      handshake_(std::make_unique<Handshake>(HandshakePolicy{.access = context.access,
                                                             .database = context.database.name(),
                                                             .from_loopback = from_loopback,
                                                             .is_refused = is_refused})),
      process_(process),
      secret_(secret) {}

PgSession::~PgSession() { CHECK(in_flight_ == 0 && head_ == nullptr); }

std::size_t PgSession::feed(ByteSpan bytes) {
  std::size_t at = 0;
  waits_ = false;
  while (state_ != State::closing) {
    const ByteSpan rest = bytes.subspan(at);
    std::size_t consumed = 0;
    if (state_ == State::handshake) {
      consumed = feed_handshake(rest);
      if (consumed == 0) break;
    } else if (!take_message(rest, consumed)) {
      break;
    }
    at += consumed;
  }
  if (state_ == State::closing) at = bytes.size();
  flush_if_due();
  return at;
}

std::size_t PgSession::feed_handshake(ByteSpan bytes) {
  std::size_t consumed = 0;
  const auto progress = handshake_->feed(bytes, consumed, transport_.output());
  if (progress == Handshake::Progress::opened) {
    open();
  } else if (progress == Handshake::Progress::closed) {
    if (const auto key = handshake_->cancel_key()) context_.cancel(key->process, key->secret);
    if (handshake_->authentication_failed()) {
      context_.stats.authentication_failures.fetch_add(1, std::memory_order_relaxed);
    }
    state_ = State::closing;
    transport_.close();
  }
  return consumed;
}

void PgSession::open() {
  session_ = context_.database.open_session(handshake_->user());
  for (const auto& [name, value] : handshake_->settings()) {
    if (Status set = session_->start_setting(name, value); !set) {
      return die(wire_error(std::move(set).error()));
    }
  }
  CHECK(session_->start_setting("pg_backend_pid", fmt::format("{}", process_)));
  ByteWriter& out = transport_.output();
  for (const auto& [name, fallback] : reported_settings) {
    const std::string_view value = session_->setting(name);
    const bool is_user = name == "session_authorization";
    parameter_status(out, name, is_user ? handshake_->user() : value.empty() ? fallback : value);
  }
  backend_key_data(out, process_, secret_);
  flush_due_ = true;
  handshake_.reset();
  state_ = State::open;
  context_.stats.sessions.fetch_add(1, std::memory_order_relaxed);
  transport_.opened(process_);
  say_ready(out);
  farewell_if_drained();
}

// ---- frames

// Commands that wait for the end of their group are light, and not running yet.
bool PgSession::must_wait() const {
  const std::size_t running = in_flight_ - (session_ ? session_->waiting_commands() : 0);
  if (copy_ != nullptr) return copy_must_wait();
  if (copy_out_ != nullptr) return true;
  return script_active_ || (exclusive_ && in_flight_ > 0) || running >= window_ ||
         queued_ >= 2 * in_flight_max || (head_ != nullptr && held_bytes_ > output_high_bytes);
}

// False: it takes no more now, because a message is incomplete or must wait.
bool PgSession::take_message(ByteSpan bytes, std::size_t& consumed) {
  if (discard_bytes_ > 0) {
    consumed = static_cast<std::size_t>(std::min<std::uint64_t>(discard_bytes_, bytes.size()));
    if (consumed == 0) return false;
    discard_bytes_ -= consumed;
    if (discard_bytes_ == 0) end_discard();
    return true;
  }
  const auto header = peek_frame(bytes);
  if (!header) return false;
  if (message_types.find(header->type) == std::string_view::npos) {
    die(wire_error(sqlstate::protocol_violation,
                   fmt::format("invalid frontend message type {}",
                               static_cast<int>(static_cast<unsigned char>(header->type)))));
    return false;
  }
  if (!header->is_valid) {
    die(wire_error(sqlstate::protocol_violation, "invalid message length"));
    return false;
  }
  if (transport_.congested()) return false;
  if (must_wait()) {
    flush_group();  // what it waits for may wait for the group's end
    waits_ = true;
    return false;
  }
  if (header->payload_bytes > context_.message_bytes_max) {
    consumed = frame_header_bytes;
    begin_discard(*header);
    return true;
  }
  const std::size_t size = frame_header_bytes + header->payload_bytes;
  if (bytes.size() < size) return false;
  stop_waiting_for_client();

  const auto next = peek_frame(bytes.subspan(size));
  next_is_sync_ = next && next->type == 'S' && next->is_valid && next->payload_bytes == 0;
  ReplySlot* const tail = tail_;
  const std::size_t before = tail == nullptr ? 0 : tail->after.size();
  if (!dispatch(header->type, bytes.subspan(frame_header_bytes, header->payload_bytes))) {
    waits_ = true;
    return false;
  }
  if (tail_ != nullptr) held_bytes_ += tail_->after.size() - (tail_ == tail ? before : 0);
  consumed = size;
  return state_ != State::closing;
}

// False: the message must wait for what is in flight, and has changed nothing.
bool PgSession::dispatch(char type, ByteSpan payload) {
  if (skip_until_sync_ && type != 'S' && type != 'X') return true;
  if (copy_ != nullptr && type != 'X') return dispatch_copy(type, payload);
  Problem problem;
  switch (type) {
    case 'Q':
      query(payload);
      return true;
    case 'P':
      problem = parse(payload);
      break;
    case 'B':
      problem = bind(payload);
      break;
    case 'D':
      problem = describe(payload);
      break;
    case 'C':
      problem = close(payload);
      break;
    case 'E': {
      bool must_hold = false;
      problem = execute(payload, must_hold);
      if (must_hold) {
        flush_group();  // the portal may wait for the group's end
        return false;
      }
      break;
    }
    case 'S':
      sync();
      return true;
    case 'H':
      flush_group();
      flush_due_ = flushing_ = true;
      return true;
    case 'X':
      leave();
      return true;
    case 'F':
      problem = wire_error(sqlstate::not_supported, "function calls are not supported");
      break;
    case 'd':
    case 'c':
    case 'f':
      return true;  // a COPY that failed while its data was still under way: PostgreSQL ignores it
                    // too
    default:
      die(wire_error(sqlstate::protocol_violation, "a password message outside authentication"));
      return true;
  }
  if (problem) {
    say_error(*problem);
    if (type == 'F') {
      end_group();  // a FunctionCall brings its own ReadyForQuery
    } else {
      skip_until_sync_ = true;
    }
  }
  return true;
}

// While the client sends rows. As PostgreSQL, Flush and Sync mean nothing then.
bool PgSession::dispatch_copy(char type, ByteSpan payload) {
  switch (type) {
    case 'd':
      copy_data(payload);
      break;
    case 'c':
      copy_done();
      break;
    case 'f':
      copy_failed(payload);
      break;
    case 'H':
    case 'S':
      break;
    default:
      stop_copying(
          wire_error(sqlstate::protocol_violation,
                     fmt::format("unexpected message type 0x{:02X} during COPY from stdin",
                                 static_cast<unsigned>(static_cast<unsigned char>(type)))));
  }
  return true;
}

// A message past the limit is passed over without being kept, and answered with an error in its
// place.
void PgSession::begin_discard(const FrameHeader& header) {
  const auto refuse = [&](const WireError& error) {
    if (copy_ != nullptr) return stop_copying(error);
    say_error(error);
  };
  discards_in_copy_ = copy_ != nullptr;
  if (!skip_until_sync_ || header.type == 'S') {
    refuse(wire_error(sqlstate::limit_exceeded,
                      fmt::format("a message must be at most {} bytes, got {}",
                                  context_.message_bytes_max, header.payload_bytes)));
  }
  discard_bytes_ = header.payload_bytes;
  discard_type_ = header.type;
}

void PgSession::end_discard() {
  if (discards_in_copy_) return;  // the COPY has its own end
  switch (discard_type_) {
    case 'S':
      return end_group();
    case 'Q':
    case 'F':
      if (!skip_until_sync_) end_group();
      return;
    case 'd':
    case 'c':
    case 'f':
      return;  // the COPY has ended
    default:
      skip_until_sync_ = true;
  }
}

// ---- silence

// From here on it is the client's turn, for as long as its settings say.
void PgSession::say_ready(ByteWriter& out) {
  say_settings(out);
  ready_for_query(out, status_);
  const Duration patience = session_->idle_timeout();
  if (patience <= Duration()) return;
  transport_.set_deadline(patience);
  is_deadline_set_ = true;
}

void PgSession::stop_waiting_for_client() {
  if (!is_deadline_set_) return;
  transport_.set_deadline(Duration());
  is_deadline_set_ = false;
}

void PgSession::deadline_passed() {
  if (state_ == State::handshake) {
    return die(wire_error(sqlstate::query_canceled, "canceling authentication due to timeout"));
  }
  if (!is_deadline_set_ || head_ != nullptr) return;
  if (status_ == TransactionStatus::none) {
    return die(wire_error(sqlstate::idle_session_timeout,
                          "terminating connection due to idle-session timeout"));
  }
  die(wire_error(sqlstate::idle_in_transaction_timeout,
                 "terminating connection due to idle-in-transaction timeout"));
}

// ---- the end

// As PostgreSQL, what is said leaves with ReadyForQuery, an error, after a Flush, or when there is
// much of it: a client that waits for its Sync is woken once, not once more for every BindComplete.
void PgSession::flush_if_due() {
  constexpr std::size_t much_bytes = 8 * 1024;
  if (!flush_due_ && !flushing_ && state_ == State::open && transport_.unsent() < much_bytes) {
    return;
  }
  flush_due_ = false;
  transport_.flush_soon();
}

void PgSession::die(const WireError& error) {
  if (state_ == State::closing) return;
  abandon_copy_out();
  error_response(say(), fatal(error));
  state_ = State::closing;
  if (head_ == nullptr) {
    transport_.flush_soon();
    transport_.close();
  }
}

void PgSession::leave() {
  if (state_ == State::closing) return;
  state_ = State::closing;
  abandon_copy();
  if (session_ != nullptr) session_->abort_group();
  if (head_ == nullptr && !script_active_ && copy_out_ == nullptr) transport_.close();
}

void PgSession::drain() {
  draining_ = true;
  if (state_ == State::handshake) {
    return die(wire_error(sqlstate::admin_shutdown, "the database is shutting down"));
  }
  if (in_flight_ == 0) abandon_copy();
  if (session_ != nullptr) session_->abort_group();
  farewell_if_drained();
}

void PgSession::farewell_if_drained() {
  if (!draining_ || state_ != State::open || head_ != nullptr || script_active_) return;
  if (copy_out_ != nullptr) return;
  die(wire_error(sqlstate::admin_shutdown, "terminating connection due to administrator command"));
}

void PgSession::cancel() {
  if (copy_ != nullptr) {
    return stop_copying(
        wire_error(sqlstate::query_canceled, "canceling statement due to user request"));
  }
  if (session_ != nullptr) session_->cancel();
  if (script_active_) cancel_wanted_ = true;
  if (copy_out_ != nullptr) cancel_copy_out();
}

void PgSession::connection_lost() {
  lost_ = true;
  state_ = State::closing;
  script_active_ = false;
  copy_.reset();
  abandon_copy_out();
  drop_portals();
  if (session_ != nullptr) session_->abort_group();
  release_ready();
}

}  // namespace holdfast
