// What a client sends, decoded: bytes in, views out, no I/O and no state. Every length and count is
// checked against the bytes of its own frame before it is believed, and a frame must be used up to
// its last byte.
//
//   frame:   type (1 byte) | length (int32, counts itself, not the type) | payload
//   startup: length (int32) | code (int32) | payload
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "pgwire/wire_types.h"

namespace holdfast {

// Big-endian reads that stick at the first failure, as ByteReader.
class WireReader {
 public:
  explicit WireReader(ByteSpan bytes) : in_(bytes) {}
  [[nodiscard]] bool ok() const { return in_.ok(); }
  [[nodiscard]] bool complete() const { return in_.complete(); }
  [[nodiscard]] std::size_t left() const { return in_.left(); }
  [[nodiscard]] bool at_end() const { return in_.at_end(); }
  void fail() { in_.fail(); }
  std::uint8_t int8() { return in_.fixed<std::uint8_t>(); }
  std::uint16_t int16() { return __builtin_bswap16(in_.fixed<std::uint16_t>()); }
  std::uint32_t int32() { return __builtin_bswap32(in_.fixed<std::uint32_t>()); }
  std::uint64_t int64() { return __builtin_bswap64(in_.fixed<std::uint64_t>()); }
  ByteSpan raw(std::size_t count) { return in_.raw(count); }
  ByteSpan rest() { return in_.raw(in_.left()); }
  // Up to a NUL inside the frame.
  std::string_view string();

 private:
  ByteReader in_;
};

struct Frame {
  char type = 0;
  ByteSpan payload;
  std::size_t size = 0;  // of the whole frame
};

// The frame's type and declared payload size, as soon as its five bytes are there.
struct FrameHeader {
  char type = 0;
  std::uint64_t payload_bytes = 0;
  bool is_valid = false;  // false: the length cannot be one, framing is lost
};
inline constexpr std::size_t frame_header_bytes = 5;
std::optional<FrameHeader> peek_frame(ByteSpan bytes);

enum class StartupKind : std::uint8_t { start, tls_request, gss_request, cancel_request };

struct StartupPacket {
  StartupKind kind = StartupKind::start;
  std::uint16_t major = 0, minor = 0;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  std::uint32_t process = 0, secret = 0;  // cancel_request
};

// How many bytes the first packet needs; 0: not known yet. Nothing when it cannot be a start-up
// packet.
std::optional<std::size_t> startup_size(ByteSpan bytes);
// REQUIRES: `bytes` is exactly one packet of startup_size().
std::optional<StartupPacket> decode_startup(ByteSpan bytes);

// Lists inside messages stay undecoded until they are walked; their sizes have been checked.
struct ParseMessage {
  std::string_view name;
  std::string_view sql;
  std::vector<Oid> types;
};
struct BindMessage {
  std::string_view portal;
  std::string_view statement;
  ByteSpan parameter_formats;  // int16 each
  std::uint16_t parameter_count = 0;
  ByteSpan parameters;      // parameter_count × (int32 length, bytes)
  ByteSpan result_formats;  // int16 each
};
struct TargetMessage {  // Describe and Close
  char kind = 0;        // 'S' or 'P'
  std::string_view name;
};
struct ExecuteMessage {
  std::string_view portal;
  std::uint32_t rows_max = 0;  // 0: all
};
struct SaslInitialMessage {
  std::string_view mechanism;
  std::optional<std::string_view> response;
};

std::optional<std::string_view> decode_query(ByteSpan payload);
// `types` of `out` keeps its capacity.
bool decode_parse(ByteSpan payload, ParseMessage& out);
std::optional<BindMessage> decode_bind(ByteSpan payload);
std::optional<TargetMessage> decode_target(ByteSpan payload);
std::optional<ExecuteMessage> decode_execute(ByteSpan payload);
std::optional<SaslInitialMessage> decode_sasl_initial(ByteSpan payload);

// Entry `index` of a list of format codes that has 0 (all text), 1 (for all) or n entries.
inline std::uint16_t format_code(ByteSpan formats, std::size_t index) {
  if (formats.empty()) return 0;
  const std::size_t at = formats.size() == 2 ? 0 : 2 * index;
  return static_cast<std::uint16_t>(static_cast<unsigned>(formats[at]) << 8 |
                                    static_cast<unsigned>(formats[at + 1]));
}

}  // namespace holdfast
