// A cursor over the text, moved forward by what it recognises; calendar days come from std::chrono
// (proleptic Gregorian, as PostgreSQL).
#include "sql/time_text.h"

#include <array>
#include <chrono>
#include <optional>

#include "base/text.h"

namespace holdfast {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t minute_us = 60 * second_us;
constexpr std::int64_t hour_us = 60 * minute_us;
constexpr std::int64_t day_us = 24 * hour_us;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] std::size_t position() const { return at_; }
  void go_back(std::size_t position) { at_ = position; }
  void skip_blanks() {
    while (peek() == ' ' || (peek() >= '\t' && peek() <= '\r')) ++at_;
  }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
  }
  bool take_any_case(char upper) { return take(upper) || take(static_cast<char>(upper + 32)); }
  // `min` to `max` decimal digits.
  std::optional<std::int64_t> digits(std::size_t min, std::size_t max) {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (count < max && peek() >= '0' && peek() <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      ++count;
    }
    if (count < min || (peek() >= '0' && peek() <= '9')) return {};
    return value;
  }
  // Exactly two decimal digits, whatever follows.
  std::optional<std::int64_t> two_digits() {
    std::int64_t value = 0;
    for (int count = 0; count < 2; ++count) {
      if (peek() < '0' || peek() > '9') return {};
      value = value * 10 + (text_[at_++] - '0');
    }
    return value;
  }
  // Digits behind a point, in millionths; what is beyond the sixth is cut.
  std::int64_t millionths() {
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    for (; peek() >= '0' && peek() <= '9'; ++at_, unit /= 10) value += (text_[at_] - '0') * unit;
    return value;
  }
  // Letters, in lower case.
  std::string word() {
    std::string out;
    for (; (peek() >= 'a' && peek() <= 'z') || (peek() >= 'A' && peek() <= 'Z'); ++at_) {
      out += static_cast<char>(peek() | 0x20);
    }
    return out;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// HH:MM[:SS[.ffffff]] in µs.
std::optional<std::int64_t> clock_time(Cursor& in, std::int64_t hours_max) {
  const auto hours = in.digits(1, 9);
  if (!hours || *hours > hours_max || !in.take(':')) return {};
  const auto minutes = in.digits(2, 2);
  if (!minutes || *minutes > 59) return {};
  std::int64_t us = *hours * hour_us + *minutes * minute_us;
  if (in.take(':')) {
    const auto seconds = in.digits(2, 2);
    if (!seconds || *seconds > 59) return {};
    us += *seconds * second_us;
    if (in.take('.')) us += in.millionths();
  }
  return us;
}

std::optional<std::int64_t> date_us(Cursor& in) {
  const auto year = in.digits(4, 4);
  if (!year || *year < 1 || !in.take('-')) return {};
  const auto month = in.digits(1, 2);
  if (!month || !in.take('-')) return {};
  const auto day = in.digits(1, 2);
  if (!day) return {};
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date).time_since_epoch().count() * day_us;
}

// The offset east of Greenwich in µs; nothing when there is none. `ok` is false when it is
// malformed.
std::optional<std::int64_t> zone_us(Cursor& in, bool& ok) {
  in.skip_blanks();
  if (in.at_end()) return {};
  const bool east = in.peek() == '+';
  if (in.take('+') || in.take('-')) {
    const auto hours = in.two_digits();
    ok = hours && *hours <= 15;
    std::int64_t us = ok ? *hours * hour_us : 0;
    for (const std::int64_t unit : {minute_us, second_us}) {
      if (!ok || in.at_end()) break;
      if (!in.take(':') && unit == second_us) break;
      const auto part = in.two_digits();
      ok = part && *part <= 59;
      if (ok) us += *part * unit;
    }
    return east ? us : -us;
  }
  const std::string word = in.word();
  ok = word == "z" || word == "utc" || word == "gmt";
  return 0;
}

