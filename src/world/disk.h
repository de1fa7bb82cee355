// The door to one directory of files. All names are plain (no '/'), relative to the directory.
// Errors are io_error, disk_full (ENOSPC, EDQUOT), locked or limit_exceeded (EFBIG), with the
// operation, the name and errno's text.
//
// After a failed write or sync nothing is known about what the disk holds; the caller must never
// retry a sync.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

// Offsets, sizes and addresses handed to a WriteQueue are multiples of this.
inline constexpr std::size_t disk_block_bytes = 4096;

class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() bytes; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
  // Writes all of it or fails. Not durable until sync().
  virtual Status write_at(std::uint64_t offset, ByteSpan bytes) = 0;
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
  virtual Status resize(std::uint64_t bytes) = 0;
};

struct WriteDone {
  std::uint64_t token = 0;
  Status status;
};

// Several durable writes in flight at once, into space that is already allocated and written (so a
// write changes no metadata). A reaped success means: these bytes survive a crash of the machine.
// Completions may come out of order. One owner at a time calls submit and reap.
class WriteQueue {
 public:
  virtual ~WriteQueue() = default;
  // `bytes` stay untouched until the token is reaped. Aligned as said at disk_block_bytes.
  virtual void submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) = 0;
  // As submit, but the calling thread may write, and wait for the disk, itself: no other has to be
  // woken for it. What is done when this returns does not signal wake_descriptor().
  virtual void write(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) {
    submit(token, offset, bytes);
  }
  // Appends what has completed; never blocks.
  virtual void reap(std::vector<WriteDone>& done) = 0;
  // Blocks until at least one is done, if any is in flight; then as reap.
  virtual void wait(std::vector<WriteDone>& done) = 0;
};

enum class OpenMode { read, write, create };  // create: must not exist yet

class FileLock {  // held until destroyed
 public:
  virtual ~FileLock() = default;
};

class Directory {
 public:
  virtual ~Directory() = default;
  virtual Result<std::unique_ptr<File>> open(std::string_view name, OpenMode mode) = 0;
  // At most one queue per file. Waits until the writes that a process which died had in flight
  // there have landed: none lands later. Completions signal wake_descriptor().
  virtual Result<std::unique_ptr<WriteQueue>> write_queue(std::string_view name,
                                                          std::size_t in_flight_max) = 0;
  virtual Result<std::vector<std::string>> list() = 0;  // sorted
  virtual Status remove(std::string_view name) = 0;
  virtual Status rename(std::string_view from, std::string_view to) = 0;  // replaces `to`
  virtual Status sync() = 0;  // makes creations, removals and renames durable
  virtual Result<std::uint64_t> free_bytes() = 0;
  // Exclusive across processes, for the life of the result; locked when another holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(std::string_view name) = 0;
  // A file descriptor (an eventfd) that becomes readable when any write queue of this directory has
  // completions to reap; −1 where there is none (the simulation). Reading it clears it.
  [[nodiscard]] virtual int wake_descriptor() const = 0;
};

}  // namespace holdfast
