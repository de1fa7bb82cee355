// Probes: named counters that prove that rare paths were taken. A simulation that never tears a
// write tests nothing about torn writes, however green it is; so a test fails when any probe stays
// at zero over its seeds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

// The list is a macro so that a name cannot differ from its probe.
#define HOLDFAST_PROBES(PROBE)         \
  /* clients */                        \
  PROBE(claim_granted)                 \
  PROBE(claim_partially_granted)       \
  PROBE(claim_refused_short)           \
  PROBE(refused_channel)               \
  PROBE(refused_item)                  \
  PROBE(refused_location)              \
  PROBE(refused_claim_unknown)         \
  PROBE(refused_claim_exists)          \
  PROBE(refused_claim_expired)         \
  PROBE(refused_wrong_state)           \
  PROBE(refused_quantity)              \
  PROBE(answered_already)              \
  PROBE(answered_replayed)             \
  PROBE(refused_mismatch)              \
  PROBE(replay_of_refusal)             \
  PROBE(replay_after_crash)            \
  PROBE(unknown_found_done)            \
  PROBE(unknown_found_undone)          \
  PROBE(claim_split_over_locations)    \
  PROBE(claim_sourced_whole)           \
  PROBE(claim_refused_repeated_lines)  \
  PROBE(confirmed_in_part)             \
  PROBE(reclaimed_after_expiry)        \
  PROBE(reclaim_refused)               \
  PROBE(amended)                       \
  PROBE(fulfilled_in_part)             \
  PROBE(expired_in_turn)               \
  PROBE(expired_many_in_turn)          \
  PROBE(shortage_made)                 \
  PROBE(shortage_filled)               \
  PROBE(malformed_refused)             \
  PROBE(overload_refused)              \
  PROBE(overload_freeing_accepted)     \
  PROBE(read_through_sql)              \
  PROBE(read_waited_for_durability)    \
  PROBE(refusal_waited_for_durability) \
  PROBE(refused_contended)             \
  PROBE(refused_stale)                 \
  PROBE(level_set)                     \
  PROBE(claim_left_at_once)            \
  PROBE(block_committed)               \
  PROBE(block_read_validated)          \
  PROBE(block_conflicted)              \
  PROBE(block_undone)                  \
  PROBE(block_unknown_done)            \
  PROBE(block_unknown_undone)          \
  PROBE(block_rolled_back_to)          \
  PROBE(block_lease_ended)             \
  /* disk and journal */               \
  PROBE(crash)                         \
  PROBE(crash_in_recovery)             \
  PROBE(crash_in_checkpoint)           \
  PROBE(crash_at_io)                   \
  PROBE(crash_lost_entries)            \
  PROBE(torn_tail_cut)                 \
  PROBE(segment_switch)                \
  PROBE(checkpoint_loaded)             \
  PROBE(older_checkpoint_used)         \
  PROBE(checkpoint_by_bytes)           \
  PROBE(checkpoint_asked)              \
  PROBE(checkpoint_failed)             \
  PROBE(orderly_restart)               \
  PROBE(recovered_from_start)          \
  PROBE(disk_full_refused)             \
  PROBE(disk_full_freeing_accepted)    \
  PROBE(disk_full_over)                \
  PROBE(io_error_stopped)              \
  PROBE(unknown_answered)              \
  PROBE(corruption_refused_to_start)   \
  PROBE(corruption_survived)           \
  /* time */                           \
  PROBE(clock_jump_forward)            \
  PROBE(clock_jump_back)               \
  PROBE(paused)                        \
  PROBE(outage_extended_holds)         \
  PROBE(clock_refused_to_start)

enum class Probe : std::uint8_t {
#define HOLDFAST_PROBE(name) name,
  HOLDFAST_PROBES(HOLDFAST_PROBE)
#undef HOLDFAST_PROBE
};
inline constexpr std::array probe_names = {
#define HOLDFAST_PROBE(name) std::string_view(#name),
    HOLDFAST_PROBES(HOLDFAST_PROBE)
#undef HOLDFAST_PROBE
};
inline constexpr std::size_t probe_count = probe_names.size();
constexpr std::string_view name_of(Probe probe) {
  return probe_names[static_cast<std::size_t>(probe)];
}

class Probes {
 public:
  void hit(Probe probe) { ++counts_[static_cast<std::size_t>(probe)]; }
  [[nodiscard]] std::uint64_t count(Probe probe) const {
    return counts_[static_cast<std::size_t>(probe)];
  }
  Probes& operator+=(const Probes& other) {
    for (std::size_t index = 0; index < probe_count; ++index)
      counts_[index] += other.counts_[index];
    return *this;
  }

 private:
  std::array<std::uint64_t, probe_count> counts_{};
};

}  // namespace holdfast
