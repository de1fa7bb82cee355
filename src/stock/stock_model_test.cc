// Stock against a naive model: the same random changes go to both, and everything that can be asked
// must agree, at the end and in snapshots taken on the way. The seed is drawn when the test runs
// and printed; HOLDFAST_SEED repeats one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "stock/snapshot.h"
#include "stock/stock_samples.h"

namespace holdfast {
namespace {

std::uint64_t drawn_seed() {
  const char* given = std::getenv("HOLDFAST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("HOLDFAST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

struct ModelLevel {
  Quantities quantities;
  Seq version;
  friend bool operator==(const ModelLevel&, const ModelLevel&) = default;
};
struct ModelLine {
  LevelKey level;
  LineQuantities quantities;
  friend bool operator==(const ModelLine&, const ModelLine&) = default;
};
struct ModelClaim {
  std::string actor, customer, reference;
  Timestamp opened_at, expires_at;
  Seq opened, version;
  std::vector<ModelLine> lines;
  bool provisional = false;
  bool undone = false;  // nothing is left of it but its row
  friend bool operator==(const ModelClaim&, const ModelClaim&) = default;
  [[nodiscard]] Quantity held() const {
    Quantity sum;
    for (const ModelLine& line : lines) sum += line.quantities.held;
    return sum;
  }
};
struct ModelRequest {
  std::string answer;
  Timestamp at;
  Seq seq;
  bool refused = false;
};

struct Model {
  std::map<LevelKey, ModelLevel> levels;
  std::vector<std::pair<ClaimId, ModelClaim>> claims;  // in order of opening
  std::map<std::string, ModelRequest> requests;        // of actor "a", by request id

  [[nodiscard]] const std::pair<ClaimId, ModelClaim>* next_to_expire() const {
    const std::pair<ClaimId, ModelClaim>* next = nullptr;
    for (const auto& entry : claims) {
      if (entry.second.held().is_zero() || entry.second.expires_at.is_never()) continue;
      if (next == nullptr || entry.second.expires_at < next->second.expires_at) next = &entry;
    }
    return next;
  }
};

ModelClaim claim_of(const auto& source, ClaimRef ref) {
  const ClaimHead head = source.head(ref);
  ModelClaim out{.actor = std::string(head.actor),
                 .customer = std::string(head.customer),
                 .reference = std::string(head.reference),
                 .opened_at = head.opened_at,
                 .expires_at = head.expires_at,
                 .opened = head.opened,
                 .version = head.version,
                 .lines = {},
                 .provisional = head.provisional};
  for (std::uint32_t number = 1; number <= head.line_count; ++number) {
    const ClaimLine line = source.line(ref, number);
    out.lines.push_back({.level = line.level, .quantities = line.quantities});
  }
  return out;
}

// What a Stock and a Snapshot have in common.
void expect_same_rows(const auto& source, const Model& model) {
  ASSERT_EQ(source.level_count(), model.levels.size());
  for (std::uint32_t row = 1; row <= source.level_count(); ++row) {
    const Level level = source.level(LevelRef{row});
    const auto found = model.levels.find(level.key);
    ASSERT_NE(found, model.levels.end());
    ASSERT_EQ(found->second,
              (ModelLevel{.quantities = level.quantities, .version = level.version}));
  }
  ASSERT_EQ(source.claim_count(), model.claims.size());
  for (std::uint32_t row = 1; row <= source.claim_count(); ++row) {
    const auto& [id, claim] = model.claims[row - 1];
    if (claim.undone) {
      ASSERT_EQ(source.head(ClaimRef{row}).id, ClaimId());
      continue;
    }
    ASSERT_EQ(source.head(ClaimRef{row}).id, id);
    ASSERT_EQ(claim_of(source, ClaimRef{row}), claim);
  }
}

void expect_same(const Stock& stock, const Model& model, Timestamp now) {
  ASSERT_NO_FATAL_FAILURE(expect_same_rows(stock, model));
  std::map<ItemId, std::vector<LevelKey>> by_item;
  for (const auto& [key, level] : model.levels) {
    const LevelRef ref = stock.find_level(key);
    ASSERT_TRUE(ref.exists());
    ASSERT_EQ(stock.key(ref), key);
    for (std::size_t term = 0; term < term_count; ++term) {
      ASSERT_EQ(stock.quantity(ref, static_cast<Term>(term)),
                level.quantities[static_cast<Term>(term)]);
    }
    by_item[key.item].push_back(key);
  }
  for (const auto& [item, keys] : by_item) {
    std::vector<LevelKey> found;
    for (const LevelRef ref : stock.levels_of(item)) found.push_back(stock.key(ref));
    ASSERT_EQ(found, keys);  // the map's order is (location, lot)
  }
  std::set<std::uint32_t> provisional;
  for (std::uint32_t row = 1; row <= stock.claim_count(); ++row) {
    const auto& [id, claim] = model.claims[row - 1];
    ASSERT_EQ(stock.find_claim(id).exists(), !claim.undone);
    if (claim.provisional) provisional.insert(row);
  }
  ASSERT_EQ(stock.provisional_claims(), provisional);
  const auto* next = model.next_to_expire();
  ASSERT_EQ(stock.next_expiry(), next == nullptr ? Timestamp::never() : next->second.expires_at);
  if (next != nullptr) {
    ASSERT_EQ(stock.head(stock.due(next->second.expires_at)).id, next->first);
  }
  for (const auto& [id, request] : model.requests) {
    const auto found = stock.find_request("a", id, now);
    const bool forgotten = request.refused && now - request.at >= Duration::hours(24);
    ASSERT_EQ(found.has_value(), !forgotten);
    if (found) {
      ASSERT_EQ(found->answer, request.answer);
      ASSERT_EQ(found->seq, request.seq);
    }
  }
  ASSERT_EQ(stock.digest(), stock.recomputed_digest());
}

// Draws changes and applies them to both.
class RandomRun {
 public:
  static constexpr std::uint32_t items = 40;
  static constexpr std::uint32_t locations = 12;
  static constexpr std::uint32_t lots = 5;

  explicit RandomRun(std::uint64_t seed) : random_(seed), stock_(std::make_unique<Stock>()) {
    for (std::uint32_t id = 1; id <= locations; ++id) {
      stock_->define(LocationId(id), location_named("L" + std::to_string(id)), next());
    }
    for (std::uint32_t id = 1; id <= lots; ++id) {
      stock_->name_lot(LotId(id), "lot" + std::to_string(id), next());
    }
    for (std::uint32_t id = 1; id <= items; ++id) {
      stock_->define(ItemId(id), item_named("S" + std::to_string(id)), next());
    }
  }
  Stock& stock() { return *stock_; }
  void replace(std::unique_ptr<Stock> stock) { stock_ = std::move(stock); }
  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] Seq seq() const { return seq_; }
  [[nodiscard]] Timestamp now() const { return now_; }

  // Changes that are taken back: the model is what it was, and so must be the stock.
  void attempt() {
    const Model model = model_;
    const Seq seq = seq_;
    const Timestamp now = now_;
    stock_->begin_attempt();
    trying_ = true;
    for (std::uint64_t changes = draw(30); changes > 0; --changes) step();
    trying_ = false;
    if (draw(4) == 0) return stock_->keep_attempt();
    stock_->undo_attempt();
    model_ = model;
    seq_ = seq;
    now_ = now;
  }

  void step() {
    now_ = now_ + Duration::us(static_cast<std::int64_t>(draw(3'600'000'000)));
    switch (draw(10)) {
      case 0:
      case 1:
      case 2:
        return move();
      case 3:
        return define();
      case 4:
        return draw(3) == 0 ? settle_or_undo() : open_claim();
      case 5:
      case 6:
        return move_line();
      case 7:
        return set_expiry();
      case 8:
        return draw(50) == 0 && !trying_ ? extend() : expire();
      default:
        return trying_ && draw(2) == 0 ? define_more() : remember();
    }
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  std::int64_t units(std::uint64_t below) { return static_cast<std::int64_t>(draw(below)); }
  Seq next() { return seq_ = seq_.next(); }
  LevelKey draw_key() {
    return key_of(static_cast<std::uint32_t>(1 + draw(items)),
                  static_cast<std::uint32_t>(1 + draw(locations)),
                  static_cast<std::uint32_t>(draw(3) == 0 ? draw(lots + 1) : 0));
  }

  void move() {
    const LevelKey key = draw_key();
    ModelLevel& level = model_.levels[key];
    Quantities delta;
    for (std::size_t index = 1; index < term_count; ++index) {
      const auto term = static_cast<Term>(index);
      if (draw(4) != 0) continue;
      delta[term] = Quantity(units(20)) - level.quantities[term];
    }
    Quantities after = level.quantities;
    after += delta;
    // on_hand is what balances the rest.
    Quantities balancing = after;
    balancing[Term::on_hand] = Quantity();
    const Quantity on_hand = balancing[Term::available] + balancing[Term::held] +
                             balancing[Term::committed] + balancing[Term::damaged] +
                             balancing[Term::quality_control] + balancing[Term::safety_stock] -
                             balancing[Term::backordered] - balancing[Term::shortage];
    delta[Term::on_hand] = on_hand - level.quantities[Term::on_hand];
    level.quantities += delta;
    level.version = next();
    stock_->move(key, delta, seq_);
  }
  void define() {
    ItemRecord record = item_named("S" + std::to_string(1 + draw(items)));
    const ItemId item = stock_->find_item(record.sku);
    record.title = std::string(draw(100), 't');
    stock_->define(item, record, next());
    ASSERT_EQ(stock_->item(item), record);
  }
  // New names of every kind: those of an attempt are forgotten with it.
  void define_more() {
    const std::string name = "new" + std::to_string(random_());
    const LocationId location = stock_->last_location().next();
    const ChannelId channel = stock_->last_channel().next();
    const ItemId item = stock_->last_item().next();
    const LotId lot = stock_->last_lot().next();
    switch (draw(5)) {
      case 0:
        return stock_->define(location, location_named(name), next());
      case 1:
        return stock_->define(channel, channel_named(name), next());
      case 2:
        return stock_->name_lot(lot, name, next());
      case 3:
        return stock_->define(LocationId(1), location_named(name), next());
      default: {
        stock_->define(item, item_named(name), next());
        const LevelKey key{.item = item, .location = LocationId(1), .lot = LotId()};
        stock_->move(key, received(3), next());
        model_.levels[key] = {.quantities = received(3), .version = seq_};
      }
    }
  }
  void open_claim() {
    GroupContext context = context_of(draw(2) == 0 ? "ann" : "bob", {}, now_);
    const std::string customer = "c" + std::to_string(draw(3));
    context.customer = customer;
    const ClaimId id = claim_id(random_());
    const Timestamp end = draw(4) == 0 ? Timestamp::never() : now_ + Duration::hours(1 + units(5));
    const bool provisional = draw(3) == 0;
    stock_->open_claim(id, end, context, next(), provisional);
    model_.claims.push_back({id,
                             {.actor = std::string(context.actor),
                              .customer = customer,
                              .reference = {},
                              .opened_at = now_,
                              .expires_at = end,
                              .opened = seq_,
                              .version = seq_,
                              .lines = {},
                              .provisional = provisional}});
  }
  void settle_or_undo() {
    if (stock_->provisional_claims().empty()) return;
    auto& [id, claim] = model_.claims[*stock_->provisional_claims().begin() - 1];
    if (trying_ || draw(2) == 0) {
      claim.expires_at = now_ + Duration::hours(2);
      claim.version = next();
      claim.provisional = false;
      return stock_->settle_claim(id, claim.expires_at, seq_);
    }
    for (std::size_t line = 0; line < claim.lines.size(); ++line) {
      const LineQuantities& units = claim.lines[line].quantities;
      stock_->move_line(id, static_cast<std::uint32_t>(line + 1), claim.lines[line].level,
                        {.held = -units.held,
                         .committed = -units.committed,
                         .released = units.held + units.committed},
                        next());
    }
    stock_->undo_claim(id, next());
    claim = ModelClaim{.undone = true};
  }
  void move_line() {
    if (model_.claims.empty() || model_.levels.empty()) return;
    auto& [id, claim] = model_.claims[draw(model_.claims.size())];
    if (claim.undone) return;
    const std::size_t line = draw(claim.lines.size() + 1);
    if (line == claim.lines.size()) {
      auto level = model_.levels.begin();
      std::advance(level, static_cast<std::ptrdiff_t>(draw(model_.levels.size())));
      claim.lines.push_back({.level = level->first, .quantities = {}});
    }
    LineQuantities& before = claim.lines[line].quantities;
    LineQuantities delta;
    const auto retarget = [&](Quantity& by, Quantity& from) {
      if (draw(2) == 0) by = Quantity(units(4)) - from;
      from += by;
    };
    retarget(delta.held, before.held);
    retarget(delta.committed, before.committed);
    retarget(delta.backordered, before.backordered);
    retarget(delta.fulfilled, before.fulfilled);
    retarget(delta.cancelled, before.cancelled);
    retarget(delta.released, before.released);
    retarget(delta.expired, before.expired);
    claim.version = next();
    stock_->move_line(id, static_cast<std::uint32_t>(line + 1), claim.lines[line].level, delta,
                      seq_);
  }
  void set_expiry() {
    if (model_.claims.empty()) return;
    auto& [id, claim] = model_.claims[draw(model_.claims.size())];
    if (claim.undone) return;
    claim.expires_at =
        draw(5) == 0 ? Timestamp::never() : now_ + Duration::us(units(9'000'000'000));
    claim.version = next();
    stock_->set_expiry(id, claim.expires_at, seq_);
  }
  void extend() {
    next();
    for (auto& [id, claim] : model_.claims) {
      if (claim.held().is_zero() || claim.expires_at.is_never()) continue;
      claim.expires_at = claim.expires_at + Duration::minutes(3);
      claim.version = seq_;
    }
    stock_->extend_holds(Duration::minutes(3), seq_);
  }
  void expire() {
    for (ClaimRef due = stock_->due(now_); due.exists(); due = stock_->due(now_)) {
      auto& [id, claim] = model_.claims[due.row - 1];
      ASSERT_EQ(&model_.next_to_expire()->second, &claim);
      next();
      for (std::size_t line = 0; line < claim.lines.size(); ++line) {
        LineQuantities& quantities = claim.lines[line].quantities;
        const LineQuantities delta{.held = -quantities.held, .expired = quantities.held};
        stock_->move_line(id, static_cast<std::uint32_t>(line + 1), claim.lines[line].level, delta,
                          seq_);
        quantities.held += delta.held;
        quantities.expired += delta.expired;
      }
      claim.version = seq_;
    }
  }
  void remember() {
    const std::string id = "r" + std::to_string(draw(300));
    const ModelRequest request{
        .answer = std::string(draw(300), 'x'), .at = now_, .seq = next(), .refused = draw(2) == 0};
    RequestRemembered entry;
    entry.answer = request.answer;
    entry.refused = request.refused;
    stock_->remember(context_of("a", id, now_), entry, seq_);
    model_.requests[id] = request;
  }

  std::mt19937_64 random_;
  std::unique_ptr<Stock> stock_;
  Model model_;
  Seq seq_;
  bool trying_ = false;
  Timestamp now_ = Timestamp::us(1'000'000);
};

TEST(StockModel, AgreesAfterRandomChangesWithSnapshotsAndRestarts) {
  const std::uint64_t seed = drawn_seed();
  RandomRun run(seed);
  struct Taken {
    std::shared_ptr<const Snapshot> snapshot;
    Model model;
    std::uint64_t digest;
  };
  std::vector<Taken> taken;
  std::mt19937_64 random(seed + 1);
  for (int step = 0; step < 6'000; ++step) {
    ASSERT_NO_FATAL_FAILURE(run.step());
    if (random() % 10 == 0) {
      ASSERT_NO_FATAL_FAILURE(run.attempt());
      ASSERT_EQ(run.stock().digest(), run.stock().recomputed_digest());
    }
    if (random() % 200 == 0) {
      taken.push_back({run.stock().snapshot(run.seq()), run.model(), run.stock().digest()});
    }
    if (!taken.empty() && random() % 150 == 0) {
      const std::size_t index = random() % taken.size();
      const Taken& one = taken[index];
      ASSERT_NO_FATAL_FAILURE(expect_same_rows(*one.snapshot, one.model));
      ASSERT_EQ(one.snapshot->digest(), one.digest);
      taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(index));
      run.stock().reclaim();
    }
    if (random() % 1'500 == 0) {
      auto loaded = load(blocks_of(*run.stock().snapshot(run.seq())));
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      ASSERT_EQ((*loaded)->digest(), run.stock().digest());
      run.replace(std::move(*loaded));  // older snapshots keep what they see alive
    }
    if (step % 500 == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_same(run.stock(), run.model(), run.now()));
    }
  }
  ASSERT_NO_FATAL_FAILURE(expect_same(run.stock(), run.model(), run.now()));
  for (const Taken& one : taken) {
    ASSERT_NO_FATAL_FAILURE(expect_same_rows(*one.snapshot, one.model));
  }
}

}  // namespace
}  // namespace holdfast
