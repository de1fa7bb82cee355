// Handles are thin: they carry an inode and the generation in which they were opened; all rules are
// in SimDirectory.
#include "sim/disk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::size_t sector_bytes = 512;

tl::unexpected<Error> power_is_off() {
  return fail(ErrorCode::io_error, "the simulated machine has crashed");
}

}  // namespace

class SimFile final : public File {
 public:
  SimFile(SimDirectory& disk, SimDirectory::InodeRef inode, std::string name, bool writable)
      : disk_(disk),
        inode_(std::move(inode)),
        name_(std::move(name)),
        generation_(disk.generation_),
        writable_(writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    TRY(disk_.check_alive(generation_));
    if (disk_.happens(disk_.knobs.read_error_chance)) {
      return fail(ErrorCode::io_error, "cannot read \"{}\": simulated error", name_);
    }
    return inode_->cached.read(offset, out);
  }
  Status write_at(std::uint64_t offset, ByteSpan bytes) override {
    CHECK(writable_);
    TRY(disk_.check_alive(generation_));
    return disk_.write_file(inode_, name_,
                            {.offset = offset, .bytes = {bytes.begin(), bytes.end()}, .size = {}});
  }
  Status sync() override {
    TRY(disk_.check_alive(generation_));
    return disk_.sync_file(inode_, name_);
  }
  Result<std::uint64_t> size() override {
    TRY(disk_.check_alive(generation_));
    return inode_->cached.size();
  }
  Status resize(std::uint64_t bytes) override {
    CHECK(writable_);
    TRY(disk_.check_alive(generation_));
    return disk_.write_file(inode_, name_, {.offset = 0, .bytes = {}, .size = bytes});
  }

 private:
  SimDirectory& disk_;
  SimDirectory::InodeRef inode_;
  std::string name_;
  std::uint64_t generation_;
  bool writable_;
};

class SimWriteQueue final : public WriteQueue {
 public:
  SimWriteQueue(SimDirectory& disk, SimDirectory::InodeRef inode, std::size_t in_flight_max)
      : disk_(disk),
        inode_(std::move(inode)),
        generation_(disk.generation_),
        id_(++disk.queues_),
        in_flight_max_(in_flight_max) {}

  // As the real one, waits for its writes; in a crash they stay where they are.
  ~SimWriteQueue() override {
    std::vector<WriteDone> done;
    while (!tokens_.empty()) wait(done);
  }

  void submit(std::uint64_t token, std::uint64_t offset, ByteSpan bytes) override {
    CHECK(tokens_.size() < in_flight_max_);
    CHECK(offset % disk_block_bytes == 0 && bytes.size() % disk_block_bytes == 0 &&
          reinterpret_cast<std::uintptr_t>(bytes.data()) % disk_block_bytes == 0);
    tokens_.push_back(token);
    if (is_dead()) return;
    const Status begun = disk_.begin_io("submit", "");
    if (disk_.crashed_) return;
    if (!begun) return refused_.push_back({.token = token, .status = begun});
    CHECK(offset + bytes.size() <= inode_->durable.size(), "a queue's write beyond durable space");
    disk_.flights_.push_back(
        {.queue = id_,
         .token = token,
         .inode = inode_,
         .change = {.offset = offset, .bytes = {bytes.begin(), bytes.end()}, .size = {}},
         .source = bytes,
         .due = disk_.clock_.boot() + latency()});
  }

