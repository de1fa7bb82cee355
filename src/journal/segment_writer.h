// FileJournal: the writing half of the embedded backend, behind a recovered end of the chain.
//
//   slots_ (a ring, oldest first):   [done][in flight][done][in flight]
//                                      └ leaves when it is done: durable() moves to its last seq
//
// Batches in flight lie in at most two segments: the current one and, just after a change, the one
// before it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "journal/aligned_buffer.h"
#include "journal/chain.h"
#include "journal/file_journal.h"
#include "journal/segment_ahead.h"

namespace holdfast {

class FileJournal final : public Journal {
 public:
  // `segments` are those of the directory, `end` lies in the last or last but one of them.
  FileJournal(World& world, const FileJournalOptions& options, const LedgerId& ledger,
              std::vector<std::uint64_t> segments, const ChainEnd& end);
  ~FileJournal() override;

  Status start(Epoch epoch) override;
  [[nodiscard]] bool has_room() const override;
  void append(const BatchInfo& info, ByteSpan payload, Writer writer) override;
  Status poll() override;
  Status wait() override;
  [[nodiscard]] Seq durable() const override { return durable_.seq; }
  [[nodiscard]] std::size_t in_flight() const override { return count_; }
  [[nodiscard]] JournalPosition position() const override { return durable_; }
  [[nodiscard]] std::uint64_t bytes_written() const override { return bytes_written_; }
  [[nodiscard]] bool has_space() const override { return !short_of_space_; }

 private:
  struct Slot {
    AlignedBuffer buffer;
    JournalPosition end;  // behind this batch
    bool done = false;
  };
  Status blank_window();
  void prepare_next();
  void watch_next();
  void change_segment();
  void take_note(std::vector<WriteDone>& done);
  [[nodiscard]] Status status() const;
  [[nodiscard]] Slot& slot(std::uint64_t token) { return slots_[token % slots_.size()]; }

  World& world_;
  const FileJournalOptions options_;
  const LedgerId ledger_;
  const std::vector<std::uint64_t> found_;  // segments when the journal was opened

  Epoch epoch_;
  bool started_ = false;
  std::optional<Error> failure_;

  JournalPosition end_;              // behind the last appended batch
  Timestamp at_;                     // of the last appended batch
  JournalPosition durable_;          // behind the last durable batch
  std::uint64_t segment_bytes_ = 0;  // of the current segment

  // A ring: the batches with tokens [first_, first_ + count_) are in flight or wait for an earlier
  // one.
  std::vector<Slot> slots_;
  std::uint64_t first_ = 0;
  std::size_t count_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::vector<WriteDone> done_;

  // After slots_: queues wait for their writes when destroyed, and those use the slots' buffers.
  std::unique_ptr<WriteQueue>
      before_;                      // of the segment before, while any of its writes is in flight
  std::uint64_t before_until_ = 0;  // tokens below this one went there
  std::unique_ptr<WriteQueue> queue_;
  SegmentAhead ahead_;
  bool short_of_space_ = false;
  Duration try_again_at_;  // boot time
};

}  // namespace holdfast
