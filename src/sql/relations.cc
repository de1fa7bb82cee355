// The columns of each relation, in the order of its enumeration in relations.h.
#include "sql/relations.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace holdfast {
namespace {

using enum SqlType;

// Function-local statics: names are std::string, so that Column needs no second form.
std::span<const Column> stock_columns() {
  static const std::array<Column, 14> columns = {{{"sku", text},
                                                  {"location", text},
                                                  {"lot", text},
                                                  {"on_hand", int8},
                                                  {"available", int8},
                                                  {"held", int8},
                                                  {"committed", int8},
                                                  {"backordered", int8},
                                                  {"damaged", int8},
                                                  {"quality_control", int8},
                                                  {"safety_stock", int8},
                                                  {"shortage", int8},
                                                  {"incoming", int8},
                                                  {"version", int8}}};
  return columns;
}
std::span<const Column> availability_columns() {
  static const std::array<Column, 6> columns = {{{"sku", text},
                                                 {"channel", text},
                                                 {"salable", int8},
                                                 {"available", int8},
                                                 {"on_hand", int8},
                                                 {"version", int8}}};
  return columns;
}
std::span<const Column> claim_columns() {
  static const std::array<Column, 17> columns = {{{"claim_id", uuid},
                                                  {"state", text},
                                                  {"channel", text},
                                                  {"customer", text},
                                                  {"reference", text},
                                                  {"actor", text},
                                                  {"opened_at", timestamptz},
                                                  {"expires_at", timestamptz},
                                                  {"held", int8},
                                                  {"committed", int8},
                                                  {"backordered", int8},
                                                  {"fulfilled", int8},
                                                  {"cancelled", int8},
                                                  {"released", int8},
                                                  {"expired", int8},
                                                  {"lines", jsonb},
                                                  {"version", int8}}};
  return columns;
}
std::span<const Column> item_columns() {
  static const std::array<Column, 15> columns = {{{"sku", text},
                                                  {"title", text},
                                                  {"description", text},
                                                  {"brand", text},
                                                  {"category", text},
                                                  {"unit", text},
                                                  {"scale", int4},
                                                  {"price_minor", int8},
                                                  {"currency", text},
                                                  {"attributes", jsonb},
                                                  {"barcodes", jsonb},
                                                  {"tracking", text},
                                                  {"hold_for", text},
                                                  {"hold_max", text},
                                                  {"version", int8}}};
  return columns;
}
std::span<const Column> location_columns() {
  static const std::array<Column, 7> columns = {{{"location", text},
                                                 {"title", text},
                                                 {"region", text},
                                                 {"time_zone", text},
                                                 {"priority", int4},
                                                 {"active", boolean},
                                                 {"version", int8}}};
  return columns;
}
std::span<const Column> channel_columns() {
  static const std::array<Column, 6> columns = {{{"channel", text},
                                                 {"title", text},
                                                 {"active", boolean},
                                                 {"all_locations", boolean},
                                                 {"locations", jsonb},
                                                 {"version", int8}}};
  return columns;
}

constexpr std::uint8_t first_key[] = {0};
constexpr std::uint8_t first_two_keys[] = {0, 1};
constexpr std::uint8_t first_three_keys[] = {0, 1, 2};

constexpr std::array<std::string_view, 6> planned = {
    "channel_locations", "components", "claim_lines", "transfers", "incoming", "ledger"};

}  // namespace

std::span<const WritableColumn> writable_columns(Relation relation) {
  using enum Argument;
  static constexpr WritableColumn of_stock[] = {
      {"sku", sku}, {"location", location}, {"lot", lot}, {"on_hand", on_hand}};
  static constexpr WritableColumn of_claims[] = {{"claim_id", claim_id},
                                                 {"id", claim_id},
                                                 {"sku", sku},
                                                 {"quantity", quantity},
                                                 {"lines", lines},
                                                 {"location", location},
                                                 {"lot", lot},
                                                 {"channel", channel},
                                                 {"customer", customer},
                                                 {"hold_for", hold_for},
                                                 {"partial", partial},
                                                 {"reference", reference},
                                                 {"request_id", request_id},
                                                 {"reason", reason},
                                                 {"fulfil", at_once},
                                                 {"occurred_at", occurred_at}};
  static constexpr WritableColumn of_items[] = {{"sku", sku},
                                                {"title", title},
                                                {"description", description},
                                                {"brand", brand},
                                                {"category", category},
                                                {"unit", unit},
                                                {"scale", scale},
                                                {"price_minor", price_minor},
                                                {"currency", currency},
                                                {"attributes", attributes},
                                                {"barcodes", barcodes},
                                                {"tracking", tracking},
                                                {"hold_for", hold_for},
                                                {"hold_max", hold_longest}};
  static constexpr WritableColumn of_locations[] = {
      {"location", code},       {"code", code},         {"title", title},  {"region", region},
      {"time_zone", time_zone}, {"priority", priority}, {"active", active}};
  static constexpr WritableColumn of_channels[] = {{"channel", code},
                                                   {"code", code},
                                                   {"title", title},
                                                   {"active", active},
                                                   {"locations", Argument::locations}};
  switch (relation) {
    case Relation::stock:
      return of_stock;
    case Relation::claims:
      return of_claims;
    case Relation::items:
      return of_items;
    case Relation::locations:
      return of_locations;
    case Relation::channels:
      return of_channels;
    case Relation::availability:
      break;
  }
  return {};
}

std::optional<Argument> find_writable_column(Relation relation, std::string_view name) {
  for (const WritableColumn& column : writable_columns(relation)) {
    if (column.name == name) return column.argument;
  }
  return {};
}

const RelationInfo& info_of(Relation relation) {
  static const std::array<RelationInfo, relation_count> relations = {{
      {"stock", stock_columns(), first_three_keys, true},
      {"availability", availability_columns(), first_two_keys, true, false},
      {"claims", claim_columns(), first_key, true},
      {"items", item_columns(), first_key, true},
      {"locations", location_columns(), first_key, false},
      {"channels", channel_columns(), first_key, false},
  }};
  return relations[static_cast<std::size_t>(relation)];
}

std::optional<Relation> find_relation(std::string_view name) {
  for (std::size_t index = 0; index < relation_count; ++index) {
    if (info_of(static_cast<Relation>(index)).name == name) return static_cast<Relation>(index);
  }
  return {};
}

std::string hint_for_relation(std::string_view name) {
  std::vector<std::string_view> names;
  std::string all;
  for (std::size_t index = 0; index < relation_count; ++index) {
    names.push_back(info_of(static_cast<Relation>(index)).name);
    all += all.empty() ? "" : ", ";
    all += names.back();
  }
  const std::string_view meant = nearest(name, names);
  if (!meant.empty()) return fmt::format("Did you mean {}?", meant);
  return fmt::format("The relations are {}.", all);
}

bool is_planned_relation(std::string_view name) {
  return std::ranges::find(planned, name) != planned.end();
}

std::optional<std::uint8_t> find_column(const RelationInfo& relation, std::string_view name) {
  for (std::size_t index = 0; index < relation.columns.size(); ++index) {
    if (relation.columns[index].name == name) return static_cast<std::uint8_t>(index);
  }
  const bool is_id = name == "id" && relation.columns[0].name == "claim_id";
  const bool is_code = name == "code" && !relation.needs_key;
  if (is_id || is_code) return std::uint8_t{0};
  return {};
}

}  // namespace holdfast
