// Result<T>: a value, or an Error that says what was wrong with the input or the environment.
//
// Three other kinds of trouble do not travel here: a bug is a CHECK, a refusal is an Outcome
// (model/outcome.h), and a disk that lied stops the process. Errors become SQLSTATEs, HTTP statuses
// and exit codes only at the edge, by `code`.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace holdfast {

// A new code only if somebody would act on it. pgwire maps each one to a SQLSTATE in one table.
enum class ErrorCode : unsigned char {
  // the request cannot be understood
  syntax_error,
  undefined_relation,
  undefined_column,
  undefined_function,
  undefined_parameter,
  undefined_object,
  invalid_reference,  // ON CONFLICT of columns that are no key
  duplicate_column,
  undetermined_type,  // of a parameter
  ambiguous,
  duplicate_alias,
  wrong_type,
  cannot_cast,
  grouping_error,  // a column that is neither grouped nor aggregated, an aggregate out of place
  windowing_error,
  not_supported,
  // a value in it is wrong
  invalid_value,
  invalid_text,      // text that is not of its type, "abc" for a bigint
  invalid_encoding,  // bytes that are not UTF-8, or a NUL
  out_of_range,      // a number beyond its type
  negative_limit,    // of LIMIT or OFFSET
  invalid_datetime,
  datetime_overflow,
  division_by_zero,
  cardinality_violation,  // more than one row where one is meant
  fixed_setting,          // a setting that nobody can change
  null_not_allowed,
  limit_exceeded,  // longer, deeper or more than a named limit
  // what the ledger refused, raised as an error; with table and constraint
  unique_violation,
  foreign_key_violation,
  check_violation,  // not enough units, above all
  null_violation,
  not_found,
  wrong_state,  // of a claim, or of an item
  contended,    // transactions under way hold what is missing; the same again may succeed
  // a transaction
  serialization_failure,  // nothing of it took effect; the same again may succeed
  failed_transaction,     // only a rollback is accepted
  read_only_transaction,
  already_in_transaction,
  no_transaction,
  undefined_savepoint,
  // the protocol or the session
  protocol_violation,
  unknown_statement,
  unknown_portal,
  duplicate_statement,
  authentication_failed,
  permission_denied,
  unknown_database,
  too_many_connections,
  canceled,
  // the server
  overloaded,      // not executed; try again later
  out_of_memory,   // of what statements that read may have
  shutting_down,   // not executed
  unknown_result,  // executed or not: the journal could not say
  io_error,
  disk_full,
  corrupt,
  locked,  // another process owns the data directory
  internal,
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // what, with field, value and limit; no trailing full stop
  std::string detail;   // the numbers, optional
  std::string hint;     // what to do about it, optional
  int position = 0;     // 1-based character in the statement, 0 when it has none
  // Of what the ledger refused: names that live for ever.
  std::string_view table;
  std::string_view constraint;
  std::size_t row = 0;  // which of a statement's rows, from 1; 0: it has none, or one
  std::string_view column;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

// return fail(ErrorCode::out_of_range, "quantity must be at least 1, got {}", n);
template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{.code = code,
                                     .message = fmt::format(format, std::forward<Args>(args)...),
                                     .detail = {},
                                     .hint = {}});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace holdfast

// TRY(expression): returns the error of a Status or Result to the caller, otherwise goes on.
#define TRY(expression)                                            \
  do {                                                             \
    if (auto try_result_ = (expression); !try_result_.has_value()) \
      return ::holdfast::fail(std::move(try_result_).error());     \
  } while (false)

#define HOLDFAST_CONCAT_(a, b) a##b
#define HOLDFAST_CONCAT(a, b) HOLDFAST_CONCAT_(a, b)

// ASSIGN(auto value, expression): the value of a Result, or returns its error to the caller.
#define ASSIGN(declaration, expression)                                               \
  auto HOLDFAST_CONCAT(assigned_, __LINE__) = (expression);                           \
  if (!HOLDFAST_CONCAT(assigned_, __LINE__).has_value())                              \
    return ::holdfast::fail(std::move(HOLDFAST_CONCAT(assigned_, __LINE__)).error()); \
  declaration = std::move(*HOLDFAST_CONCAT(assigned_, __LINE__))
