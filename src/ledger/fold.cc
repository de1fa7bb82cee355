// fold: applies what was decided. No decision, no name, no clock; its meaning never changes.
#include "base/check.h"
#include "ledger/claim_parts.h"
#include "ledger/law.h"

namespace holdfast {
namespace {

struct Fold {
  void operator()(const StockMoved& entry) const {
    CHECK(entry.delta.balanced(), "the move at seq {} breaks the equation of a level", seq.value());
    stock.move(entry.level, entry.delta, seq);
    if (entry.line == 0) return;
    stock.move_line(entry.claim, entry.line, entry.level, line_delta(entry.kind, entry.delta), seq);
  }
  void operator()(const ClaimOpened& entry) const {
    stock.open_claim(entry.claim, entry.expires_at, context, seq, entry.provisional);
  }
  void operator()(const ClaimSettled& entry) const {
    stock.settle_claim(entry.claim, entry.expires_at, seq);
  }
  void operator()(const ClaimUndone& entry) const { stock.undo_claim(entry.claim, seq); }
  void operator()(const ExpirySet& entry) const {
    stock.set_expiry(entry.claim, entry.expires_at, seq);
  }
  void operator()(const ItemDefined& entry) const { stock.define(entry.item, *entry.record, seq); }
  void operator()(const LocationDefined& entry) const {
    stock.define(entry.location, *entry.record, seq);
  }
  void operator()(const ChannelDefined& entry) const {
    stock.define(entry.channel, *entry.record, seq);
  }
  void operator()(const LotNamed& entry) const { stock.name_lot(entry.lot, entry.name, seq); }
  void operator()(const RequestRemembered& entry) const { stock.remember(context, entry, seq); }
  void operator()(const Resumed& entry) const { stock.extend_holds(entry.extended, seq); }

  Stock& stock;
  const GroupContext& context;
  Seq seq;
};

}  // namespace

void fold(Stock& stock, const GroupContext& context, const Entry& entry, Seq seq) {
  std::visit(Fold{stock, context, seq}, entry);
}

// Definitions are few, and what is remembered goes to fresh memory.
void foresee_fold(const Stock& stock, const Entry& entry, std::uint32_t step) {
  if (const auto* moved = std::get_if<StockMoved>(&entry)) {
    stock.foresee_change(moved->level, step);
    // A claim that takes units is nearly always the one just opened.
    if (moved->line != 0 && moved->kind != MoveKind::claim) {
      stock.foresee_change(moved->claim, step);
    }
  } else if (const auto* opened = std::get_if<ClaimOpened>(&entry)) {
    if (step == 0) stock.foresee(opened->claim);
  } else if (const auto* set = std::get_if<ExpirySet>(&entry)) {
    stock.foresee_change(set->claim, step);
  } else if (const auto* settled = std::get_if<ClaimSettled>(&entry)) {
    stock.foresee_change(settled->claim, step);
  } else if (const auto* undone = std::get_if<ClaimUndone>(&entry)) {
    stock.foresee_change(undone->claim, step);
  }
}

}  // namespace holdfast
