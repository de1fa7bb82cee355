// One small reader per relation. Each row is written cell by cell in the order of the select list;
// a version is consulted for every row that is looked at, so that the answer waits until all of it
// is durable. A name that is unknown gives no row: its absence rests on nothing that could still be
// lost.
#include "service/lookup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "service/json_text.h"
#include "service/row_cells.h"
#include "sql/relations.h"
#include "sql/text_array.h"
#include "sql/time_text.h"

namespace holdfast {
namespace {

class Reader {
 public:
  Reader(const Stock& stock, const LookupTarget& target, const BoundLookup& lookup, RowSink& sink,
         std::string& scratch)
      : stock_(stock),
        target_(target),
        lookup_(lookup),
        sink_(sink),
        scratch_(scratch),
        cells_(stock, sink, scratch, target.committed) {}

  LookupResult read() {
    switch (target_.relation) {
      case Relation::stock:
        read_stock();
        break;
      case Relation::availability:
        read_availability();
        break;
      case Relation::claims:
        read_claims();
        break;
      case Relation::items:
        read_items();
        break;
      case Relation::locations:
        read_locations();
        break;
      case Relation::channels:
        read_channels();
        break;
    }
    return result_;
  }

 private:
  // No further row is wanted, so nothing more is looked at.
  [[nodiscard]] bool is_full() const {
    return sink_.is_full() ||
           (lookup_.limit >= 0 && result_.rows >= static_cast<std::size_t>(lookup_.limit));
  }
  void consult(Seq version, std::uint32_t work = 1) {
    result_.gate = std::max(result_.gate, version);
    result_.work += work;
  }

  // One row, `cell(source)` for each of the select list.
  template <class Cell>
  void row(const Cell& cell) {
    sink_.begin_row(target_.sources.size());
    for (const std::uint8_t source : target_.sources) {
      if (source < answer_source) {
        cell(source);
      } else {
        target_.other_cell(source);
      }
    }
    sink_.end_row();
    ++result_.rows;
  }

  void version_cell(Seq version) { version_or_null(sink_, version, target_.committed); }

  // — by SKU —
  // Of the SKUs of a page none is in a cache where there are millions. So the memory of some is
  // asked for, step by step, before the first of them is read.
  static constexpr std::size_t foreseen_max = 16;
  template <class Read>
  void each_item(const Read& read) {
    std::span<const std::string_view> rest = lookup_.keys[0].texts;
    while (!rest.empty()) {
      const auto some = rest.first(std::min(rest.size(), foreseen_max));
      rest = rest.subspan(some.size());
      if (some.size() > 1) foresee(some);
      for (const std::string_view sku : some) {
        if (const ItemId item = stock_.find_item(sku); item != ItemId()) read(item);
      }
    }
  }
  void foresee(std::span<const std::string_view> skus) const {
    std::array<Foresight, foreseen_max> ahead;
    for (std::size_t index = 0; index < skus.size(); ++index) {
      ahead[index] = {.sku = skus[index], .is_read = true};
    }
    for (std::uint32_t step = 0; step < Stock::foresight_steps; ++step) {
      for (Foresight& one : std::span(ahead).first(skus.size())) stock_.foresee(one);
    }
  }

  // — stock —
  void read_stock() {
    each_item([this](ItemId item) {
      if (!lookup_.keys[1].is_given) {
        for (const LevelRef level : stock_.levels_of(item)) level_row(level);
        return;
      }
      for (const std::string_view code : lookup_.keys[1].texts) {
        const LocationId location = stock_.find_location(code);
        if (location != LocationId()) read_location(item, location);
      }
    });
  }
  void read_location(ItemId item, LocationId location) {
    if (!lookup_.keys[2].is_given) {
      for (const LevelRef level : stock_.levels_of(item, location)) level_row(level);
      return;
    }
    for (const std::string_view name : lookup_.keys[2].texts) {
      const LotId lot = name.empty() ? LotId() : stock_.find_lot(name);
      if (!name.empty() && lot == LotId()) continue;
      const LevelRef level = stock_.find_level({item, location, lot});
      if (level.exists()) level_row(level);
    }
  }
  void level_row(LevelRef ref) {
    if (is_full()) return;
    const Level level = stock_.level(ref);
    consult(level.version);
    row([&](std::uint8_t source) { cells_.level(level, static_cast<StockColumn>(source)); });
  }

