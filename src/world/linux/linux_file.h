// LinuxFile: buffered reads and writes of one regular file.
//
// After a successful sync() the kernel's cached pages of the file are dropped, so what is read next
// comes from the device and not from memory that an earlier, failed write-back left behind (Rebello
// et al., ATC 2020).
#pragma once

#include <string>

#include "world/disk.h"
#include "world/linux/descriptor.h"

namespace holdfast {

class LinuxFile final : public File {
 public:
  LinuxFile(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override;
  Status write_at(std::uint64_t offset, ByteSpan bytes) override;
  Status sync() override;
  Result<std::uint64_t> size() override;
  Status resize(std::uint64_t bytes) override;

 private:
  Descriptor file_;
  std::string name_;
};

}  // namespace holdfast
