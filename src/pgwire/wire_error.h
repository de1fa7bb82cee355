// WireError: an error as PostgreSQL's clients see it. The table from ErrorCode to SQLSTATE is here
// and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast {

struct WireError {
  std::string_view sqlstate;  // five characters, static
  std::string message;
  std::string detail;
  std::string hint;
  int position = 0;
  std::string context;    // where in what the client sent
  bool is_fatal = false;  // FATAL: the connection closes behind it
  std::string_view table = {};
  std::string_view constraint = {};
  std::string_view column = {};
};

// PostgreSQL's errcodes.txt; each choice has its reason beside it in the table.
[[nodiscard]] std::string_view sqlstate_of(ErrorCode code);

[[nodiscard]] WireError wire_error(const Error& error);
[[nodiscard]] WireError wire_error(std::string_view sqlstate, std::string message);
[[nodiscard]] WireError fatal(WireError error);

// States that only the wire needs.
namespace sqlstate {
inline constexpr std::string_view invalid_binary = "22P03";
inline constexpr std::string_view bad_copy_format = "22P04";
inline constexpr std::string_view not_in_prerequisite_state = "55000";
inline constexpr std::string_view invalid_authorization = "28000";
inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view protocol_violation = "08P01";
inline constexpr std::string_view not_supported = "0A000";
inline constexpr std::string_view limit_exceeded = "54000";
inline constexpr std::string_view invalid_value = "22023";
inline constexpr std::string_view unknown_statement = "26000";
inline constexpr std::string_view unknown_portal = "34000";
inline constexpr std::string_view duplicate_statement = "42P05";
inline constexpr std::string_view duplicate_portal = "42P03";
inline constexpr std::string_view admin_shutdown = "57P01";
inline constexpr std::string_view idle_session_timeout = "57P05";
inline constexpr std::string_view idle_in_transaction_timeout = "25P03";
}  // namespace sqlstate

}  // namespace holdfast
