// A checkpoint is an optimisation: without any, the journal from its first batch gives the same
// state.
#include "engine/recovery.h"

#include <utility>

#include "engine/replay.h"
#include "journal/checkpoint.h"

namespace holdfast {

namespace {

struct Loaded {
  std::unique_ptr<Stock> stock;
  CheckpointHeader header = {};
};

Result<Loaded> load(World& world, std::string_view name) {
  StockLoader loader(in_background(world));
  Loaded loaded;
  ASSIGN(loaded.header,
         read_checkpoint(world.disk, name, [&](ByteSpan block) { return loader.add(block); }));
  ASSIGN(loaded.stock, loader.finish());
  if (loaded.stock->digest() != loaded.header.digest) {
    return fail(ErrorCode::corrupt, "checkpoint {} holds a state with another digest than it says",
                name);
  }
  return loaded;
}

// The newest checkpoint that can be read whole; an empty state when there is none.
Result<Loaded> newest(World& world) {
  ASSIGN(const auto names, list_checkpoints(world.disk));
  for (const auto& name : names) {
    auto loaded = load(world, name);
    if (loaded.has_value()) return loaded;
    if (loaded.error().code != ErrorCode::corrupt) return loaded;
  }
  return Loaded{.stock = std::make_unique<Stock>(in_background(world))};
}

}  // namespace

Stock::RunElsewhere in_background(World& world) {
  return [&world](std::function<void()> job) { world.background.post(std::move(job)); };
}

Result<Recovered> recover(World& world, const EngineOptions& options, const Progress& progress) {
  ASSIGN(Loaded loaded, newest(world));
  const Seq checkpoint = loaded.header.position.seq;
  Replay replay(*loaded.stock);
  const auto visit = [&](const BatchHeader& header, ByteSpan payload) {
    return replay.batch(header, payload);
  };
  ASSIGN(OpenedJournal opened, open_file_journal(world, options.journal, loaded.header.position,
                                                 checkpoint, visit, progress));
  if (!loaded.header.ledger_id.empty() && loaded.header.ledger_id != opened.report.ledger_id) {
    return fail(ErrorCode::corrupt, "the checkpoint belongs to ledger {}, the journal to {}",
                loaded.header.ledger_id, opened.report.ledger_id);
  }
  if (opened.report.batches == 0 && checkpoint.value() != 0) {
    opened.report.at = loaded.header.at;
    opened.report.epoch = loaded.header.epoch;
  }
  Recovered recovered{.journal = std::move(opened.journal),
                      .stock = std::move(loaded.stock),
                      .report = {.journal = std::move(opened.report),
                                 .checkpoint = checkpoint,
                                 .entries = replay.entries()}};
  recovered.report.fresh = recovered.report.journal.end.seq.value() == 0;
  return recovered;
}

}  // namespace holdfast
