// OwnedCommand: a command with its texts, for whoever keeps one longer than the request that
// carried it.
#pragma once

#include <memory_resource>
#include <span>
#include <string_view>

#include "model/command.h"

namespace holdfast {

class OwnedCommand {
 public:
  explicit OwnedCommand(const Command& command);
  OwnedCommand(const OwnedCommand&) = delete;
  OwnedCommand& operator=(const OwnedCommand&) = delete;

  [[nodiscard]] const Command& get() const { return command_; }

 private:
  std::pmr::monotonic_buffer_resource memory_;
  Command command_;
};

}  // namespace holdfast
