// RowCells: the cells of one row of stock, claims or items, whatever state it is read from: the
// Stock in its turn (lookup.cc), or a Snapshot of it (scan.cc).
//
// State has item(), location(), channel(), lot_name() and line() as both have them.
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/json_text.h"
#include "service/value.h"
#include "sql/relations.h"
#include "sql/time_text.h"
#include "stock/stock.h"

namespace holdfast {

inline void integer(RowSink& sink, Quantity quantity) { sink.integer(quantity.units()); }
// A version above `committed` is a transaction's own, and not known yet.
inline void version_or_null(RowSink& sink, Seq version, Seq committed) {
  if (version > committed) return sink.null();
  sink.integer(static_cast<std::int64_t>(version.value()));
}
inline void text_or_null(RowSink& sink, std::string_view text) {
  if (text.empty()) {
    sink.null();
  } else {
    sink.text(text);
  }
}

template <class State>
class RowCells {
 public:
  // All outlive it. `scratch` is overwritten.
  RowCells(const State& state, RowSink& sink, std::string& scratch, Seq committed = seq_max)
      : state_(state), sink_(sink), scratch_(scratch), committed_(committed) {}

  void level(const Level& level, StockColumn column) {
    switch (column) {
      case StockColumn::sku:
        return sink_.text(state_.item(level.key.item).sku);
      case StockColumn::location:
        return sink_.text(state_.location(level.key.location).code);
      case StockColumn::lot:
        return sink_.text(state_.lot_name(level.key.lot));
      case StockColumn::version:
        return version_or_null(sink_, level.version, committed_);
      default:
        break;
    }
    // The quantities stand in the order of Term, behind the three names.
    static_assert(static_cast<int>(StockColumn::on_hand) - 3 == static_cast<int>(Term::on_hand));
    static_assert(static_cast<int>(StockColumn::incoming) - 3 == static_cast<int>(Term::incoming));
    integer(sink_, level.quantities[static_cast<Term>(static_cast<int>(column) - 3)]);
  }

  void claim(ClaimRef claim, const ClaimHead& head, const LineQuantities& sum, ClaimColumn column) {
    switch (column) {
      case ClaimColumn::claim_id:
        return sink_.uuid(head.id);
      case ClaimColumn::state:
        return sink_.text(name_of(state_of(sum)));
      case ClaimColumn::channel:
        return head.channel == ChannelId() ? sink_.null()
                                           : sink_.text(state_.channel(head.channel).code);
      case ClaimColumn::customer:
        return text_or_null(sink_, head.customer);
      case ClaimColumn::reference:
        return text_or_null(sink_, head.reference);
      case ClaimColumn::actor:
        return text_or_null(sink_, head.actor);
      case ClaimColumn::opened_at:
        return sink_.timestamp(head.opened_at);
      case ClaimColumn::expires_at:
        return expiry(head.expires_at, state_of(sum));
      case ClaimColumn::held:
        return integer(sink_, sum.held);
      case ClaimColumn::committed:
        return integer(sink_, sum.committed);
      case ClaimColumn::backordered:
        return integer(sink_, sum.backordered);
      case ClaimColumn::fulfilled:
        return integer(sink_, sum.fulfilled);
      case ClaimColumn::cancelled:
        return integer(sink_, sum.cancelled);
      case ClaimColumn::released:
        return integer(sink_, sum.released);
      case ClaimColumn::expired:
        return integer(sink_, sum.expired);
      case ClaimColumn::lines:
        return lines(claim, head.line_count);
      case ClaimColumn::version:
        return version_or_null(sink_, head.version, committed_);
    }
  }

  void item(const ItemRecord& record, Seq version, ItemColumn column) {
    const bool has_price = !record.currency.empty();
    switch (column) {
      case ItemColumn::sku:
        return sink_.text(record.sku);
      case ItemColumn::title:
        return text_or_null(sink_, record.title);
      case ItemColumn::description:
        return text_or_null(sink_, record.description);
      case ItemColumn::brand:
        return text_or_null(sink_, record.brand);
      case ItemColumn::category:
        return text_or_null(sink_, record.category);
      case ItemColumn::unit:
        return text_or_null(sink_, record.unit);
      case ItemColumn::scale:
        return sink_.integer(record.scale);
      case ItemColumn::price_minor:
        return has_price ? sink_.integer(record.price_minor) : sink_.null();
      case ItemColumn::currency:
        return text_or_null(sink_, record.currency);
      case ItemColumn::attributes:
        return text_or_null(sink_, record.attributes);
      case ItemColumn::barcodes:
        return texts(record.barcodes);
      case ItemColumn::tracking:
        return sink_.text(tracking_names[static_cast<std::size_t>(record.tracking)]);
      case ItemColumn::hold_for:
        return interval(record.hold_for);
      case ItemColumn::hold_longest:
        return interval(record.hold_max);
      case ItemColumn::version:
        return version_or_null(sink_, version, committed_);
    }
  }

 private:
  // A claim that was confirmed or closed before its end does not expire any more.
  void expiry(Timestamp end, ClaimState state) {
    const bool is_live = state == ClaimState::held || state == ClaimState::expired;
    return is_live && !end.is_never() ? sink_.timestamp(end) : sink_.null();
  }
  void lines(ClaimRef claim, std::uint32_t count) {
    scratch_ = "[";
    for (std::uint32_t number = 1; number <= count; ++number) {
      const ClaimLine line = state_.line(claim, number);
      const LineQuantities& units = line.quantities;
      if (number > 1) scratch_ += ", ";
      fmt::format_to(std::back_inserter(scratch_), "{{\"line\": {}, \"sku\": ", number);
      append_json_text(scratch_, state_.item(line.level.item).sku);
      scratch_ += ", \"location\": ";
      append_json_text(scratch_, state_.location(line.level.location).code);
      if (line.level.lot != LotId()) {
        scratch_ += ", \"lot\": ";
        append_json_text(scratch_, state_.lot_name(line.level.lot));
      }
      fmt::format_to(std::back_inserter(scratch_),
                     ", \"held\": {}, \"committed\": {}, \"backordered\": {}, \"fulfilled\": {}, "
                     "\"cancelled\": {}, \"released\": {}, \"expired\": {}}}",
                     units.held.units(), units.committed.units(), units.backordered.units(),
                     units.fulfilled.units(), units.cancelled.units(), units.released.units(),
                     units.expired.units());
    }
    scratch_ += ']';
    sink_.text(scratch_);
  }

  void interval(const std::optional<Duration>& length) {
    if (!length) return sink_.null();
    scratch_.clear();
    append_interval(scratch_, *length);
    sink_.text(scratch_);
  }
  void texts(const std::vector<std::string>& values) {
    scratch_ = "[";
    for (const std::string& value : values) {
      if (scratch_.size() > 1) scratch_ += ", ";
      append_json_text(scratch_, value);
    }
    scratch_ += ']';
    sink_.text(scratch_);
  }

  const State& state_;
  RowSink& sink_;
  std::string& scratch_;
  const Seq committed_;
};

}  // namespace holdfast
