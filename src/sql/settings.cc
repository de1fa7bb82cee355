// PostgreSQL 15's names, initial values and error texts.
#include "sql/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/text.h"
#include "model/command.h"
#include "sql/convert.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

using enum SettingKind;

constexpr std::array<SettingInfo, 52> settings = {{
    {"application_name", "", text, true},
    {"bytea_output", "hex", text, false},
    {"check_function_bodies", "on", boolean, false},
    {"client_encoding", "UTF8", encoding, true},
    {"client_min_messages", "notice", text, false},
    {"DateStyle", "ISO, MDY", date_style, true},
    {"default_table_access_method", "heap", text, false},
    {"default_tablespace", "", text, false},
    {"default_text_search_config", "pg_catalog.simple", text, false},
    {"default_transaction_deferrable", "off", boolean, false},
    {"default_transaction_isolation", "read committed", isolation, false},
    {"default_transaction_read_only", "off", boolean, true},
    {"extra_float_digits", "1", integer, false},
    {"holdfast.channel", "", said, false},
    {"holdfast.customer", "", said, false},
    {"holdfast.occurred_at", "", said_time, false},
    {"holdfast.reason", "", said, false},
    {"holdfast.reference", "", said, false},
    {"holdfast.refusals", "row", refusals, false},
    {"holdfast.request_id", "", said_once, false},
    {"idle_in_transaction_session_timeout", "30s", timeout, false},
    {"idle_session_timeout", "0", timeout, false},
    {"in_hot_standby", "off", read_only, true},
    {"integer_datetimes", "on", read_only, true},
    {"IntervalStyle", "postgres", interval_style, true},
    {"is_superuser", "off", read_only, true},
    {"jit", "off", boolean, false},
    {"lc_collate", "C.UTF-8", read_only, false},
    {"lc_ctype", "C.UTF-8", read_only, false},
    {"lc_messages", "C", text, false},
    {"lc_monetary", "C", text, false},
    {"lc_numeric", "C", text, false},
    {"lc_time", "C", text, false},
    {"lock_timeout", "0", timeout, false},
    {"max_identifier_length", "63", read_only, false},
    {"max_index_keys", "32", read_only, false},
    {"row_security", "on", boolean, false},
    {"search_path", "\"$user\", public", text, false},
    {"server_encoding", "UTF8", read_only, true},
    {"server_version", "15.18 (Holdfast " HOLDFAST_VERSION ")", read_only, true},
    {"server_version_num", "150018", read_only, false},
    {"session_authorization", "holdfast", read_only, true},
    {"standard_conforming_strings", "on", only_on, true},
    {"statement_timeout", "0", timeout, false},
    {"synchronize_seqscans", "on", boolean, false},
    {"synchronous_commit", "on", only_on, false},
    {"TimeZone", "UTC", time_zone, true},
    {"timezone_abbreviations", "Default", text, false},
    {"transaction_deferrable", "off", read_only, false},
    {"transaction_isolation", "read committed", isolation, false},
    {"transaction_read_only", "off", boolean, false},
    {"xmloption", "content", text, false},
}};

constexpr std::array<std::string_view, 4> isolation_names = {"read uncommitted", "read committed",
                                                             "repeatable read", "serializable"};
