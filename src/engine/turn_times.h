// TurnTimes: how long something of the engine's took, each time since the start: how often, the
// longest, and a histogram whose steps double. Adding is a few instructions, so every turn is
// counted.
//
// Invariant: the counts of the steps add up to count; longest lies in the highest step that is not
// empty.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "model/time.h"

namespace holdfast {

struct TurnTimes {
  // Step n counts what took less than 2^n µs, and not less than half of that; the last one, all
  // that is longer.
  static constexpr std::size_t step_count = 25;  // up to 16 s

  std::uint64_t count = 0;
  Duration longest;
  // The most processor time that any of them took; nothing where that is not read.
  std::optional<Duration> longest_processor;
  std::array<std::uint64_t, step_count> steps{};

  // REQUIRES: took is not negative: it is of a clock that never goes back.
  void add(Duration took) {
    const auto us = static_cast<std::uint64_t>(took.us());
    ++count;
    ++steps[std::min<std::size_t>(std::bit_width(us), step_count - 1)];
    longest = std::max(longest, took);
  }
  void add(Duration took, Duration processor) {
    add(took);
    longest_processor = std::max(longest_processor.value_or(Duration()), processor);
  }
};

}  // namespace holdfast
