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

}  // namespace holdfast
