// See the header: EINTR repeats, short counts repeat a bounded number of times, errors end it.
#include "world/linux/durable_write.h"

#include <unistd.h>

#include <cerrno>

#include "world/linux/system_error.h"

namespace holdfast {

Error short_write_error(std::string_view name, std::uint64_t offset, std::size_t wanted,
                        std::int64_t got) {
  return {.code = ErrorCode::io_error,
          .message = fmt::format("cannot write \"{}\": {} of {} bytes at offset {}", name, got,
                                 wanted, offset),
          .detail = {},
          .hint = {}};
}

Status durable_write(int descriptor, std::string_view name, std::uint64_t offset, ByteSpan bytes) {
  ssize_t count = 0;
  for (int attempt = 0; attempt <= short_writes_max;) {
    count = ::pwrite64(descriptor, bytes.data(), bytes.size(), static_cast<off64_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error("write", name, errno));
    if (static_cast<std::size_t>(count) == bytes.size()) return {};
    ++attempt;
  }
  return fail(short_write_error(name, offset, bytes.size(), count));
}

}  // namespace holdfast
