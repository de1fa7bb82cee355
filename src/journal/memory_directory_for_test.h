// For fuzzing: a directory in memory that never fails and never crashes, so that only the bytes in
// it are strange.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "world/world.h"

namespace holdfast {

// Opening one waits for a dead process's writes, of which memory has none; nothing is appended.
class IdleQueue final : public WriteQueue {
 public:
  void submit(std::uint64_t, std::uint64_t, ByteSpan) override {
    CHECK(false, "nothing is appended in memory");
  }
  void reap(std::vector<WriteDone>&) override {}
  void wait(std::vector<WriteDone>&) override {}
};

class MemoryDirectory final : public Directory {
 public:
  using Bytes = std::vector<std::byte>;
  std::map<std::string, Bytes, std::less<>> files;

  Result<std::unique_ptr<File>> open(std::string_view name, OpenMode mode) override {
    if (mode == OpenMode::create) files.emplace(name, Bytes());
    const auto found = files.find(name);
    if (found == files.end()) return fail(ErrorCode::io_error, "no file \"{}\"", name);
    return std::unique_ptr<File>(std::make_unique<MemoryFile>(found->second));
  }
  Result<std::unique_ptr<WriteQueue>> write_queue(std::string_view, std::size_t) override {
    return std::unique_ptr<WriteQueue>(std::make_unique<IdleQueue>());
  }
  Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files) names.push_back(name);
    return names;
  }
  Status remove(std::string_view name) override {
    files.erase(std::string(name));
    return {};
  }
  Status rename(std::string_view from, std::string_view to) override {
    files[std::string(to)] = std::move(files.find(from)->second);
    return remove(from);
  }
  Status sync() override { return {}; }
  Result<std::uint64_t> free_bytes() override { return std::uint64_t{1} << 40; }
  Result<std::unique_ptr<FileLock>> lock(std::string_view) override {
    return std::make_unique<FileLock>();
  }
  [[nodiscard]] int wake_descriptor() const override { return -1; }

 private:
  class MemoryFile final : public File {
   public:
    explicit MemoryFile(Bytes& bytes) : bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
      if (offset >= bytes_.size()) return 0;
      const std::size_t count = std::min<std::size_t>(out.size(), bytes_.size() - offset);
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
      return count;
    }
    Status write_at(std::uint64_t offset, ByteSpan bytes) override {
      if (offset + bytes.size() > bytes_.size()) bytes_.resize(offset + bytes.size());
      std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
      return {};
    }
    Status sync() override { return {}; }
    Result<std::uint64_t> size() override { return bytes_.size(); }
    Status resize(std::uint64_t bytes) override {
      bytes_.resize(bytes);
      return {};
    }

   private:
    Bytes& bytes_;
  };
};

// A whole world around it whose time stands still.
struct MemoryWorld {
  struct StillClock final : Clock {
    Timestamp wall() override { return Timestamp::us(1); }
    Duration boot() override { return Duration::us(1); }
    Duration processor() override { return Duration::us(1); }
  } clock;
  struct NoRandom final : Random {
    void fill(std::span<std::byte> out) override {
      std::fill(out.begin(), out.end(), std::byte{7});
    }
  } random;
  struct AtOnce final : Background {
    void post(std::function<void()> job) override { job(); }
    void drain() override {}
  } background;
  MemoryDirectory disk;
  World world{.clock = clock, .random = random, .disk = disk, .background = background};
};

}  // namespace holdfast
