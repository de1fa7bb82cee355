// LinuxWorld: the real doors (kernel clocks, getrandom, one data directory, a few background
// threads), owned together.
//
// Opening it changes the process: descriptors 0–2 are made to exist (so that no stray message is
// ever written into a data file), and SIGXFSZ is ignored (so that a size limit is an error, not a
// death).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "world/linux/background_threads.h"
#include "world/linux/linux_clock.h"
#include "world/linux/linux_directory.h"
#include "world/linux/write_queue_options.h"
#include "world/world.h"

namespace holdfast {

struct LinuxWorldOptions {
  // threads: needed where faults are injected into system calls, and where io_uring is not wanted.
  WriteMethod write_method = WriteMethod::automatic;
};

class LinuxWorld {
 public:
  // `data_directory` is created with mode 0700 when it is not there; its parent must exist.
  static Result<std::unique_ptr<LinuxWorld>> open(const std::string& data_directory,
                                                  const LinuxWorldOptions& options = {});

  // Borrowed; lives as long as this.
  [[nodiscard]] World& world() { return world_; }
  // What writes go through.
  [[nodiscard]] WriteMethod write_method() const { return directory_->method(); }

 private:
  explicit LinuxWorld(std::unique_ptr<LinuxDirectory> directory);

  LinuxClock clock_;
  LinuxRandom random_;
  std::unique_ptr<LinuxDirectory> directory_;
  // A checkpoint, a segment and memory, each made while the others are.
  static constexpr std::size_t background_threads = 3;
  BackgroundThreads background_{
      background_threads};  // after directory_: its last jobs still use it
  World world_;
};

}  // namespace holdfast
