// Recovery: from files to a state that is ready to serve. Newest valid checkpoint, then the
// journal's tail through `fold`, digests compared wherever a batch carries one.
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/engine.h"
#include "journal/file_journal.h"
#include "stock/stock.h"
#include "world/world.h"

namespace holdfast {

struct Recovered {
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Stock> stock;
  EngineReport report;  // journal, checkpoint, entries
};

// REQUIRES: the directory's lock is held. Falls back to the older checkpoint, then to none, when
// the newest is corrupt; a state whose digest differs from the journal's is `corrupt`: nothing is
// served from it.
Result<Recovered> recover(World& world, const EngineOptions& options, const Progress& progress);

// For a Stock that the world outlives.
Stock::RunElsewhere in_background(World& world);

}  // namespace holdfast