std::optional<std::int64_t> unit_us(std::string_view word) {
  struct Unit {
    std::string_view word;
    std::int64_t us;
  };
  static constexpr std::array<Unit, 27> units = {{{"us", 1},
                                                  {"usec", 1},
                                                  {"microsecond", 1},
                                                  {"microseconds", 1},
                                                  {"ms", 1'000},
                                                  {"msec", 1'000},
                                                  {"millisecond", 1'000},
                                                  {"milliseconds", 1'000},
                                                  {"s", second_us},
                                                  {"sec", second_us},
                                                  {"secs", second_us},
                                                  {"second", second_us},
                                                  {"seconds", second_us},
                                                  {"m", minute_us},
                                                  {"min", minute_us},
                                                  {"mins", minute_us},
                                                  {"minute", minute_us},
                                                  {"minutes", minute_us},
                                                  {"h", hour_us},
                                                  {"hr", hour_us},
                                                  {"hrs", hour_us},
                                                  {"hour", hour_us},
                                                  {"hours", hour_us},
                                                  {"d", day_us},
                                                  {"day", day_us},
                                                  {"days", day_us},
                                                  {"week", 7 * day_us}}};
  if (word == "w" || word == "weeks") return 7 * day_us;
  for (const Unit& unit : units) {
    if (unit.word == word) return unit.us;
  }
  return {};
}

class IntervalReader {
 public:
  IntervalReader(std::string_view field, std::string_view text)
      : field_(field), text_(text), in_(text) {}

  Result<Duration> read() {
    in_.skip_blanks();
    if (in_.peek() == 'P' || in_.peek() == 'p') {
      TRY(read_iso());
    } else {
      TRY(read_verbose());
    }
    in_.skip_blanks();
    if (!in_.at_end()) return invalid();
    return Duration::us(total_);
  }

 private:
  tl::unexpected<Error> invalid() const {
    return fail(ErrorCode::invalid_text, "{}: invalid input syntax for type interval: {}", field_,
                quoted(text_));
  }
  tl::unexpected<Error> too_large() const {
    return fail(ErrorCode::out_of_range, "{}: interval is out of range: {}", field_, quoted(text_));
  }
  tl::unexpected<Error> no_fixed_length() const {
    return fail(Error{.code = ErrorCode::invalid_value,
                      .message = fmt::format("{}: months and years have no fixed length: {}",
                                             field_, quoted(text_)),
                      .detail = {},
                      .hint = "Give weeks, days, hours, minutes or seconds.",
                      .position = 0});
  }

  // whole.fraction × unit, with its sign.
  Status add(std::int64_t whole, std::int64_t fraction, std::int64_t unit, bool negative) {
    std::int64_t us = 0;
    if (__builtin_mul_overflow(whole, unit, &us)) return too_large();
    // fraction < 10^6 and unit ≤ a week: 6.1 × 10^17 fits.
    if (__builtin_add_overflow(us, fraction * unit / 1'000'000, &us)) return too_large();
    if (__builtin_add_overflow(total_, negative ? -us : us, &total_)) return too_large();
    return {};
  }

  // P[nW][nD][T[nH][nM][nS]]
  Status read_iso() {
    in_.take_any_case('P');
    bool in_time = false;
    bool any = false;
    while (!in_.at_end()) {
      if (!in_time && in_.take_any_case('T')) {
        in_time = true;
        continue;
      }
      const bool negative = in_.take('-');
      const auto whole = in_.digits(1, 15);
      if (!whole) return invalid();
      const std::int64_t fraction = in_.take('.') ? in_.millionths() : 0;
      std::int64_t unit = 0;
      if (in_time) {
        unit = in_.take_any_case('H')   ? hour_us
               : in_.take_any_case('M') ? minute_us
               : in_.take_any_case('S') ? second_us
                                        : 0;
      } else {
        unit = in_.take_any_case('W') ? 7 * day_us : in_.take_any_case('D') ? day_us : 0;
        if (unit == 0 && (in_.take_any_case('Y') || in_.take_any_case('M'))) {
          return no_fixed_length();
        }
      }
      if (unit == 0) return invalid();
      TRY(add(*whole, fraction, unit, negative));
      any = true;
    }
    if (!any) return invalid();
    return {};
  }

  Status read_verbose() {
    in_.take('@');
    bool any = false;
    for (in_.skip_blanks(); !in_.at_end(); in_.skip_blanks()) {
      if (any) {
        const std::size_t before = in_.position();
        if (in_.word() == "ago") {
          total_ = -total_;
          in_.skip_blanks();
          return {};
        }
        in_.go_back(before);
      }
      TRY(read_part());
      any = true;
    }
    if (!any) return invalid();
    return {};
  }

  Status read_part() {
    const bool negative = in_.peek() == '-';
    if (!in_.take('-')) in_.take('+');
    const std::size_t start = in_.position();
    if (const auto us = clock_time(in_, 99'999'999)) return add(*us, 0, 1, negative);
    in_.go_back(start);
    const auto whole = in_.digits(1, 15);
    if (!whole) return invalid();
    const std::int64_t fraction = in_.take('.') ? in_.millionths() : 0;
    in_.skip_blanks();
    const std::string word = in_.word();
    if (word.empty()) {
      if (!in_.at_end()) return invalid();
      return add(*whole, fraction, second_us, negative);
    }
    if (word.starts_with("mon") || word == "y" || word.starts_with("year")) {
      return no_fixed_length();
    }
    const auto unit = unit_us(word);
    if (!unit) return invalid();
    return add(*whole, fraction, *unit, negative);
  }

  std::string_view field_;
  std::string_view text_;
  Cursor in_;
  std::int64_t total_ = 0;
};

void append_fraction(std::string& out, std::int64_t us) {
  if (us == 0) return;
  std::string digits = fmt::format(".{:06}", us);
  while (digits.back() == '0') digits.pop_back();
  out += digits;
}

}  // namespace

Result<Timestamp> parse_timestamptz(std::string_view field, std::string_view text,
                                    bool utc_without_offset) {
  const auto invalid = [&] {
    return fail(ErrorCode::invalid_text,
                "{}: invalid input syntax for type timestamp with time zone: {}", field,
                quoted(text));
  };
  Cursor in(text);
  in.skip_blanks();
  const auto date = date_us(in);
  if (!date) return invalid();
  std::int64_t us = *date;
  const bool has_t = in.take_any_case('T');
  in.skip_blanks();
  if (in.peek() >= '0' && in.peek() <= '9') {
    const auto time = clock_time(in, 23);
    if (!time) return invalid();
    us += *time;
  } else if (has_t) {
    return invalid();
  }
  bool ok = true;
  const auto zone = zone_us(in, ok);
  in.skip_blanks();
  if (!ok || !in.at_end()) return invalid();
  if (!zone && !utc_without_offset) {
    return fail(Error{.code = ErrorCode::invalid_value,
                      .message = fmt::format("{}: timestamp {} has no offset", field, quoted(text)),
                      .detail = {},
                      .hint = "Write it as 2026-11-20T10:00:00Z or with +01:00, or SET TIME ZONE "
                              "'UTC'.",
                      .position = 0});
  }
  return Timestamp::us(us - zone.value_or(0));
}

Result<Duration> parse_interval(std::string_view field, std::string_view text) {
  return IntervalReader(field, text).read();
}

void append_interval(std::string& out, Duration length) {
  const bool negative = length.us() < 0;
  // The magnitude as unsigned: the smallest int64 has no positive twin.
  const auto us = negative ? 0 - static_cast<std::uint64_t>(length.us())
                           : static_cast<std::uint64_t>(length.us());
  const std::uint64_t days = us / day_us;
  const std::uint64_t rest = us % day_us;
  const std::string_view sign = negative ? "-" : "";
  if (days != 0) out += fmt::format("{}{} day{}", sign, days, days == 1 && !negative ? "" : "s");
  if (rest == 0 && days != 0) return;
  if (days != 0) out += ' ';
  out += fmt::format("{}{:02}:{:02}:{:02}", sign, rest / hour_us, rest / minute_us % 60,
                     rest / second_us % 60);
  append_fraction(out, static_cast<std::int64_t>(rest % second_us));
}

}  // namespace holdfast
