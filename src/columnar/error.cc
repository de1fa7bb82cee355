// DuckDB's errors in PostgreSQL's words. The kind of error tells the code, where that is enough; of
// those that users meet every day, the sentence is turned too. A statement of ours that wants to
// fail by itself calls error('22012 division by zero'): the code stands in front.
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "columnar/duck.h"

namespace holdfast {
namespace {

struct Known {
  std::string_view sqlstate;
  ErrorCode code;
};
// What statements of ours raise.
constexpr Known raised[] = {
    {"21000", ErrorCode::cardinality_violation}, {"22003", ErrorCode::out_of_range},
    {"22007", ErrorCode::invalid_datetime},      {"22008", ErrorCode::datetime_overflow},
    {"22012", ErrorCode::division_by_zero},      {"22023", ErrorCode::invalid_value},
    {"2201X", ErrorCode::negative_limit},        {"22P02", ErrorCode::invalid_text},
    {"42P01", ErrorCode::undefined_relation},    {"42704", ErrorCode::undefined_object},
    {"42883", ErrorCode::undefined_function},    {"0A000", ErrorCode::not_supported},
};

// "Conversion Error: Could not …\n\nLINE 1: …" → "Could not …": the text in it is ours, not the
// user's.
std::string_view sentence_of(std::string_view message) {
  const std::size_t line = message.find("\n\nLINE ");
  if (line != std::string_view::npos) message = message.substr(0, line);
  const std::size_t colon = message.find("Error: ");
  if (colon != std::string_view::npos && colon < 40) message = message.substr(colon + 7);
  while (message.ends_with('\n')) message.remove_suffix(1);
  return message;
}

std::optional<Error> raised_error(std::string_view sentence) {
  for (const Known& known : raised) {
    if (!sentence.starts_with(known.sqlstate) || sentence.size() < 7) continue;
    if (sentence[5] != ' ') continue;
    return Error{
        .code = known.code, .message = std::string(sentence.substr(6)), .detail = {}, .hint = {}};
  }
  return std::nullopt;
}

std::string_view integer_name(std::string_view theirs) {
  if (theirs.starts_with("INT16") || theirs.starts_with("SMALLINT")) return "smallint";
  if (theirs.starts_with("INT32") || theirs.starts_with("INTEGER")) return "integer";
  if (theirs.starts_with("INT64") || theirs.starts_with("BIGINT")) return "bigint";
  if (theirs.starts_with("DECIMAL") || theirs.starts_with("INT128") ||
      theirs.starts_with("HUGEINT")) {
    return "numeric";
  }
  return "";
}

std::string_view type_name(std::string_view theirs) {
  constexpr std::array<std::array<std::string_view, 2>, 8> names = {{
      {"BOOL", "boolean"},
      {"DOUBLE", "double precision"},
      {"FLOAT", "real"},
      {"UUID", "uuid"},
      {"INTERVAL", "interval"},
      {"TIMESTAMP", "timestamp"},
      {"DATE", "date"},
      {"TIME", "time"},
  }};
  for (const auto& [start, name] : names) {
    if (theirs.starts_with(start)) return name;
  }
  return integer_name(theirs);
}

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  const std::size_t from = begin + before.size();
  const std::size_t end = text.rfind(after);
  if (end == std::string_view::npos || end < from) return {};
  return text.substr(from, end - from);
}

// Out of the range of a type, in any of the ways DuckDB says it.
std::optional<Error> range_error(std::string_view sentence) {
  std::string_view type;
  for (const std::string_view mark :
       {"range for the destination type ", "Overflow in addition of ",
        "Overflow in subtraction of ", "Overflow in multiplication of ", "Overflow in negation of ",
        "Overflow on abs(", "Overflow in division of "}) {
    const std::size_t found = sentence.find(mark);
    if (found != std::string_view::npos) type = sentence.substr(found + mark.size());
  }
  const std::string_view name = integer_name(type);
  if (name.empty()) return std::nullopt;
  return Error{.code = ErrorCode::out_of_range,
               .message = name == "numeric" ? "value overflows numeric format"
                                            : fmt::format("{} out of range", name),
               .detail = {},
               .hint = {}};
}

std::optional<Error> input_error(std::string_view sentence) {
  const std::string_view value = between(sentence, "Could not convert string '", "' to ");
  const std::size_t to = sentence.rfind("' to ");
  if (to == std::string_view::npos || sentence.find("Could not convert string '") != 0) {
    return std::nullopt;
  }
  const std::string_view name = type_name(sentence.substr(to + 5));
  if (name.empty()) return std::nullopt;
  return Error{.code = ErrorCode::invalid_text,
               .message = fmt::format("invalid input syntax for type {}: {}", name, quoted(value)),
               .detail = {},
               .hint = {}};
}

ErrorCode code_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_DECIMAL:
      return ErrorCode::out_of_range;
    case DUCKDB_ERROR_CONVERSION:
      return ErrorCode::invalid_text;
    case DUCKDB_ERROR_DIVIDE_BY_ZERO:
      return ErrorCode::division_by_zero;
    case DUCKDB_ERROR_INVALID_INPUT:
      return ErrorCode::invalid_value;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorCode::canceled;
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorCode::out_of_memory;
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
      return ErrorCode::not_supported;
    case DUCKDB_ERROR_PERMISSION:
      return ErrorCode::permission_denied;
    case DUCKDB_ERROR_IO:
      return ErrorCode::io_error;
    default:
      return ErrorCode::internal;
  }
}

Error with_code(ErrorCode code, std::string_view message, std::string_view hint = {}) {
  return {.code = code, .message = std::string(message), .detail = {}, .hint = std::string(hint)};
}

}  // namespace

Error error_of_duck(duckdb_error_type type, std::string_view message) {
  const std::string_view sentence = sentence_of(message);
  if (type == DUCKDB_ERROR_INTERRUPT) {
    return with_code(ErrorCode::canceled, "canceling statement due to user request");
  }
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY) {
    return with_code(ErrorCode::out_of_memory,
                     "the statement needs more memory than statements may have",
                     "Read fewer rows or columns, or sort and group fewer at a time.");
  }
  if (auto error = raised_error(sentence)) return *std::move(error);
  if (auto error = range_error(sentence)) return *std::move(error);
  if (auto error = input_error(sentence)) return *std::move(error);
  if (sentence.find("More than one row returned by a subquery") != std::string_view::npos) {
    return with_code(ErrorCode::cardinality_violation,
                     "more than one row returned by a subquery used as an expression");
  }
  return with_code(code_of(type), sentence);
}

}  // namespace holdfast
