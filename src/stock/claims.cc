// A claim's hot path is open, then one move_line per line: appends to the last page of two tables,
// one insert into the index, and, for a hold, one into the queue.
#include "stock/claims.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "base/check.h"

namespace holdfast {
namespace {

std::uint64_t hash_of(const ClaimId& id) {
  // Not ClaimId::hash(): a client that chooses ids could make its product vanish. Two rounds with a
  // constant between.
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), id.bytes.data(), 16);
  return mix64(mix64(words[0], 0x2545f4914f6cdd1du), words[1]);
}

std::uint64_t head_share(const ClaimHead& head, std::uint64_t texts_digest) {
  return key_factor(head.id) *
         (weighted(head.channel.value(), claim_channel) + weighted(texts_digest, claim_texts) +
          weighted(static_cast<std::uint64_t>(head.opened_at.us()), claim_opened_at) +
          weighted(static_cast<std::uint64_t>(head.expires_at.us()), claim_expires_at) +
          weighted(head.opened.value(), claim_opened) +
          weighted(head.version.value(), claim_version) +
          weighted(head.line_count, claim_line_count) +
          weighted(head.provisional ? 1 : 0, claim_provisional));
}

std::uint64_t head_share_in(const ClaimPage& page, std::uint32_t row) {
  return head_share(head_in(page, row), page.texts[row]->digest);
}

std::uint64_t line_share_in(const LinePage& page, std::uint32_t row, std::uint64_t claim_factor,
                            const LevelKey& level) {
  return line_factor(claim_factor, page.number[row]) *
         (weighted(quantities_in(page, row)) + weighted(key_factor(level), line_level_column));
}

}  // namespace

std::uint64_t ClaimTexts::computed_digest() const {
  const std::size_t size = std::size_t{actor_size} + customer_size + reference_size;
  return hash64(as_bytes({bytes(), size}), (std::uint64_t{actor_size} << 32) ^ customer_size);
}

ClaimHead head_in(const ClaimPage& page, std::uint32_t row) {
  static constexpr ClaimTexts no_texts;
  const ClaimTexts& texts = page.texts[row] == nullptr ? no_texts : *page.texts[row];
  return {.id = page.id[row],
          .channel = page.channel[row],
          .actor = texts.actor(),
          .customer = texts.customer(),
          .reference = texts.reference(),
          .opened_at = page.opened_at[row],
          .expires_at = page.expires_at[row],
          .opened = page.opened[row],
          .version = page.version[row],
          .line_count = page.line_count[row],
          .provisional = page.provisional[row]};
}

LineQuantities quantities_in(const LinePage& page, std::uint32_t row) {
  const auto cold = [&](LinePage::Cold column) {
    const auto* values = page.cold[column];
    return values == nullptr ? Quantity() : (*values)[row];
  };
  return {.held = page.held[row],
          .committed = page.committed[row],
          .backordered = cold(LinePage::backordered),
          .fulfilled = cold(LinePage::fulfilled),
          .cancelled = cold(LinePage::cancelled),
          .released = cold(LinePage::released),
          .expired = cold(LinePage::expired)};
}

Claims::Claims(Arena& arena, Epochs& epochs, TextBlocks& texts)
    : texts_(texts),
      heads_(arena, epochs),
      lines_(arena, epochs),
      by_id_(arena),
      held_(arena),
      expiries_(arena) {
  heads_.append();
  lines_.append();
  held_.push_back(Quantity());
}

ClaimRef Claims::find(const ClaimId& id) const {
  return ClaimRef{by_id_.find(hash_of(id), [&](std::uint32_t row) { return is_at(row, id); })};
}

void Claims::prefetch(const ClaimId& id) const { by_id_.prefetch(hash_of(id)); }

void Claims::prefetch_head(const ClaimId& id) const {
  const std::uint32_t claim = by_id_.guess(hash_of(id));
  if (claim == 0) return;
  const ClaimPage& page = heads_.page_of(claim);
  const std::uint32_t row = Heads::in_page(claim);
  __builtin_prefetch(&page.id[row]);
  __builtin_prefetch(&page.expires_at[row], 1);
  __builtin_prefetch(&page.version[row], 1);
  __builtin_prefetch(&page.line_count[row], 1);
  __builtin_prefetch(&page.last_run[row], 1);
  __builtin_prefetch(&held_[claim], 1);
  expiries_.prefetch(claim);
}

