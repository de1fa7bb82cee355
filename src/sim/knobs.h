// Knobs: what differs between two simulated runs, all drawn from the seed ("swarm testing", Groce
// et al., ISSTA 2012: leaving features out at random finds more than always mixing all of them).
//
// The atlas, that is what the design claims to survive, bounds them: unsynced writes may be lost,
// torn, garbled and reordered by a crash; a write or sync may fail (the engine then stops); the
// disk may fill; clocks may jump. Bytes that a single disk acknowledged and then changed by itself
// (`rot`) cannot be repaired: there, refusing to start is right too, a wrong answer never is.
#pragma once

#include <array>
#include <cstdint>

#include "engine/engine.h"
#include "sim/operation.h"
#include "sim/rng.h"

namespace holdfast {

struct Knobs {
  // — the shop —
  std::size_t clients = 3;
  std::size_t pipeline_max = 2;  // operations of one client under way
  std::size_t skus = 3;
  std::size_t locations = 2;
  std::int64_t quantity_max = 4;  // of a line
  std::int64_t receipt_max = 6;
  Duration hold_max_drawn = Duration::seconds(2);
  std::array<std::uint64_t, verb_count> weights{};
  std::uint64_t request_id_percent = 60;
  std::uint64_t repeat_percent = 10;  // an operation is one that was sent before
  std::uint64_t sql_percent = 70;     // through the service; else the engine's own door
  std::size_t block_clients = 2;      // that wrap what they do in transactions
  std::uint64_t block_percent = 30;   // one of them says something, in a step
  // — the engine —
  EngineOptions engine;
  // — what happens between steps, per mille —
  std::uint64_t crash = 0;              // now
  std::uint64_t crash_at_io = 0;        // at a random I/O to come
  std::uint64_t crash_in_recovery = 0;  // after a crash: another one while it recovers
  std::uint64_t restart = 0;            // orderly
  std::uint64_t io_error = 0;
  std::uint64_t disk_full = 0;
  std::uint64_t checkpoint = 0;
  std::uint64_t clock_jump = 0;
  std::uint64_t pause = 0;
  std::uint64_t rot = 0;
  std::uint64_t burst = 0;  // more requests at once than the queue takes
};

[[nodiscard]] Knobs draw_knobs(Rng& rng);

}  // namespace holdfast
