// The embedded backend: segment files in one directory. Byte tables in docs/format/journal.md.
#pragma once

#include <functional>
#include <memory>

#include "journal/journal.h"
#include "world/world.h"

namespace holdfast {

// segment_bytes: a multiple of 4096, at least segment_bytes_min; a batch must fit one segment. The
// first segment is at most first_segment_bytes, so that a fresh start need not wait for 64 MiB of
// zeros; each next one doubles up to segment_bytes.
inline constexpr std::uint64_t segment_bytes_min = 64 * 1024;

struct FileJournalOptions {
  std::uint64_t segment_bytes = 64 * 1024 * 1024;
  std::uint64_t first_segment_bytes = 8 * 1024 * 1024;
  // At most 8 (the format's in-flight window).
  std::size_t in_flight_max = 4;
  // Left free on the disk, for checkpoints, when segments are made ahead; see Journal::has_space().
  std::uint64_t reserve_bytes = 32 * 1024 * 1024;
  // Accept that acknowledged entries behind this seq are lost (an operator's explicit word;
  // logged). 0: never.
  Seq accept_loss_after;
};

using BatchVisitor = std::function<Status(const BatchHeader& header, ByteSpan payload)>;
// Bytes done of bytes to do; called now and then.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct OpenedJournal {
  std::unique_ptr<Journal> journal;
  JournalReport report;
};

// Opens the journal in world.disk, or creates it. Visits every batch behind `from` in order (from
// the start for a default position; `witness` is the highest seq that a checkpoint proves durable,
// 0 for none). A torn tail is saved, cut and reported; anything else that is wrong is `corrupt`,
// says file, offset and why, and changes nothing. REQUIRES: the caller holds the directory's lock;
// `world` outlives the journal.
Result<OpenedJournal> open_file_journal(World& world, const FileJournalOptions& options,
                                        const JournalPosition& from, Seq witness,
                                        const BatchVisitor& visit, const Progress& progress);

// Reads a journal without changing a byte: what `holdfast verify` does to a stopped or running
// ledger. A torn tail is reported, not cut.
Result<JournalReport> read_file_journal(Directory& disk, const JournalPosition& from,
                                        const BatchVisitor& visit, const Progress& progress);

}  // namespace holdfast
