// Any bytes as the journal's files: opening must end with a journal or an error, never with a
// crash, and what it accepts it must accept again. The first byte chooses how much of a real
// journal surrounds the bytes.
#include <array>
#include <map>

#include "journal/batch_format.h"
#include "journal/file_journal.h"
#include "journal/memory_directory_for_test.h"
#include "journal/segment_format.h"

namespace holdfast {
namespace {

constexpr LedgerId ledger{{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}};
constexpr std::uint64_t segment_bytes = 64 * 1024;
constexpr FileJournalOptions options = {.segment_bytes = segment_bytes,
                                        .first_segment_bytes = segment_bytes,
                                        .in_flight_max = 2,
                                        .reserve_bytes = 0,
                                        .accept_loss_after = {}};

// A batch that follows `end`, its payload what the fuzzer likes, so that it gets past checksums it
// cannot guess.
void add_batch(MemoryDirectory::Bytes& segment, ByteSpan payload, JournalPosition& end) {
  payload = payload.first(std::min<std::size_t>(payload.size(), 4'000));
  BatchRecord record;
  record.header.info = {.first = end.seq.next(),
                        .last = payload.empty() ? end.seq : end.seq.next(),
                        .at = Timestamp::us(5),
                        .digest = 0};
  record.header.previous = end.hash;
  record.ledger = ledger;
  record.segment = 1;
  record.offset = end.offset;
  record.payload_bytes = static_cast<std::uint32_t>(payload.size());
  std::vector<std::byte> bytes(batch_header_bytes + payload.size());
  std::copy(payload.begin(), payload.end(), bytes.begin() + batch_header_bytes);
  end.hash = encode_batch_header(record, bytes);
  std::copy(bytes.begin(), bytes.end(), segment.begin() + static_cast<std::ptrdiff_t>(end.offset));
  end.seq = record.header.info.last;
  end.offset += batch_space(payload.size());
}

MemoryDirectory::Bytes segment_of(std::uint64_t number, unsigned batches, ByteSpan input) {
  ByteWriter header;
  encode_segment_header({.ledger = ledger, .number = number, .bytes = segment_bytes}, header);
  MemoryDirectory::Bytes segment(segment_bytes);
  std::copy(header.bytes().begin(), header.bytes().end(), segment.begin());
  JournalPosition end{.segment = number, .offset = segment_first_offset, .seq = {}, .hash = {}};
  for (unsigned index = 0; index < batches; ++index) add_batch(segment, input, end);
  input = input.first(std::min<std::size_t>(input.size(), segment_bytes - end.offset));
  std::copy(input.begin(), input.end(), segment.begin() + static_cast<std::ptrdiff_t>(end.offset));
  return segment;
}

Status accept(const BatchHeader&, ByteSpan) { return {}; }

void fuzz(ByteSpan input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned>(input[0]);
  input = input.subspan(1);
  MemoryWorld memory;
  ByteWriter identity;
  encode_identity(ledger, identity);
  memory.disk.files[std::string(identity_name)] = {identity.bytes().begin(),
                                                   identity.bytes().end()};
  memory.disk.files[segment_name(1)] = choice % 8 == 0
                                           ? MemoryDirectory::Bytes(input.begin(), input.end())
                                           : segment_of(1, choice % 8 - 1, input);
  if (choice & 8) memory.disk.files[segment_name(2)] = segment_of(2, 0, input);

  const auto looked = read_file_journal(memory.disk, {}, accept, {});
  Result<OpenedJournal> opened = open_file_journal(memory.world, options, {}, {}, accept, {});
  CHECK(looked.has_value() == opened.has_value());
  if (!opened) return;
  CHECK(looked->end.seq == opened->report.end.seq && looked->end.hash == opened->report.end.hash);
  opened->journal.reset();
  const auto again = open_file_journal(memory.world, options, {}, {}, accept, {});
  CHECK(again.has_value() && !again->report.torn && again->report.end.seq == looked->end.seq);
}

}  // namespace
}  // namespace holdfast

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  holdfast::fuzz({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
