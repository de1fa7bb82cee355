// Puts the doors together.
#include "world/linux/linux_world.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>

#include "world/linux/system_error.h"

namespace holdfast {
namespace {

Status keep_standard_descriptors() {
  for (int number = 0; number <= 2; ++number) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The lowest free number is this one, because all below exist.
    if (::open("/dev/null", O_RDWR) != number)
      return fail(system_error("open", "/dev/null", errno));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LinuxWorld>> LinuxWorld::open(const std::string& data_directory,
                                                     const LinuxWorldOptions& options) {
  TRY(keep_standard_descriptors());
  std::signal(SIGXFSZ, SIG_IGN);
  ASSIGN(auto directory, LinuxDirectory::open(data_directory, options.write_method));
  return std::unique_ptr<LinuxWorld>(new LinuxWorld(std::move(directory)));
}

LinuxWorld::LinuxWorld(std::unique_ptr<LinuxDirectory> directory)
    : directory_(std::move(directory)),
      world_{.clock = clock_, .random = random_, .disk = *directory_, .background = background_} {}

}  // namespace holdfast
