// The chain of batches, read in order: which batch may stand next, and the walk over segments up to
// where it ends.
//
// Everything read is taken for hostile: no length is believed before it is bounded, no byte before
// its checksum.
#pragma once

#include <optional>
#include <vector>

#include "journal/batch_format.h"
#include "journal/segment_reader.h"

namespace holdfast {

// What is known behind the last good batch.
struct ChainEnd {
  JournalPosition position;
  Epoch epoch;
  Timestamp at;
};

// Reads what stands at `offset` and says whether it follows `before`. The payload is valid until
// the reader's next read.
Result<BatchFault> read_batch(SegmentReader& segment, std::uint64_t offset, const LedgerId& ledger,
                              const ChainEnd& before, BatchRecord& record, ByteSpan& payload);

// Where a walk from `from` begins. The default position is the start of segment 1; any other must
// lie just behind a batch with from.hash that ends with from.seq, else corrupt: such a position is
// of another ledger or time.
Result<ChainEnd> find_start(Directory& disk, const LedgerId& ledger, SegmentAccess access,
                            const std::vector<std::uint64_t>& segments,
                            const JournalPosition& from);

class ChainWalker {
 public:
  ChainWalker(Directory& disk, const LedgerId& ledger, SegmentAccess access,
              std::vector<std::uint64_t> segments, const ChainEnd& start);

  // The next batch of the chain, or false: it ends here, end() says where and fault() why.
  // `payload` is valid until the next call. Errors are those of the disk.
  Result<bool> next(BatchRecord& record, ByteSpan& payload);
  // As next(), after forgetting what was read ahead and listing the segments anew: the journal may
  // be growing.
  Result<bool> look_again(BatchRecord& record, ByteSpan& payload);

  [[nodiscard]] const ChainEnd& end() const { return end_; }
  [[nodiscard]] BatchFault fault() const { return fault_; }
  // Set when the next segment is missing or is not what its name says.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  [[nodiscard]] const std::vector<std::uint64_t>& segments() const { return segments_; }

 private:
  Result<bool> next_segment(BatchRecord& record, ByteSpan& payload);
  void follow(const BatchRecord& record);

  Directory& disk_;
  const LedgerId ledger_;
  const SegmentAccess access_;
  std::vector<std::uint64_t> segments_;
  ChainEnd end_;
  BatchFault fault_ = BatchFault::none;
  std::optional<Error> trouble_;
  std::optional<SegmentReader> reader_;
};

}  // namespace holdfast
