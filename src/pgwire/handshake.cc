// The start of a connection. Everything here is said before anybody is known, so every length is
// small and the first mistake ends it.
#include "pgwire/handshake.h"

#include <algorithm>

#include "base/text.h"
#include "pgwire/backend.h"
#include "pgwire/limits.h"
#include "sql/convert.h"

namespace holdfast {
namespace {

constexpr std::uint16_t newest_minor = 0;
constexpr std::string_view extension_prefix = "_pq_.";

WireError protocol_error(std::string message) {
  return wire_error(sqlstate::protocol_violation, std::move(message));
}

// UTF8, utf-8, 'utf-8' (asyncpg quotes it), unicode; and SQL_ASCII, whose bytes are checked as
// UTF-8 all the same.
bool is_utf8_name(std::string_view encoding) {
  std::string plain;
  for (char c : encoding) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain == "utf8" || plain == "unicode" || plain == "sqlascii" || plain.empty();
}

// Splits the `options` parameter at blanks; a backslash takes the next character as it is.
std::vector<std::string> split_options(std::string_view options) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  for (std::size_t at = 0; at < options.size(); ++at) {
    char c = options[at];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    if (c == '\\' && at + 1 < options.size()) c = options[++at];
    word += c;
    in_word = true;
  }
  if (in_word) words.push_back(word);
  return words;
}

}  // namespace

Handshake::Progress Handshake::feed(ByteSpan bytes, std::size_t& consumed, ByteWriter& out) {
  consumed = 0;
  if (state_ == State::first) return first_packet(bytes, consumed, out);
  return password_message(bytes, consumed, out);
}

Handshake::Progress Handshake::refuse(const WireError& error, ByteWriter& out) {
  error_response(out, fatal(error));
  return Progress::closed;
}

Handshake::Progress Handshake::first_packet(ByteSpan bytes, std::size_t& consumed,
                                            ByteWriter& out) {
  const auto size = startup_size(bytes);
  if (!size) {
    consumed = bytes.size();
    return refuse(protocol_error("invalid length of startup packet"), out);
  }
  if (*size == 0 || bytes.size() < *size) return Progress::more;
  consumed = *size;
  const auto packet = decode_startup(bytes.first(*size));
  if (!packet) return refuse(protocol_error("invalid startup packet layout"), out);
  switch (packet->kind) {
    case StartupKind::cancel_request:
      cancel_key_ = CancelKey{packet->process, packet->secret};
      return Progress::closed;
    case StartupKind::tls_request:
    case StartupKind::gss_request: {
      bool& saw = packet->kind == StartupKind::tls_request ? saw_tls_request_ : saw_gss_request_;
      if (saw) return refuse(protocol_error("encryption was requested twice"), out);
      saw = true;
      out.fixed('N');
      return Progress::more;
    }
    case StartupKind::start:
      break;
  }
  return start(*packet, out);
}

Handshake::Progress Handshake::start(const StartupPacket& packet, ByteWriter& out) {
  if (packet.major != 3) {
    return refuse(wire_error(sqlstate::not_supported,
                             fmt::format("unsupported frontend protocol {}.{}: server supports 3.0",
                                         packet.major, packet.minor)),
                  out);
  }
  if (policy_.is_refused) {
    return refuse(
        wire_error(sqlstate_of(ErrorCode::too_many_connections), "sorry, too many clients already"),
        out);
  }
  if (const auto problem = take_parameters(packet)) return refuse(*problem, out);
  std::vector<std::string_view> unknown;
  for (const auto& [name, value] : packet.parameters) {
    if (name.starts_with(extension_prefix)) unknown.push_back(name);
  }
  if (packet.minor > newest_minor || !unknown.empty()) negotiate_protocol_version(out, unknown);

  switch (policy_.access.method_for(user_, policy_.from_loopback)) {
    case Access::Method::trust:
      authentication_ok(out);
      break;
    case Access::Method::scram:
      authentication_sasl(out, scram_mechanism);
      state_ = State::sasl_initial;
      return Progress::more;
    case Access::Method::refuse: {
      authentication_failed_ = true;
      WireError error = wire_error(sqlstate::invalid_authorization,
                                   fmt::format("no password is set, so user {} may connect only "
                                               "from the server's own machine",
                                               quoted(user_)));
      return refuse(error, out);
    }
  }
  return enter_database(out);
}

Handshake::Progress Handshake::enter_database(ByteWriter& out) {
  if (database_ == policy_.database) return Progress::opened;
  return refuse(wire_error(sqlstate_of(ErrorCode::unknown_database),
                           fmt::format("database \"{}\" does not exist", database_)),
                out);
}

