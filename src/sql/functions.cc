// The tables behind functions.h. The common arguments (who, why, for which order) end every
// command's list.
#include "sql/functions.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sql/convert.h"

namespace holdfast {
namespace {

using enum Argument;

constexpr std::array<ArgumentInfo, argument_count> argument_infos = {{
    {"sku", SqlType::text},
    {"quantity", SqlType::int8},
    {"delta", SqlType::int8},
    {"lines", SqlType::jsonb},
    {"location", SqlType::text},
    {"lot", SqlType::text},
    {"channel", SqlType::text},
    {"customer", SqlType::text},
    {"reference", SqlType::text},
    {"request_id", SqlType::text},
    {"reason", SqlType::text},
    {"occurred_at", SqlType::timestamptz},
    {"hold_for", SqlType::text, SqlType::interval},
    {"hold_max", SqlType::interval},
    {"partial", SqlType::boolean},
    {"claim_id", SqlType::uuid},
    {"if_expired", SqlType::text},
    {"release_rest", SqlType::boolean},
    {"unit_cost", SqlType::int8},
    {"force", SqlType::boolean},
    {"title", SqlType::text},
    {"description", SqlType::text},
    {"brand", SqlType::text},
    {"category", SqlType::text},
    {"unit", SqlType::text},
    {"scale", SqlType::int4},
    {"price_minor", SqlType::int8},
    {"currency", SqlType::text},
    {"attributes", SqlType::jsonb},
    {"barcodes", SqlType::jsonb, SqlType::text_array},
    {"tracking", SqlType::text},
    {"code", SqlType::text},
    {"region", SqlType::text},
    {"time_zone", SqlType::text},
    {"priority", SqlType::int4},
    {"active", SqlType::boolean},
    {"locations", SqlType::jsonb, SqlType::text_array},
    {"on_hand", SqlType::int8},
    {"expected", SqlType::int8},
    {"fulfil", SqlType::boolean},
}};

constexpr Argument claim_arguments[] = {sku,       quantity,   channel,  customer,    hold_for,
                                        reference, request_id, location, lot,         lines,
                                        partial,   claim_id,   reason,   occurred_at, at_once};
constexpr Argument extend_arguments[] = {claim_id, hold_for, reference, request_id,
                                         reason,   customer, channel,   occurred_at};
constexpr Argument confirm_arguments[] = {claim_id,  lines,      release_rest, if_expired,
                                          reference, request_id, reason,       customer,
                                          channel,   occurred_at};
constexpr Argument amend_arguments[] = {claim_id, lines,   partial,    sku,        quantity,
                                        location, lot,     reference,  request_id, reason,
                                        customer, channel, occurred_at};
constexpr Argument release_arguments[] = {claim_id, reference, request_id, reason,
                                          customer, channel,   occurred_at};
constexpr Argument lines_arguments[] = {claim_id, lines,    reference, request_id,
                                        reason,   customer, channel,   occurred_at};
constexpr Argument receive_arguments[] = {sku,       quantity,  location,   lot,
                                          unit_cost, reference, request_id, reason,
                                          customer,  channel,   occurred_at};
constexpr Argument adjust_arguments[] = {sku,      delta,   reason,     location,
                                         lot,      force,   reference,  request_id,
                                         customer, channel, occurred_at};
constexpr Argument sale_arguments[] = {sku,        quantity, location, lot,     reference,
                                       request_id, reason,   customer, channel, occurred_at};
constexpr Argument set_arguments[] = {sku,       on_hand,    expected, reason,  location,   lot,
                                      reference, request_id, customer, channel, occurred_at};
constexpr Argument item_arguments[] = {sku,        title,    description, brand,        category,
                                       unit,       scale,    price_minor, currency,     attributes,
                                       barcodes,   tracking, hold_for,    hold_longest, reference,
                                       request_id, reason,   occurred_at};
constexpr Argument location_arguments[] = {code,   title,     region,     time_zone, priority,
                                           active, reference, request_id, reason,    occurred_at};
constexpr Argument channel_arguments[] = {code,      title,      active, locations,
                                          reference, request_id, reason, occurred_at};
constexpr Argument can_claim_arguments[] = {sku, channel, quantity};

using Cell = AnswerColumn;
constexpr Cell claim_columns[] = {Cell::granted,    Cell::outcome,   Cell::claim_id, Cell::state,
                                  Cell::expires_at, Cell::available, Cell::seq,      Cell::replayed,
                                  Cell::lines,      Cell::message};
constexpr Cell transition_columns[] = {Cell::outcome, Cell::claim_id, Cell::state, Cell::expires_at,
                                       Cell::seq,     Cell::replayed, Cell::lines, Cell::message};
constexpr Cell level_columns[] = {Cell::outcome,   Cell::sku, Cell::location, Cell::lot,
                                  Cell::available, Cell::seq, Cell::replayed, Cell::message};
constexpr Cell definition_columns[] = {Cell::outcome, Cell::seq, Cell::replayed, Cell::message};
constexpr Cell can_claim_columns[] = {Cell::can_claim, Cell::salable, Cell::message};

constexpr std::array<FunctionInfo, function_count> function_infos = {{
    {"claim", claim_arguments, 2, "lines", claim_columns},
    {"extend", extend_arguments, 2, "", transition_columns},
    {"confirm", confirm_arguments, 1, "", transition_columns},
    {"amend", amend_arguments, 1, "", transition_columns},
    {"release", release_arguments, 1, "", transition_columns},
    {"cancel", lines_arguments, 1, "", transition_columns},
    {"fulfil", lines_arguments, 1, "", transition_columns},
    {"receive", receive_arguments, 2, "", level_columns},
    {"adjust", adjust_arguments, 2, "", level_columns},
    {"sale", sale_arguments, 2, "", level_columns},
    {"define_item", item_arguments, 1, "", definition_columns},
    {"define_location", location_arguments, 1, "", definition_columns},
    {"define_channel", channel_arguments, 1, "", definition_columns},
    {"set_stock", set_arguments, 3, "", level_columns},
    {"can_claim", can_claim_arguments, 1, "", can_claim_columns},
}};

}  // namespace

const ArgumentInfo& info_of(Argument argument) {
  return argument_infos[static_cast<std::size_t>(argument)];
}

const Column& column_of(AnswerColumn column) {
  static const std::array<Column, answer_column_count> columns = {{
      {"granted", SqlType::boolean},
      {"outcome", SqlType::text},
      {"claim_id", SqlType::uuid},
      {"state", SqlType::text},
      {"expires_at", SqlType::timestamptz},
      {"sku", SqlType::text},
      {"location", SqlType::text},
      {"lot", SqlType::text},
      {"available", SqlType::int8},
      {"seq", SqlType::int8},
      {"replayed", SqlType::boolean},
      {"lines", SqlType::jsonb},
      {"message", SqlType::text},
      {"can_claim", SqlType::boolean},
      {"salable", SqlType::int8},
  }};
  return columns[static_cast<std::size_t>(column)];
}

const FunctionInfo& info_of(Function function) {
  return function_infos[static_cast<std::size_t>(function)];
}

std::optional<Function> find_function(std::string_view name) {
  for (std::size_t index = 0; index < function_count; ++index) {
    if (function_infos[index].name == name) return static_cast<Function>(index);
  }
  return {};
}

std::string hint_for_function(std::string_view name) {
  std::vector<std::string_view> names;
  std::string all;
  for (const FunctionInfo& info : function_infos) {
    names.push_back(info.name);
    all += all.empty() ? "" : ", ";
    all += info.name;
  }
  const std::string_view meant = nearest(name, names);
  if (!meant.empty()) return fmt::format("Did you mean {}?", meant);
  return fmt::format("The functions are {}.", all);
}

std::optional<Argument> find_argument(const FunctionInfo& function, std::string_view name) {
  for (const Argument argument : function.arguments) {
    if (info_of(argument).name == name) return argument;
  }
  // What an argument is called elsewhere in the domain.
  const auto takes = [&](Argument argument) {
    return std::ranges::find(function.arguments, argument) != function.arguments.end();
  };
  if (name == "quantity" && takes(delta)) return delta;
  if (name == "price" && takes(price_minor)) return price_minor;
  if ((name == "location" || name == "channel") && takes(code)) return code;
  return {};
}

std::string signature_of(const FunctionInfo& function) {
  std::string out(function.name);
  out += '(';
  for (std::size_t index = 0; index < function.arguments.size(); ++index) {
    const ArgumentInfo& argument = info_of(function.arguments[index]);
    if (index > 0) out += ", ";
    out += fmt::format("{} {}", argument.name, name_of(argument.type));
  }
  return out + ')';
}

}  // namespace holdfast
