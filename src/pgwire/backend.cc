// Encoding what the server says.
#include "pgwire/backend.h"

#include <string>

#include "pgwire/frontend.h"

namespace holdfast {
namespace {

constexpr std::uint32_t newest_protocol = 3 << 16;

enum class Authentication : std::uint32_t {
  ok = 0,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12
};

void authentication(ByteWriter& out, Authentication kind, std::string_view data) {
  WireWriter message(out, 'R');
  message.int32(static_cast<std::uint32_t>(kind));
  message.bytes(data);
}

void bare(ByteWriter& out, char type) { const WireWriter message(out, type); }

void field(WireWriter& message, char code, std::string_view value) {
  if (value.empty()) return;
  message.int8(static_cast<std::uint8_t>(code));
  // A NUL inside would end the field early.
  message.string(value.substr(0, value.find('\0')));
}

}  // namespace

void authentication_ok(ByteWriter& out) { authentication(out, Authentication::ok, {}); }

void authentication_sasl(ByteWriter& out, std::string_view mechanism) {
  WireWriter message(out, 'R');
  message.int32(static_cast<std::uint32_t>(Authentication::sasl));
  message.string(mechanism);
  message.int8(0);  // the end of the list
}

void authentication_sasl_continue(ByteWriter& out, std::string_view data) {
  authentication(out, Authentication::sasl_continue, data);
}

void authentication_sasl_final(ByteWriter& out, std::string_view data) {
  authentication(out, Authentication::sasl_final, data);
}

void parameter_status(ByteWriter& out, std::string_view name, std::string_view value) {
  WireWriter message(out, 'S');
  message.string(name);
  message.string(value);
}

void backend_key_data(ByteWriter& out, std::uint32_t process, std::uint32_t secret) {
  WireWriter message(out, 'K');
  message.int32(process);
  message.int32(secret);
}

// PostgreSQL sends its whole version number here, not the minor alone as the documentation has it.
void negotiate_protocol_version(ByteWriter& out,
                                std::span<const std::string_view> unknown_options) {
  WireWriter message(out, 'v');
  message.int32(newest_protocol);
  message.int32(static_cast<std::uint32_t>(unknown_options.size()));
  for (const std::string_view option : unknown_options) message.string(option);
}

void ready_for_query(ByteWriter& out, TransactionStatus status) {
  constexpr std::string_view letters = "ITE";  // by TransactionStatus
  WireWriter(out, 'Z').int8(static_cast<std::uint8_t>(letters[static_cast<std::size_t>(status)]));
}

void parse_complete(ByteWriter& out) { bare(out, '1'); }
void bind_complete(ByteWriter& out) { bare(out, '2'); }
void close_complete(ByteWriter& out) { bare(out, '3'); }
void no_data(ByteWriter& out) { bare(out, 'n'); }
void portal_suspended(ByteWriter& out) { bare(out, 's'); }
void empty_query_response(ByteWriter& out) { bare(out, 'I'); }

void command_complete(ByteWriter& out, std::string_view tag) {
  WireWriter message(out, 'C');
  message.string(tag);
}

void parameter_description(ByteWriter& out, std::span<const Oid> types) {
  WireWriter message(out, 't');
  message.int16(static_cast<std::uint16_t>(types.size()));
  for (const Oid type : types) message.int32(type);
}

namespace {

// What RowDescription says of a column behind its name, in network order.
struct [[gnu::packed]] FieldDescription {
  std::uint32_t table;  // 0: none
  std::uint16_t column;
  std::uint32_t type;
  std::uint16_t size;
  std::uint32_t modifier;  // −1: none
  std::uint16_t format;
};

}  // namespace

void row_description(ByteWriter& out, std::span<const Column> columns, ByteSpan formats) {
  WireWriter message(out, 'T');
  message.int16(static_cast<std::uint16_t>(columns.size()));
  for (std::size_t index = 0; index < columns.size(); ++index) {
    const WireType type = wire_type(columns[index].type);
    message.string(columns[index].name);
    const FieldDescription field{.table = 0,
                                 .column = 0,
                                 .type = __builtin_bswap32(type.oid),
                                 .size = __builtin_bswap16(static_cast<std::uint16_t>(type.size)),
                                 .modifier = ~0u,
                                 .format = __builtin_bswap16(format_code(formats, index))};
    message.bytes({reinterpret_cast<const char*>(&field), sizeof field});
  }
}

namespace {
void copy_response(ByteWriter& out, char type, bool is_binary, std::size_t columns) {
  const std::uint16_t format = is_binary ? 1 : 0;
  WireWriter message(out, type);
  message.int8(static_cast<std::uint8_t>(format));
  message.int16(static_cast<std::uint16_t>(columns));
  for (std::size_t column = 0; column < columns; ++column) message.int16(format);
}
}  // namespace

void copy_in_response(ByteWriter& out, bool is_binary, std::size_t columns) {
  copy_response(out, 'G', is_binary, columns);
}
void copy_out_response(ByteWriter& out, bool is_binary, std::size_t columns) {
  copy_response(out, 'H', is_binary, columns);
}
void copy_done(ByteWriter& out) { WireWriter(out, 'c'); }

namespace {

void response(ByteWriter& out, char type, std::string_view severity, const WireError& error) {
  WireWriter message(out, type);
  field(message, 'S', severity);
  field(message, 'V', severity);
  field(message, 'C', error.sqlstate);
  field(message, 'M', error.message.empty() ? "unknown error" : std::string_view(error.message));
  field(message, 'D', error.detail);
  field(message, 'H', error.hint);
  if (error.position > 0) field(message, 'P', std::to_string(error.position));
  field(message, 'W', error.context);
  if (!error.table.empty()) {
    field(message, 's', "public");
    field(message, 't', error.table);
    field(message, 'c', error.column);
    field(message, 'n', error.constraint);
  }
  message.int8(0);
}

}  // namespace

void error_response(ByteWriter& out, const WireError& error) {
  response(out, 'E', error.is_fatal ? "FATAL" : "ERROR", error);
}

void warning_response(ByteWriter& out, const WireError& warning) {
  response(out, 'N', "WARNING", warning);
}

}  // namespace holdfast
