// Stock hands each call to the part that keeps the rows, and adds up their changes of the digest.
#include "stock/stock.h"

#include "base/check.h"
#include "stock/parts.h"
#include "stock/snapshot.h"

namespace holdfast {

Stock::Stock(RunElsewhere elsewhere) : parts_(std::make_shared<Parts>()) {
  if (!elsewhere) return;
  parts_->arena.grow_ahead([elsewhere = std::move(elsewhere),
                            parts = std::weak_ptr<Parts>(parts_)](std::span<std::byte> memory) {
    elsewhere([parts, memory] {
      if (const auto alive = parts.lock()) Arena::populate(memory);
    });
  });
}
Stock::~Stock() = default;

// — catalogue —

ItemId Stock::find_item(std::string_view sku) const { return parts_->levels.items().find(sku); }
LocationId Stock::find_location(std::string_view code) const {
  return parts_->catalogue.find_location(code);
}
ChannelId Stock::find_channel(std::string_view code) const {
  return parts_->catalogue.find_channel(code);
}
LotId Stock::find_lot(std::string_view name) const { return parts_->catalogue.find_lot(name); }
const ItemRecord& Stock::item(ItemId item) const {
  return parts_->levels.items().definition(item).record;
}
const LocationRecord& Stock::location(LocationId location) const {
  return parts_->catalogue.locations().get(location).record;
}
const ChannelRecord& Stock::channel(ChannelId channel) const {
  return parts_->catalogue.channels().get(channel).record;
}
std::string_view Stock::lot_name(LotId lot) const { return parts_->catalogue.lot_name(lot); }
Seq Stock::version(ItemId item) const { return parts_->levels.items().definition(item).version; }
Seq Stock::version(LocationId location) const {
  return parts_->catalogue.locations().get(location).version;
}
Seq Stock::version(ChannelId channel) const { return parts_->catalogue.version(channel); }
ItemId Stock::last_item() const { return parts_->catalogue.items().last(); }
LocationId Stock::last_location() const { return parts_->catalogue.locations().last(); }
ChannelId Stock::last_channel() const { return parts_->catalogue.channels().last(); }
LotId Stock::last_lot() const { return parts_->catalogue.last_lot(); }
std::span<const LocationId> Stock::selling_order(ChannelId channel) const {
  return parts_->catalogue.selling_order(channel);
}

// — levels —

LevelRef Stock::find_level(const LevelKey& key) const { return parts_->levels.items().find(key); }
Quantity Stock::quantity(LevelRef level, Term term) const {
  return parts_->levels.quantity(level, term);
}
Seq Stock::version(LevelRef level) const { return parts_->levels.version(level); }
Level Stock::level(LevelRef level) const { return parts_->levels.level(level); }
std::span<const LevelRef> Stock::levels_of(ItemId item) const {
  return parts_->levels.items().levels_of(item);
}
std::span<const LevelRef> Stock::levels_of(ItemId item, LocationId location) const {
  return parts_->levels.items().levels_of(item, location);
}
std::span<const LevelRef> Stock::levels_of(ItemId item, LocationId location, LotId lot) const {
  return parts_->levels.items().levels_of(item, location, lot);
}
LevelKey Stock::key(LevelRef level) const {
  CHECK(level.exists());
  return parts_->levels.key(level);
}
std::uint32_t Stock::level_count() const { return parts_->levels.count(); }

// — claims —

ClaimRef Stock::find_claim(const ClaimId& id) const { return parts_->claims.find(id); }
ClaimHead Stock::head(ClaimRef claim) const { return parts_->claims.head(claim); }
ClaimLine Stock::line(ClaimRef claim, std::uint32_t number) const {
  return parts_->claims.line(claim, number, parts_->levels);
}
LineQuantities Stock::sum(ClaimRef claim) const { return parts_->claims.sum(claim); }
std::uint32_t Stock::claim_count() const { return parts_->claims.count(); }
std::uint64_t Stock::known_claims() const { return parts_->claims.known(); }
const std::set<std::uint32_t>& Stock::provisional_claims() const {
  return parts_->claims.provisional();
}

// — expiry —

Timestamp Stock::next_expiry() const { return parts_->claims.expiries().next(); }
ClaimRef Stock::due(Timestamp now) const {
  const ExpiryQueue& expiries = parts_->claims.expiries();
  return expiries.next() <= now ? ClaimRef{expiries.next_row()} : ClaimRef();
}

// — remembered requests —

std::optional<RememberedAnswer> Stock::find_request(std::string_view actor,
                                                    std::string_view request_id,
                                                    Timestamp now) const {
  return parts_->requests.find(actor, request_id, now);
}

// — hints —

void Stock::foresee(Foresight& ahead) const {
  const ItemIndex& items = parts_->levels.items();
  switch (ahead.step++) {
    case 0:
      ahead.hash = items.prefetch_slot(ahead.sku);
      return;
    case 1:
      ahead.found = items.prefetch_entry(ahead.hash);
      return;
    case 2:
      return items.prefetch_list(ahead.found);
    case 3:
      if (const LevelRef level = items.guess(ahead.found, ahead.location); level.exists()) {
        if (ahead.is_read) {
          parts_->levels.prefetch_read(level);
        } else {
          parts_->levels.prefetch(level);
        }
      }
      return;
    default:
      return;
  }
}
void Stock::foresee(const ClaimId& id) const { parts_->claims.prefetch(id); }
void Stock::foresee_change(const LevelKey& key, std::uint32_t step) const {
  const Levels& levels = parts_->levels;
  if (step == 0) return levels.items().prefetch_entry(key.item);
  if (step == 1) return levels.items().prefetch_levels(key.item);
  const LevelRef level = levels.items().find(key);
  if (!level.exists()) return;
  if (step == 2) return levels.prefetch_node(level);
  levels.prefetch(level);
}
void Stock::foresee_change(const ClaimId& id, std::uint32_t step) const {
  if (step == 0) return parts_->claims.prefetch(id);
  if (step == 1) return parts_->claims.prefetch_head(id);
  if (step == 2) return parts_->claims.prefetch_line(id);
}

// — changes —

void Stock::define(ItemId item, const ItemRecord& record, Seq seq) {
  CHECK(item.value() != 0 && item <= last_item().next(), "item {} is out of order", item.value());
  if (parts_->attempt.is_open) {
    parts_->replaces(parts_->catalogue.items().before_definition(item));
  }
  parts_->levels.items().rename(item, record.sku);
  parts_->applied(parts_->catalogue.define(item, record, seq), seq);
  parts_->levels.items().set_definition(item, parts_->catalogue.items().get(item));
}
void Stock::define(LocationId location, const LocationRecord& record, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(parts_->catalogue.before_definition(location));
  parts_->applied(parts_->catalogue.define(location, record, seq), seq);
}
void Stock::define(ChannelId channel, const ChannelRecord& record, Seq seq) {
  if (parts_->attempt.is_open) {
    parts_->replaces(parts_->catalogue.channels().before_definition(channel));
  }
  parts_->applied(parts_->catalogue.define(channel, record, seq), seq);
}
void Stock::name_lot(LotId lot, std::string_view name, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(Catalogue::LotBefore());
  parts_->applied(parts_->catalogue.name_lot(lot, name), seq);
}
void Stock::move(const LevelKey& key, const Quantities& delta, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(parts_->levels.before_move(key));
  parts_->applied(parts_->levels.move(key, delta, seq), seq);
}
void Stock::open_claim(const ClaimId& id, Timestamp expires_at, const GroupContext& context,
                       Seq seq, bool provisional) {
  if (parts_->attempt.is_open) parts_->replaces(Claims::Before());
  parts_->applied(parts_->claims.open(id, expires_at, context, seq, provisional), seq);
}
void Stock::settle_claim(const ClaimId& id, Timestamp expires_at, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(parts_->claims.before_change(id, 0));
  parts_->applied(parts_->claims.settle(id, expires_at, seq), seq);
}
void Stock::undo_claim(const ClaimId& id, Seq seq) {
  CHECK(!parts_->attempt.is_open);
  parts_->applied(parts_->claims.undo(id, parts_->levels), seq);
}
void Stock::move_line(const ClaimId& id, std::uint32_t line, const LevelKey& key,
                      const LineQuantities& delta, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(parts_->claims.before_change(id, line));
  parts_->applied(parts_->claims.move_line(id, line, key, delta, parts_->levels, seq), seq);
}
void Stock::set_expiry(const ClaimId& id, Timestamp expires_at, Seq seq) {
  if (parts_->attempt.is_open) parts_->replaces(parts_->claims.before_change(id, 0));
  parts_->applied(parts_->claims.set_expiry(id, expires_at, seq), seq);
}
void Stock::extend_holds(Duration by, Seq seq) {
  CHECK(!parts_->attempt.is_open);
  parts_->applied(parts_->claims.extend_holds(by, seq), seq);
}
void Stock::remember(const GroupContext& context, const RequestRemembered& entry, Seq seq) {
  StockAttempt& attempt = parts_->attempt;
  auto* changes = attempt.is_open ? &attempt.requests : nullptr;
  parts_->applied(parts_->requests.remember(context, entry, seq, changes), seq);
}

// — an attempt —

void Stock::begin_attempt() {
  StockAttempt& attempt = parts_->attempt;
  CHECK(!attempt.is_open);
  attempt.is_open = true;
  attempt.digest = parts_->digest;
  attempt.last = parts_->last;
  parts_->texts.begin_attempt();
}

void Stock::keep_attempt() {
  StockAttempt& attempt = parts_->attempt;
  CHECK(attempt.is_open);
  attempt.is_open = false;
  attempt.replaced.clear();
  for (const Requests::Before& before : attempt.requests) parts_->requests.settle(before);
  attempt.requests.clear();
  parts_->texts.keep_attempt();
}

void Stock::undo_attempt() {
  StockAttempt& attempt = parts_->attempt;
  CHECK(attempt.is_open);
  attempt.is_open = false;
  for (auto before = attempt.replaced.rbegin(); before != attempt.replaced.rend(); ++before) {
    std::visit([this](const auto& one) { parts_->restore(one); }, *before);
  }
  attempt.replaced.clear();
  for (auto before = attempt.requests.rbegin(); before != attempt.requests.rend(); ++before) {
    parts_->requests.restore(*before);
  }
  attempt.requests.clear();
  parts_->digest = attempt.digest;
  parts_->last = attempt.last;
  parts_->claims.forget_latest_texts();
  parts_->texts.undo_attempt();
}

void Stock::Parts::restore(const Catalogue::ItemBefore& before) {
  ItemIndex& index = levels.items();
  if (!before.record) {
    index.drop_last();
    return catalogue.restore(before);
  }
  index.rename(before.id, before.record->sku);
  catalogue.restore(before);
  index.set_definition(before.id, catalogue.items().get(before.id));
}

// — proof —

std::uint64_t Stock::digest() const { return parts_->digest; }
std::uint64_t Stock::recomputed_digest() const {
  return parts_->catalogue.recomputed_digest() + parts_->levels.recomputed_digest() +
         parts_->claims.recomputed_digest(parts_->levels) + parts_->requests.recomputed_digest();
}
std::uint64_t Stock::memory_bytes() const {
  return parts_->arena.used_bytes() + parts_->catalogue.heap_bytes();
}

// — snapshots —

std::shared_ptr<const Snapshot> Stock::snapshot(Seq seq) {
  CHECK(!parts_->attempt.is_open);
  CHECK(seq >= parts_->last, "a snapshot at {} of a state at {}", seq.value(),
        parts_->last.value());
  return std::make_shared<const Snapshot>(parts_, *parts_, seq);
}
void Stock::reclaim() { parts_->epochs.reclaim(); }
std::uint64_t Stock::copied_bytes() const { return parts_->epochs.retired_bytes(); }

}  // namespace holdfast
