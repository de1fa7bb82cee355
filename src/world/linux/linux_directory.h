// LinuxDirectory: the files of one directory, reached through its descriptor, so a renamed or
// remounted path cannot redirect them.
//
//   1. Every file is a regular file of mode 0600, opened O_CLOEXEC and O_NOFOLLOW, on a descriptor
//   above 2.
//   2. Write queues write with O_DIRECT and O_DSYNC; where the file system refuses O_DIRECT
//   (tmpfs), with O_DSYNC.
//   3. A write queue holds a lock on its file, one queue per file at a time: opening one waits
//   until every write that an
//      earlier, dead process had in flight there has landed.
//   4. The directory's lock is an open-file-description lock: unlike POSIX locks it survives other
//   closes in this process.
//
// Threads: the directory may be used from any; a File or WriteQueue by one owner at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "world/disk.h"
#include "world/linux/descriptor.h"
#include "world/linux/write_pool.h"
#include "world/linux/write_queue_options.h"

namespace holdfast {

class LinuxDirectory final : public Directory {
 public:
  // Creates it (0700) when it is not there; its parent must exist. Probes io_uring.
  static Result<std::unique_ptr<LinuxDirectory>> open(const std::string& path, WriteMethod method);

  Result<std::unique_ptr<File>> open(std::string_view name, OpenMode mode) override;
  Result<std::unique_ptr<WriteQueue>> write_queue(std::string_view name,
                                                  std::size_t in_flight_max) override;
  Result<std::vector<std::string>> list() override;
  Status remove(std::string_view name) override;
  Status rename(std::string_view from, std::string_view to) override;
  Status sync() override;
  Result<std::uint64_t> free_bytes() override;
  Result<std::unique_ptr<FileLock>> lock(std::string_view name) override;
  [[nodiscard]] int wake_descriptor() const override { return wake_.number(); }

  // What automatic came to.
  [[nodiscard]] WriteMethod method() const { return method_; }

 private:
  LinuxDirectory(Descriptor directory, std::string path, WriteMethod method);
  Result<Descriptor> open_at(std::string_view name, int flags);
  WritePool& pool();

  const Descriptor directory_;
  const std::string path_;
  const WriteMethod method_;
  const Descriptor wake_;
  std::mutex pool_mutex_;
  std::unique_ptr<WritePool> pool_;  // made when first needed
};

}  // namespace holdfast