  void reap(std::vector<WriteDone>& done) override {
    for (WriteDone& each : refused_) finish(std::move(each), done);
    refused_.clear();
    for (std::size_t index = 0; index < disk_.flights_.size() && !is_dead();) {
      SimDirectory::Flight& flight = disk_.flights_[index];
      if (flight.queue != id_ || flight.due > disk_.clock_.boot()) {
        ++index;
        continue;
      }
      Status status = disk_.arrive(flight);
      if (is_dead()) break;  // it stays in flight: its fate is decided at the restart
      finish({.token = flight.token, .status = std::move(status)}, done);
      disk_.flights_.erase(disk_.flights_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    // Whoever waits for a write in a crashed machine hears that it failed.
    while (is_dead() && !tokens_.empty()) {
      finish({.token = tokens_.front(), .status = power_is_off()}, done);
    }
  }

  void wait(std::vector<WriteDone>& done) override {
    std::optional<Duration> due;
    for (const SimDirectory::Flight& flight : disk_.flights_) {
      if (flight.queue == id_ && (!due || flight.due < *due)) due = flight.due;
    }
    const Duration now = disk_.clock_.boot();
    if (!is_dead() && refused_.empty() && due && *due > now) disk_.clock_.advance(*due - now);
    reap(done);
  }

 private:
  [[nodiscard]] bool is_dead() const { return disk_.crashed_ || disk_.generation_ != generation_; }
  void finish(WriteDone each, std::vector<WriteDone>& done) {
    tokens_.erase(std::find(tokens_.begin(), tokens_.end(), each.token));
    done.push_back(std::move(each));
  }
  Duration latency() {
    const Duration least = disk_.knobs.write_latency_min;
    const std::int64_t spread = (disk_.knobs.write_latency_max - least).us();
    if (spread <= 0) return least;
    return least + Duration::us(static_cast<std::int64_t>(
                       disk_.random_.below(static_cast<std::uint64_t>(spread) + 1)));
  }

  SimDirectory& disk_;
  SimDirectory::InodeRef inode_;
  const std::uint64_t generation_;
  const std::uint64_t id_;
  const std::size_t in_flight_max_;
  std::vector<std::uint64_t> tokens_;  // submitted and not yet reaped
  std::vector<WriteDone> refused_;
};

class SimLock final : public FileLock {
 public:
  SimLock(SimDirectory& disk, std::string name)
      : disk_(disk), name_(std::move(name)), generation_(disk.generation_) {}
  ~SimLock() override {
    if (disk_.generation_ == generation_) disk_.locks_.erase(name_);
  }

 private:
  SimDirectory& disk_;
  std::string name_;
  std::uint64_t generation_;
};

SimDirectory::SimDirectory(SimClock& clock, std::uint64_t seed) : clock_(clock), random_(seed) {}
SimDirectory::~SimDirectory() = default;

// --- one I/O

Status SimDirectory::begin_io(std::string_view operation, std::string_view name) {
  if (crashed_) return power_is_off();
  if (io_count_ >= crash_after_) {
    crashed_ = true;
    return power_is_off();
  }
  ++io_count_;
  const auto planned = planned_.find(io_count_);
  if (planned != planned_.end()) {
    return fail(planned->second, "cannot {} \"{}\": simulated error", operation, name);
  }
  return {};
}

Status SimDirectory::check_alive(std::uint64_t generation) const {
  if (crashed_ || generation != generation_) return power_is_off();
  return {};
}

void SimDirectory::apply(SimImage& image, const Change& change) {
  if (change.size) {
    image.resize(*change.size);
  } else {
    image.write(change.offset, change.bytes);
  }
}

std::optional<SimDirectory::Change> SimDirectory::distort(Change change, std::uint64_t file_bytes) {
  if (change.bytes.empty()) return change;
  if (happens(knobs.lost_write_chance)) return {};
  if (happens(knobs.misdirected_write_chance) && file_bytes > change.bytes.size()) {
    const std::uint64_t blocks = (file_bytes - change.bytes.size()) / disk_block_bytes + 1;
    change.offset = random_.below(blocks) * disk_block_bytes;
  }
  if (happens(knobs.flipped_bit_chance)) {
    change.bytes[random_.below(change.bytes.size())] ^= std::byte{1} << random_.below(8);
  }
  return change;
}

Status SimDirectory::write_file(const InodeRef& inode, std::string_view name, Change change) {
  const std::uint64_t end = change.size ? *change.size : change.offset + change.bytes.size();
  const std::uint64_t growth = end > inode->cached.size() ? end - inode->cached.size() : 0;
  Status status = begin_io("write", name);
  if (crashed_) return status;
  if (status && (used_bytes() + growth > knobs.capacity_bytes ||
                 (growth > 0 && happens(knobs.no_space_chance)))) {
    status = fail(ErrorCode::disk_full, "cannot write \"{}\": simulated disk is full", name);
  }
  if (status && happens(knobs.write_error_chance)) {
    status = fail(ErrorCode::io_error, "cannot write \"{}\": simulated error", name);
  }
  if (!status) {  // a part of it may have been written
    if (change.size || random_.below(2) == 0) return status;
    change.bytes.resize(random_.below(change.bytes.size() + 1));
  }
  apply(inode->cached, change);
  inode->unsynced.push_back(std::move(change));
  return status;
}

Status SimDirectory::sync_file(const InodeRef& inode, std::string_view name) {
  Status status = begin_io("sync", name);
  if (crashed_) return status;
  if (status && happens(knobs.sync_error_chance)) {
    status = fail(ErrorCode::io_error, "cannot sync \"{}\": simulated error", name);
  }
  for (Change& change : inode->unsynced) {
    // After a failed sync the pages are clean and some of them were never written.
    if (!status && random_.below(2) == 0) continue;
    const auto distorted = distort(std::move(change), inode->durable.size());
    if (distorted) apply(inode->durable, *distorted);
  }
  inode->unsynced.clear();
  // A good sync also drops the cache, as the real one does.
  if (status) inode->cached = inode->durable;
  return status;
}

Status SimDirectory::arrive(Flight& flight) {
  Inode& inode = *flight.inode;
  Status status = begin_io("complete", "");
  if (crashed_) return status;
  CHECK(std::equal(flight.source.begin(), flight.source.end(), flight.change.bytes.begin(),
                   flight.change.bytes.end()),
        "the buffer changed before its write was reaped");
  if (status && happens(knobs.write_error_chance)) {
    status = fail(ErrorCode::io_error, "cannot write: simulated error");
  }
  if (!status) {
    meet_fate(inode.durable, flight.change, CrashFate::random);
    std::vector<std::byte> left(flight.change.bytes.size());
    CHECK(inode.durable.read(flight.change.offset, left) == left.size());
    inode.cached.write(flight.change.offset, left);
    return status;
  }
  const auto change = distort(flight.change, inode.durable.size());
  if (!change) return status;
  apply(inode.cached, *change);
  if (knobs.completes_before_durable) {
    inode.unsynced.push_back(*change);
  } else {
    apply(inode.durable, *change);
  }
  return status;
}

// --- crashes

void SimDirectory::fill_with_noise(std::span<std::byte> out) {
  for (std::byte& byte : out) byte = static_cast<std::byte>(random_.below(256));
}

void SimDirectory::meet_fate(SimImage& image, Change change, CrashFate fate) {
  if (fate == CrashFate::random) fate = static_cast<CrashFate>(random_.below(4));
  if (fate == CrashFate::drop) return;
  if (fate == CrashFate::tear && change.size) return;
  if (fate == CrashFate::tear && random_.below(2) == 0) {
    // A prefix; the shortest is nothing, the longest all but one sector.
    const std::size_t sectors = (change.bytes.size() + sector_bytes - 1) / sector_bytes;
    change.bytes.resize(std::min(change.bytes.size(), random_.below(sectors + 1) * sector_bytes));
    return apply(image, change);
  }
  for (std::size_t at = 0; fate == CrashFate::tear && at < change.bytes.size();
       at += sector_bytes) {
    const std::size_t count = std::min(sector_bytes, change.bytes.size() - at);
    if (random_.below(2) == 0) continue;
    image.write(change.offset + at, ByteSpan(change.bytes).subspan(at, count));
  }
  if (fate == CrashFate::tear) return;
  for (std::size_t at = 0; fate == CrashFate::garble && at < change.bytes.size();
       at += sector_bytes) {
    const std::size_t count = std::min(sector_bytes, change.bytes.size() - at);
    if (random_.below(3) == 0) fill_with_noise(std::span(change.bytes).subspan(at, count));
  }
  apply(image, change);
}

void SimDirectory::meet_fate(Inode& inode, std::vector<Change> changes, CrashFate fate) {
  CrashFate each = fate;
  if (fate == CrashFate::reorder || (fate == CrashFate::random && random_.below(4) == 0)) {
    each = fate == CrashFate::reorder ? CrashFate::keep : fate;
    for (std::size_t left = changes.size(); left > 1; --left) {
      std::swap(changes[left - 1], changes[random_.below(left)]);
    }
    if (!changes.empty()) changes.resize(random_.below(changes.size() + 1));
  }
  for (Change& change : changes) meet_fate(inode.durable, std::move(change), each);
}

void SimDirectory::apply_name(Names& names, const NameChange& change) {
  if (!change.remove.empty()) {
    const auto old = names.find(change.remove);
    // The name was given to this file by a change that did not happen: nothing to take it from.
    if (old == names.end() || old->second != change.inode) return;
    names.erase(old);
  }
  if (!change.add.empty()) names[change.add] = change.inode;
}

void SimDirectory::meet_fate_of_names(CrashFate fate) {
  const bool any = fate == CrashFate::reorder || fate == CrashFate::random;
  std::size_t prefix = unsynced_names_.size();
  if (fate == CrashFate::drop) prefix = 0;
  if (fate == CrashFate::tear || fate == CrashFate::garble) prefix = random_.below(prefix + 1);
  for (std::size_t index = 0; index < prefix; ++index) {
    if (!any || random_.below(2) == 0) apply_name(durable_names_, unsynced_names_[index]);
  }
  unsynced_names_.clear();
  names_ = durable_names_;
}

void SimDirectory::restart(CrashFate fate) {
  // Files in the order of their names, unlinked ones not at all: the same on every machine.
  std::vector<InodeRef> inodes;
  for (const Names* names : {&std::as_const(names_), &std::as_const(durable_names_)}) {
    for (const auto& [name, inode] : *names) {
      if (std::find(inodes.begin(), inodes.end(), inode) == inodes.end()) inodes.push_back(inode);
    }
  }
  for (const InodeRef& inode : inodes) {
    std::vector<Change> changes = std::move(inode->unsynced);
    inode->unsynced.clear();
    for (Flight& flight : flights_) {
      if (flight.inode == inode) changes.push_back(std::move(flight.change));
    }
    meet_fate(*inode, std::move(changes), fate);
    inode->cached = inode->durable;
  }
  meet_fate_of_names(fate);
  flights_.clear();
  locks_.clear();
  planned_.clear();
  ++generation_;
  crashed_ = false;
  crash_after_ = ~std::uint64_t{0};
}

void SimDirectory::restart_process() {
  CHECK(!crashed_, "the machine is down: restart()");
  for (Flight& flight : flights_) flight.queue = 0;
  locks_.clear();
  ++generation_;
}

// --- hands at the platter

SimDirectory::InodeRef SimDirectory::existing(std::string_view name) const {
  const auto found = names_.find(name);
  CHECK(found != names_.end(), "no file \"{}\"", name);
  return found->second;
}

std::vector<std::byte> SimDirectory::contents(std::string_view name) const {
  const SimImage& image = existing(name)->cached;
  std::vector<std::byte> out(static_cast<std::size_t>(image.size()));
  CHECK(image.read(0, out) == out.size());
  return out;
}

void SimDirectory::overwrite(std::string_view name, std::uint64_t offset, ByteSpan bytes) {
  const InodeRef inode = existing(name);
  inode->cached.write(offset, bytes);
  inode->durable.write(offset, bytes);
}

void SimDirectory::truncate(std::string_view name, std::uint64_t bytes) {
  const InodeRef inode = existing(name);
  inode->cached.resize(bytes);
  inode->durable.resize(bytes);
}

void SimDirectory::flip_bit(std::string_view name, std::uint64_t offset, unsigned bit) {
  std::byte byte{};
  CHECK(existing(name)->cached.read(offset, {&byte, 1}) == 1);
  byte ^= std::byte{1} << bit;
  overwrite(name, offset, {&byte, 1});
}

void SimDirectory::take_away(std::string_view name) {
  const std::string text(name);
  CHECK(names_.erase(text) == 1, "no file \"{}\"", name);
  durable_names_.erase(text);
}

void SimDirectory::swap(std::string_view one, std::string_view other) {
  for (Names* names : {&names_, &durable_names_}) {
    const auto first = names->find(one);
    const auto second = names->find(other);
    CHECK(first != names->end() && second != names->end(), "names that are not durable");
    std::swap(first->second, second->second);
  }
}

// --- Directory

Result<SimDirectory::InodeRef> SimDirectory::find(std::string_view name) const {
  if (crashed_) return power_is_off();
  const auto found = names_.find(name);
  if (found == names_.end()) {
    return fail(ErrorCode::io_error, "cannot open \"{}\": No such file or directory", name);
  }
  return found->second;
}

Result<std::unique_ptr<File>> SimDirectory::open(std::string_view name, OpenMode mode) {
  InodeRef inode;
  if (mode == OpenMode::create) {
    TRY(begin_io("create", name));
    if (names_.contains(name)) {
      return fail(ErrorCode::io_error, "cannot create \"{}\": File exists", name);
    }
    inode = std::make_shared<Inode>();
    unsynced_names_.push_back({.remove = "", .add = std::string(name), .inode = inode});
    apply_name(names_, unsynced_names_.back());
  } else {
    ASSIGN(inode, find(name));
  }
  return std::unique_ptr<File>(
      std::make_unique<SimFile>(*this, inode, std::string(name), mode != OpenMode::read));
}

Result<std::unique_ptr<WriteQueue>> SimDirectory::write_queue(std::string_view name,
                                                              std::size_t in_flight_max) {
  ASSIGN(const InodeRef inode, find(name));
  std::erase_if(flights_, [&](const Flight& flight) {
    if (flight.queue != 0 || flight.inode != inode) return false;
    apply(inode->cached, flight.change);
    apply(inode->durable, flight.change);
    return true;
  });
  return std::unique_ptr<WriteQueue>(std::make_unique<SimWriteQueue>(*this, inode, in_flight_max));
}

Result<std::vector<std::string>> SimDirectory::list() {
  if (crashed_) return power_is_off();
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

Status SimDirectory::remove(std::string_view name) {
  ASSIGN(const InodeRef inode, find(name));
  TRY(begin_io("remove", name));
  unsynced_names_.push_back({.remove = std::string(name), .add = "", .inode = inode});
  apply_name(names_, unsynced_names_.back());
  return {};
}

Status SimDirectory::rename(std::string_view from, std::string_view to) {
  ASSIGN(const InodeRef inode, find(from));
  TRY(begin_io("rename", from));
  unsynced_names_.push_back({.remove = std::string(from), .add = std::string(to), .inode = inode});
  apply_name(names_, unsynced_names_.back());
  return {};
}

Status SimDirectory::sync() {
  TRY(begin_io("sync", "the directory"));
  for (const NameChange& change : unsynced_names_) apply_name(durable_names_, change);
  unsynced_names_.clear();
  return {};
}

std::uint64_t SimDirectory::used_bytes() const {
  std::uint64_t total = 0;
  for (const auto& [name, inode] : names_) total += inode->cached.size();
  return total;
}

Result<std::uint64_t> SimDirectory::free_bytes() {
  if (crashed_) return power_is_off();
  const std::uint64_t used = used_bytes();
  return used >= knobs.capacity_bytes ? 0 : knobs.capacity_bytes - used;
}

Result<std::unique_ptr<FileLock>> SimDirectory::lock(std::string_view name) {
  if (crashed_) return power_is_off();
  if (!locks_.emplace(name).second) {
    return fail(ErrorCode::locked, "another process uses the data directory");
  }
  return std::unique_ptr<FileLock>(std::make_unique<SimLock>(*this, std::string(name)));
}

}  // namespace holdfast
