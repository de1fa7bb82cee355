// Times against what PostgreSQL prints.
#include "model/timestamp_text.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

TEST(TimestampText, PrintsAsPostgresInUtc) {
  const std::pair<std::int64_t, std::string_view> table[] = {
      {0, "1970-01-01 00:00:00+00"},
      {-1, "1969-12-31 23:59:59.999999+00"},
      {946'684'800'000'000, "2000-01-01 00:00:00+00"},
      {951'782'400'000'000, "2000-02-29 00:00:00+00"},
      {951'868'799'500'000, "2000-02-29 23:59:59.5+00"},
      {1'795'389'343'000'010, "2026-11-22 23:15:43.00001+00"},
      {4'102'444'800'000'000, "2100-01-01 00:00:00+00"},
      {253'402'300'800'000'000, "10000-01-01 00:00:00+00"},
      {-62'135'596'800'000'000, "0001-01-01 00:00:00+00"},
      {-62'135'596'800'000'001, "0001-12-31 23:59:59.999999+00 BC"},
      {INT64_MAX, "infinity"},
  };
  for (const auto& [us, text] : table) {
    TimestampText space;
    EXPECT_EQ(timestamp_text(Timestamp::us(us), space), text) << us;
  }
  TimestampText space;  // the smallest fits too
  EXPECT_TRUE(timestamp_text(Timestamp::us(INT64_MIN), space).ends_with("+00 BC"));
}

}  // namespace
}  // namespace holdfast