void Claims::prefetch_line(const ClaimId& id) const {
  const std::uint32_t claim = by_id_.guess(hash_of(id));
  if (claim == 0) return;
  const std::uint32_t line = heads_.page_of(claim).last_run[Heads::in_page(claim)];
  const LinePage& page = lines_.page_of(line);
  const std::uint32_t row = Lines::in_page(line);
  __builtin_prefetch(&page.held[row], 1);
  __builtin_prefetch(&page.committed[row], 1);
  __builtin_prefetch(&page.number[row]);
  __builtin_prefetch(&page.level[row]);
}

// A new claim's lines follow its opening, so the newest needs no look-up.
ClaimRef Claims::existing(const ClaimId& id) const {
  const std::uint32_t newest = count();
  const ClaimRef claim = is_at(newest, id) ? ClaimRef{newest} : find(id);
  CHECK(claim.exists(), "claim {} is unknown", id.text());
  return claim;
}

ClaimHead Claims::head(ClaimRef claim) const {
  CHECK(claim.exists());
  return head_in(heads_.page_of(claim.row), Heads::in_page(claim.row));
}

std::uint32_t Claims::line_row(const ClaimPage& page, std::uint32_t row,
                               std::uint32_t number) const {
  CHECK(number >= 1 && number <= page.line_count[row], "line {} of {}", number,
        page.line_count[row]);
  return find_line_row(page.last_run[row], number, [this](std::uint32_t run) -> const LinePage& {
    return lines_.page_of(run);
  });
}

ClaimLine Claims::line(ClaimRef claim, std::uint32_t number, const Levels& levels) const {
  const std::uint32_t row = line_row(heads_.page_of(claim.row), Heads::in_page(claim.row), number);
  const LinePage& page = lines_.page_of(row);
  return {.line = number,
          .level = levels.key(LevelRef{page.level[Lines::in_page(row)]}),
          .quantities = quantities_in(page, Lines::in_page(row))};
}

LineQuantities Claims::sum(ClaimRef claim) const {
  const ClaimPage& page = heads_.page_of(claim.row);
  const std::uint32_t row = Heads::in_page(claim.row);
  LineQuantities sum;
  for (std::uint32_t number = 1; number <= page.line_count[row]; ++number) {
    const std::uint32_t at = line_row(page, row, number);
    const LineQuantities line = quantities_in(lines_.page_of(at), Lines::in_page(at));
    sum.held += line.held;
    sum.committed += line.committed;
    sum.backordered += line.backordered;
    sum.fulfilled += line.fulfilled;
    sum.cancelled += line.cancelled;
    sum.released += line.released;
    sum.expired += line.expired;
  }
  return sum;
}

const ClaimTexts* Claims::texts_of(const GroupContext& context) {
  if (latest_texts_ != nullptr && latest_texts_->actor() == context.actor &&
      latest_texts_->customer() == context.customer &&
      latest_texts_->reference() == context.reference) {
    return latest_texts_;
  }
  const std::size_t size =
      context.actor.size() + context.customer.size() + context.reference.size();
  CHECK(size <= UINT32_MAX);
  std::byte* memory = texts_.take(sizeof(ClaimTexts) + size);
  auto* texts = new (memory)
      ClaimTexts{.actor_size = static_cast<std::uint32_t>(context.actor.size()),
                 .customer_size = static_cast<std::uint32_t>(context.customer.size()),
                 .reference_size = static_cast<std::uint32_t>(context.reference.size())};
  std::byte* to = memory + sizeof(ClaimTexts);
  for (const std::string_view text : {context.actor, context.customer, context.reference}) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
  }
  texts->digest = texts->computed_digest();
  return latest_texts_ = texts;
}

