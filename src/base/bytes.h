// Bytes in and out: a bounded reader and an appending writer for little-endian integers, LEB128
// varints and length-prefixed text. Formats that use them are tables in docs/format/.
//
// The reader never trusts a length: every read is checked against the bytes left, and the first
// failure sticks (ok() is false and every later read yields zero or empty), so a decoder checks
// once at its end. Input may be hostile.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"

namespace holdfast {

static_assert(std::endian::native == std::endian::little,
              "formats are little-endian; add byte swaps first");

using ByteSpan = std::span<const std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Maps signed to unsigned so that small magnitudes stay small: 0, −1, 1, −2 → 0, 1, 2, 3.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// Grows without zeroing what it will overwrite; keeps its capacity when cleared, so a hot path
// stops allocating.
class ByteWriter {
 public:
  [[nodiscard]] ByteSpan bytes() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  void truncate(std::size_t size) {
    CHECK(size <= size_);
    size_ = size;
  }

  template <class Int>
  void fixed(Int value) {
    static_assert(std::is_integral_v<Int>);
    std::memcpy(grow(sizeof value), &value, sizeof value);
  }
  void varint(std::uint64_t value) {
    std::byte* out = reserve(10);
    std::size_t count = 0;
    while (value >= 0x80) {
      out[count++] = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    out[count++] = static_cast<std::byte>(value);
    size_ += count;
  }
  void svarint(std::int64_t value) { varint(zigzag(value)); }
  void raw(ByteSpan bytes) {
    if (!bytes.empty()) std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
  }
  void text(std::string_view value) {  // varint length, then the bytes
    varint(value.size());
    raw(as_bytes(value));
  }
  // For a writer that works out its bounds once: room for `count` more bytes, valid until the next
  // call; then wrote_to() says where it stopped.
  [[nodiscard]] std::byte* space(std::size_t count) { return reserve(count); }
  void wrote_to(const std::byte* end) {
    const auto size = static_cast<std::size_t>(end - bytes_.data());
    CHECK(size >= size_ && size <= bytes_.size());
    size_ = size;
  }
  // Overwrites an integer written earlier, e.g. a length known only at the end.
  template <class Int>
  void patch(std::size_t offset, Int value) {
    CHECK(offset + sizeof value <= size_);
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }

 private:
  std::byte* reserve(std::size_t count) {
    if (bytes_.size() < size_ + count) bytes_.resize((size_ + count) * 2);
    return bytes_.data() + size_;
  }
  std::byte* grow(std::size_t count) {
    std::byte* out = reserve(count);
    size_ += count;
    return out;
  }

  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return position_ == bytes_.size(); }
  [[nodiscard]] bool complete() const { return ok_ && at_end(); }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }
  void fail() {
    ok_ = false;
    position_ = bytes_.size();
  }

  template <class Int>
  Int fixed() {
    static_assert(std::is_integral_v<Int>);
    Int value = 0;
    if (left() < sizeof value) {
      fail();
      return 0;
    }
    std::memcpy(&value, bytes_.data() + position_, sizeof value);
    position_ += sizeof value;
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (position_ == bytes_.size()) break;
      const auto byte = static_cast<std::uint64_t>(bytes_[position_++]);
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail();
    return 0;
  }
  std::int64_t svarint() { return unzigzag(varint()); }
  // A varint that must fit Int; anything larger is a failure, never a truncation.
  template <class Int>
  Int narrow() {
    const std::uint64_t value = varint();
    if (value > static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<Int>>(-1))) {
      fail();
      return 0;
    }
    return static_cast<Int>(value);
  }
  ByteSpan raw(std::size_t count) {
    if (left() < count) {
      fail();
      return {};
    }
    const ByteSpan out = bytes_.subspan(position_, count);
    position_ += count;
    return out;
  }
  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > left()) {
      fail();
      return {};
    }
    return as_text(raw(static_cast<std::size_t>(size)));
  }

 private:
  ByteSpan bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace holdfast
