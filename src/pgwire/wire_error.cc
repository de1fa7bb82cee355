// ErrorCode → SQLSTATE, exhaustive: a new code does not compile until it has a state (-Wswitch).
#include "pgwire/wire_error.h"

namespace holdfast {

std::string_view sqlstate_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::syntax_error:
      return "42601";
    case ErrorCode::undefined_relation:
      return "42P01";
    case ErrorCode::undefined_column:
      return "42703";
    case ErrorCode::undefined_function:
      return "42883";
    case ErrorCode::undefined_parameter:
      return "42P02";
    case ErrorCode::undefined_object:
      return "42704";
    case ErrorCode::invalid_reference:
      return "42P10";
    case ErrorCode::duplicate_column:
      return "42701";
    case ErrorCode::undetermined_type:
      return "42P18";
    case ErrorCode::unique_violation:
      return "23505";
    case ErrorCode::foreign_key_violation:
      return "23503";
    case ErrorCode::check_violation:
      return "23514";
    case ErrorCode::null_violation:
      return "23502";
    case ErrorCode::not_found:
      return "P0002";
    case ErrorCode::wrong_state:
      return sqlstate::not_in_prerequisite_state;
    case ErrorCode::contended:
      return "55P03";
    case ErrorCode::ambiguous:
      return "42702";
    case ErrorCode::duplicate_alias:
      return "42712";
    case ErrorCode::wrong_type:
      return "42804";
    case ErrorCode::cannot_cast:
      return "42846";
    case ErrorCode::grouping_error:
      return "42803";
    case ErrorCode::windowing_error:
      return "42P20";
    case ErrorCode::not_supported:
      return sqlstate::not_supported;
    case ErrorCode::invalid_value:
      return sqlstate::invalid_value;
    case ErrorCode::invalid_text:
      return "22P02";
    case ErrorCode::invalid_encoding:
      return "22021";
    case ErrorCode::out_of_range:
      return "22003";
    case ErrorCode::negative_limit:
      return "2201W";
    case ErrorCode::invalid_datetime:
      return "22007";
    case ErrorCode::datetime_overflow:
      return "22008";
    case ErrorCode::division_by_zero:
      return "22012";
    case ErrorCode::cardinality_violation:
      return "21000";
    case ErrorCode::fixed_setting:
      return "55P02";
    case ErrorCode::null_not_allowed:
      return "22004";
    case ErrorCode::limit_exceeded:
      return sqlstate::limit_exceeded;
    case ErrorCode::serialization_failure:
      return "40001";
    case ErrorCode::failed_transaction:
      return "25P02";
    case ErrorCode::read_only_transaction:
      return "25006";
    case ErrorCode::already_in_transaction:
      return "25001";
    case ErrorCode::no_transaction:
      return "25P01";
    case ErrorCode::undefined_savepoint:
      return "3B001";
    case ErrorCode::protocol_violation:
      return sqlstate::protocol_violation;
    case ErrorCode::unknown_statement:
      return sqlstate::unknown_statement;
    case ErrorCode::unknown_portal:
      return sqlstate::unknown_portal;
    case ErrorCode::duplicate_statement:
      return sqlstate::duplicate_statement;
    case ErrorCode::authentication_failed:
      return "28P01";
    case ErrorCode::permission_denied:
      return "42501";
    case ErrorCode::unknown_database:
      return "3D000";
    case ErrorCode::too_many_connections:
      return "53300";
    case ErrorCode::canceled:
      return sqlstate::query_canceled;
    // A configured bound of the queue was hit; drivers treat class 53 as transient and do not drop
    // the connection.
    case ErrorCode::overloaded:
      return "53400";
    case ErrorCode::out_of_memory:
      return "53200";
    case ErrorCode::shutting_down:
      return sqlstate::admin_shutdown;
    // transaction_resolution_unknown: the one state that says "perhaps", so nobody retries without
    // a request_id.
    case ErrorCode::unknown_result:
      return "08007";
    case ErrorCode::io_error:
      return "58030";
    case ErrorCode::disk_full:
      return "53100";
    case ErrorCode::corrupt:
      return "XX001";
    case ErrorCode::locked:
      return "55006";
    case ErrorCode::internal:
      return "XX000";
  }
  return "XX000";
}

WireError wire_error(const Error& error) {
  WireError result{.sqlstate = sqlstate_of(error.code),
                   .message = error.message,
                   .detail = error.detail,
                   .hint = error.hint,
                   .position = error.position,
                   .context = error.row > 0 ? fmt::format("row {}", error.row) : std::string(),
                   .table = error.table,
                   .constraint = error.constraint,
                   .column = error.column};
  if (error.code == ErrorCode::unknown_result && result.hint.empty()) {
    result.hint =
        "The statement may or may not have taken effect. Repeat it with the same request_id to "
        "find out.";
  }
  if (error.code == ErrorCode::overloaded && result.hint.empty()) {
    result.hint = "The statement was not executed; try again later.";
  }
  return result;
}

WireError wire_error(std::string_view sqlstate, std::string message) {
  return {.sqlstate = sqlstate, .message = std::move(message), .detail = {}, .hint = {}};
}

WireError fatal(WireError error) {
  error.is_fatal = true;
  return error;
}

}  // namespace holdfast