  // — availability —
  void read_availability() {
    each_item([this](ItemId item) {
      if (!lookup_.keys[1].is_given) {
        for (ChannelId channel(1); channel <= stock_.last_channel(); channel = channel.next()) {
          availability_row(item, channel);
        }
        return;
      }
      for (const std::string_view code : lookup_.keys[1].texts) {
        const ChannelId channel = stock_.find_channel(code);
        if (channel != ChannelId()) availability_row(item, channel);
      }
    });
  }
  void availability_row(ItemId item, ChannelId channel) {
    if (is_full()) return;
    const Salable salable = salable_of(stock_, item, channel);
    consult(salable.version, salable.work + 1);
    row([&](std::uint8_t source) {
      switch (static_cast<AvailabilityColumn>(source)) {
        case AvailabilityColumn::sku:
          return sink_.text(stock_.item(item).sku);
        case AvailabilityColumn::channel:
          return sink_.text(stock_.channel(channel).code);
        case AvailabilityColumn::salable:
          return salable.is_known ? integer(sink_, salable.available) : sink_.null();
        case AvailabilityColumn::available:
          return integer(sink_, salable.available);
        case AvailabilityColumn::on_hand:
          return integer(sink_, salable.on_hand);
        case AvailabilityColumn::version:
          return version_cell(salable.version);
      }
    });
  }

  // — claims —
  void read_claims() {
    for (const ClaimId& id : lookup_.keys[0].ids) {
      const ClaimRef claim = stock_.find_claim(id);
      if (claim.exists()) claim_row(claim);
    }
  }
  void claim_row(ClaimRef claim) {
    if (is_full()) return;
    const ClaimHead head = stock_.head(claim);
    if (head.provisional) return consult(head.version);  // not yet a claim to anybody
    const LineQuantities sum = stock_.sum(claim);
    consult(head.version, head.line_count);
    row([&](std::uint8_t source) {
      cells_.claim(claim, head, sum, static_cast<ClaimColumn>(source));
    });
  }

  // — items —
  void read_items() {
    each_item([this](ItemId item) {
      if (is_full()) return;
      consult(stock_.version(item));
      const ItemRecord& record = stock_.item(item);
      row([&](std::uint8_t source) {
        cells_.item(record, stock_.version(item), static_cast<ItemColumn>(source));
      });
    });
  }
  // — locations —
  void read_locations() {
    if (lookup_.keys[0].is_given) {
      for (const std::string_view code : lookup_.keys[0].texts) {
        const LocationId location = stock_.find_location(code);
        if (location != LocationId()) location_row(location);
      }
      return;
    }
    for (LocationId location(1); location <= stock_.last_location(); location = location.next()) {
      location_row(location);
    }
  }
  void location_row(LocationId location) {
    if (is_full()) return;
    const LocationRecord& record = stock_.location(location);
    consult(stock_.version(location));
    row([&](std::uint8_t source) {
      switch (static_cast<LocationColumn>(source)) {
        case LocationColumn::location:
          return sink_.text(record.code);
        case LocationColumn::title:
          return text_or_null(sink_, record.title);
        case LocationColumn::region:
          return text_or_null(sink_, record.region);
        case LocationColumn::time_zone:
          return text_or_null(sink_, record.time_zone);
        case LocationColumn::priority:
          return sink_.integer(record.priority);
        case LocationColumn::active:
          return sink_.boolean(record.active);
        case LocationColumn::version:
          return version_cell(stock_.version(location));
      }
    });
  }

  // — channels —
  void read_channels() {
    if (lookup_.keys[0].is_given) {
      for (const std::string_view code : lookup_.keys[0].texts) {
        const ChannelId channel = stock_.find_channel(code);
        if (channel != ChannelId()) channel_row(channel);
      }
      return;
    }
    for (ChannelId channel(1); channel <= stock_.last_channel(); channel = channel.next()) {
      channel_row(channel);
    }
  }
  void channel_row(ChannelId channel) {
    if (is_full()) return;
    const ChannelRecord& record = stock_.channel(channel);
    const auto locations = static_cast<std::uint32_t>(stock_.selling_order(channel).size());
    consult(stock_.version(channel), locations + 1);
    row([&](std::uint8_t source) {
      switch (static_cast<ChannelColumn>(source)) {
        case ChannelColumn::channel:
          return sink_.text(record.code);
        case ChannelColumn::title:
          return text_or_null(sink_, record.title);
        case ChannelColumn::active:
          return sink_.boolean(record.active);
        case ChannelColumn::all_locations:
          return sink_.boolean(record.all_locations);
        case ChannelColumn::locations:
          return selling_order(channel);
        case ChannelColumn::version:
          return version_cell(stock_.version(channel));
      }
    });
  }
  // The active locations in the order in which they are tried.
  void selling_order(ChannelId channel) {
    scratch_ = "[";
    for (const LocationId location : stock_.selling_order(channel)) {
      if (scratch_.size() > 1) scratch_ += ", ";
      append_json_text(scratch_, stock_.location(location).code);
    }
    scratch_ += ']';
    sink_.text(scratch_);
  }