std::optional<WireError> Handshake::take_parameters(const StartupPacket& packet) {
  for (const auto& [name, value] : packet.parameters) {
    if (!is_utf8(name) || !is_utf8(value)) {
      return wire_error(sqlstate_of(ErrorCode::invalid_encoding),
                        "invalid byte sequence for encoding \"UTF8\" in the startup packet");
    }
    if (name == "user") {
      user_ = value;
    } else if (name == "database") {
      database_ = value;
    } else if (name == "options") {
      if (auto problem = take_options(value)) return problem;
    } else if (name == "replication") {
      const auto wanted = parse_boolean(name, value);
      if (wanted.has_value() && !*wanted) continue;
      return wire_error(sqlstate::not_supported, "replication connections are not supported");
    } else if (name == "client_encoding" && !is_utf8_name(value)) {
      return wire_error(sqlstate::invalid_value,
                        fmt::format("client_encoding must be UTF8, got {}", quoted(value)));
    } else if (name == "client_encoding") {
      settings_.emplace_back(name, "UTF8");
    } else if (!name.starts_with(extension_prefix)) {
      settings_.emplace_back(name, value);
    }
  }
  if (user_.empty()) {
    return wire_error(sqlstate::invalid_authorization,
                      "no PostgreSQL user name specified in startup packet");
  }
  if (const auto status = check_identifier("user", user_); !status) {
    return wire_error(sqlstate::invalid_authorization, status.error().message);
  }
  if (database_.empty()) database_ = user_;
  return std::nullopt;
}

// -c name=value and --name=value, as PostgreSQL's own command line; '-' in names stands for '_'.
std::optional<WireError> Handshake::take_options(std::string_view options) {
  const auto words = split_options(options);
  for (std::size_t index = 0; index < words.size(); ++index) {
    std::string_view word = words[index];
    if (word == "-c" && index + 1 < words.size()) {
      word = words[++index];
    } else if (word.starts_with("-c") || word.starts_with("--")) {
      word.remove_prefix(2);
    } else {
      word = {};
    }
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return wire_error(sqlstate_of(ErrorCode::syntax_error),
                        fmt::format("invalid command-line argument for server process: {}",
                                    quoted(words[index])));
    }
    std::string name(word.substr(0, equals));
    std::ranges::replace(name, '-', '_');
    settings_.emplace_back(std::move(name), word.substr(equals + 1));
  }
  return std::nullopt;
}

Handshake::Progress Handshake::password_message(ByteSpan bytes, std::size_t& consumed,
                                                ByteWriter& out) {
  const auto header = peek_frame(bytes);
  if (!header) return Progress::more;
  if (!header->is_valid || header->type != 'p' ||
      header->payload_bytes > authentication_bytes_max) {
    consumed = bytes.size();
    return refuse(protocol_error("expected a SASL response of at most " +
                                 std::to_string(authentication_bytes_max) + " bytes"),
                  out);
  }
  const std::size_t size = frame_header_bytes + header->payload_bytes;
  if (bytes.size() < size) return Progress::more;
  consumed = size;
  const ByteSpan payload = bytes.subspan(frame_header_bytes, header->payload_bytes);
  return state_ == State::sasl_initial ? sasl_initial(payload, out) : sasl_response(payload, out);
}

Handshake::Progress Handshake::sasl_initial(ByteSpan payload, ByteWriter& out) {
  const auto message = decode_sasl_initial(payload);
  if (!message || !message->response)
    return refuse(protocol_error("malformed SASL initial response"), out);
  if (message->mechanism != scram_mechanism) {
    return refuse(protocol_error(fmt::format("client selected an invalid SASL mechanism: {}",
                                             quoted(message->mechanism))),
                  out);
  }
  scram_.emplace(policy_.access.begin_scram(user_));
  const auto reply = scram_->client_first(*message->response);
  if (!reply) return refuse(wire_error(reply.error()), out);
  authentication_sasl_continue(out, *reply);
  state_ = State::sasl_response;
  return Progress::more;
}

Handshake::Progress Handshake::sasl_response(ByteSpan payload, ByteWriter& out) {
  const auto reply = scram_->client_final(as_text(payload));
  if (!reply) {
    authentication_failed_ = true;
    WireError error = wire_error(reply.error());
    if (reply.error().code == ErrorCode::authentication_failed) {
      error.message = fmt::format("password authentication failed for user \"{}\"", user_);
    }
    return refuse(error, out);
  }
  authentication_sasl_final(out, *reply);
  authentication_ok(out);
  // Only now: whoever has not proved a password learns nothing about names of databases.
  return enter_database(out);
}

}  // namespace holdfast
