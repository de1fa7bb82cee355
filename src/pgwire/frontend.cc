// Decoding what clients send (PostgreSQL 15 documentation, 55.7 Message Formats).
#include "pgwire/frontend.h"

#include "pgwire/limits.h"

namespace holdfast {
namespace {

constexpr std::uint32_t cancel_code = 80877102;
constexpr std::uint32_t tls_code = 80877103;
constexpr std::uint32_t gss_code = 80877104;
constexpr std::size_t startup_header_bytes = 8;
constexpr std::size_t cancel_packet_bytes = 16;

}  // namespace

std::string_view WireReader::string() {
  // A copy finds the NUL without moving this reader past its frame.
  ByteReader ahead = in_;
  const std::string_view rest = as_text(ahead.raw(ahead.left()));
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) {
    fail();
    return {};
  }
  const std::string_view value = as_text(in_.raw(end));
  in_.raw(1);
  return value;
}

std::optional<FrameHeader> peek_frame(ByteSpan bytes) {
  if (bytes.size() < frame_header_bytes) return std::nullopt;
  WireReader in(bytes);
  FrameHeader header;
  header.type = static_cast<char>(in.int8());
  const std::uint32_t length = in.int32();
  header.is_valid = length >= 4 && length <= frame_bytes_max;
  header.payload_bytes = header.is_valid ? length - 4 : 0;
  return header;
}

std::optional<std::size_t> startup_size(ByteSpan bytes) {
  if (bytes.size() < 4) return 0;
  const std::uint32_t length = WireReader(bytes).int32();
  if (length < startup_header_bytes || length > startup_bytes_max) return std::nullopt;
  return length;
}

std::optional<StartupPacket> decode_startup(ByteSpan bytes) {
  WireReader in(bytes);
  in.int32();
  const std::uint32_t code = in.int32();
  StartupPacket packet;
  if (code == tls_code || code == gss_code) {
    packet.kind = code == tls_code ? StartupKind::tls_request : StartupKind::gss_request;
  } else if (code == cancel_code) {
    if (bytes.size() != cancel_packet_bytes) return std::nullopt;
    packet.kind = StartupKind::cancel_request;
    packet.process = in.int32();
    packet.secret = in.int32();
  } else {
    packet.major = static_cast<std::uint16_t>(code >> 16);
    packet.minor = static_cast<std::uint16_t>(code & 0xffff);
    if (packet.major != 3) return packet;  // another protocol's parameters mean nothing to us
    while (true) {
      const std::string_view name = in.string();
      if (!in.ok()) return std::nullopt;
      if (name.empty()) break;
      const std::string_view value = in.string();
      packet.parameters.emplace_back(name, value);
    }
  }
  if (!in.complete()) return std::nullopt;
  return packet;
}

std::optional<std::string_view> decode_query(ByteSpan payload) {
  WireReader in(payload);
  const std::string_view sql = in.string();
  if (!in.complete()) return std::nullopt;
  return sql;
}

bool decode_parse(ByteSpan payload, ParseMessage& out) {
  WireReader in(payload);
  out.name = in.string();
  out.sql = in.string();
  const std::size_t count = in.int16();
  if (in.left() != count * 4) return false;
  out.types.clear();
  for (std::size_t index = 0; index < count; ++index) out.types.push_back(in.int32());
  return in.complete();
}

std::optional<BindMessage> decode_bind(ByteSpan payload) {
  WireReader in(payload);
  BindMessage out;
  out.portal = in.string();
  out.statement = in.string();
  out.parameter_formats = in.raw(std::size_t{in.int16()} * 2);
  out.parameter_count = in.int16();
  const std::size_t begin = payload.size() - in.left();
  for (std::size_t index = 0; index < out.parameter_count && in.ok(); ++index) {
    const auto length = static_cast<std::int32_t>(in.int32());
    if (length < -1) return std::nullopt;
    if (length > 0) in.raw(static_cast<std::size_t>(length));
  }
  if (!in.ok()) return std::nullopt;
  out.parameters = payload.subspan(begin, payload.size() - in.left() - begin);
  out.result_formats = in.raw(std::size_t{in.int16()} * 2);
  if (!in.complete()) return std::nullopt;
  return out;
}

std::optional<TargetMessage> decode_target(ByteSpan payload) {
  WireReader in(payload);
  TargetMessage out;
  out.kind = static_cast<char>(in.int8());
  out.name = in.string();
  if (!in.complete() || (out.kind != 'S' && out.kind != 'P')) return std::nullopt;
  return out;
}

std::optional<ExecuteMessage> decode_execute(ByteSpan payload) {
  WireReader in(payload);
  ExecuteMessage out;
  out.portal = in.string();
  const auto rows = static_cast<std::int32_t>(in.int32());
  out.rows_max = rows > 0 ? static_cast<std::uint32_t>(rows) : 0;  // as PostgreSQL: ≤ 0 is all
  if (!in.complete()) return std::nullopt;
  return out;
}

std::optional<SaslInitialMessage> decode_sasl_initial(ByteSpan payload) {
  WireReader in(payload);
  SaslInitialMessage out;
  out.mechanism = in.string();
  const auto length = static_cast<std::int32_t>(in.int32());
  if (length < -1) return std::nullopt;
  if (length >= 0) out.response = as_text(in.raw(static_cast<std::size_t>(length)));
  if (!in.complete()) return std::nullopt;
  return out;
}

}  // namespace holdfast