std::uint64_t Claims::open(const ClaimId& id, Timestamp expires_at, const GroupContext& context,
                           Seq seq, bool provisional) {
  const ClaimRef claim{heads_.append()};
  const std::uint32_t same = by_id_.find_or_insert(
      hash_of(id), claim.row, [&](std::uint32_t row) { return is_at(row, id); });
  CHECK(same == 0, "claim {} was opened before", id.text());
  ClaimPage& page = heads_.writable(claim.row);
  const std::uint32_t row = Heads::in_page(claim.row);
  page.id[row] = id;
  page.opened_at[row] = context.at;
  page.expires_at[row] = expires_at;
  page.opened[row] = seq;
  page.version[row] = seq;
  page.texts[row] = texts_of(context);
  page.channel[row] = context.channel;
  held_.push_back(Quantity());
  if (provisional) [[unlikely]]
    set_provisional(page, claim.row, true);
  return head_share_in(page, row);
}

void Claims::set_provisional(ClaimPage& head, std::uint32_t claim, bool provisional) {
  bool& is_provisional = head.provisional[Heads::in_page(claim)];
  if (is_provisional == provisional) return;
  is_provisional = provisional;
  if (provisional) {
    provisional_.insert(claim);
  } else {
    provisional_.erase(claim);
  }
}

std::uint64_t Claims::touch(ClaimPage& head, std::uint32_t row, Seq seq) {
  const std::uint64_t change = weighted(seq.value() - head.version[row].value(), claim_version);
  head.version[row] = seq;
  return change;
}

std::uint32_t Claims::append_line(ClaimPage& head, ClaimRef claim, std::uint32_t number,
                                  LevelRef level) {
  const std::uint32_t line = lines_.append();
  LinePage& page = lines_.writable(line);
  const std::uint32_t row = Lines::in_page(line);
  page.claim[row] = claim.row;
  page.number[row] = number;
  page.level[row] = level.row;
  std::uint32_t& last_run = head.last_run[Heads::in_page(claim.row)];
  const bool goes_on =
      number > 1 && lines_.page_of(line - 1).claim[Lines::in_page(line - 1)] == claim.row;
  if (!goes_on) {
    lines_.set_cold(page, LinePage::earlier_run, line, Quantity(last_run));
    last_run = line;
  }
  head.line_count[Heads::in_page(claim.row)] = number;
  return line;
}

void Claims::apply(LinePage& page, std::uint32_t line, const LineQuantities& delta,
                   const ClaimId& id) {
  const std::uint32_t row = Lines::in_page(line);
  bool valid = true;
  const auto check = [&valid](Quantity after) {
    valid = valid && after >= Quantity() && after.in_range();
    return after;
  };
  page.held[row] = check(page.held[row] + delta.held);
  page.committed[row] = check(page.committed[row] + delta.committed);
  const auto cold = [&](LinePage::Cold column, Quantity by) {
    if (by.is_zero()) return;
    const auto* values = page.cold[column];
    const Quantity before = values == nullptr ? Quantity() : (*values)[row];
    lines_.set_cold(page, column, line, check(before + by));
  };
  cold(LinePage::backordered, delta.backordered);
  cold(LinePage::fulfilled, delta.fulfilled);
  cold(LinePage::cancelled, delta.cancelled);
  cold(LinePage::released, delta.released);
  cold(LinePage::expired, delta.expired);
  CHECK(valid, "line {} of claim {}: a quantity left its range", page.number[row], id.text());
}

std::uint64_t Claims::move_line(const ClaimId& id, std::uint32_t number, const LevelKey& key,
                                const LineQuantities& delta, const Levels& levels, Seq seq) {
  return move_line(existing(id), number, levels.items().find(key), key, delta, seq);
}

