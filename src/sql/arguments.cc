// A value that is of its place's type already is used where it is; nothing is copied.
#include "sql/arguments.h"

#include <fmt/format.h>

#include "sql/convert.h"

namespace holdfast {
namespace {

// Whether the value may be used where it is. Text is text, whether its sender knew the type or not.
bool is_ready(const Value& value, const Operand& operand, const ArgumentInfo& place) {
  if (operand.via != SqlType::unknown) return false;
  if (value.type == place.type) return true;
  if (place.also != SqlType::unknown && value.type == place.also) return true;
  const bool takes_text = place.type == SqlType::text || place.type == SqlType::jsonb;
  return takes_text && (value.type == SqlType::unknown || value.type == SqlType::text);
}

}  // namespace

Status Arguments::bind(std::span<const ArgumentSlot> slots, const Binding& binding,
                       NullMeans null_means, std::vector<Value>& converted) {
  converted.clear();
  converted.reserve(slots.size());  // so that what values_ points to stays
  for (const ArgumentSlot& slot : slots) {
    const ArgumentInfo& info = info_of(slot.argument);
    const Operand& operand = slot.operand;
    const bool is_constant = operand.from == Operand::From::constant;
    const Value& value = is_constant ? operand.constant : binding.values[operand.parameter];
    if (value.is_null) {
      if (null_means == NullMeans::cleared) TRY(put_cleared(slot.argument, converted));
      continue;
    }
    if (is_constant && !is_late(operand, info.type)) {
      put(slot.argument, &value);
      continue;
    }
    if (!is_constant && is_ready(value, operand, info)) {
      TRY(check_text(info.name, value.text));
      put(slot.argument, &value);
      continue;
    }
    const bool stays = operand.via != SqlType::unknown && operand.via == info.also;
    const SqlType type = stays ? info.also : info.type;
    ASSIGN(converted.emplace_back(), bind_operand(operand, info.name, type, binding));
    put(slot.argument, &converted.back());
  }
  return {};
}

Status Arguments::put_cleared(Argument argument, std::vector<Value>& converted) {
  Value& value = converted.emplace_back();
  value = {.type = info_of(argument).type, .is_null = false, .text = {}, .uuid = {}};
  switch (argument) {
    case Argument::title:
    case Argument::description:
    case Argument::brand:
    case Argument::category:
    case Argument::unit:
    case Argument::currency:
    case Argument::attributes:
    case Argument::region:
    case Argument::time_zone:
      break;
    case Argument::barcodes:
    case Argument::locations:
      value.text = "[]";
      break;
    default:
      return fail(Error{.code = ErrorCode::null_not_allowed,
                        .message = fmt::format("{} must not be null", info_of(argument).name),
                        .detail = {},
                        .hint = {},
                        .column = info_of(argument).name});
  }
  put(argument, &value);
  return {};
}

}  // namespace holdfast
