// Base64, one group of three bytes at a time.
#include "access/base64.h"

#include <array>
#include <cstdint>

namespace holdfast {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t index = 0; index < alphabet.size(); ++index) {
    values[static_cast<unsigned char>(alphabet[index])] = static_cast<std::int8_t>(index);
  }
  return values;
}
constexpr auto values = make_values();

}  // namespace

std::string base64(ByteSpan bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = group << 8 | (index < count ? static_cast<std::uint32_t>(bytes[at + index]) : 0);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      out += index <= count ? alphabet[group >> (18 - 6 * index) & 63] : '=';
    }
  }
  return out;
}

std::optional<std::vector<std::byte>> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::vector<std::byte> out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::size_t padding = 0;
    if (at + 4 == text.size()) padding = text[at + 3] != '=' ? 0 : text[at + 2] != '=' ? 1 : 2;
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 4; ++index) {
      const bool is_padding = index >= 4 - padding;
      const int value = is_padding ? 0 : values[static_cast<unsigned char>(text[at + index])];
      if (value < 0) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    if ((group & ((1u << (8 * padding)) - 1)) != 0) return std::nullopt;  // not canonical
    for (std::size_t index = 0; index < 3 - padding; ++index) {
      out.push_back(static_cast<std::byte>(group >> (16 - 8 * index)));
    }
  }
  return out;
}

}  // namespace holdfast
