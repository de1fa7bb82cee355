// Unknown names, unknown claims and empty fields are drawn now and then: refusals are answers too.
#include "sim/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

constexpr std::size_t remembered_max = 12;
constexpr std::array<const char*, 3> location_codes = {"main", "BER", "PAR"};
constexpr std::string_view web_channel = "web";

template <class T>
void push_bounded(std::deque<T>& list, T value) {
  list.push_back(std::move(value));
  if (list.size() > remembered_max) list.pop_front();
}

}  // namespace

std::string Workload::sku(std::size_t index) const { return fmt::format("SKU-{}", index + 1); }
std::string Workload::location(std::size_t index) const { return location_codes[index]; }

Operation Workload::numbered(Verb verb) {
  Operation operation;
  operation.number = made_++;
  operation.verb = verb;
  operation.reference = fmt::format("op-{}", operation.number);
  return operation;
}

std::vector<Operation> Workload::opening() {
  std::vector<Operation> out;
  for (std::size_t index = 1; index < knobs_.locations; ++index) {
    Operation operation = numbered(Verb::define_location);
    operation.sku = location(index);
    operation.quantity = rng_.between(1, 200);
    out.push_back(std::move(operation));
  }
  Operation channel = numbered(Verb::define_channel);
  channel.sku = web_channel;
  for (std::size_t index = knobs_.locations; index-- > 0;) {
    channel.locations.push_back(location(index));
  }
  out.push_back(std::move(channel));
  for (std::size_t item = 0; item < knobs_.skus; ++item) {
    Operation define = numbered(Verb::define_item);
    define.sku = sku(item);
    define.title = "first";
    out.push_back(std::move(define));
    Operation receive = numbered(Verb::receive);
    receive.sku = sku(item);
    receive.location = location(rng_.below(knobs_.locations));
    receive.quantity = rng_.between(1, knobs_.receipt_max);
    out.push_back(std::move(receive));
  }
  return out;
}

void Workload::claim_exists(const ClaimId& claim) { push_bounded(claims_, claim); }

Operation Workload::next() {
  if (!keyed_.empty() && rng_.percent(knobs_.repeat_percent)) {
    Operation again = rng_.pick(keyed_);
    if (rng_.percent(80)) return again;
    // The same key with other arguments; its own number, for it is another wish.
    Operation other = fresh(again.verb);
    other.request_id = again.request_id;
    return other;
  }
  return next_of(draw_verb());
}

Operation Workload::next_of(Verb verb) {
  Operation operation = fresh(verb);
  if (!is_read(verb) && verb != Verb::malformed && rng_.percent(knobs_.request_id_percent)) {
    operation.request_id = fmt::format("key-{}", operation.number);
    push_bounded(keyed_, operation);
  }
  return operation;
}

Operation Workload::next_in_block() {
  Verb verb = Verb::malformed;
  while (verb == Verb::malformed) verb = draw_verb();
  return fresh(verb);
}

Operation Workload::fresh(Verb verb) {
  Operation operation = numbered(verb);
  fill(operation);
  return operation;
}

Verb Workload::draw_verb() {
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : knobs_.weights) sum += weight;
  std::uint64_t at = rng_.below(sum);
  for (std::size_t index = 0;; ++index) {
    if (at < knobs_.weights[index]) return static_cast<Verb>(index);
    at -= knobs_.weights[index];
  }
}

std::string Workload::draw_sku() {
  return rng_.percent(2) ? "SKU-unknown" : sku(rng_.below(knobs_.skus));
}

std::string Workload::draw_location(bool may_be_empty) {
  if (may_be_empty && rng_.percent(60)) return {};
  return rng_.percent(2) ? "nowhere" : location(rng_.below(knobs_.locations));
}

ClaimId Workload::draw_claim() {
  if (claims_.empty() || rng_.percent(2)) {
    return ClaimId::v7(static_cast<std::int64_t>(made_), rng_.next(), rng_.next());
  }
  return rng_.pick(claims_);
}

OperationLine Workload::draw_line() {
  return {.sku = draw_sku(),
          .quantity = rng_.between(1, knobs_.quantity_max),
          .location = draw_location(true)};
}

void Workload::fill_claim(Operation& operation) {
  const std::int64_t count = rng_.percent(60) ? 1 : rng_.between(2, 4);
  for (std::int64_t index = 0; index < count; ++index) operation.lines.push_back(draw_line());
  operation.partial = rng_.percent(25);
  if (rng_.percent(30)) operation.customer = "c-7";
  if (rng_.percent(40)) operation.channel = rng_.percent(4) ? "unknown" : std::string(web_channel);
}

