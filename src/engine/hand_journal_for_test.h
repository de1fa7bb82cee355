// For tests: a journal without a disk, whose batches are durable when the test lets them.
#pragma once

#include <vector>

#include "journal/journal.h"

namespace holdfast {

class HandJournal final : public Journal {
 public:
  Status start(Epoch) override { return {}; }
  bool has_room() const override { return true; }
  void append(const BatchInfo& info, ByteSpan, Writer writer) override {
    writers.push_back(writer);
    last_ = info.last;
    ++in_flight_;
  }
  Status poll() override {
    if (!is_slow) complete();
    return {};
  }
  Status wait() override {
    complete();
    return {};
  }
  Seq durable() const override { return durable_; }
  std::size_t in_flight() const override { return in_flight_; }
  JournalPosition position() const override { return {.seq = durable_}; }
  std::uint64_t bytes_written() const override { return bytes; }
  bool has_space() const override { return true; }

  std::vector<Writer> writers;  // of what was appended
  bool is_slow = false;         // nothing becomes durable
  std::uint64_t bytes = 0;      // that it says it has written

 private:
  void complete() {
    durable_ = last_;
    in_flight_ = 0;
  }
  Seq last_, durable_;
  std::size_t in_flight_ = 0;
};

}  // namespace holdfast
