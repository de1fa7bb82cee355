// For tests: a ledger of numbered batches on any world. Batch n has a payload that can be
// recomputed from its first seq, so whatever is found again can be compared with what must have
// been written.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "journal/file_journal.h"

namespace holdfast {

inline std::vector<std::byte> payload_of(Seq first, std::size_t bytes) {
  std::vector<std::byte> out(bytes);
  std::uint64_t word = first.value() * 0x9e3779b97f4a7c15u + 1;
  for (std::byte& byte : out) {
    word = mix64(word, 0x5bd1e995u);
    byte = static_cast<std::byte>(word);
  }
  return out;
}

struct FoundBatch {
  BatchHeader header;
  std::vector<std::byte> payload;
};

// An opened journal and what it held.
struct TestJournal {
  std::unique_ptr<Journal> journal;
  JournalReport report;
  std::vector<FoundBatch> found;
  Seq last;  // of the last batch appended or found
  std::int64_t at_us = 0;

  // Appends a batch of `entries` entries and this many bytes; 0 and 0: a seal.
  void append(std::size_t bytes, std::uint64_t entries = 1, Writer writer = Writer::others) {
    const Seq first = last.next();
    if (bytes > 0) last = Seq(last.value() + entries);
    journal->append(
        {.first = first, .last = last, .at = Timestamp::us(++at_us), .digest = last.value()},
        payload_of(first, bytes), writer);
  }
  // Waits until all that was appended is durable.
  Status flush() {
    while (journal->in_flight() > 0) TRY(journal->wait());
    return journal->poll();
  }
  Status append_durably(std::size_t bytes, std::uint64_t entries = 1) {
    while (!journal->has_room()) TRY(journal->wait());
    append(bytes, entries);
    return flush();
  }
};

struct TestOpening {
  FileJournalOptions options = {.segment_bytes = 256 * 1024,
                                .first_segment_bytes = 128 * 1024,
                                .in_flight_max = 4,
                                .reserve_bytes = 0,
                                .accept_loss_after = {}};
  JournalPosition from;
  Seq witness;
  bool start = true;
};

inline Result<TestJournal> open_for_test(World& world, const TestOpening& opening = {}) {
  TestJournal out;
  const BatchVisitor visit = [&](const BatchHeader& header, ByteSpan payload) -> Status {
    out.found.push_back({header, {payload.begin(), payload.end()}});
    return {};
  };
  ASSIGN(OpenedJournal opened,
         open_file_journal(world, opening.options, opening.from, opening.witness, visit, {}));
  out.journal = std::move(opened.journal);
  out.report = opened.report;
  out.last = out.report.end.seq;
  out.at_us = out.report.at.us();
  if (opening.start) TRY(out.journal->start(Epoch(out.report.epoch.value() + 1)));
  return out;
}

// Every batch found is the one that was written under its seqs, in order, without a gap.
inline void expect_whole(const TestJournal& journal, Seq behind = Seq()) {
  Seq last = behind;
  for (const FoundBatch& batch : journal.found) {
    ASSERT_EQ(batch.header.info.first.value(), last.value() + 1);
    ASSERT_EQ(batch.payload, payload_of(batch.header.info.first, batch.payload.size()));
    last = batch.header.info.last;
    ASSERT_EQ(batch.header.info.digest, last.value());
  }
  ASSERT_EQ(journal.report.end.seq.value(), last.value());
}

}  // namespace holdfast
