// The extended query protocol: Parse, Bind, Describe, Execute, Close, Sync.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "pgwire/parameters.h"
#include "pgwire/session.h"

namespace holdfast {
namespace {

std::optional<WireError> malformed(std::string_view message) {
  return wire_error(sqlstate::protocol_violation, fmt::format("malformed {} message", message));
}

std::optional<WireError> past_limit(std::string_view what, std::size_t limit) {
  return wire_error(sqlstate::limit_exceeded,
                    fmt::format("a session may hold at most {} {}", limit, what));
}

std::optional<WireError> check_name(std::string_view what, std::string_view name) {
  if (name.size() > wire_name_bytes_max) {
    return wire_error(sqlstate::limit_exceeded,
                      fmt::format("the name of a {} must be at most {} bytes, got {}", what,
                                  wire_name_bytes_max, name.size()));
  }
  if (!is_utf8(name)) {
    return wire_error(
        sqlstate_of(ErrorCode::invalid_encoding),
        fmt::format("invalid byte sequence for encoding \"UTF8\" in the name of a {}", what));
  }
  return std::nullopt;
}

WireError unknown_statement(std::string_view name) {
  return wire_error(sqlstate::unknown_statement,
                    name.empty() ? std::string("unnamed prepared statement does not exist")
                                 : fmt::format("prepared statement \"{}\" does not exist", name));
}

WireError unknown_portal(std::string_view name) {
  return wire_error(sqlstate::unknown_portal, fmt::format("portal \"{}\" does not exist", name));
}

// "SELECT 7" and "UPDATE 7" count what this Execute returned, not what the portal did in all.
std::string tag_for(std::string_view tag, std::uint64_t rows) {
  const std::size_t words = tag.find_last_not_of("0123456789") + 1;
  return words == tag.size() ? std::string(tag) : fmt::format("{}{}", tag.substr(0, words), rows);
}

}  // namespace

// ---- statements

PreparedStatement* PgSession::find_statement(std::string_view name) {
  if (name.empty()) return unnamed_statement_ ? &*unnamed_statement_ : nullptr;
  const auto found = statements_.find(name);
  return found == statements_.end() ? nullptr : &found->second;
}

void PgSession::drop_statement(std::string_view name) {
  if (name.empty()) return unnamed_statement_.reset();
  const auto found = statements_.find(name);
  if (found == statements_.end()) return;
  statement_bytes_ -= found->second.text_bytes;
  statements_.erase(found);
}

// DEALLOCATE and DISCARD ALL run nothing: what they name is kept here. Nothing to do for no name.
// What the block refuses is refused when it is run.
PgSession::Problem PgSession::deallocate(const Statement& statement) {
  const std::string_view name = statement.deallocates();
  if (name.empty() || !session_->may_run(statement)) return std::nullopt;
  if (name == Statement::all_statements) {
    statements_.clear();
    statement_bytes_ = 0;
  } else {
    if (find_statement(name) == nullptr) return unknown_statement(name);
    drop_statement(name);
  }
  return std::nullopt;
}

// A statement in a block that has failed.
PgSession::Problem PgSession::check_block(const Statement* statement) const {
  const Status allowed = session_->may_prepare(statement);
  if (!allowed) return wire_error(allowed.error());
  return std::nullopt;
}

PgSession::Problem PgSession::parse(ByteSpan payload) {
  ParseMessage& message = parse_message_;
  if (!decode_parse(payload, message)) return malformed("Parse");
  if (auto problem = check_name("prepared statement", message.name)) return problem;
  if (!is_utf8(message.sql)) {
    return wire_error(sqlstate_of(ErrorCode::invalid_encoding),
                      "invalid byte sequence for encoding \"UTF8\" in the statement");
  }
  if (message.name.empty()) {
    unnamed_statement_.reset();
  } else if (find_statement(message.name) != nullptr) {
    return wire_error(sqlstate::duplicate_statement,
                      fmt::format("prepared statement \"{}\" already exists", message.name));
  } else if (statements_.size() >= prepared_statements_max) {
    return past_limit("prepared statements", prepared_statements_max);
  } else if (statement_bytes_ + message.sql.size() > prepared_bytes_max) {
    return past_limit("bytes of prepared statements", prepared_bytes_max);
  }
  declared_types_.clear();
  for (std::size_t index = 0; index < message.types.size(); ++index) {
    const auto type = declared_type(message.types[index]);
    if (!type) {
      const Oid given = message.types[index];
      const std::string_view known = refused_type(given);
      WireError error = wire_error(
          sqlstate::not_supported,
          fmt::format("parameter ${} has type {}, which is not supported", index + 1,
                      known.empty() ? fmt::format("OID {}", given) : std::string(known)));
      error.hint =
          "Quantities and amounts are bigint, times timestamptz, lists text[] or uuid[]; cast the "
          "value in the client.";
      return error;
    }
    declared_types_.push_back(*type);
  }
  auto statement = session_->prepare(message.sql, declared_types_);
  const bool is_understood = statement.has_value();
  if (is_understood || statement.error().code != ErrorCode::syntax_error) {
    if (auto problem = check_block(is_understood ? statement->get() : nullptr)) return problem;
  }
  if (!is_understood) return wire_error(statement.error());
  if ((*statement)->copy().format != nullptr || (*statement)->copy_to() != nullptr) {
    return wire_error(sqlstate::not_supported, "COPY cannot be prepared; send it as a Query");
  }
  PreparedStatement prepared{.statement = std::move(*statement),
                             .declared = message.types,
                             .types = {},
                             .text_bytes = message.sql.size()};
  const auto inferred = prepared.statement->parameters();
  prepared.types.assign(inferred.begin(), inferred.end());
  for (std::size_t index = 0; index < std::min(inferred.size(), declared_types_.size()); ++index) {
    if (declared_types_[index] != SqlType::unknown) prepared.types[index] = declared_types_[index];
  }
  if (message.name.empty()) {
    unnamed_statement_ = std::move(prepared);
  } else {
    statement_bytes_ += prepared.text_bytes;
    statements_.emplace(message.name, std::move(prepared));
  }
  parse_complete(say());
  return std::nullopt;
}

// ---- portals

Portal* PgSession::find_portal(std::string_view name) {
  if (name.empty()) {
    return unnamed_portal_.state == Portal::State::absent ? nullptr : &unnamed_portal_;
  }
  const auto found = portals_.find(name);
  return found == portals_.end() ? nullptr : found->second.get();
}

// What still runs for it ends on its own; only nobody fetches the rest.
void PgSession::drop(Portal& portal) {
  constexpr std::size_t kept_bytes_max = 4'096;
  if (portal.slot != nullptr) portal.slot->portal = nullptr;
  portal.slot = nullptr;
  portal.state = Portal::State::absent;
  portal.statement.reset();
  portal.values.clear();
  if (portal.parameters.capacity() > kept_bytes_max) portal.parameters = {};
  portal.arrays.clear();
  if (portal.values.capacity() * sizeof(Value) > kept_bytes_max) portal.values = {};
  if (!portal.rows.empty()) portal.rows = {};
}

void PgSession::drop_portals() {
  drop(unnamed_portal_);
  for (auto& [name, portal] : portals_) drop(*portal);
  portals_.clear();
}

std::size_t PgSession::portal_bytes() const {
  std::size_t bytes = unnamed_portal_.bytes();
  for (const auto& [name, portal] : portals_) bytes += portal->bytes();
  return bytes;
}

PgSession::Problem PgSession::bind(ByteSpan payload) {
  const auto message = decode_bind(payload);
  if (!message) return malformed("Bind");
  if (auto problem = check_name("portal", message->portal)) return problem;
  if (message->portal.empty()) {
    drop(unnamed_portal_);
    if (auto problem = bind_portal(*message, unnamed_portal_)) return problem;
  } else {
    if (find_portal(message->portal) != nullptr) {
      return wire_error(sqlstate::duplicate_portal,
                        fmt::format("portal \"{}\" already exists", message->portal));
    }
    if (portals_.size() >= portals_max) return past_limit("portals", portals_max);
    if (portal_bytes() + message->parameters.size() > portal_bytes_max) {
      return past_limit("bytes in portals", portal_bytes_max);
    }
    auto portal = std::make_unique<Portal>();
    if (auto problem = bind_portal(*message, *portal)) return problem;
    portals_.emplace(message->portal, std::move(portal));
  }
  bind_complete(say());
  return std::nullopt;
}

PgSession::Problem PgSession::bind_portal(const BindMessage& message, Portal& portal) {
  const PreparedStatement* prepared = find_statement(message.statement);
  if (prepared == nullptr) return unknown_statement(message.statement);
  const std::size_t parameters = message.parameter_count;
  const std::size_t formats = message.parameter_formats.size() / 2;
  if (formats > 1 && formats != parameters) {
    return wire_error(sqlstate::protocol_violation,
                      fmt::format("bind message has {} parameter formats but {} parameters",
                                  formats, parameters));
  }
  if (parameters != prepared->types.size()) {
    return wire_error(
        sqlstate::protocol_violation,
        fmt::format(
            "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
            parameters, message.statement, prepared->types.size()));
  }
  if (auto problem = check_block(prepared->statement.get())) return problem;
  const std::size_t results = message.result_formats.size() / 2;
  const std::size_t columns = prepared->statement->columns().size();
  if (results > 1 && results != columns) {
    return wire_error(sqlstate::protocol_violation,
                      fmt::format("bind message has {} result formats but query has {} columns",
                                  results, columns));
  }
  for (std::size_t index = 0; index < results; ++index) {
    const std::uint16_t format = format_code(message.result_formats.subspan(2 * index, 2), 0);
    if (format > 1) {
      return wire_error(sqlstate::invalid_value,
                        fmt::format("unsupported format code: {}", format));
    }
  }
  portal.parameters.assign(message.parameters.begin(), message.parameters.end());
  portal.formats.assign(message.result_formats.begin(), message.result_formats.end());
  if (auto problem = decode_parameters(portal.parameters, message.parameter_formats,
                                       prepared->types, portal.values, portal.arrays)) {
    return problem;
  }
  portal.statement = prepared->statement;
  portal.state = Portal::State::ready;
  return std::nullopt;
}

PgSession::Problem PgSession::describe(ByteSpan payload) {
  const auto message = decode_target(payload);
  if (!message) return malformed("Describe");
  if (message->kind == 'P') {
    const Portal* portal = find_portal(message->name);
    if (portal == nullptr) return unknown_portal(message->name);
    if (portal->statement->columns().empty()) {
      no_data(say());
    } else if (auto problem = check_block(portal->statement.get())) {
      return problem;
    } else {
      row_description(say(), portal->statement->columns(), portal->formats);
    }
    return std::nullopt;
  }
  const PreparedStatement* prepared = find_statement(message->name);
  if (prepared == nullptr) return unknown_statement(message->name);
  if (!prepared->statement->columns().empty()) {
    if (auto problem = check_block(prepared->statement.get())) return problem;
  }
  std::vector<Oid> types;
  for (std::size_t index = 0; index < prepared->types.size(); ++index) {
    const Oid declared = index < prepared->declared.size() ? prepared->declared[index] : 0;
    const bool is_ours = declared == 0 || declared == oid::unknown;
    types.push_back(is_ours ? wire_type(prepared->types[index]).oid : declared);
  }
  parameter_description(say(), types);
  if (prepared->statement->columns().empty()) {
    no_data(say());
  } else {
    row_description(say(), prepared->statement->columns(), {});
  }
  return std::nullopt;
}

PgSession::Problem PgSession::execute(ByteSpan payload, bool& must_hold) {
  const auto message = decode_execute(payload);
  if (!message) return malformed("Execute");
  Portal* portal = find_portal(message->portal);
  if (portal == nullptr) return unknown_portal(message->portal);
  switch (portal->state) {
    case Portal::State::running:
      must_hold = true;
      break;
    case Portal::State::suspended:
      fetch(*portal, message->rows_max);
      break;
    case Portal::State::done:
      if (portal->statement->columns().empty()) {
        return wire_error(sqlstate::not_in_prerequisite_state,
                          fmt::format("portal \"{}\" cannot be run", message->portal));
      }
      command_complete(say(), "SELECT 0");
      break;
    case Portal::State::ready:
      if (portal->statement->is_empty()) {
        empty_query_response(say());
        break;
      }
      // An error before a BEGIN or COMMIT skips it.
      if (in_flight_of_group_ > 0 && session_->may_fail_late(*portal->statement)) {
        must_hold = true;
        break;
      }
      portal->state = Portal::State::done;
      if (auto problem = deallocate(*portal->statement)) return problem;
      if (!next_is_sync_) session_->begin_group(false);
      // Only a portal with a row limit can have something left to fetch.
      if (message->rows_max > 0 && !portal->statement->columns().empty()) {
        start(portal->statement, portal->values, portal->formats, portal, message->rows_max, false);
      } else {
        start(portal->statement, portal->values, portal->formats, nullptr, 0, false);
      }
      break;
    case Portal::State::absent:
      CHECK(false);
  }
  return std::nullopt;
}

// Hands out more of the rows a suspended portal holds.
void PgSession::fetch(Portal& portal, std::uint32_t rows_max) {
  ByteWriter& out = say();
  const ByteSpan rest = portal.rows.bytes().subspan(portal.fetched);
  if (rows_max > 0 && portal.rows_left >= rows_max) {
    const std::size_t size = size_of_rows(rest, rows_max);
    out.raw(rest.first(size));
    portal.fetched += size;
    portal.rows_left -= rows_max;
    return portal_suspended(out);
  }
  out.raw(rest);
  command_complete(out, tag_for(portal.tag, portal.rows_left));
  portal.rows = {};
  portal.state = Portal::State::done;
}

PgSession::Problem PgSession::close(ByteSpan payload) {
  const auto message = decode_target(payload);
  if (!message) return malformed("Close");
  if (message->kind == 'S') {
    drop_statement(message->name);
  } else if (Portal* portal = find_portal(message->name)) {
    drop(*portal);
    if (!message->name.empty()) portals_.erase(portals_.find(message->name));
  }
  close_complete(say());
  return std::nullopt;
}

void PgSession::sync() { end_group(); }

}  // namespace holdfast
