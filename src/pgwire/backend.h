// What the server says, encoded behind whatever is already in a buffer (PostgreSQL 15
// documentation, 55.7).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "pgwire/wire_error.h"
#include "pgwire/wire_types.h"
#include "service/database.h"

namespace holdfast {

// One message: its length is filled in when the writer goes.
class WireWriter {
 public:
  WireWriter(ByteWriter& out, char type) : out_(out) {
    out_.fixed(type);
    start_ = out_.size();
    out_.fixed(std::uint32_t{0});
  }
  ~WireWriter() {
    out_.patch(start_, __builtin_bswap32(static_cast<std::uint32_t>(out_.size() - start_)));
  }
  WireWriter(const WireWriter&) = delete;
  WireWriter& operator=(const WireWriter&) = delete;

  void int8(std::uint8_t value) { out_.fixed(value); }
  void int16(std::uint16_t value) { out_.fixed(__builtin_bswap16(value)); }
  void int32(std::uint32_t value) { out_.fixed(__builtin_bswap32(value)); }
  void bytes(std::string_view value) { out_.raw(as_bytes(value)); }
  void string(std::string_view value) {
    bytes(value);
    int8(0);
  }

 private:
  ByteWriter& out_;
  std::size_t start_;
};

void authentication_ok(ByteWriter& out);
void authentication_sasl(ByteWriter& out, std::string_view mechanism);
void authentication_sasl_continue(ByteWriter& out, std::string_view data);
void authentication_sasl_final(ByteWriter& out, std::string_view data);
void parameter_status(ByteWriter& out, std::string_view name, std::string_view value);
void backend_key_data(ByteWriter& out, std::uint32_t process, std::uint32_t secret);
void negotiate_protocol_version(ByteWriter& out, std::span<const std::string_view> unknown_options);
void ready_for_query(ByteWriter& out, TransactionStatus status);

void parse_complete(ByteWriter& out);
void bind_complete(ByteWriter& out);
void close_complete(ByteWriter& out);
void no_data(ByteWriter& out);
void portal_suspended(ByteWriter& out);
void empty_query_response(ByteWriter& out);
void copy_out_response(ByteWriter& out, bool is_binary, std::size_t columns);
void copy_done(ByteWriter& out);
void copy_in_response(ByteWriter& out, bool is_binary, std::size_t columns);
void command_complete(ByteWriter& out, std::string_view tag);
void parameter_description(ByteWriter& out, std::span<const Oid> types);
// `formats`: a Bind's result formats, already checked; empty is text throughout.
void row_description(ByteWriter& out, std::span<const Column> columns, ByteSpan formats);
void error_response(ByteWriter& out, const WireError& error);
void warning_response(ByteWriter& out, const WireError& warning);

}  // namespace holdfast
