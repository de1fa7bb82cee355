// Clock, randomness and background work.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "model/time.h"

namespace holdfast {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock (CLOCK_REALTIME). May jump either way.
  [[nodiscard]] virtual Timestamp wall() = 0;
  // Time since boot, suspension included (CLOCK_BOOTTIME). Never goes back.
  [[nodiscard]] virtual Duration boot() = 0;
  // Processor time of the calling thread (CLOCK_THREAD_CPUTIME_ID): without the time in which it
  // waited for a core. Costs a system call, unlike the others.
  [[nodiscard]] virtual Duration processor() = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  // Cryptographically strong in the real world.
  virtual void fill(std::span<std::byte> out) = 0;
  [[nodiscard]] std::uint64_t next() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
};

// Runs jobs away from whoever posts them, beside one another and in any order (on a few threads in
// the real world, between steps in the simulation): a short one does not wait for a long one. A job
// must not touch what its poster owns without handing it back through a channel of its own.
class Background {
 public:
  virtual ~Background() = default;
  virtual void post(std::function<void()> job) = 0;
  // Returns when every job posted before has ended.
  virtual void drain() = 0;
};

}  // namespace holdfast
