// Small numbers of everything, so that contention, sold-out, shortage and expiry happen all the
// time.
#include "sim/knobs.h"

namespace holdfast {
namespace {

// Off in about half of the runs; otherwise up to `most` per mille.
std::uint64_t rate(Rng& rng, std::int64_t most) {
  if (rng.percent(50)) return 0;
  return static_cast<std::uint64_t>(rng.between(1, most));
}

}  // namespace

Knobs draw_knobs(Rng& rng) {
  Knobs knobs;
  knobs.clients = static_cast<std::size_t>(rng.between(1, 6));
  knobs.pipeline_max = static_cast<std::size_t>(rng.between(1, 4));
  knobs.skus = static_cast<std::size_t>(rng.between(1, 4));
  knobs.locations = static_cast<std::size_t>(rng.between(1, 3));
  knobs.quantity_max = rng.between(1, 6);
  knobs.receipt_max = rng.between(2, 12);
  knobs.hold_max_drawn = Duration::ms(rng.between(20, 5'000));
  for (auto& weight : knobs.weights) {
    weight = rng.percent(20) ? 0 : static_cast<std::uint64_t>(rng.between(1, 8));
  }
  auto& claims = knobs.weights[static_cast<std::size_t>(Verb::claim)];
  claims = claims * 3 + 4;
  for (const Verb rare : {Verb::define_location, Verb::define_channel, Verb::define_item}) {
    auto& weight = knobs.weights[static_cast<std::size_t>(rare)];
    weight = (weight + 3) / 4;
  }
  knobs.request_id_percent = rng.below(101);
  knobs.repeat_percent = rng.below(25);
  knobs.sql_percent = rng.percent(20) ? 0 : 40 + rng.below(61);
  knobs.block_clients = rng.percent(30) ? 0 : static_cast<std::size_t>(rng.between(1, 4));
  knobs.block_percent = 10 + rng.below(70);

  // The smallest segment that holds a few batches, so that switches are common.
  knobs.engine.journal.segment_bytes = std::uint64_t{1} << (16 + rng.below(4));
  knobs.engine.journal.first_segment_bytes = segment_bytes_min;
  knobs.engine.journal.reserve_bytes = static_cast<std::uint64_t>(rng.between(0, 4)) * 64 * 1024;
  knobs.engine.journal.in_flight_max = static_cast<std::size_t>(rng.between(1, 6));
  knobs.engine.checkpoint_every_bytes =
      rng.percent(60) ? static_cast<std::uint64_t>(rng.between(16, 256)) * 1024
                      : std::uint64_t{1} << 40;
  knobs.engine.queue_max = static_cast<std::size_t>(rng.between(6, 40));
  knobs.engine.queue_reserved = static_cast<std::size_t>(rng.between(1, 4));
  knobs.engine.seal_after = Duration::ms(rng.between(1, 50));

  knobs.crash = rate(rng, 12);
  knobs.crash_at_io = rate(rng, 15);
  knobs.crash_in_recovery = rate(rng, 500);
  knobs.restart = rate(rng, 8);
  knobs.io_error = rate(rng, 6);
  knobs.disk_full = rate(rng, 8);
  knobs.checkpoint = rate(rng, 15);
  knobs.clock_jump = rate(rng, 20);
  knobs.pause = rate(rng, 15);
  knobs.rot = rng.percent(15) ? static_cast<std::uint64_t>(rng.between(3, 15)) : 0;
  knobs.burst = rate(rng, 30);
  return knobs;
}

}  // namespace holdfast