struct TimeUnit {
  std::string_view name;
  std::int64_t us;
};
constexpr std::array<TimeUnit, 6> time_units = {{{"us", 1},
                                                 {"ms", 1'000},
                                                 {"s", 1'000'000},
                                                 {"min", 60'000'000},
                                                 {"h", 3'600'000'000},
                                                 {"d", 86'400'000'000}}};
constexpr std::size_t value_bytes_max = 1024;

// Without anything but letters and digits: 'utf-8', "UTF8" and utf_8 are one encoding.
std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

tl::unexpected<Error> invalid(const SettingInfo& setting, std::string_view value,
                              std::string hint = {}) {
  return fail(Error{
      .code = ErrorCode::invalid_value,
      .message = fmt::format("invalid value for parameter \"{}\": {}", setting.name, quoted(value)),
      .detail = {},
      .hint = std::move(hint),
      .position = 0});
}

Result<std::string> check_boolean(const SettingInfo& setting, std::string_view value) {
  const auto parsed = parse_boolean(setting.name, value);
  if (!parsed.has_value()) {
    return fail(
        Error{.code = ErrorCode::invalid_value,
              .message = fmt::format("parameter \"{}\" requires a Boolean value", setting.name),
              .detail = {},
              .hint = {},
              .position = 0});
  }
  if (setting.kind == only_on && !*parsed) {
    return fail(ErrorCode::not_supported, "\"{}\" can only be on", setting.name);
  }
  return std::string(*parsed ? "on" : "off");
}

Result<std::string> check_date_style(const SettingInfo& setting, std::string_view value) {
  std::string order = "MDY";
  std::string word;
  for (const char c : lower(value) + ",") {
    if (c != ',' && c != ' ') {
      word += c;
      continue;
    }
    if (word == "mdy" || word == "us" || word.starts_with("noneuro")) {
      order = "MDY";
    } else if (word == "dmy" || word.starts_with("euro")) {
      order = "DMY";
    } else if (word == "ymd") {
      order = "YMD";
    } else if (!word.empty() && word != "iso" && word != "default") {
      return invalid(setting, value, "Dates are written in ISO style.");
    }
    word.clear();
  }
  return "ISO, " + order;
}

Result<std::string> check_integer(const SettingInfo& setting, std::string_view value) {
  const auto number = parse_int64(setting.name, value);
  if (!number.has_value()) return invalid(setting, value);
  return std::string(value);
}

// As PostgreSQL writes it: in the largest unit that leaves no fraction.
std::string timeout_text(std::int64_t ms) {
  const TimeUnit* best = &time_units[0];
  for (const TimeUnit& unit : time_units) {
    if (unit.us >= 1'000 && ms % (unit.us / 1'000) == 0) best = &unit;
  }
  return ms == 0 ? "0" : fmt::format("{}{}", ms * 1'000 / best->us, best->name);
}

// A number, which may have a fraction, and a unit: milliseconds unless it says another.
Result<std::string> check_timeout(const SettingInfo& setting, std::string_view value) {
  constexpr std::int64_t ms_max = std::numeric_limits<std::int32_t>::max();
  const std::string_view text = trimmed(value);
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  const std::string_view rest = trimmed(text.substr(static_cast<std::size_t>(end - text.begin())));
  const auto* unit = std::ranges::find(time_units, rest.empty() ? "ms" : rest, &TimeUnit::name);
  if (error == std::errc::invalid_argument || std::isnan(number) || unit == time_units.end()) {
    return invalid(setting, value,
                   "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and "
                   "\"d\".");
  }
  const double ms = std::rint(number * static_cast<double>(unit->us) / 1'000);
  const bool fits = error == std::errc() && ms >= 0 && ms <= static_cast<double>(ms_max);
  if (!fits) {
    return fail(ErrorCode::invalid_value,
                "{} is outside the valid range for parameter \"{}\" (0 .. {} ms)", value,
                setting.name, ms_max);
  }
  return timeout_text(static_cast<std::int64_t>(ms));
}

Result<std::string> check_time_zone(const SettingInfo& setting, std::string_view value) {
  const bool plain = std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-+/:<>.,").find(c) != std::string_view::npos;
  });
  if (value.empty() || value.size() > 64 || !plain) return invalid(setting, value);
  if (lower(value) == "default" || lower(value) == "local") return std::string(setting.initial);
  return std::string(value);
}

Result<Isolation> check_isolation(const SettingInfo& setting, std::string_view value) {
  const auto* found = std::ranges::find(isolation_names, lower(value));
  if (found == isolation_names.end()) {
    return invalid(setting, value,
                   "Available values: serializable, repeatable read, read committed, read "
                   "uncommitted.");
  }
  return static_cast<Isolation>(found - isolation_names.begin());
}

}  // namespace

std::string_view name_of(Isolation level) {
  return isolation_names[static_cast<std::size_t>(level)];
}

Result<Isolation> isolation_of(std::string_view name) {
  return check_isolation(*find_setting("transaction_isolation"), name);
}

std::optional<TransactionModes> modes_of(const SettingInfo& setting, std::string_view value) {
  TransactionModes modes;
  if (setting.name == "transaction_isolation") {
    modes.isolation = isolation_of(value).value_or(Isolation::read_committed);
  } else if (setting.name == "transaction_read_only") {
    modes.read_only = value == "on";
  } else {
    return std::nullopt;
  }
  return modes;
}

Duration timeout_of(std::string_view value) {
  const std::size_t digits = value.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) return {};  // "0"
  const auto number = parse_int64("timeout", value.substr(0, digits));
  const auto* unit = std::ranges::find(time_units, value.substr(digits), &TimeUnit::name);
  CHECK(number.has_value() && unit != time_units.end());
  return Duration::us(*number * unit->us);
}

Timestamp occurred_at_of(std::string_view value) {
  if (value.empty()) return {};
  const auto at = parse_timestamptz("occurred_at", value, false);
  return at.has_value() ? *at : Timestamp();
}

std::span<const SettingInfo> all_settings() { return settings; }

const SettingInfo* find_setting(std::string_view name) {
  const std::string wanted = lower(name);
  for (const SettingInfo& setting : settings) {
    if (lower(setting.name) == wanted) return &setting;
  }
  return nullptr;
}

std::size_t index_of(const SettingInfo& setting) {
  return static_cast<std::size_t>(&setting - settings.data());
}

Result<std::string> check_setting(const SettingInfo& setting, std::string_view value) {
  TRY(check_text(setting.name, value));
  if (value.size() > value_bytes_max) {
    return fail(ErrorCode::limit_exceeded, "{} must be at most {} bytes, got {}", setting.name,
                value_bytes_max, value.size());
  }
  switch (setting.kind) {
    case text:
      return std::string(value);
    case said:
    case said_once:
      if (!value.empty()) TRY(check_identifier(setting.name, value));
      return std::string(value);
    case said_time:
      if (!value.empty()) {
        ASSIGN(const Timestamp at, parse_timestamptz(setting.name, value, false));
        TRY(check_occurred_at(at));
      }
      return std::string(value);
    case refusals:
      if (value == "row" || value == "error") return std::string(value);
      return invalid(setting, value, "It is row or error.");
    case boolean:
    case only_on:
      return check_boolean(setting, value);
    case integer:
      return check_integer(setting, value);
    case timeout:
      return check_timeout(setting, value);
    case date_style:
      return check_date_style(setting, value);
    case time_zone:
      return check_time_zone(setting, value);
    case isolation: {
      ASSIGN(const Isolation level, check_isolation(setting, value));
      return std::string(name_of(level));
    }
    case encoding: {
      const std::string letters = letters_of(value);
      if (letters != "utf8" && letters != "unicode") {
        return invalid(setting, value, "Text is UTF8.");
      }
      return std::string("UTF8");
    }
    case interval_style:
      if (lower(value) != "postgres") {
        return invalid(setting, value, "Intervals are written in style postgres.");
      }
      return std::string("postgres");
    case read_only:
      break;
  }
  return fail(ErrorCode::fixed_setting, "parameter \"{}\" cannot be changed", setting.name);
}

bool is_utc(std::string_view zone) {
  constexpr std::array<std::string_view, 8> names = {"utc", "etc/utc", "gmt", "etc/gmt",
                                                     "z",   "zulu",    "uct", "universal"};
  const std::string wanted = lower(zone);
  return std::ranges::find(names, wanted) != names.end() || wanted == "0" || wanted == "+00:00" ||
         wanted == "<+00>-00";
}

}  // namespace holdfast
