// Arguments: what one execution gives to a function, found by argument in constant time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/bind.h"
#include "sql/plan.h"

namespace holdfast {

inline constexpr std::size_t given_max = 20;  // arguments of the longest signature

// What NULL means: the argument is not given, or what it names is cleared.
enum class NullMeans : std::uint8_t { omitted, cleared };

// The arguments that one execution gives, converted.
class Arguments {
 public:
  // REQUIRES: at most given_max slots, each argument once. `converted` keeps what they point to.
  Status bind(std::span<const ArgumentSlot> slots, const Binding& binding, NullMeans null_means,
              std::vector<Value>& converted);

  [[nodiscard]] const Value* find(Argument argument) const {
    const std::uint8_t at = at_[static_cast<std::size_t>(argument)];
    return at == 0 ? nullptr : values_[at - 1u];
  }
  [[nodiscard]] bool has(Argument argument) const { return find(argument) != nullptr; }
  // Empty when not given.
  [[nodiscard]] std::string_view text(Argument argument) const {
    const Value* value = find(argument);
    return value == nullptr ? std::string_view() : value->text;
  }
  [[nodiscard]] std::int64_t integer(Argument argument) const {
    const Value* value = find(argument);
    return value == nullptr ? 0 : value->integer;
  }
  [[nodiscard]] bool boolean(Argument argument) const {
    const Value* value = find(argument);
    return value != nullptr && value->boolean;
  }
  [[nodiscard]] std::optional<std::string_view> optional_text(Argument argument) const {
    const Value* value = find(argument);
    if (value == nullptr) return {};
    return value->text;
  }
  template <class Int>
  [[nodiscard]] std::optional<Int> optional_integer(Argument argument) const {
    const Value* value = find(argument);
    if (value == nullptr) return {};
    return static_cast<Int>(value->integer);
  }

 private:
  Status put_cleared(Argument argument, std::vector<Value>& converted);
  void put(Argument argument, const Value* value) {
    values_[count_++] = value;
    at_[static_cast<std::size_t>(argument)] = static_cast<std::uint8_t>(count_);
  }

  std::array<std::uint8_t, argument_count> at_{};  // position in values_ + 1; 0: not given
  std::array<const Value*, given_max> values_;
  std::size_t count_ = 0;
};

}  // namespace holdfast
