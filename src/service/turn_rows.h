// The rows of SHOW holdfast.turns: how long the engine's turns took, and its waits for a
// checkpoint, since the start.
#pragma once

#include "engine/engine.h"
#include "service/value.h"

namespace holdfast {

void write_turns(const EngineStats& stats, RowSink& sink);

}  // namespace holdfast
