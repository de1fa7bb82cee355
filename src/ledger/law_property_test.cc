// The law against a second ledger written from the specification (test_plain_ledger.h): random
// commands, every answer and every balance compared after every step, and the invariants of the
// domain that the state alone can show. Some seeds are fixed; one is drawn afresh in every run and
// printed.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "ledger/test_plain_ledger.h"
#include "ledger/test_shop.h"

namespace holdfast {
namespace {

constexpr std::int64_t minute_us = 60'000'000;

// A wish as the law's command. Owns the text.
class Asked {
 public:
  explicit Asked(const plain::Wish& wish) : wish_(wish) {
    for (const auto& line : wish_.lines) {
      requests_.push_back({line.sku, Quantity(line.quantity), line.location, line.lot});
      selections_.push_back({line.number, line.sku, line.location, Quantity(line.quantity)});
    }
    command_.context.actor = wish_.actor;
    command_.context.request_id = wish_.key;
    command_.context.channel = wish_.channel;
    if (wish_.verb == "adjust" || wish_.verb == "set") command_.context.reason = "other";
    command_.body = body();
    if (wish_.expected) {
      condition_ = {
          .term = Term::on_hand, .comparison = Comparison::equal, .value = *wish_.expected};
      command_.expected.conditions = {&condition_, 1};
    }
  }
  Asked(const Asked&) = delete;
  [[nodiscard]] const Command& command() const { return command_; }

 private:
  [[nodiscard]] CommandBody body() const {
    const std::string& verb = wish_.verb;
    const Quantity units(wish_.quantity);
    const ClaimId id = ClaimId::parse(wish_.claim).value_or(ClaimId());
    const Duration hold = Duration::us(wish_.hold_us);
    if (verb == "receive") return Receive{wish_.sku, wish_.location, wish_.lot, units, {}};
    if (verb == "adjust") return Adjust{wish_.sku, wish_.location, wish_.lot, units, wish_.force};
    if (verb == "set") return SetLevel{wish_.sku, wish_.location, wish_.lot, units};
    if (verb == "sale") return Sale{wish_.sku, wish_.location, wish_.lot, units};
    if (verb == "claim") {
      const HoldMode mode = wish_.hold.empty()      ? HoldMode::commit
                            : wish_.hold == "timed" ? HoldMode::timed
                                                    : HoldMode::by_policy;
      return ClaimUnits{requests_, mode, hold, wish_.partial, id, wish_.leaves};
    }
    if (verb == "extend") return Extend{id, hold};
    if (verb == "confirm") {
      return Confirm{id, selections_, wish_.release_rest,
                     wish_.reclaim ? IfExpired::reclaim : IfExpired::refuse};
    }
    if (verb == "amend") return Amend{id, requests_, wish_.partial};
    if (verb == "release") return Release{id};
    if (verb == "cancel") return Cancel{id, selections_};
    return Fulfil{id, selections_};
  }

  plain::Wish wish_;
  std::vector<LineRequest> requests_;
  std::vector<LineSelection> selections_;
  Condition condition_;
  Command command_;
};

plain::Reply reply_of(const Answer& answer) {
  plain::Reply out;
  out.outcome = name_of(answer.outcome);
  out.requested = answer.requested.units();
  out.available = answer.available.units();
  out.limit = answer.limit.units();
  if (!answer.claim.is_none()) out.claim = answer.claim.text();
  out.state = name_of(answer.state);
  out.expires = answer.expires_at.us();
  out.replayed = answer.replayed;
  for (const AnswerLine& line : answer.lines) {
    out.lines.push_back({line.line,
                         {std::string(answer.sku_of(line)), std::string(answer.location_of(line)),
                          std::string(answer.lot_of(line))},
                         std::string(name_of(line.outcome)),
                         line.requested.units(),
                         line.granted.units(),
                         line.available.units()});
  }
  return out;
}

std::string shown(const plain::Reply& reply) {
  std::string out =
      fmt::format("{} requested={} available={} limit={} claim={} {} expires={}{}", reply.outcome,
                  reply.requested, reply.available, reply.limit, reply.claim, reply.state,
                  reply.expires, reply.replayed ? " replayed" : "");
  for (const auto& line : reply.lines) {
    out += fmt::format(" [{} {}@{}/{} {} {}/{} left {}]", line.number, line.place.sku,
                       line.place.location, line.place.lot, line.outcome, line.granted,
                       line.requested, line.available);
  }
  return out;
}

std::string shown(const plain::Wish& wish) {
  std::string out = fmt::format(
      "{} claim={} key={}/{} channel={} {} {}@{}/{} hold={}{}{}{}{}{}", wish.verb, wish.claim,
      wish.actor, wish.key, wish.channel, wish.quantity, wish.sku, wish.location, wish.lot,
      wish.hold, wish.hold_us, wish.force ? " force" : "", wish.partial ? " partial" : "",
      wish.release_rest ? " release_rest" : "", wish.reclaim ? " reclaim" : "");
  if (wish.leaves) out += " leaves";
  if (wish.expected) out += fmt::format(" expected={}", *wish.expected);
  for (const auto& line : wish.lines) {
    out += fmt::format(" [{} {}@{}/{} #{}]", line.quantity, line.sku, line.location, line.lot,
                       line.number);
  }
  return out;
}

// Draws what somebody might ask of a small shop: often something sensible, sometimes nonsense.
class Customers {
 public:
  explicit Customers(std::uint64_t seed) : random_(seed) {}

