// The order of steps is the point: zeros, sync, rename, sync of the directory; only then may a
// batch be written there.
#include "journal/segment_ahead.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr std::string_view unfinished = ".new";

Status write_blank(Directory& disk, const std::string& name, const SegmentHeader& header) {
  ASSIGN(const std::unique_ptr<File> file, disk.open(name, OpenMode::create));
  ByteWriter first;
  encode_segment_header(header, first);
  TRY(file->write_at(0, first.bytes()));
  const std::vector<std::byte> zeros(
      static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, header.bytes)));
  for (std::uint64_t at = first.size(); at < header.bytes;) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), header.bytes - at));
    TRY(file->write_at(at, ByteSpan(zeros).first(count)));
    at += count;
  }
  return file->sync();
}

}  // namespace

Status make_segment(Directory& disk, const SegmentHeader& header) {
  const std::string name = segment_name(header.number);
  const std::string temporary = name + std::string(unfinished);
  Status made = write_blank(disk, temporary, header);
  if (made) made = disk.rename(temporary, name);
  if (made) made = disk.sync();
  if (!made) {
    // Gives the space back. When even that fails, the next opening removes it; `made` is the error
    // that matters.
    static_cast<void>(disk.remove(temporary));
  }
  return made;
}

Status remove_unfinished(Directory& disk) {
  ASSIGN(const std::vector<std::string> names, disk.list());
  for (const std::string& name : names) {
    if (!name.ends_with(unfinished)) continue;
    const auto stem = std::string_view(name).substr(0, name.size() - unfinished.size());
    if (segment_number(stem) || stem == identity_name) TRY(disk.remove(name));
  }
  return {};
}

SegmentAhead::SegmentAhead(World& world, const LedgerId& ledger, std::size_t in_flight_max,
                           std::uint64_t reserve_bytes)
    : world_(world), in_flight_max_(in_flight_max), reserve_bytes_(reserve_bytes) {
  header_.ledger = ledger;
}

SegmentAhead::~SegmentAhead() {
  if (state() == State::working) world_.background.drain();
}

void SegmentAhead::begin(std::uint64_t number, std::uint64_t bytes, bool exists) {
  CHECK(state() == State::idle || state() == State::failed);
  header_.number = number;
  header_.bytes = bytes;
  error_.reset();
  state_.store(State::working, std::memory_order_release);
  world_.background.post([this, exists] { work(exists); });
}

void SegmentAhead::work(bool exists) {
  const Status status = try_work(exists);
  if (!status) error_ = status.error();
  state_.store(status ? State::ready : State::failed, std::memory_order_release);
}

Status SegmentAhead::try_work(bool exists) {
  const std::string name = segment_name(header_.number);
  if (exists) {
    ASSIGN(const std::unique_ptr<File> file, world_.disk.open(name, OpenMode::read));
    ASSIGN(header_.bytes, file->size());
  } else {
    ASSIGN(const std::uint64_t free, world_.disk.free_bytes());
    if (free < header_.bytes + reserve_bytes_) {
      return fail(ErrorCode::disk_full,
                  "{} bytes are free; the next segment needs {}, the reserve {}", free,
                  header_.bytes, reserve_bytes_);
    }
    // A step that failed for lack of space may have left its file.
    TRY(remove_unfinished(world_.disk));
    TRY(make_segment(world_.disk, header_));
  }
  ASSIGN(queue_, world_.disk.write_queue(name, in_flight_max_));
  return {};
}

std::unique_ptr<WriteQueue> SegmentAhead::take() {
  CHECK(state() == State::ready);
  state_.store(State::idle, std::memory_order_release);
  return std::move(queue_);
}

}  // namespace holdfast
