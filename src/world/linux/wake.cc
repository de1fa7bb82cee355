// A full counter (EAGAIN) is as readable as any other, so a failed write of it needs no care.
#include "world/linux/wake.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace holdfast {

Descriptor make_wake() {
  const int number = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(number >= 0, "eventfd: errno {}", errno);
  return Descriptor(number);
}

void signal_wake(int descriptor) {
  const std::uint64_t one = 1;
  const ssize_t count = ::write(descriptor, &one, sizeof one);
  CHECK(count == sizeof one || errno == EAGAIN || errno == EINTR, "eventfd: errno {}", errno);
}

}  // namespace holdfast
