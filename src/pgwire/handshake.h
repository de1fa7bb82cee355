// Handshake: from the first byte to AuthenticationOk, pure: bytes in, bytes out.
//
//   ┌ SSLRequest, GSSENCRequest: 'N', once each ┐
//   ▼                                           │
//   first ──start──▶ policy ──trust──────────────────────────────▶ opened
//     │                ├─scram─▶ sasl_initial ─▶ sasl_response ──▶ opened
//     │                └─refuse, unknown database, bad parameter ▶ closed (FATAL said)
//     └─CancelRequest─▶ closed, nothing said
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/access.h"
#include "base/bytes.h"
#include "pgwire/frontend.h"
#include "pgwire/wire_error.h"

namespace holdfast {

struct HandshakePolicy {
  const Access& access;
  std::string_view database;  // the only one there is
  bool from_loopback = false;
  bool is_refused = false;  // too many connections: say so to whoever starts
};

class Handshake {
 public:
  enum class Progress { more, opened, closed };

  explicit Handshake(const HandshakePolicy& policy) : policy_(policy) {}

  // Takes at most one packet; `consumed` is how much of `bytes` it was.
  Progress feed(ByteSpan bytes, std::size_t& consumed, ByteWriter& out);

  // Once opened.
  [[nodiscard]] const std::string& user() const { return user_; }
  // Settings in the client's order, those in `options` included.
  using Settings = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const Settings& settings() const { return settings_; }

  // Once closed without a word: what a CancelRequest named.
  struct CancelKey {
    std::uint32_t process, secret;
  };
  [[nodiscard]] std::optional<CancelKey> cancel_key() const { return cancel_key_; }
  [[nodiscard]] bool authentication_failed() const { return authentication_failed_; }

 private:
  enum class State { first, sasl_initial, sasl_response };

  Progress first_packet(ByteSpan bytes, std::size_t& consumed, ByteWriter& out);
  Progress start(const StartupPacket& packet, ByteWriter& out);
  std::optional<WireError> take_parameters(const StartupPacket& packet);
  std::optional<WireError> take_options(std::string_view options);
  Progress password_message(ByteSpan bytes, std::size_t& consumed, ByteWriter& out);
  Progress sasl_initial(ByteSpan payload, ByteWriter& out);
  Progress sasl_response(ByteSpan payload, ByteWriter& out);
  Progress enter_database(ByteWriter& out);
  Progress refuse(const WireError& error, ByteWriter& out);

  HandshakePolicy policy_;
  State state_ = State::first;
  bool saw_tls_request_ = false;
  bool saw_gss_request_ = false;
  bool authentication_failed_ = false;
  std::string user_;
  std::string database_;
  Settings settings_;
  std::optional<ScramExchange> scram_;
  std::optional<CancelKey> cancel_key_;
};

}  // namespace holdfast
