// pread and fsync with the loops they need: EINTR and short counts; writes by the rule that queues
// follow too.
#include "world/linux/linux_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "world/linux/durable_write.h"
#include "world/linux/system_error.h"

namespace holdfast {

Result<std::size_t> LinuxFile::read_at(std::uint64_t offset, std::span<std::byte> out) {
  std::size_t total = 0;
  while (total < out.size()) {
    const ssize_t count = ::pread64(file_.number(), out.data() + total, out.size() - total,
                                    static_cast<off64_t>(offset + total));
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error("read", name_, errno));
    total += static_cast<std::size_t>(count);
  }
  return total;
}

Status LinuxFile::write_at(std::uint64_t offset, ByteSpan bytes) {
  return durable_write(file_.number(), name_, offset, bytes);
}

Status LinuxFile::sync() {
  // No loop on EINTR: after any failed fsync the kernel may have thrown the dirty pages away.
  if (::fsync(file_.number()) != 0) return fail(system_error("sync", name_, errno));
  // Advice only; where the kernel declines it, reads come from pages that fsync just called clean.
  static_cast<void>(::posix_fadvise(file_.number(), 0, 0, POSIX_FADV_DONTNEED));
  return {};
}

Result<std::uint64_t> LinuxFile::size() {
  struct stat status {};
  if (::fstat(file_.number(), &status) != 0) return fail(system_error("stat", name_, errno));
  return static_cast<std::uint64_t>(status.st_size);
}

Status LinuxFile::resize(std::uint64_t bytes) {
  while (::ftruncate64(file_.number(), static_cast<off64_t>(bytes)) != 0) {
    if (errno != EINTR) return fail(system_error("resize", name_, errno));
  }
  return {};
}

}  // namespace holdfast
