// The hot path is append(): one copy of the payload, XXH3 over it, CRC32C over the header, submit.
// Buffers, ring and queues are reused, so in the steady state nothing is allocated.
#include "journal/segment_writer.h"

#include <algorithm>

#include "base/check.h"
#include "journal/tail.h"

namespace holdfast {
namespace {

// How often space for the next segment is looked for again.
constexpr Duration try_again_after = Duration::seconds(1);

std::uint64_t bytes_of_segment(std::uint64_t number, const FileJournalOptions& options) {
  std::uint64_t bytes = std::min(options.first_segment_bytes, options.segment_bytes);
  for (; number > 1 && bytes < options.segment_bytes; --number) bytes *= 2;
  return std::min(bytes, options.segment_bytes);
}

Result<std::uint64_t> file_bytes(Directory& disk, std::uint64_t segment) {
  ASSIGN(const std::unique_ptr<File> file, disk.open(segment_name(segment), OpenMode::read));
  return file->size();
}

}  // namespace

FileJournal::FileJournal(World& world, const FileJournalOptions& options, const LedgerId& ledger,
                         std::vector<std::uint64_t> segments, const ChainEnd& end)
    : world_(world),
      options_(options),
      ledger_(ledger),
      found_(std::move(segments)),
      epoch_(end.epoch),
      end_(end.position),
      at_(end.at),
      durable_(end.position),
      slots_(options.in_flight_max),
      ahead_(world, ledger, options.in_flight_max, options.reserve_bytes) {
  done_.reserve(options.in_flight_max);
}

FileJournal::~FileJournal() = default;

Status FileJournal::start(Epoch epoch) {
  CHECK(!started_ && epoch > epoch_, "epoch {} after {}", epoch.value(), epoch_.value());
  epoch_ = epoch;
  TRY(blank_window());
  ASSIGN(segment_bytes_, file_bytes(world_.disk, end_.segment));
  ASSIGN(queue_, world_.disk.write_queue(segment_name(end_.segment), options_.in_flight_max));
  prepare_next();
  started_ = true;
  return {};
}

// What a write of an earlier epoch left on the device must not be found behind this one's batches.
// Reading zeros there proves nothing about the device, so zeros are written, and synced, whatever
// is read. None of those writes is still on its way: opening the journal waited for them. They are
// in this segment or the next (change_segment); what a crash leaves of zeros further behind would
// be taken for more than was ever in flight.
Status FileJournal::blank_window() {
  std::uint64_t left = in_flight_window_bytes;
  std::uint64_t from = end_.offset;
  for (std::uint64_t number = end_.segment; left > 0; ++number, from = segment_first_offset) {
    const bool exists = std::binary_search(found_.begin(), found_.end(), number);
    if (!exists || number > end_.segment + 1) break;
    ASSIGN(const std::uint64_t bytes, file_bytes(world_.disk, number));
    const std::uint64_t count = std::min(left, bytes - from);
    if (count > 0) TRY(blank_durably(world_.disk, number, from, from + count));
    left -= count;
  }
  return {};
}

void FileJournal::prepare_next() {
  const std::uint64_t number = end_.segment + 1;
  const bool exists = std::binary_search(found_.begin(), found_.end(), number);
  ahead_.begin(number, bytes_of_segment(number, options_), exists);
}

// Takes note of a segment that could not be made: without space the journal goes on in the one it
// has, and tries again.
void FileJournal::watch_next() {
  const SegmentAhead::State state = ahead_.state();
  if (state == SegmentAhead::State::ready) short_of_space_ = false;
  if (state != SegmentAhead::State::failed || failure_) return;
  const ErrorCode code = ahead_.error().code;
  if (code != ErrorCode::disk_full && code != ErrorCode::limit_exceeded) {
    failure_ = ahead_.error();
    return;
  }
  const Duration now = world_.clock.boot();
  if (!short_of_space_) {
    short_of_space_ = true;
    try_again_at_ = now + try_again_after;
  } else if (now >= try_again_at_) {
    try_again_at_ = now + try_again_after;
    prepare_next();
  }
}

bool FileJournal::has_room() const {
  if (!started_ || failure_ || count_ == slots_.size()) return false;
  const std::uint64_t largest = std::min(batch_space_max, segment_bytes_ - segment_first_offset);
  if (segment_bytes_ - end_.offset >= largest) return true;
  return ahead_.state() == SegmentAhead::State::ready && !before_;
}

void FileJournal::change_segment() {
  CHECK(!before_ && ahead_.state() == SegmentAhead::State::ready);
  before_ = std::move(queue_);
  before_until_ = first_ + count_;
  queue_ = ahead_.take();
  ++end_.segment;
  end_.offset = segment_first_offset;
  segment_bytes_ = ahead_.bytes();
  if (count_ == 0) before_.reset();
  prepare_next();
}

void FileJournal::append(const BatchInfo& info, ByteSpan payload, Writer writer) {
  CHECK(has_room());
  CHECK(info.first == end_.seq.next(), "seq {} after {}", info.first.value(), end_.seq.value());
  CHECK(payload.empty() ? info.last == end_.seq : info.last >= info.first);
  CHECK(info.at >= at_ && payload.size() <= batch_payload_bytes_max);
  const std::uint64_t space = batch_space(payload.size());
  if (space > segment_bytes_ - end_.offset) change_segment();
  CHECK(space <= segment_bytes_ - end_.offset, "a batch of {} bytes in segments of {}", space,
        segment_bytes_);

  const std::uint64_t token = first_ + count_;
  Slot& mine = slot(token);
  const std::span<std::byte> bytes = mine.buffer.take(static_cast<std::size_t>(space));
  const std::size_t used = batch_header_bytes + payload.size();
  if (!payload.empty()) {
    std::memcpy(bytes.data() + batch_header_bytes, payload.data(), payload.size());
  }
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end(), std::byte{0});
  const BatchRecord record = {.header = {.info = info,
                                         .epoch = epoch_,
                                         .durable = durable_.seq,
                                         .previous = end_.hash,
                                         .hash = {}},
                              .ledger = ledger_,
                              .segment = end_.segment,
                              .offset = end_.offset,
                              .payload_bytes = static_cast<std::uint32_t>(payload.size())};
  end_.hash = encode_batch_header(record, bytes.first(used));
  end_.seq = info.last;
  end_.offset += space;
  at_ = info.at;
  mine.end = end_;
  mine.done = false;
  ++count_;
  bytes_written_ += space;
  if (writer == Writer::caller) {
    queue_->write(token, record.offset, bytes);
  } else {
    queue_->submit(token, record.offset, bytes);
  }
}

void FileJournal::take_note(std::vector<WriteDone>& done) {
  for (WriteDone& each : done) {
    if (!each.status && !failure_) failure_ = std::move(each.status).error();
    slot(each.token).done = true;
  }
  done.clear();
  // After an error nothing more is acknowledged, not even what came before it.
  while (!failure_ && count_ > 0 && slot(first_).done) {
    durable_ = slot(first_).end;
    ++first_;
    --count_;
  }
  if (before_ && first_ >= before_until_) before_.reset();
}

Status FileJournal::status() const {
  if (failure_) return fail(*failure_);
  return {};
}

Status FileJournal::poll() {
  if (failure_ || !started_) return status();
  if (before_) before_->reap(done_);
  queue_->reap(done_);
  take_note(done_);
  watch_next();
  return status();
}

Status FileJournal::wait() {
  if (failure_ || !started_) return status();
  if (count_ == 0) {
    // Nothing is in flight: what may be missing is the next segment.
    if (ahead_.state() == SegmentAhead::State::working) world_.background.drain();
    return poll();
  }
  // The oldest batch is in the segment before, if that still has any.
  (before_ ? *before_ : *queue_).wait(done_);
  take_note(done_);
  return poll();
}

}  // namespace holdfast
