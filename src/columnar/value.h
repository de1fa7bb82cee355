// What crosses between our code and the columns of DuckDB: types, single values, and how texts are
// lent instead of copied.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class ColumnKind : std::uint8_t {
  boolean,
  int16,
  int32,
  int64,
  int128,
  float32,
  float64,
  decimal,  // 38 digits, `scale` of them behind the point
  text,
  blob,
  date,       // days since 1970-01-01
  time,       // µs since midnight
  timestamp,  // µs since 1970-01-01, of no time zone
  interval,
  uuid,
  list,  // of `element`, which is no list
};
inline constexpr std::uint8_t decimal_width = 38;

struct ColumnType {
  ColumnKind kind = ColumnKind::text;
  std::uint8_t scale = 0;                    // of a decimal, or of the decimals of a list
  ColumnKind element = ColumnKind::boolean;  // of a list
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

struct NamedColumn {
  std::string name;
  ColumnType type;
};

struct IntervalValue {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t us = 0;
};

struct Int128 {
  std::uint64_t low = 0;
  std::int64_t high = 0;
};

// As UUIDs sort: the first eight bytes are high.
struct UuidValue {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// One value, for a parameter of a statement. `text` is borrowed.
struct ColumnValue {
  ColumnType type;
  bool is_null = true;
  bool boolean = false;
  std::int64_t integer = 0;  // int16, int32, int64, date, time, timestamp
  double real = 0;           // float32, float64
  Int128 wide;               // int128, and a decimal without its point
  IntervalValue interval;
  UuidValue uuid;
  std::string_view text;  // text, blob
  std::vector<ColumnValue> elements;
};

// A text in a column: DuckDB's string_t, which holds up to 12 bytes itself and points to longer
// ones behind their first four. So a text that outlives the statement is lent, not copied.
class TextCell {
 public:
  static constexpr std::uint32_t inline_max = 12;

  TextCell() = default;
  // Borrows a text of more than inline_max bytes. REQUIRES: fewer than 2^32.
  explicit TextCell(std::string_view text) : size_(static_cast<std::uint32_t>(text.size())) {
    if (size_ <= inline_max) {
      std::memcpy(bytes_.data(), text.data(), size_);
    } else {
      const char* pointer = text.data();
      std::memcpy(bytes_.data(), pointer, prefix_bytes);
      std::memcpy(bytes_.data() + prefix_bytes, &pointer, sizeof pointer);
    }
  }
  [[nodiscard]] std::string_view view() const {
    if (size_ <= inline_max) return {bytes_.data(), size_};
    const char* pointer = nullptr;
    std::memcpy(&pointer, bytes_.data() + prefix_bytes, sizeof pointer);
    return {pointer, size_};
  }

 private:
  static constexpr std::size_t prefix_bytes = 4;
  std::uint32_t size_ = 0;
  std::array<char, inline_max> bytes_{};
};
static_assert(sizeof(TextCell) == 16);

}  // namespace holdfast