  const Stock& stock_;
  const LookupTarget& target_;
  const BoundLookup& lookup_;
  RowSink& sink_;
  std::string& scratch_;
  RowCells<Stock> cells_;
  LookupResult result_;
};

// A sum over many levels may leave the range of a quantity; nobody can claim more than the range
// anyway.
Quantity capped(Quantity sum) { return sum.in_range() ? sum : Quantity::max(); }

template <class T>
void sort_unique(std::vector<T>& values) {
  if (values.size() < 2) return;
  std::ranges::sort(values);
  const auto rest = std::unique(values.begin(), values.end());
  values.erase(rest, values.end());
}

}  // namespace

Status BoundLookup::bind(const LookupPlan& plan, const Binding& binding) {
  for (KeyList& key : keys) {
    key.is_given = false;
    key.texts.clear();
    key.ids.clear();
  }
  const RelationInfo& relation = info_of(plan.relation);
  // Invariant of the planner: key n is the relation's key n.
  for (std::size_t index = 0; index < plan.keys.size(); ++index) {
    TRY(bind_key(plan.keys[index], relation, binding, keys[index]));
  }
  limit = -1;
  if (plan.limit) {
    ASSIGN(const Value value, bind_operand(*plan.limit, "LIMIT", SqlType::int8, binding));
    if (!value.is_null && value.integer < 0) {
      return fail(ErrorCode::negative_limit, "LIMIT must not be negative");
    }
    if (!value.is_null) limit = value.integer;
  }
  return {};
}

std::span<const std::string_view> BoundLookup::skus(Relation relation) const {
  const bool is_by_sku = relation == Relation::stock || relation == Relation::availability ||
                         relation == Relation::items;
  if (!is_by_sku) return {};
  return keys[0].texts;
}

Status BoundLookup::bind_array(const Operand& operand, const Column& column, const Binding& binding,
                               KeyList& out) {
  ASSIGN(const Value value, bind_operand(operand, column.name, array_of(column.type), binding));
  if (value.is_null) return {};
  ASSIGN(const ArrayElements elements, parse_array(column.name, value.text, out.storage));
  for (const std::optional<std::string_view>& element : elements) {
    if (!element) continue;
    if (column.type == SqlType::uuid) {
      ASSIGN(const ClaimId id, parse_uuid(column.name, *element));
      out.ids.push_back(id);
    } else {
      out.texts.push_back(*element);
    }
  }
  return {};
}

// A null is equal to nothing, so it names no row.
Status BoundLookup::bind_key(const LookupPlan::Key& key, const RelationInfo& relation,
                             const Binding& binding, KeyList& out) {
  const Column& column = relation.columns[key.column];
  out.is_given = true;
  if (key.is_array) {
    TRY(bind_array(key.any_of[0], column, binding, out));
  } else {
    for (const Operand& operand : key.any_of) {
      ASSIGN(const Value value, bind_operand(operand, column.name, column.type, binding));
      if (value.is_null) continue;
      if (column.type == SqlType::uuid) {
        out.ids.push_back(value.uuid);
      } else {
        out.texts.push_back(value.text);
      }
    }
  }
  sort_unique(out.texts);
  sort_unique(out.ids);
  return {};
}

LookupResult read_lookup(const Stock& stock, const LookupTarget& target, const BoundLookup& lookup,
                         RowSink& sink, std::string& scratch) {
  return Reader(stock, target, lookup, sink, scratch).read();
}

Salable salable_of(const Stock& stock, ItemId item, ChannelId channel) {
  Salable out;
  out.is_known = stock.item(item).tracking != Tracking::none;
  out.version = std::max(stock.version(item), stock.version(channel));
  for (const LocationId location : stock.selling_order(channel)) {
    for (const LevelRef level : stock.levels_of(item, location)) {
      out.available = capped(out.available + stock.quantity(level, Term::available));
      out.on_hand = capped(out.on_hand + stock.quantity(level, Term::on_hand));
      out.version = std::max(out.version, stock.version(level));
      ++out.work;
    }
  }
  return out;
}

}  // namespace holdfast
