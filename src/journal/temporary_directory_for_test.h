// For tests: a directory of the real file system that is gone when the test is, and the world that
// opens it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"
#include "world/linux/linux_world.h"

namespace holdfast {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-test-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::unique_ptr<LinuxWorld> open(WriteMethod method = WriteMethod::threads) const {
    auto world = LinuxWorld::open(path_, {.write_method = method});
    CHECK(world.has_value(), "{}", world.error().message);
    return std::move(*world);
  }

 private:
  std::string path_;
};

}  // namespace holdfast
