// UringWriteQueue: durable writes through io_uring, one ring per file. The ring's completions
// signal the directory's eventfd. Short completions follow the rule of durable_write.h.
#pragma once

#include <liburing.h>

#include <memory>
#include <string>
#include <vector>

#include "world/disk.h"
#include "world/linux/descriptor.h"

namespace holdfast {

// Whether this kernel, in this container, lets us set up a ring that can write.
[[nodiscard]] bool uring_is_allowed();

class UringWriteQueue final : public WriteQueue {
 public:
  static Result<std::unique_ptr<UringWriteQueue>> make(Descriptor file, std::string name, int wake,
                                                       std::size_t in_flight_max);
  ~UringWriteQueue() override;
  void submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) override;
  void reap(std::vector<WriteDone>& done) override;
  void wait(std::vector<WriteDone>& done) override;

 private:
  struct Slot {
    std::uint64_t token = 0;
    std::uint64_t offset = 0;
    ByteSpan bytes;
    int short_writes = 0;
    bool in_use = false;
  };
  UringWriteQueue(Descriptor file, std::string name, std::size_t in_flight_max)
      : file_(std::move(file)), name_(std::move(name)), slots_(in_flight_max) {}
  void start(std::size_t index);
  void complete(std::size_t index, int outcome, std::vector<WriteDone>& done);

  Descriptor file_;
  std::string name_;
  std::vector<Slot> slots_;
  std::size_t in_flight_ = 0;
  io_uring ring_{};
  bool ring_made_ = false;
};

}  // namespace holdfast
