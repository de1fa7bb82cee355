// Dates by Hinnant's civil-from-days (howardhinnant.github.io/date_algorithms.html), exact over the
// whole range.
#include "model/timestamp_text.h"

#include <fmt/format.h>

namespace holdfast {
namespace {

constexpr std::int64_t us_per_day = std::int64_t{86'400} * 1'000'000;

struct Date {
  std::int64_t year;
  unsigned month, day;
};

Date civil_from_days(std::int64_t days) {
  days += 719'468;  // from 1970-01-01 to 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

std::string_view timestamp_text(Timestamp value, TimestampText& space) {
  if (value.is_never()) return "infinity";
  std::int64_t days = value.us() / us_per_day;
  std::int64_t us = value.us() % us_per_day;
  if (us < 0) {
    us += us_per_day;
    --days;
  }
  const Date date = civil_from_days(days);
  const bool before_christ = date.year <= 0;
  const std::int64_t seconds = us / 1'000'000;
  char* end = fmt::format_to(space.data(), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
                             before_christ ? 1 - date.year : date.year, date.month, date.day,
                             seconds / 3'600, seconds / 60 % 60, seconds % 60);
  if (us % 1'000'000 != 0) {
    end = fmt::format_to(end, ".{:06}", us % 1'000'000);
    while (end[-1] == '0') --end;
  }
  end = fmt::format_to(end, "+00{}", before_christ ? " BC" : "");
  return {space.data(), static_cast<std::size_t>(end - space.data())};
}

}  // namespace holdfast
