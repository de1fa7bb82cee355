// What a command expects of what it changes is looked at before the command is heard.
#include "ledger/expectation.h"

#include <variant>

#include "ledger/claim_parts.h"

namespace holdfast {
namespace {

// What a command changes, as it is before it.
struct Subject {
  bool exists = false;
  Seq version;
  LevelRef level;
  std::optional<ClaimState> state;
};

class FindSubject {
 public:
  FindSubject(Hearing& hearing, Existence existence)
      : hearing_(hearing), stock_(hearing.stock), existence_(existence) {}

  Subject operator()(const DefineItem& body) const { return by_id(stock_.find_item(body.sku)); }
  Subject operator()(const DefineLocation& body) const {
    return by_id(stock_.find_location(body.code));
  }
  Subject operator()(const DefineChannel& body) const {
    return by_id(stock_.find_channel(body.code));
  }
  Subject operator()(const ClaimUnits& body) const {
    const LineRequest& line = body.lines.front();
    return level(line.sku, line.location, line.lot);
  }
  // A claim that exists.
  template <class Body>
  requires requires(const Body& body) { body.claim; }
  Subject operator()(const Body& body) const {
    const ClaimRef claim = stock_.find_claim(body.claim);
    if (!claim.exists()) return {};
    const ClaimHead head = stock_.head(claim);
    hearing_.consult(head.version);
    if (head.provisional) return {};
    return {
        .exists = true, .version = head.version, .level = {}, .state = state_of(stock_.sum(claim))};
  }
  // A level.
  template <class Body>
  requires requires(const Body& body) { body.lot; }
  Subject operator()(const Body& body) const { return level(body.sku, body.location, body.lot); }

 private:
  template <class Id>
  [[nodiscard]] Subject by_id(Id id) const {
    if (id == Id()) return {};
    hearing_.consult(stock_.version(id));
    return {.exists = true, .version = stock_.version(id), .level = {}, .state = {}};
  }

  // Objects to a level of an item with lots that names none: which of them is meant?
  [[nodiscard]] Subject level(std::string_view sku, std::string_view location,
                              std::string_view lot) const {
    const ItemId item = stock_.find_item(sku);
    const LocationId place = stock_.find_location(location.empty() ? default_location : location);
    if (existence_ == Existence::any) {  // no row is looked for: an unknown name is a mistake
      if (item == ItemId()) hearing_.object(Outcome::item_unknown);
      if (place == LocationId()) hearing_.object(Outcome::location_unknown);
    }
    if (item == ItemId() || place == LocationId()) return {};
    hearing_.consult(stock_.version(item));
    if (lot.empty() && stock_.item(item).tracking == Tracking::lot) {
      hearing_.object(Outcome::wrong_state);
      return {};
    }
    const LotId lot_id = lot.empty() ? LotId() : stock_.find_lot(lot);
    if (!lot.empty() && lot_id == LotId()) return {};
    const LevelRef ref = stock_.find_level({item, place, lot_id});
    if (!ref.exists()) return {};
    ++hearing_.out.work;
    hearing_.consult(stock_.version(ref));
    return {.exists = true, .version = stock_.version(ref), .level = ref, .state = {}};
  }

  Hearing& hearing_;
  const Stock& stock_;
  Existence existence_;
};

Quantity actual_of(const Hearing& hearing, const Subject& subject, const Condition& condition) {
  if (condition.term) return hearing.stock.quantity(subject.level, *condition.term);
  return Quantity(static_cast<std::int64_t>(subject.version.value()));
}

bool is_there_as_expected(const Subject& subject, const Expectation& expected) {
  if (expected.existence == Existence::present && !subject.exists) return false;
  if (expected.existence == Existence::absent && subject.exists) return false;
  return !expected.state || subject.state == expected.state;
}

}  // namespace

bool meets_expectation(Hearing& hearing, const Command& command) {
  const Expectation& expected = command.expected;
  const Subject subject = std::visit(FindSubject(hearing, expected.existence), command.body);
  if (hearing.objected()) return false;
  if (!is_there_as_expected(subject, expected)) {
    hearing.object(Outcome::stale_expectation);
    return false;
  }
  for (const Condition& condition : expected.conditions) {
    const Quantity actual = actual_of(hearing, subject, condition);
    if (holds(condition.comparison, actual.units(), condition.value)) continue;
    hearing.object(Outcome::stale_expectation, Quantity(condition.value), actual);
    return false;
  }
  return true;
}

}  // namespace holdfast
