// Opening: identity, walk, judgement of the tail, and then either a journal to write or an error
// that changed nothing.
//
// What recovery writes, it writes only after the judgement: until then the directory is only read
// and synced (except unfinished temporary files, which are nobody's).
#include "journal/file_journal.h"

#include <algorithm>

#include "base/check.h"
#include "journal/chain.h"
#include "journal/identity.h"
#include "journal/segment_ahead.h"
#include "journal/segment_writer.h"
#include "journal/tail.h"

namespace holdfast {
namespace {

constexpr std::uint64_t progress_every_bytes = 4 * 1024 * 1024;

// What reading a journal needs, whoever does it.
struct Reading {
  Directory& disk;
  LedgerId ledger;
  SegmentAccess access;
  const BatchVisitor& visit;
  const Progress& progress;
  std::uint64_t bytes_to_do = 0;
  std::uint64_t bytes_told = 0;

  Status take(const BatchRecord& record, ByteSpan payload, JournalReport& report) {
    TRY(visit(record.header, payload));
    ++report.batches;
    report.bytes += batch_space(record.payload_bytes);
    if (progress && report.bytes >= bytes_told + progress_every_bytes) {
      bytes_told = report.bytes;
      progress(bytes_told, std::max(bytes_told, bytes_to_do));
    }
    return {};
  }
};

struct Found {
  JournalReport report;
  ChainEnd end;
  Tail tail;
  std::vector<std::uint64_t> segments;
};

Result<std::uint64_t> bytes_from(Directory& disk, const std::vector<std::uint64_t>& segments,
                                 const JournalPosition& from) {
  std::uint64_t total = 0;
  for (const std::uint64_t number : segments) {
    if (number < from.segment) continue;
    ASSIGN(const std::unique_ptr<File> file, disk.open(segment_name(number), OpenMode::read));
    ASSIGN(const std::uint64_t bytes, file->size());
    total += number == from.segment ? bytes - std::min(bytes, from.offset) : bytes;
  }
  return total;
}

// Walks to the end and judges what lies behind it. Somebody else may be writing while we only look:
// what seems wrong is looked at again, because a batch that was not whole when it was first read is
// whole by the time a later one names it.
Result<Found> read_all(Reading& reading, const JournalPosition& from, Seq witness) {
  Found found;
  ASSIGN(std::vector<std::uint64_t> segments, list_segments(reading.disk));
  ASSIGN(reading.bytes_to_do, bytes_from(reading.disk, segments, from));
  ASSIGN(const ChainEnd start,
         find_start(reading.disk, reading.ledger, reading.access, segments, from));
  ChainWalker walk(reading.disk, reading.ledger, reading.access, std::move(segments), start);
  BatchRecord record;
  ByteSpan payload;
  while (true) {
    ASSIGN(const bool more, walk.next(record, payload));
    if (more) {
      TRY(reading.take(record, payload, found.report));
      continue;
    }
    ASSIGN(found.tail, examine_tail(reading.disk, reading.ledger, reading.access, walk, witness));
    if (found.tail.is_clean() || reading.access == SegmentAccess::repair) break;
    ASSIGN(const bool grown, walk.look_again(record, payload));
    if (!grown) break;
    TRY(reading.take(record, payload, found.report));
  }
  found.end = walk.end();
  found.segments = walk.segments();
  found.report.end = found.end.position;
  found.report.epoch = found.end.epoch;
  found.report.at = found.end.at;
  found.report.torn = !found.tail.extents.empty();
  found.report.ledger_id = reading.ledger.text();
  return found;
}

// Cuts what lies behind the end, after it was judged torn or its loss was accepted.
Status cut(Directory& disk, Found& found, bool accepted) {
  std::string& saved = found.report.torn_saved_as;
  std::vector<TailExtent> extents = found.tail.extents;
  if (accepted) {
    const std::uint64_t last = found.end.position.segment;
    ASSIGN(saved, set_aside_behind(disk, last));
    std::erase_if(extents, [&](const TailExtent& extent) { return extent.segment > last; });
    std::erase_if(found.segments, [&](std::uint64_t number) { return number > last; });
    found.report.torn = true;
  }
  if (extents.empty()) return {};
  ASSIGN(const std::string copies, cut_tail(disk, extents));
  saved += (saved.empty() ? "" : ",") + copies;
  return {};
}

// A write of a dead process may still be on its way, into one of the last segments. Opening a queue
// waits until it has landed, so what is read afterwards is what stays.
Status let_earlier_writes_land(Directory& disk) {
  constexpr std::size_t segments_with_writes_max = 3;
  ASSIGN(std::vector<std::uint64_t> segments, list_segments(disk));
  for (std::size_t count = 0; count < segments_with_writes_max && !segments.empty(); ++count) {
    TRY(disk.write_queue(segment_name(segments.back()), 1));
    segments.pop_back();
  }
  return {};
}

}  // namespace

Result<OpenedJournal> open_file_journal(World& world, const FileJournalOptions& options,
                                        const JournalPosition& from, Seq witness,
                                        const BatchVisitor& visit, const Progress& progress) {
  CHECK(options.in_flight_max >= 1 && options.in_flight_max <= batches_in_flight_max);
  CHECK(options.segment_bytes >= segment_bytes_min &&
        options.first_segment_bytes >= segment_bytes_min &&
        options.segment_bytes % disk_block_bytes == 0 &&
        options.first_segment_bytes % disk_block_bytes == 0);
  TRY(world.disk.sync());
  TRY(let_earlier_writes_land(world.disk));
  TRY(remove_unfinished(world.disk));
  ASSIGN(std::optional<LedgerId> ledger, read_identity(world.disk));
  if (!ledger) {
    if (from.seq != Seq() || witness != Seq()) {
      return fail(ErrorCode::corrupt, "\"{}\" is missing, though a checkpoint names the ledger",
                  identity_name);
    }
    ASSIGN(ledger,
           create_journal(world, std::min(options.first_segment_bytes, options.segment_bytes)));
  }
  Reading reading{.disk = world.disk,
                  .ledger = *ledger,
                  .access = SegmentAccess::repair,
                  .visit = visit,
                  .progress = progress};
  ASSIGN(Found found, read_all(reading, from, witness));
  const bool accepted = found.tail.corruption && options.accept_loss_after != Seq() &&
                        found.end.position.seq >= options.accept_loss_after;
  if (found.tail.corruption && !accepted) return fail(*found.tail.corruption);
  TRY(cut(world.disk, found, accepted));
  OpenedJournal opened;
  opened.report = found.report;
  opened.journal =
      std::make_unique<FileJournal>(world, options, *ledger, std::move(found.segments), found.end);
  return opened;
}

Result<JournalReport> read_file_journal(Directory& disk, const JournalPosition& from,
                                        const BatchVisitor& visit, const Progress& progress) {
  ASSIGN(const std::optional<LedgerId> ledger, read_identity(disk));
  if (!ledger)
    return fail(ErrorCode::io_error, "there is no journal here: no \"{}\"", identity_name);
  Reading reading{.disk = disk,
                  .ledger = *ledger,
                  .access = SegmentAccess::look,
                  .visit = visit,
                  .progress = progress};
  ASSIGN(const Found found, read_all(reading, from, Seq()));
  if (found.tail.corruption) return fail(*found.tail.corruption);
  return found.report;
}

}  // namespace holdfast
