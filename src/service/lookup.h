// Look-ups by key: which rows, and their cells, read from Stock in one turn.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "service/value.h"
#include "sql/bind.h"
#include "sql/plan.h"
#include "stock/stock.h"

namespace holdfast {

// The keys of one execution. Reused; texts point into the execution's values.
class BoundLookup {
 public:
  Status bind(const LookupPlan& plan, const Binding& binding);
  // Those it names, if rows of `relation` are found by their SKU.
  [[nodiscard]] std::span<const std::string_view> skus(Relation relation) const;

  struct KeyList {
    bool is_given = false;
    std::vector<std::string_view> texts;  // sorted, each once
    std::vector<ClaimId> ids;
    std::string storage;  // unescaped elements of an array
  };
  std::array<KeyList, 3> keys;  // by position in the relation's keys
  std::int64_t limit = -1;      // −1: none

 private:
  static Status bind_array(const Operand& operand, const Column& column, const Binding& binding,
                           KeyList& out);
  static Status bind_key(const LookupPlan::Key& key, const RelationInfo& relation,
                         const Binding& binding, KeyList& out);
};

struct LookupResult {
  std::size_t rows = 0;
  Seq gate;                // the highest version consulted
  std::uint32_t work = 0;  // levels, lines and rows looked at (Request::work)
};

// Writes the rows of the relation that `lookup` names, in a fixed order, at most its limit. Sources
// are columns of the relation; `other_cell` writes those that are not (from answer_source on).
struct LookupTarget {
  Relation relation = Relation::stock;
  std::span<const std::uint8_t> sources;
  std::function<void(std::uint8_t source)> other_cell = {};
  Seq committed = seq_max;  // a higher version is a transaction's own, and not known yet: NULL
};
LookupResult read_lookup(const Stock& stock, const LookupTarget& target, const BoundLookup& lookup,
                         RowSink& sink, std::string& scratch);

// What a channel may sell of an item: the sums over its active locations.
struct Salable {
  Quantity available;
  Quantity on_hand;
  bool is_known = true;    // false: the item is not counted, anything can be sold
  Seq version;             // the highest consulted
  std::uint32_t work = 0;  // levels looked at
};
Salable salable_of(const Stock& stock, ItemId item, ChannelId channel);

}  // namespace holdfast
