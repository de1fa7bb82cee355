// SimDirectory: a directory of simulated files with everything a disk may do to them, from one
// seed.
//
// Invariants
//   1. A file has a durable image and, above it, writes that are not synced. Reads see all of them;
//   a crash of the
//      machine decides for each what became of it (CrashFate).
//   2. Names are the same: creations, removals and renames are durable only after sync() of the
//   directory.
//   3. A write queue's write is visible and durable when it is reaped; until then a crash decides
//   about it too.
//   4. Everything that changes the disk, or completes, counts as one I/O. After crash_after(n) the
//   n-th is the last that
//      works; everything later fails until restart(). So a loop over n visits every place a crash
//      can happen.
//   5. Equal seeds, knobs and calls give equal bytes.
//
// Misuse is a bug of the caller and CHECKed: unaligned queue writes, writes beyond durable space,
// buffers changed before their write was reaped.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/clock.h"
#include "sim/disk_image.h"
#include "sim/rng.h"
#include "world/disk.h"

namespace holdfast {

// What a crash does to writes that were not durable.
enum class CrashFate : unsigned char {
  drop,     // none happened
  keep,     // all happened
  tear,     // each happened in part, in sectors of 512 bytes
  garble,   // each happened, with some sectors full of noise
  reorder,  // some happened, in any order
  random,   // each its own fate
};

// How the disk misbehaves. Chances are per million operations; 0: never.
struct SimDiskKnobs {
  Duration write_latency_min;  // of queue writes, in simulated time; wait() moves the clock
  Duration write_latency_max;
  std::uint64_t capacity_bytes = 1024 * 1024 * 1024;
  std::uint32_t read_error_chance = 0;
  std::uint32_t write_error_chance = 0;  // what was written in part may stay
  std::uint32_t sync_error_chance = 0;  // some writes are lost, and reads show them until a restart
  std::uint32_t no_space_chance = 0;
  // Lies: the operation claims success.
  std::uint32_t lost_write_chance = 0;
  std::uint32_t misdirected_write_chance = 0;
  std::uint32_t flipped_bit_chance = 0;
  bool completes_before_durable = false;  // queue writes behave as if nobody had asked for O_DSYNC
};

class SimDirectory final : public Directory {
 public:
  SimDirectory(SimClock& clock, std::uint64_t seed);
  ~SimDirectory() override;

  // --- what is simulated

  SimDiskKnobs knobs;

  [[nodiscard]] std::uint64_t io_count() const { return io_count_; }
  void crash_after(std::uint64_t io_count) { crash_after_ = io_count; }
  [[nodiscard]] bool has_crashed() const { return crashed_; }
  // The n-th I/O from now (1: the next) fails once with this error.
  void fail_io(std::uint64_t nth, ErrorCode code) { planned_[io_count_ + nth] = code; }

  // Power fails (if it has not) and comes back: undurable writes meet their fate, locks are free,
  // everything opened before is dead.
  void restart(CrashFate fate);
  // The process dies and the machine lives: unsynced writes stay in the cache; writes in flight
  // land as late as they may, when the next process opens a queue on their file.
  void restart_process();

  // Hands at the platter: no I/O, at once durable. REQUIRES: the file exists.
  [[nodiscard]] std::vector<std::byte> contents(std::string_view name) const;
  void overwrite(std::string_view name, std::uint64_t offset, ByteSpan bytes);
  void truncate(std::string_view name, std::uint64_t bytes);
  void flip_bit(std::string_view name, std::uint64_t offset, unsigned bit);
  void take_away(std::string_view name);
  void swap(std::string_view one, std::string_view other);

  // --- Directory

  Result<std::unique_ptr<File>> open(std::string_view name, OpenMode mode) override;
  Result<std::unique_ptr<WriteQueue>> write_queue(std::string_view name,
                                                  std::size_t in_flight_max) override;
  Result<std::vector<std::string>> list() override;
  Status remove(std::string_view name) override;
  Status rename(std::string_view from, std::string_view to) override;
  Status sync() override;
  Result<std::uint64_t> free_bytes() override;
  Result<std::unique_ptr<FileLock>> lock(std::string_view name) override;
  [[nodiscard]] int wake_descriptor() const override { return -1; }

 private:
  friend class SimFile;
  friend class SimWriteQueue;
  friend class SimLock;

  // A write of bytes, or, without bytes, a new size.
  struct Change {
    std::uint64_t offset = 0;
    std::vector<std::byte> bytes;
    std::optional<std::uint64_t> size;
  };
  struct Inode {
    SimImage cached;
    SimImage durable;
    std::vector<Change> unsynced;
  };
  using InodeRef = std::shared_ptr<Inode>;  // unlinked files live on in their handles
  using Names = std::map<std::string, InodeRef, std::less<>>;
  struct NameChange {
    std::string remove;  // the name that goes, or empty
    std::string add;     // the name that comes, or empty
    InodeRef inode;
  };
  struct Flight {             // a queue's write on its way
    std::uint64_t queue = 0;  // 0: of a process that died
    std::uint64_t token = 0;
    InodeRef inode;
    Change change;
    ByteSpan source;
    Duration due;
  };

  // One I/O begins. An error when it does not work.
  Status begin_io(std::string_view operation, std::string_view name);
  Status check_alive(std::uint64_t generation) const;
  Result<InodeRef> find(std::string_view name) const;
  InodeRef existing(std::string_view name) const;
  [[nodiscard]] std::uint64_t used_bytes() const;

  static void apply(SimImage& image, const Change& change);
  void apply_name(Names& names, const NameChange& change);
  void meet_fate(SimImage& image, Change change, CrashFate fate);
  void meet_fate(Inode& inode, std::vector<Change> changes, CrashFate fate);
  void meet_fate_of_names(CrashFate fate);
  // Turns a change into what the disk makes of it; nothing when it is lost.
  std::optional<Change> distort(Change change, std::uint64_t file_bytes);

  Status write_file(const InodeRef& inode, std::string_view name, Change change);
  Status sync_file(const InodeRef& inode, std::string_view name);
  Status arrive(Flight& flight);

  SimClock& clock_;
  // Draws nothing when the chance is 0, so an unused knob does not change a run.
  [[nodiscard]] bool happens(std::uint32_t per_million) {
    return per_million != 0 && random_.below(1'000'000) < per_million;
  }
  void fill_with_noise(std::span<std::byte> out);

  Rng random_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::vector<Flight> flights_;  // in the order of submission
  std::set<std::string, std::less<>> locks_;
  std::map<std::uint64_t, ErrorCode> planned_;
  std::uint64_t io_count_ = 0;
  std::uint64_t crash_after_ = ~std::uint64_t{0};
  std::uint64_t generation_ = 1;  // handles of an earlier one are dead
  std::uint64_t queues_ = 0;
  bool crashed_ = false;
};

}  // namespace holdfast
