// verify: the proof that balances are the fold of the ledger. It replays every entry from the first
// batch and keeps its own sums beside Stock, by the simplest code that can be right, so that an
// error in one of them shows.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/replay.h"
#include "journal/checkpoint.h"

namespace holdfast {
namespace {

constexpr std::size_t problems_max =
    20;  // the first ones tell; a broken ledger would repeat itself

class Proof {
 public:
  explicit Proof(VerifyReport& report) : report_(report), replay_(stock_) {
    replay_.after_group = [this](const DecodedGroup& group, Seq last) { check_group(group, last); };
  }

  Status expect_checkpoints(Directory& disk);
  Status batch(const BatchHeader& header, ByteSpan payload);
  void finish();

 private:
  void check_group(const DecodedGroup& group, Seq last);
  void check_levels();
  void check_claims();
  void problem(std::string text) {
    if (report_.problems.size() < problems_max) report_.problems.push_back(std::move(text));
  }
  [[nodiscard]] std::string name_of_level(const LevelKey& key) const {
    return fmt::format("{} at {}{}{}", stock_.item(key.item).sku,
                       stock_.location(key.location).code, key.lot.value() == 0 ? "" : " lot ",
                       stock_.lot_name(key.lot));
  }

  VerifyReport& report_;
  Stock stock_;
  Replay replay_;
  std::map<LevelKey, Quantities> sums_;  // of every delta, apart from Stock
  std::vector<LevelKey> touched_;
  std::map<Seq, std::pair<std::string, std::uint64_t>> checkpoints_;  // seq → name, digest
};

// Reads every checkpoint whole; what its state must be is compared when the replay reaches its seq.
Status Proof::expect_checkpoints(Directory& disk) {
  ASSIGN(const auto names, list_checkpoints(disk));
  for (const auto& name : names) {
    StockLoader loader;
    auto header = read_checkpoint(disk, name, [&](ByteSpan block) { return loader.add(block); });
    if (!header.has_value()) {
      problem(fmt::format("checkpoint {}: {}", name, header.error().message));
      continue;
    }
    auto stock = loader.finish();
    if (!stock.has_value()) {
      problem(fmt::format("checkpoint {}: {}", name, stock.error().message));
      continue;
    }
    checkpoints_[header->position.seq] = {name, (*stock)->recomputed_digest()};
  }
  return {};
}

Status Proof::batch(const BatchHeader& header, ByteSpan payload) {
  TRY(replay_.batch(header, payload));
  const auto expected = checkpoints_.find(header.info.last);
  if (expected == checkpoints_.end()) return {};
  const auto& [name, digest] = expected->second;
  if (digest != stock_.digest()) {
    problem(fmt::format("checkpoint {} differs from the fold of the ledger at seq {}", name,
                        header.info.last.value()));
  }
  ++report_.checkpoints;
  checkpoints_.erase(expected);
  return {};
}

void Proof::check_group(const DecodedGroup& group, Seq last) {
  touched_.clear();
  for (const Entry& entry : group.entries) {
    if (const auto* moved = std::get_if<StockMoved>(&entry)) {
      sums_[moved->level] += moved->delta;
      touched_.push_back(moved->level);
    }
  }
  for (const LevelKey& key : touched_) {
    const Quantities& sum = sums_[key];
    if (sum[Term::available] < Quantity()) ++report_.oversold;
    if (sum.balanced() && sum.valid()) continue;
    problem(fmt::format("{}: after seq {} the quantities break the equation", name_of_level(key),
                        last.value()));
  }
}

void Proof::finish() {
  check_levels();
  check_claims();
  for (const auto& [seq, checkpoint] : checkpoints_) {
    problem(fmt::format("checkpoint {} stands at seq {}, where no batch ends", checkpoint.first,
                        seq.value()));
  }
  if (stock_.recomputed_digest() != stock_.digest()) {
    problem("the digest kept while folding differs from the digest of the rows");
  }
  report_.digest = stock_.digest();
  report_.groups = replay_.groups();
  report_.entries = replay_.entries();
  report_.levels = stock_.level_count();
  report_.claims = stock_.known_claims();
}

void Proof::check_levels() {
  if (sums_.size() != stock_.level_count()) {
    problem(fmt::format("the entries name {} levels, the state has {}", sums_.size(),
                        stock_.level_count()));
  }
  for (const auto& [key, sum] : sums_) {
    const LevelRef level = stock_.find_level(key);
    if (level.exists() && stock_.level(level).quantities == sum) continue;
    problem(fmt::format("{}: the balance is not the sum of its entries", name_of_level(key)));
  }
}

// Per level, the sums over claim lines equal held, committed and backordered (domain, invariant 3).
void Proof::check_claims() {
  std::map<LevelKey, Quantities> open;
  for (std::uint32_t row = 1; row <= stock_.claim_count(); ++row) {
    const ClaimHead head = stock_.head(ClaimRef{row});
    for (std::uint32_t number = 1; number <= head.line_count; ++number) {
      const ClaimLine line = stock_.line(ClaimRef{row}, number);
      Quantities& sum = open[line.level];
      sum[Term::held] += line.quantities.held;
      sum[Term::committed] += line.quantities.committed;
      sum[Term::backordered] += line.quantities.backordered;
    }
  }
  for (const auto& [key, sum] : sums_) {
    const auto found = open.find(key);
    const Quantities lines = found == open.end() ? Quantities{} : found->second;
    for (const Term term : {Term::held, Term::committed, Term::backordered}) {
      if (lines[term] == sum[term]) continue;
      problem(fmt::format("{}: {} is {}, its claims' lines add up to {}", name_of_level(key),
                          term_names[static_cast<std::size_t>(term)], sum[term].units(),
                          lines[term].units()));
    }
  }
}

}  // namespace

Result<VerifyReport> verify_ledger(Directory& disk, const Progress& progress) {
  VerifyReport report;
  Proof proof(report);
  TRY(proof.expect_checkpoints(disk));
  auto journal = read_file_journal(
      disk, JournalPosition{},
      [&](const BatchHeader& header, ByteSpan payload) { return proof.batch(header, payload); },
      progress);
  if (journal.has_value()) {
    report.journal = *std::move(journal);
  } else if (journal.error().code == ErrorCode::corrupt) {
    report.problems.insert(report.problems.begin(), journal.error().message);
  } else {
    return fail(std::move(journal).error());
  }
  proof.finish();
  return report;
}

}  // namespace holdfast
