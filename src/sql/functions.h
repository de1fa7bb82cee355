// The functions of Holdfast's SQL: their names, arguments in positional order, types, and the
// columns of their one row. One table; the planner, docs/sql.md and its test read it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sql/types.h"

namespace holdfast {

enum class Function : std::uint8_t {
  claim,
  extend,
  confirm,
  amend,
  release,
  cancel,
  fulfil,
  receive,
  adjust,
  sale,
  define_item,
  define_location,
  define_channel,
  set_stock,
  can_claim,  // a read: nothing is taken
};
inline constexpr std::size_t function_count = 15;

enum class Argument : std::uint8_t {
  sku,
  quantity,
  delta,
  lines,
  location,
  lot,
  channel,
  customer,
  reference,
  request_id,
  reason,
  occurred_at,
  hold_for,
  hold_longest,  // "hold_max"
  partial,
  claim_id,
  if_expired,
  release_rest,
  unit_cost,
  force,
  title,
  description,
  brand,
  category,
  unit,
  scale,
  price_minor,
  currency,
  attributes,
  barcodes,
  tracking,
  code,
  region,
  time_zone,
  priority,
  active,
  locations,
  on_hand,
  expected,
  at_once,  // "fulfil"
};
inline constexpr std::size_t argument_count = 40;

// The type of its place, and what is taken as it is beside it: `hold_for` of a claim is text,
// because 'default' is not an interval, but an interval fits; a JSON array of names may be a
// text[].
struct ArgumentInfo {
  std::string_view name;
  SqlType type;
  SqlType also = SqlType::unknown;
};
[[nodiscard]] const ArgumentInfo& info_of(Argument argument);

// Cells of a command's row; not every function has all.
enum class AnswerColumn : std::uint8_t {
  granted,
  outcome,
  claim_id,
  state,
  expires_at,
  sku,
  location,
  lot,
  available,
  seq,
  replayed,
  lines,
  message,
  can_claim,
  salable,
};
inline constexpr std::size_t answer_column_count = 15;
[[nodiscard]] const Column& column_of(AnswerColumn column);

struct FunctionInfo {
  std::string_view name;
  std::span<const Argument> arguments;  // the first `positional` may be given without a name
  std::size_t required;                 // of them, the first so many must be given …
  std::string_view alternative;         // … or else this argument ("lines"); empty: none
  std::span<const AnswerColumn> columns;
};
[[nodiscard]] const FunctionInfo& info_of(Function function);
[[nodiscard]] std::optional<Function> find_function(std::string_view name);
// What to say to a name that is none: "Did you mean claim?", or which there are.
[[nodiscard]] std::string hint_for_function(std::string_view name);
// By name; also accepts older spellings (`quantity` of adjust for `delta`).
[[nodiscard]] std::optional<Argument> find_argument(const FunctionInfo& function,
                                                    std::string_view name);
// "claim(sku text, quantity bigint, …)"
[[nodiscard]] std::string signature_of(const FunctionInfo& function);

}  // namespace holdfast
