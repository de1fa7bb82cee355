// The embedded backend: segment files in one directory. Byte tables in docs/format/journal.md.
#pragma once

#include <functional>
#include <memory>

#include "journal/journal.h"
#include "world/world.h"

namespace holdfast {

struct FileJournalOptions {
  std::uint64_t segment_bytes = 64 * 1024 * 1024;
  std::size_t in_flight_max = 4;
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
