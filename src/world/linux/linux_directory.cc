// openat and its relatives; one idea: every name is plain and every path goes through directory_.
#include "world/linux/linux_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/check.h"
#include "world/linux/linux_file.h"
#include "world/linux/system_error.h"
#include "world/linux/uring_write_queue.h"
#include "world/linux/wake.h"

namespace holdfast {
namespace {

// More threads than writes ever in flight would only sleep.
constexpr std::size_t pool_threads = 8;

class DirectoryLock final : public FileLock {
 public:
  explicit DirectoryLock(Descriptor directory) : directory_(std::move(directory)) {}

 private:
  Descriptor directory_;  // closing it releases the lock
};

// io_uring where this machine allows it: it measures better (write_queue_bench; B1 with 32
// clients), as no thread has to be woken for a write. Containers often forbid it; threads always
// work.
WriteMethod chosen(WriteMethod asked) {
  if (asked != WriteMethod::automatic) return asked;
  return uring_is_allowed() ? WriteMethod::uring : WriteMethod::threads;
}

// Requests of io_uring outlive the process that made them (and its lock on the directory), but they
// keep their open file: a lock on that is free only when the last of them has landed. So no write
// of an earlier process can land later.
Status wait_for_earlier_writers(const Descriptor& file, std::string_view name) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  while (::fcntl(file.number(), F_OFD_SETLKW, &range) != 0) {
    if (errno != EINTR) return fail(system_error("lock", name, errno));
  }
  return {};
}

Status sync_parent(const std::string& path) {
  std::filesystem::path parent = std::filesystem::path(path).lexically_normal();
  if (!parent.has_filename()) parent = parent.parent_path();
  parent = parent.has_parent_path() ? parent.parent_path() : std::filesystem::path(".");
  const Descriptor opened(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.number()) != 0) {
    return fail(system_error("sync", parent.string(), errno));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LinuxDirectory>> LinuxDirectory::open(const std::string& path,
                                                             WriteMethod method) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    TRY(sync_parent(path));
  } else if (errno != EEXIST) {
    return fail(system_error("create the directory", path, errno));
  }
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return fail(system_error("open the directory", path, errno));
  return std::unique_ptr<LinuxDirectory>(
      new LinuxDirectory(std::move(directory), path, chosen(method)));
}

LinuxDirectory::LinuxDirectory(Descriptor directory, std::string path, WriteMethod method)
    : directory_(std::move(directory)),
      path_(std::move(path)),
      method_(method),
      wake_(make_wake()) {}

Result<Descriptor> LinuxDirectory::open_at(std::string_view name, int flags) {
  CHECK(!name.empty() && name.find('/') == std::string_view::npos, "file name \"{}\"", name);
  const std::string text(name);
  int number = -1;
  do {
    number = ::openat(directory_.number(), text.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  } while (number < 0 && errno == EINTR);
  Descriptor file(number);
  if (!file.is_open()) return fail(system_error("open", name, errno));
  CHECK(number > 2, "a data file got descriptor {}", number);
  struct stat status {};
  if (::fstat(number, &status) != 0) return fail(system_error("stat", name, errno));
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::io_error, "\"{}\" is not a regular file", name);
  }
  return file;
}

Result<std::unique_ptr<File>> LinuxDirectory::open(std::string_view name, OpenMode mode) {
  constexpr int flags[] = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT | O_EXCL};
  ASSIGN(Descriptor file, open_at(name, flags[static_cast<int>(mode)]));
  return std::unique_ptr<File>(std::make_unique<LinuxFile>(std::move(file), std::string(name)));
}

Result<std::unique_ptr<WriteQueue>> LinuxDirectory::write_queue(std::string_view name,
                                                                std::size_t in_flight_max) {
  Result<Descriptor> file = open_at(name, O_WRONLY | O_DIRECT | O_DSYNC);
  if (!file) file = open_at(name, O_WRONLY | O_DSYNC);  // O_DIRECT refused, or a real error again
  if (!file) return fail(std::move(file).error());
  TRY(wait_for_earlier_writers(*file, name));
  if (method_ == WriteMethod::uring) {
    ASSIGN(auto queue, UringWriteQueue::make(std::move(*file), std::string(name), wake_.number(),
                                             in_flight_max));
    return std::unique_ptr<WriteQueue>(std::move(queue));
  }
  return std::unique_ptr<WriteQueue>(std::make_unique<PoolWriteQueue>(
      pool(), std::move(*file), std::string(name), wake_.number(), in_flight_max));
}

WritePool& LinuxDirectory::pool() {
  const std::lock_guard lock(pool_mutex_);
  if (!pool_) pool_ = std::make_unique<WritePool>(pool_threads);
  return *pool_;
}

Result<std::vector<std::string>> LinuxDirectory::list() {
  // A descriptor of its own: readdir moves its offset.
  const int number = ::openat(directory_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return fail(system_error("list", path_, errno));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(number), &::closedir);
  CHECK(stream != nullptr);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return fail(system_error("list", path_, errno));
  std::sort(names.begin(), names.end());
  return names;
}

Status LinuxDirectory::remove(std::string_view name) {
  if (::unlinkat(directory_.number(), std::string(name).c_str(), 0) != 0) {
    return fail(system_error("remove", name, errno));
  }
  return {};
}

Status LinuxDirectory::rename(std::string_view from, std::string_view to) {
  if (::renameat(directory_.number(), std::string(from).c_str(), directory_.number(),
                 std::string(to).c_str()) != 0) {
    return fail(system_error("rename", from, errno));
  }
  return {};
}

Status LinuxDirectory::sync() {
  if (::fsync(directory_.number()) != 0) return fail(system_error("sync", path_, errno));
  return {};
}

Result<std::uint64_t> LinuxDirectory::free_bytes() {
  struct statvfs status {};
  if (::fstatvfs(directory_.number(), &status) != 0) {
    return fail(system_error("ask the free space of", path_, errno));
  }
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

// The directory itself is locked: a file in it could be removed, and the next process would lock
// another one. The file says who holds the lock, for whoever is refused.
Result<std::unique_ptr<FileLock>> LinuxDirectory::lock(std::string_view name) {
  Descriptor directory(::openat(directory_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return fail(system_error("open", path_, errno));
  ASSIGN(const Descriptor file, open_at(name, O_RDWR | O_CREAT));
  if (::flock(directory.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(system_error("lock", path_, errno));
    char owner[32] = {};
    [[maybe_unused]] const auto got = ::pread(file.number(), owner, sizeof owner - 1, 0);
    return fail(ErrorCode::locked, "another process{} uses the data directory \"{}\"",
                owner[0] == '\0' ? std::string() : fmt::format(" (pid {})", owner), path_);
  }
  const std::string owner = std::to_string(::getpid());
  if (::ftruncate(file.number(), 0) == 0) {
    [[maybe_unused]] const auto put = ::pwrite(file.number(), owner.data(), owner.size(), 0);
  }
  return std::unique_ptr<FileLock>(std::make_unique<DirectoryLock>(std::move(directory)));
}

}  // namespace holdfast
