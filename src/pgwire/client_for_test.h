// The client's side for tests and fuzzers: builds messages, and writes down what the server said as
// short words, so a conversation can be compared as one line: "1 2 T(n:20) D(7) C(SELECT 1) Z".
#pragma once

#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pgwire/frontend.h"

namespace holdfast::client {

inline std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
inline std::string be32(std::uint32_t value) { return be16(value >> 16) + be16(value & 0xffff); }
inline std::string be64(std::uint64_t value) {
  return be32(static_cast<std::uint32_t>(value >> 32)) + be32(static_cast<std::uint32_t>(value));
}
inline std::string zero(std::string_view text) { return std::string(text) + '\0'; }
inline std::string message(char type, std::string_view payload) {
  return type + be32(static_cast<std::uint32_t>(payload.size() + 4)) + std::string(payload);
}

inline std::string startup(std::initializer_list<std::string_view> words,
                           std::uint32_t version = 3 << 16) {
  std::string body = be32(version);
  for (const auto word : words) body += zero(word);
  body += '\0';
  return be32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}
inline std::string request(std::uint32_t code, std::string_view rest = {}) {
  return be32(static_cast<std::uint32_t>(8 + rest.size())) + be32(code) + std::string(rest);
}
inline constexpr std::uint32_t cancel_code = 80877102, tls_code = 80877103, gss_code = 80877104;

inline std::string query(std::string_view sql) { return message('Q', zero(sql)); }
inline std::string parse(std::string_view name, std::string_view sql,
                         const std::vector<std::uint32_t>& types = {}) {
  std::string body = zero(name) + zero(sql) + be16(static_cast<unsigned>(types.size()));
  for (const auto type : types) body += be32(type);
  return message('P', body);
}
using Parameter = std::optional<std::string>;
inline std::string bind(std::string_view portal, std::string_view statement,
                        const std::vector<Parameter>& parameters = {},
                        const std::vector<unsigned>& formats = {},
                        const std::vector<unsigned>& results = {}) {
  std::string body = zero(portal) + zero(statement) + be16(static_cast<unsigned>(formats.size()));
  for (const auto format : formats) body += be16(format);
  body += be16(static_cast<unsigned>(parameters.size()));
  for (const auto& parameter : parameters) {
    body +=
        parameter ? be32(static_cast<std::uint32_t>(parameter->size())) + *parameter : be32(~0u);
  }
  body += be16(static_cast<unsigned>(results.size()));
  for (const auto format : results) body += be16(format);
  return message('B', body);
}
inline std::string describe(char kind, std::string_view name) {
  return message('D', kind + zero(name));
}
inline std::string close(char kind, std::string_view name) {
  return message('C', kind + zero(name));
}
inline std::string execute(std::string_view portal = {}, std::uint32_t rows_max = 0) {
  return message('E', zero(portal) + be32(rows_max));
}
inline std::string sync() { return message('S', {}); }
inline std::string flush() { return message('H', {}); }
inline std::string terminate() { return message('X', {}); }

// One field of an ErrorResponse's payload, by its letter.
inline std::string error_field(std::string_view payload, char field) {
  while (!payload.empty() && payload.front() != '\0') {
    const std::string_view value(payload.data() + 1, std::strlen(payload.data() + 1));
    if (payload.front() == field) return std::string(value);
    payload.remove_prefix(value.size() + 2);
  }
  return {};
}

// Takes the complete messages off `said`: every one as one word, with what matters of its content.
inline std::string take_words(std::string_view& said) {
  std::string out;
  while (said.size() >= 5) {
    WireReader in(as_bytes(said));
    const char type = static_cast<char>(in.int8());
    const std::size_t size = in.int32() - 4;
    if (in.left() < size) break;
    const std::string_view payload = said.substr(5, size);
    WireReader body(as_bytes(payload));
    std::string inner;
    const auto add = [&](std::string_view text) {
      inner += (inner.empty() ? "" : ",") + std::string(text);
    };
    switch (type) {
      case 'C':
        add(body.string());
        break;
      case 'R':
        add(std::to_string(body.int32()));
        break;
      case 'S': {
        const std::string name(body.string());
        add(name + "=" + std::string(body.string()));
        break;
      }
      case 'E':
        add((error_field(payload, 'S') == "FATAL" ? "!" : "") + error_field(payload, 'C'));
        break;
      case 'N':
        add(error_field(payload, 'C'));
        break;
      case 'Z':
        if (payload != "I") add(payload);
        break;
      case 'T':
        for (unsigned left = body.int16(); left > 0; --left) {
          const std::string name(body.string());
          body.raw(6);
          const auto oid = body.int32();
          body.raw(6);
          const unsigned format = body.int16();
          add(name + ":" + std::to_string(oid) + (format == 0 ? "" : "b"));
        }
        break;
      case 't':
        for (unsigned left = body.int16(); left > 0; --left) add(std::to_string(body.int32()));
        break;
      case 'D':
        for (unsigned left = body.int16(); left > 0; --left) {
          const auto length = static_cast<std::int32_t>(body.int32());
          add(length < 0 ? "null" : as_text(body.raw(static_cast<std::size_t>(length))));
        }
        break;
      default:
        break;
    }
    out +=
        (out.empty() ? "" : " ") + std::string(1, type) + (inner.empty() ? "" : "(" + inner + ")");
    said.remove_prefix(5 + size);
  }
  return out;
}

inline std::string words(std::string_view said) { return take_words(said); }

}  // namespace holdfast::client
