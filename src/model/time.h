// Time as the ledger knows it: microseconds since 1970-01-01 UTC without leap seconds, stamped once
// per turn by the engine, strictly growing. Durations are microseconds too. Neither is ever a
// float, neither reads a clock.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace holdfast {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration us(std::int64_t count) { return Duration(count); }
  static constexpr Duration ms(std::int64_t count) { return Duration(count * 1'000); }
  static constexpr Duration seconds(std::int64_t count) { return Duration(count * 1'000'000); }
  static constexpr Duration minutes(std::int64_t count) { return seconds(count * 60); }
  static constexpr Duration hours(std::int64_t count) { return minutes(count * 60); }
  [[nodiscard]] constexpr std::int64_t us() const { return us_; }
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.us_ + b.us_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.us_ - b.us_); }

 private:
  constexpr explicit Duration(std::int64_t count) : us_(count) {}
  std::int64_t us_ = 0;
};

class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp us(std::int64_t since_1970) { return Timestamp(since_1970); }
  // Later than every other: what never expires.
  static constexpr Timestamp never() { return Timestamp(std::numeric_limits<std::int64_t>::max()); }
  [[nodiscard]] constexpr std::int64_t us() const { return us_; }
  [[nodiscard]] constexpr bool is_never() const { return *this == never(); }
  [[nodiscard]] constexpr bool is_set() const { return us_ != 0; }  // 0 stands for "not given"
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  // REQUIRES: the sum stays in range; holds are at most hold_max, so sums of real times do.
  friend constexpr Timestamp operator+(Timestamp a, Duration b) {
    return Timestamp(a.us_ + b.us());
  }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) {
    return Duration::us(a.us_ - b.us_);
  }

 private:
  constexpr explicit Timestamp(std::int64_t since_1970) : us_(since_1970) {}
  std::int64_t us_ = 0;
};

// The longest time a claim may be held: a year.
inline constexpr Duration hold_max = Duration::hours(24 * 366);

}  // namespace holdfast