void Workload::fill_selections(Operation& operation) {
  if (rng_.percent(65)) return;  // all of it
  OperationLine selection;
  if (rng_.percent(50)) {
    selection.line = static_cast<std::uint32_t>(rng_.between(1, 3));
  } else {
    selection.sku = draw_sku();
  }
  selection.quantity = rng_.percent(50) ? 0 : rng_.between(1, knobs_.quantity_max);
  operation.lines.push_back(std::move(selection));
}

void Workload::fill_adjust(Operation& operation) {
  operation.quantity = rng_.between(-knobs_.quantity_max, knobs_.quantity_max);
  if (operation.quantity == 0) operation.quantity = -1;
  operation.force = rng_.percent(40);
  operation.reason = "correction";
}

// What no door may let in.
void Workload::spoil(Operation& operation) {
  operation.sku = sku(0);
  operation.quantity = 1;
  fill_claim(operation);
  operation.channel.clear();
  switch (rng_.below(4)) {
    case 0:
      operation.lines[0].quantity = 0;
      break;
    case 1:
      operation.lines[0].quantity = std::int64_t{1} << 53;
      break;
    case 2:
      operation.lines[0].sku = "a\tb";
      break;
    default:
      operation.lines[0].sku = std::string(200, 'x');
  }
}

void Workload::fill(Operation& operation) {
  switch (operation.verb) {
    case Verb::claim:
      fill_claim(operation);
      if (rng_.percent(65)) {
        operation.hold_for = Duration::us(rng_.between(1, knobs_.hold_max_drawn.us()));
      } else {
        operation.fulfil = rng_.percent(40);
      }
      if (rng_.percent(40)) {
        // Sometimes an id that another claim has.
        operation.claim = rng_.percent(8) ? draw_claim()
                                          : ClaimId::v7(static_cast<std::int64_t>(made_),
                                                        rng_.next(), rng_.next());
        claim_exists(operation.claim);
      }
      return;
    case Verb::extend:
      operation.claim = draw_claim();
      operation.hold_for = Duration::us(rng_.between(1, knobs_.hold_max_drawn.us() * 2));
      return;
    case Verb::confirm:
      operation.claim = draw_claim();
      fill_selections(operation);
      operation.release_rest = rng_.percent(20);
      operation.reclaim = rng_.percent(60);
      return;
    case Verb::amend:
      operation.claim = draw_claim();
      for (std::int64_t left = rng_.between(1, 2); left > 0; --left) {
        operation.lines.push_back(draw_line());
      }
      operation.partial = rng_.percent(25);
      return;
    case Verb::release:
      operation.claim = draw_claim();
      return;
    case Verb::cancel:
    case Verb::fulfil:
      operation.claim = draw_claim();
      fill_selections(operation);
      return;
    case Verb::receive:
    case Verb::sale:
    case Verb::adjust:
      operation.sku = draw_sku();
      operation.location = draw_location(true);
      operation.quantity = rng_.between(1, knobs_.receipt_max);
      if (operation.verb == Verb::adjust) fill_adjust(operation);
      return;
    case Verb::set_stock:
      operation.sku = draw_sku();
      operation.location = draw_location(true);
      operation.quantity = rng_.between(0, knobs_.receipt_max);
      operation.expected = rng_.between(0, knobs_.quantity_max);
      operation.reason = "cycle_count";
      return;
    case Verb::define_item:
      operation.sku = sku(rng_.below(knobs_.skus));
      operation.title = fmt::format("title {}", operation.number);
      return;
    case Verb::define_location:
      operation.sku = location(rng_.below(knobs_.locations));
      operation.quantity = rng_.between(1, 200);
      operation.active = rng_.percent(75);
      return;
    case Verb::define_channel:
      operation.sku = web_channel;
      for (std::size_t index = 0; index < knobs_.locations; ++index) {
        if (rng_.percent(70)) operation.locations.push_back(location(index));
      }
      if (operation.locations.empty()) operation.locations.push_back(location(0));
      return;
    case Verb::read_stock:
    case Verb::read_availability:
      operation.sku = sku(rng_.below(knobs_.skus));
      return;
    case Verb::read_claims:
      operation.claim = draw_claim();
      return;
    case Verb::malformed:
      spoil(operation);
      return;
  }
}

}  // namespace holdfast
