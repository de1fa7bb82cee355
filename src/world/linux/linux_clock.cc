// CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_THREAD_CPUTIME_ID and getrandom: none of them fails with
// these arguments, so a failure is a bug.
#include "world/linux/linux_clock.h"

#include <sys/random.h>

#include <cerrno>
#include <ctime>

#include "base/check.h"

namespace holdfast {
namespace {

std::int64_t read_us(clockid_t clock) {
  timespec now{};
  CHECK(::clock_gettime(clock, &now) == 0, "clock {}", clock);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

Timestamp LinuxClock::wall() { return Timestamp::us(read_us(CLOCK_REALTIME)); }

Duration LinuxClock::boot() { return Duration::us(read_us(CLOCK_BOOTTIME)); }

Duration LinuxClock::processor() { return Duration::us(read_us(CLOCK_THREAD_CPUTIME_ID)); }

void LinuxRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t count = ::getrandom(out.data(), out.size(), 0);
    CHECK(count > 0 || errno == EINTR, "getrandom: errno {}", errno);
    if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace holdfast