std::uint64_t Claims::move_line(ClaimRef claim, std::uint32_t number, LevelRef level,
                                const LevelKey& key, const LineQuantities& delta, Seq seq) {
  ClaimPage& head = heads_.writable(claim.row);
  const std::uint32_t row = Heads::in_page(claim.row);
  const ClaimId& id = head.id[row];
  std::uint64_t head_change = touch(head, row, seq);
  std::uint64_t line_change = weighted(delta);
  std::uint32_t line = 0;
  if (number == head.line_count[row] + 1) {
    CHECK(level.exists(), "line {} of claim {} on an absent level", number, id.text());
    line = append_line(head, claim, number, level);
    head_change += weighted(1, claim_line_count);
    line_change += weighted(key_factor(key), line_level_column);
  } else {
    line = line_row(head, row, number);
    CHECK(lines_.page_of(line).level[Lines::in_page(line)] == level.row,
          "line {} of claim {} is on another level", number, id.text());
  }
  apply(lines_.writable(line), line, delta, id);
  if (!delta.held.is_zero()) {
    held_[claim.row] += delta.held;
    requeue(claim, head.expires_at[row]);
  }
  const std::uint64_t factor = key_factor(id);
  return factor * head_change + line_factor(factor, number) * line_change;
}

void Claims::requeue(ClaimRef claim, Timestamp expires_at) {
  const bool can_expire = held_[claim.row] > Quantity() && !expires_at.is_never();
  if (can_expire == expiries_.contains(claim.row)) return;
  if (can_expire) {
    expiries_.insert(claim.row, expires_at);
  } else {
    expiries_.erase(claim.row);
  }
}

std::uint64_t Claims::put_expiry(ClaimRef claim, Timestamp expires_at, Seq seq) {
  ClaimPage& head = heads_.writable(claim.row);
  const std::uint32_t row = Heads::in_page(claim.row);
  const auto later = static_cast<std::uint64_t>(expires_at.us()) -
                     static_cast<std::uint64_t>(head.expires_at[row].us());
  head.expires_at[row] = expires_at;
  return key_factor(head.id[row]) * (weighted(later, claim_expires_at) + touch(head, row, seq));
}

std::uint64_t Claims::set_expiry(const ClaimId& id, Timestamp expires_at, Seq seq) {
  const ClaimRef claim = existing(id);
  if (expiries_.contains(claim.row)) expiries_.erase(claim.row);
  const std::uint64_t change = put_expiry(claim, expires_at, seq);
  requeue(claim, expires_at);
  return change;
}

std::uint64_t Claims::settle(const ClaimId& id, Timestamp expires_at, Seq seq) {
  const ClaimRef claim = existing(id);
  ClaimPage& head = heads_.writable(claim.row);
  CHECK(head.provisional[Heads::in_page(claim.row)], "claim {} is settled", id.text());
  set_provisional(head, claim.row, false);
  return set_expiry(id, expires_at, seq) - key_factor(id) * weighted(1, claim_provisional);
}

// Its rows become vacant: the id may be used again, and nothing finds them.
std::uint64_t Claims::undo(const ClaimId& id, const Levels& levels) {
  const ClaimRef claim = existing(id);
  ClaimPage& head = heads_.writable(claim.row);
  const std::uint32_t row = Heads::in_page(claim.row);
  CHECK(head.provisional[row], "claim {} is settled", id.text());
  const std::uint64_t factor = key_factor(id);
  std::uint64_t share = head_share_in(head, row);
  std::vector<std::uint32_t> lines;
  for (std::uint32_t number = 1; number <= head.line_count[row]; ++number) {
    lines.push_back(line_row(head, row, number));
  }
  for (const std::uint32_t line : lines) {
    LinePage& page = lines_.writable(line);
    const std::uint32_t line_in_page = Lines::in_page(line);
    CHECK(quantities_in(page, line_in_page).open().is_zero(), "claim {} has open units", id.text());
    share +=
        line_share_in(page, line_in_page, factor, levels.key(LevelRef{page.level[line_in_page]}));
    page.clear(line_in_page);
  }
  set_provisional(head, claim.row, false);
  by_id_.erase(hash_of(id), claim.row);
  head.clear(row);
  return 0 - share;
}

void Claims::append_vacant_head() {
  heads_.append();
  held_.push_back(Quantity());
}

std::uint64_t Claims::extend_holds(Duration by, Seq seq) {
  std::uint64_t change = 0;
  expiries_.postpone(by, [&](std::uint32_t row, Timestamp expires_at) {
    change += put_expiry(ClaimRef{row}, expires_at, seq);
  });
  return change;
}

