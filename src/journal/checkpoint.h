// Checkpoint files: opaque blocks with a checksum each, written beside the journal and renamed into
// place only when whole, synced and read back. The newest two are kept. Byte tables in
// docs/format/checkpoint.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/journal.h"
#include "model/ids.h"
#include "world/world.h"

namespace holdfast {

// What a checkpoint says of itself.
struct CheckpointHeader {
  JournalPosition position;  // replay goes on from here
  Timestamp at;
  Epoch epoch;
  std::uint64_t digest = 0;
  std::string ledger_id;
};

class CheckpointWriter {
 public:
  virtual ~CheckpointWriter() = default;
  // A block of at most 16 MiB (checkpoint_block_bytes_max).
  virtual Status add(ByteSpan block) = 0;
  // Syncs, renames, syncs the directory, reads all of it back, removes all but the newest two.
  // After an error, and without finish(), nothing of it counts.
  virtual Status finish() = 0;
};

// REQUIRES: header.position is durable in the journal of this directory.
Result<std::unique_ptr<CheckpointWriter>> write_checkpoint(Directory& disk,
                                                           const CheckpointHeader& header);

// Newest first, by seq; only names, nothing is opened.
Result<std::vector<std::string>> list_checkpoints(Directory& disk);

// Verifies the whole file while handing out its blocks; corrupt says where. Nothing may be used
// before it returned ok.
Result<CheckpointHeader> read_checkpoint(Directory& disk, std::string_view name,
                                         const std::function<Status(ByteSpan block)>& visit);

}  // namespace holdfast