  plain::Wish draw() {
    plain::Wish wish;
    if (!past_.empty() &&
        chance(10)) {  // a retry: the same again, or something else under the same key
      wish = past_[below(past_.size())];
      if (chance(15)) change(wish);
      return wish;
    }
    wish.actor = chance(80) ? "shop" : "till";
    if (chance(10)) wish.channel = pick({"default", "web", "web", "nope"});
    draw_body(wish);
    if (chance(25)) {
      wish.key = fmt::format("key-{}", chance(90) ? ++keys_ : below(keys_ + 1));
      past_.push_back(wish);
    }
    return wish;
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint64_t below(std::uint64_t end) { return random_() % end; }

 private:
  // Another request, whatever its verb looks at.
  static void change(plain::Wish& wish) {
    if (wish.verb == "claim" || wish.verb == "amend") {
      wish.partial = !wish.partial;
    } else if (wish.verb == "extend") {
      wish.hold_us += minute_us;
    } else if (wish.verb == "confirm") {
      wish.release_rest = !wish.release_rest;
    } else if (!wish.claim.empty()) {
      wish.claim = claim_id(1);
    } else {
      wish.quantity += 1;
    }
  }
  void draw_body(plain::Wish& wish) {
    wish.verb = pick({"receive", "receive", "sale", "adjust", "set", "claim", "claim", "claim",
                      "claim", "extend", "confirm", "confirm", "amend", "amend", "release",
                      "cancel", "fulfil", "fulfil"});
    if (wish.verb == "receive" || wish.verb == "sale" || wish.verb == "adjust" ||
        wish.verb == "set") {
      return draw_stock(wish);
    }
    if (wish.verb == "claim") {
      wish.claim = chance(97) || claims_ == 0 ? claim_id(++claims_) : old_claim();
      wish.hold = pick({"", "timed", "timed", "policy"});
      wish.leaves = wish.hold.empty() && chance(40);
      wish.partial = chance(25);
      draw_lines(wish);
    } else {
      wish.claim = chance(98) ? old_claim() : claim_id(999'999);
    }
    if (wish.hold == "timed" || wish.verb == "extend") {
      wish.hold_us = static_cast<std::int64_t>(1 + below(45)) * minute_us +
                     static_cast<std::int64_t>(below(3));
    }
    if (wish.verb == "amend") {
      wish.partial = chance(25);
      draw_lines(wish);
    }
    wish.release_rest = wish.verb == "confirm" && chance(25);
    wish.reclaim = wish.verb == "confirm" && chance(50);
    const bool selects = wish.verb == "confirm" || wish.verb == "cancel" || wish.verb == "fulfil";
    if (selects && chance(50)) draw_selections(wish);
  }
  void draw_stock(plain::Wish& wish) {
    wish.sku = sku();
    wish.location = location();
    if (chance(wish.sku == "L" ? 95 : 2)) wish.lot = lot();
    wish.quantity =
        static_cast<std::int64_t>(below(wish.verb == "receive" ? 12 : 4)) + (chance(97) ? 1 : 0);
    if (wish.verb == "adjust" && chance(60)) wish.quantity = -wish.quantity;
    wish.force = wish.verb == "adjust" && chance(25);
    if (wish.verb == "set" && chance(70)) {
      wish.expected = static_cast<std::int64_t>(below(6));
    }
  }
  void draw_lines(plain::Wish& wish) {
    for (std::uint64_t left = 1 + below(3); left > 0; --left) {
      plain::Wish::Line line{sku(), chance(35) ? location() : "", "", 0, 0};
      if (chance(line.sku == "L" ? 40 : 2)) line.lot = lot();
      line.quantity = static_cast<std::int64_t>(below(5)) + (chance(97) ? 1 : 0);
      wish.lines.push_back(line);
    }
  }
  void draw_selections(plain::Wish& wish) {
    for (std::uint64_t left = 1 + below(2); left > 0; --left) {
      plain::Wish::Line line;
      if (chance(50)) {
        line.number = 1 + static_cast<std::uint32_t>(below(4));
      } else {
        line.sku = sku();
        if (chance(30)) line.location = location();
      }
      line.quantity = static_cast<std::int64_t>(below(4));
      wish.lines.push_back(line);
    }
  }
  std::string sku() { return chance(98) ? pick({"A", "A", "B", "L", "L", "S"}) : "nope"; }
  std::string location() { return chance(97) ? pick({"", "main", "BER", "MUC"}) : "nowhere"; }
  std::string lot() { return pick({"L1", "L2", "L3"}); }
  std::string old_claim() {  // young ones more often
    const std::uint64_t window = std::min<std::uint64_t>(claims_, chance(80) ? 6 : 40);
    return claim_id(claims_ - (window == 0 ? 0 : below(window)));
  }
  static std::string claim_id(std::uint64_t number) { return ClaimId::v7(1, 1, number).text(); }
  std::string pick(const std::vector<const char*>& words) { return words[below(words.size())]; }

  std::mt19937_64 random_;
  std::vector<plain::Wish> past_;
  std::uint64_t claims_ = 0;
  std::uint64_t keys_ = 0;
};

// Both ledgers side by side.
class Comparison {
 public:
  explicit Comparison(std::uint64_t seed) : customers_(seed) {
    plain_.locations["main"] = {.priority = 100, .active = true, .order = 0};
    define_item("A", "quantity", Duration::minutes(10), Duration::minutes(30));
    define_item("B", "quantity", {}, {});
    define_item("L", "lot", Duration::minutes(5), {});
    define_item("S", "none", {}, Duration::minutes(40));
    define_location("BER", 1, true);
    define_location("MUC", 2, true);
    define_channel("web", {"MUC", "main"});
    plain_.advance_to(shop_.now().us());
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      if (customers_.chance(40)) pass_time();
      if (customers_.chance(3)) change_location();
      if (customers_.chance(2)) open_or_close_channel();
      const plain::Wish wish = customers_.draw();
      const Asked asked(wish);
      const plain::Reply expected = plain_.submit(wish);
      const std::uint64_t before = shop_.stock().digest();
      const plain::Reply actual = reply_of(shop_.submit(asked.command()));
      note_entries();
      SCOPED_TRACE(fmt::format("step {}: {}", step, shown(wish)));
      EXPECT_EQ(shown(expected), shown(actual));
      outcomes_.insert(actual.outcome);
      if (is_refusal(shop_.answer().outcome) || actual.outcome == "already") {
        EXPECT_LE(shop_.decision().entries.size(), 1u);  // invariant 12
        if (shop_.decision().entries.empty()) {
          EXPECT_EQ(before, shop_.stock().digest());
        }
      }
      compare_levels();
      compare_claims();
    }
    shop_.compare();
  }

  // Every outcome that this shop can give was given.
  [[nodiscard]] const std::set<std::string>& outcomes() const { return outcomes_; }

 private:
  void define_item(const std::string& sku, const std::string& tracking,
                   std::optional<Duration> hold_for, std::optional<Duration> longest) {
    DefineItem item;
    item.sku = sku;
    item.tracking =
        static_cast<Tracking>(std::ranges::find(tracking_names, tracking) - tracking_names.begin());
    item.hold_for = hold_for;
    item.hold_max = longest;
    shop_.submit({{}, item});
    auto& to = plain_.items[sku];
    to.tracking = tracking;
    if (hold_for) to.hold_for_us = hold_for->us();
    if (longest) to.hold_max_us = longest->us();
  }
  void define_location(const std::string& code, std::int32_t priority, bool active) {
    DefineLocation location;
    location.code = code;
    location.priority = priority;
    location.active = active;
    shop_.submit({{}, location});
    const std::size_t order = plain_.locations.size();
    auto& to =
        plain_.locations.try_emplace(code, plain::Ledger::Location{100, true, order}).first->second;
    to.priority = priority;
    to.active = active;
  }
  void define_channel(const std::string& code, std::vector<std::string> codes) {
    const std::vector<std::string_view> views(codes.begin(), codes.end());
    DefineChannel channel;
    channel.code = code;
    channel.locations = views;
    shop_.submit({{}, channel});
    plain_.channels[code] = std::move(codes);
  }
  void open_or_close_channel() {
    DefineChannel channel;
    channel.code = "web";
    channel.active = customers_.chance(80);
    shop_.submit({{}, channel});
    if (*channel.active) {
      plain_.closed_channels.erase("web");
    } else {
      plain_.closed_channels.insert("web");
    }
  }
  void change_location() {
    const std::vector<std::string> codes = {"main", "BER", "MUC"};
    define_location(codes[customers_.below(3)], static_cast<std::int32_t>(1 + customers_.below(3)),
                    customers_.chance(80));
  }

  // A while, or to the very end of the next hold, or a microsecond before it, or more than a day.
  void pass_time() {
    Timestamp to =
        shop_.now() + Duration::us(static_cast<std::int64_t>(1 + customers_.below(4 * minute_us)));
    const Timestamp next = shop_.stock().next_expiry();
    if (!next.is_never() && customers_.chance(50)) {
      const Timestamp end = customers_.chance(50) ? next : Timestamp::us(next.us() - 1);
      if (end > shop_.now()) to = end;
    }
    if (customers_.chance(2)) to = to + Duration::hours(13);
    const std::size_t before = shop_.expired().size();
    shop_.advance_to(to);
    plain_.advance_to(to.us());
    if (shop_.expired().size() > before) note_expiries();
  }

  // Sums up what every entry says, by itself (invariant 2). Expiries are seen through the state
  // instead.
  void note_entries() {
    for (const Entry& entry : shop_.decision().entries) {
      if (const auto* moved = std::get_if<StockMoved>(&entry)) {
        sums_[moved->level] += moved->delta;
        EXPECT_TRUE(moved->delta.balanced());
      }
    }
  }
  void
  note_expiries() {  // the deltas are gone with their decisions: take the balances as they are now
    for (std::uint32_t row = 1; row <= shop_.stock().level_count(); ++row) {
      const Level level = shop_.stock().level(LevelRef{row});
      const Quantities& was = sums_[level.key];
      EXPECT_EQ(was[Term::on_hand],
                level.quantities[Term::on_hand]);  // expiry moves nothing physically,
      EXPECT_EQ(was[Term::committed], level.quantities[Term::committed]);  // nor what was confirmed
      sums_[level.key] = level.quantities;
    }
  }

  void compare_levels() {
    const Stock& stock = shop_.stock();
    std::size_t levels = 0;
    for (const plain::Place& place : plain_.places) {
      const LevelKey key{stock.find_item(place.sku), stock.find_location(place.location),
                         place.lot.empty() ? LotId() : stock.find_lot(place.lot)};
      const LevelRef ref = stock.find_level(key);
      SCOPED_TRACE(fmt::format("{}@{}/{}", place.sku, place.location, place.lot));
      ASSERT_TRUE(ref.exists());
      ++levels;
      const Quantities actual = stock.level(ref).quantities;
      Quantities expected;
      expected[Term::on_hand] = Quantity(plain_.on_hand(place));
      expected[Term::held] = Quantity(plain_.open(place, "held"));
      expected[Term::committed] = Quantity(plain_.open(place, "committed"));
      expected[Term::available] = Quantity(plain_.available(place));
      expected[Term::shortage] = Quantity(plain_.shortage(place));
      if (plain_.untracked(place.sku)) {
        expected[Term::backordered] = expected[Term::held] + expected[Term::committed];
      }
      for (std::size_t term = 0; term < term_count; ++term) {
        EXPECT_EQ(expected[static_cast<Term>(term)].units(),
                  actual[static_cast<Term>(term)].units())
            << term_names[term];
      }
      EXPECT_TRUE(actual.balanced() && actual.valid());  // invariant 1
      EXPECT_EQ(actual, sums_[key]);                     // invariant 2
    }
    EXPECT_EQ(levels, stock.level_count());
  }

  void compare_claims() {
    const Stock& stock = shop_.stock();
    EXPECT_EQ(plain_.claims.size(), stock.claim_count());
    std::map<LevelKey, LineQuantities> open;  // invariant 3
    for (const auto& [id, claim] : plain_.claims) {
      const ClaimRef ref = stock.find_claim(*ClaimId::parse(id));
      SCOPED_TRACE(id);
      ASSERT_TRUE(ref.exists());
      EXPECT_EQ(name_of(state_of(stock.sum(ref))), claim.state());
      ASSERT_EQ(stock.head(ref).line_count, claim.lines.size());
      for (std::uint32_t number = 1; number <= claim.lines.size(); ++number) {
        const plain::Ledger::Line& expected = claim.lines[number - 1];
        const ClaimLine actual = stock.line(ref, number);
        const LineQuantities& q = actual.quantities;
        EXPECT_EQ(q.held.units(), expected.count("held"));
        EXPECT_EQ(q.committed.units(), expected.count("committed"));
        EXPECT_EQ(q.fulfilled.units(), expected.count("fulfilled"));
        EXPECT_EQ(q.cancelled.units(), expected.count("cancelled"));
        EXPECT_EQ(q.released.units(), expected.count("released"));
        EXPECT_EQ(q.expired.units(), expected.count("expired"));
        // Each unit is in exactly one counter (invariant 4).
        EXPECT_EQ(q.granted().units(), std::ssize(expected.units));
        LineQuantities& sum = open[actual.level];
        sum.held += q.held;
        sum.committed += q.committed;
        sum.backordered += q.backordered;
      }
    }
    for (const auto& [key, sum] : open) {
      const LevelRef level = stock.find_level(key);
      EXPECT_EQ(sum.held, stock.quantity(level, Term::held));
      EXPECT_EQ(sum.committed, stock.quantity(level, Term::committed));
      EXPECT_EQ(sum.backordered, stock.quantity(level, Term::backordered));
    }
  }

  TestShop shop_;
  plain::Ledger plain_;
  Customers customers_;
  std::map<LevelKey, Quantities> sums_;
  std::set<std::string> outcomes_;
};

void run_seed(std::uint64_t seed, int steps) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Comparison(seed).run(steps);
}

TEST(LawProperty, AgreesWithThePlainLedgerForFixedSeeds) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 12 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Comparison comparison(seed);
    comparison.run(250);
    seen.insert(comparison.outcomes().begin(), comparison.outcomes().end());
  }
  // The draw reaches every outcome that a shop without opening times and caps can give.
  for (const Outcome outcome :
       {Outcome::granted, Outcome::partially_granted, Outcome::done, Outcome::already,
        Outcome::request_mismatch, Outcome::channel_unknown, Outcome::item_unknown,
        Outcome::location_unknown, Outcome::claim_unknown, Outcome::claim_exists,
        Outcome::claim_expired, Outcome::wrong_state, Outcome::quantity_invalid,
        Outcome::limit_exceeded, Outcome::short_of_stock, Outcome::stale_expectation}) {
    EXPECT_TRUE(seen.contains(std::string(name_of(outcome)))) << name_of(outcome) << " never came";
  }
}

TEST(LawProperty, AgreesWithThePlainLedgerForAFreshSeed) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("fresh seed %llu\n", static_cast<unsigned long long>(seed));
  for (std::uint64_t round = 0; round < 8 && !HasFailure(); ++round) run_seed(seed + round, 250);
}

}  // namespace
}  // namespace holdfast
