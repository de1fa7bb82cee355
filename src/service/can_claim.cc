// It says what it can see in one look: whether the channel sells, and whether it has enough.
#include "service/can_claim.h"

#include "service/answer_row.h"

namespace holdfast {
namespace {

struct Seen {
  ItemId item;
  ChannelId channel;
  Salable salable;
  bool is_known = false;  // item and channel
  bool is_active = false;
  bool can_claim = false;
};

Seen look(const Stock& stock, const CanClaim& asked) {
  Seen seen{.item = stock.find_item(asked.sku), .channel = stock.find_channel(asked.channel)};
  seen.is_known = seen.item != ItemId() && seen.channel != ChannelId();
  if (seen.is_known) seen.salable = salable_of(stock, seen.item, seen.channel);
  seen.is_active = seen.is_known && stock.channel(seen.channel).active;
  const bool is_enough = !seen.salable.is_known || seen.salable.available >= asked.quantity;
  seen.can_claim = seen.is_active && is_enough;
  return seen;
}

std::string why_not(const Seen& seen, const CanClaim& asked) {
  if (seen.channel == ChannelId()) return fmt::format("{}: unknown channel", asked.channel);
  if (seen.item == ItemId()) return fmt::format("{}: unknown item", asked.sku);
  if (!seen.is_active) return fmt::format("{}: the channel is not active", asked.channel);
  return fmt::format("{}: requested {}, available {}", asked.sku, asked.quantity.units(),
                     seen.salable.available.units());
}

}  // namespace

Result<CanClaim> bind_can_claim(const CanClaimPlan& plan, const Binding& binding) {
  ASSIGN(const Value sku, bind_operand(plan.sku, "sku", SqlType::text, binding));
  ASSIGN(const Value channel, bind_operand(plan.channel, "channel", SqlType::text, binding));
  ASSIGN(const Value quantity, bind_operand(plan.quantity, "quantity", SqlType::int8, binding));
  if (sku.is_null || quantity.is_null) {
    return fail(ErrorCode::null_not_allowed, "{} must not be null",
                sku.is_null ? "sku" : "quantity");
  }
  if (quantity.integer < 1) {
    return fail(ErrorCode::invalid_value, "quantity must be at least 1, got {}", quantity.integer);
  }
  if (!channel.is_null && channel.text.empty()) {
    return fail(ErrorCode::invalid_value,
                "channel must not be empty; leave it out, or NULL, for the default one");
  }
  return CanClaim{.sku = sku.text,
                  .channel = channel.is_null ? default_channel : channel.text,
                  .quantity = Quantity(quantity.integer)};
}

LookupResult read_can_claim(const Stock& stock, const CanClaim& asked,
                            std::span<const std::uint8_t> sources, RowSink& sink) {
  const Seen seen = look(stock, asked);
  sink.begin_row(sources.size());
  for (const std::uint8_t source : sources) {
    const auto column = static_cast<AnswerColumn>(source);
    if (column == AnswerColumn::can_claim) {
      sink.boolean(seen.can_claim);
    } else if (column == AnswerColumn::message && !seen.can_claim) {
      sink.text(why_not(seen, asked));
    } else if (column == AnswerColumn::salable && seen.is_known && seen.salable.is_known) {
      sink.integer(seen.salable.available.units());
    } else {
      sink.null();
    }
  }
  sink.end_row();
  return {.rows = 1, .gate = seen.salable.version, .work = seen.salable.work};
}

}  // namespace holdfast
