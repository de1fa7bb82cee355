// Settings: what SHOW, SET and RESET know of PostgreSQL's parameters, because clients ask for them.
// Most change nothing here; a value that would change what a client sees, and that Holdfast cannot
// give, is refused, not swallowed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/time.h"

namespace holdfast {

enum class SettingKind : std::uint8_t {
  text,     // anything
  boolean,  // PostgreSQL's words, kept as on or off
  only_on,  // a boolean that cannot be switched off
  integer,
  timeout,         // 0, or a number with a unit
  encoding,        // UTF8 in any spelling
  date_style,      // ISO with any order of fields
  interval_style,  // postgres
  time_zone,       // a name or an offset
  isolation,       // one of PostgreSQL's levels
  read_only,       // SHOW only
  said,            // a text that commands carry; '' is none
  said_once,       // … of one transaction: SET LOCAL only
  said_time,       // a time with its offset, or ''
  refusals,        // 'row' or 'error'
};

struct SettingInfo {
  std::string_view name;  // as SHOW writes it: "DateStyle"
  std::string_view initial;
  SettingKind kind;
  bool is_reported;  // told to clients when it changes (ParameterStatus)
};

[[nodiscard]] std::span<const SettingInfo> all_settings();
// In any case; nullptr when there is none.
[[nodiscard]] const SettingInfo* find_setting(std::string_view name);
// Its position in all_settings().
[[nodiscard]] std::size_t index_of(const SettingInfo& setting);

// The value as it is kept, or invalid_value (22023), not_supported.
Result<std::string> check_setting(const SettingInfo& setting, std::string_view value);

// PostgreSQL's levels. The first two are READ COMMITTED; the others are SERIALIZABLE.
enum class Isolation : std::uint8_t {
  read_uncommitted,
  read_committed,
  repeatable_read,
  serializable
};
[[nodiscard]] std::string_view name_of(Isolation level);  // "read committed"
// In any case; invalid_value for what is none.
Result<Isolation> isolation_of(std::string_view name);
// Whether COMMIT looks again at what was read.
[[nodiscard]] constexpr bool validates(Isolation level) {
  return level >= Isolation::repeatable_read;
}

// What BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS say of a transaction, or of all.
struct TransactionModes {
  std::optional<Isolation> isolation;
  std::optional<bool> read_only;
};
// What the settings transaction_isolation and transaction_read_only mean, since they are of the
// transaction; nothing for any other. REQUIRES: a checked value.
[[nodiscard]] std::optional<TransactionModes> modes_of(const SettingInfo& setting,
                                                       std::string_view value);

// True for the names of UTC: timestamps without an offset can then be read.
[[nodiscard]] bool is_utc(std::string_view time_zone);

// REQUIRES: a checked value of a timeout. Zero: for ever.
[[nodiscard]] Duration timeout_of(std::string_view value);

// The time of a checked said_time; 0: none.
[[nodiscard]] Timestamp occurred_at_of(std::string_view value);

// What `SHOW holdfast.seq` is called; answered with the durable seq.
inline constexpr std::string_view seq_setting = "holdfast.seq";
// … and `SHOW holdfast.turns`: rows that say how long turns took.
inline constexpr std::string_view turns_setting = "holdfast.turns";

}  // namespace holdfast