Claims::Before Claims::before_change(const ClaimId& id, std::uint32_t line) const {
  Before out{.claim = find(id)};
  if (!out.claim.exists()) return out;
  const ClaimPage& page = heads_.page_of(out.claim.row);
  const std::uint32_t row = Heads::in_page(out.claim.row);
  out.expires_at = page.expires_at[row];
  out.version = page.version[row];
  out.line_count = page.line_count[row];
  out.last_run = page.last_run[row];
  out.provisional = page.provisional[row];
  if (line == 0 || line > out.line_count) return out;
  out.line = line_row(page, row, line);
  out.quantities = quantities_in(lines_.page_of(out.line), Lines::in_page(out.line));
  return out;
}

void Claims::restore(const Before& before) {
  if (!before.claim.exists()) return drop_newest();
  const std::uint32_t claim = before.claim.row;
  ClaimPage& head = heads_.writable(claim);
  const std::uint32_t row = Heads::in_page(claim);
  if (head.line_count[row] > before.line_count) {
    held_[claim] -= lines_.page_of(lines_.size() - 1).held[Lines::in_page(lines_.size() - 1)];
    lines_.drop_last();
  } else if (before.line != 0) {
    LinePage& page = lines_.writable(before.line);
    held_[claim] += before.quantities.held - page.held[Lines::in_page(before.line)];
    put(page, before.line, before.quantities);
  }
  head.expires_at[row] = before.expires_at;
  head.version[row] = before.version;
  head.line_count[row] = before.line_count;
  head.last_run[row] = before.last_run;
  set_provisional(head, claim, before.provisional);
  if (expiries_.contains(claim)) expiries_.erase(claim);
  requeue(before.claim, before.expires_at);
}

void Claims::put(LinePage& page, std::uint32_t line, const LineQuantities& quantities) {
  page.held[Lines::in_page(line)] = quantities.held;
  page.committed[Lines::in_page(line)] = quantities.committed;
  lines_.set_cold(page, LinePage::backordered, line, quantities.backordered);
  lines_.set_cold(page, LinePage::fulfilled, line, quantities.fulfilled);
  lines_.set_cold(page, LinePage::cancelled, line, quantities.cancelled);
  lines_.set_cold(page, LinePage::released, line, quantities.released);
  lines_.set_cold(page, LinePage::expired, line, quantities.expired);
}

// REQUIRES: it has no lines.
void Claims::drop_newest() {
  const std::uint32_t claim = count();
  const ClaimPage& page = heads_.page_of(claim);
  CHECK(page.line_count[Heads::in_page(claim)] == 0);
  by_id_.erase(hash_of(page.id[Heads::in_page(claim)]), claim);
  provisional_.erase(claim);
  held_.pop_back();
  heads_.drop_last();
}

std::uint64_t Claims::recomputed_digest(const Levels& levels) const {
  std::uint64_t digest = 0;
  for (std::uint32_t row = 1; row < heads_.size(); ++row) {
    const ClaimPage& page = heads_.page_of(row);
    const ClaimHead head = head_in(page, Heads::in_page(row));
    if (head.id.is_none()) continue;
    digest += head_share(head, page.texts[Heads::in_page(row)]->computed_digest());
  }
  // The keys of the levels lie anywhere, so they are asked for two steps of a few lines ahead.
  constexpr std::uint32_t stride = 16;
  for (std::uint32_t line = 1; line < lines_.size(); ++line) {
    levels.prefetch_node(level_at(std::min(line + 2 * stride, lines_.size() - 1)));
    levels.prefetch_key(level_at(std::min(line + stride, lines_.size() - 1)));
    const LinePage& page = lines_.page_of(line);
    const std::uint32_t row = Lines::in_page(line);
    const std::uint32_t claim = page.claim[row];
    if (claim == 0) continue;
    const ClaimId id = heads_.page_of(claim).id[Heads::in_page(claim)];
    digest += line_share_in(page, row, key_factor(id), levels.key(LevelRef{page.level[row]}));
  }
  return digest;
}

}  // namespace holdfast
