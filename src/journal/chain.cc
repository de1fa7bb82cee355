// A batch that does not fit the rest of its segment begins the next one, so wherever the chain
// stops in a segment the first batch of the next one is tried too; only the hash it names decides.
#include "journal/chain.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast {
namespace {

bool is_in_order(const BatchHeader& header, std::uint32_t payload_bytes, const ChainEnd& before) {
  const BatchInfo& info = header.info;
  if (info.first != before.position.seq.next()) return false;
  const bool is_seal = payload_bytes == 0;
  if (is_seal ? info.last != before.position.seq : info.last < info.first) return false;
  return header.epoch >= before.epoch && info.at >= before.at &&
         header.durable <= before.position.seq;
}

bool holds(const std::vector<std::uint64_t>& segments, std::uint64_t number) {
  return std::binary_search(segments.begin(), segments.end(), number);
}

// Whether the record, found at `offset`, stands in its place and is the batch that ends at `end`.
bool ends_at(const BatchRecord& record, const SegmentHeader& segment, std::uint64_t offset,
             std::uint64_t end) {
  return record.ledger == segment.ledger && record.segment == segment.number &&
         record.offset == offset && record.payload_bytes <= batch_payload_bytes_max &&
         offset + batch_space(record.payload_bytes) == end;
}

}  // namespace

Result<BatchFault> read_batch(SegmentReader& segment, std::uint64_t offset, const LedgerId& ledger,
                              const ChainEnd& before, BatchRecord& record, ByteSpan& payload) {
  if (segment.bytes() < offset + disk_block_bytes) return BatchFault::no_space;
  ASSIGN(const ByteSpan block, segment.read(offset, disk_block_bytes));
  const BatchFault fault = decode_batch_header(block, record);
  if (fault != BatchFault::none) return fault;
  if (record.ledger != ledger) return BatchFault::other_ledger;
  if (record.segment != segment.number() || record.offset != offset) return BatchFault::misplaced;
  if (record.payload_bytes > batch_payload_bytes_max ||
      batch_space(record.payload_bytes) > segment.bytes() - offset) {
    return BatchFault::too_long;
  }
  ASSIGN(const ByteSpan batch, segment.read(offset, batch_header_bytes + record.payload_bytes));
  if (hash_of_batch(batch) != record.header.hash) return BatchFault::payload_damaged;
  if (record.header.previous != before.position.hash) return BatchFault::chain_broken;
  if (!is_in_order(record.header, record.payload_bytes, before)) return BatchFault::out_of_order;
  payload = batch.subspan(batch_header_bytes);
  return BatchFault::none;
}

Result<ChainEnd> find_start(Directory& disk, const LedgerId& ledger, SegmentAccess access,
                            const std::vector<std::uint64_t>& segments,
                            const JournalPosition& from) {
  const bool from_start = from.seq == Seq();
  const std::uint64_t number = from_start ? 1 : from.segment;
  if (!holds(segments, number)) {
    return fail(ErrorCode::corrupt, "\"{}\" is missing", segment_name(number));
  }
  ChainEnd start;
  start.position = {.segment = 1, .offset = segment_first_offset, .seq = {}, .hash = {}};
  if (from_start) return start;

  ASSIGN(SegmentReader segment, SegmentReader::open(disk, ledger, number, access));
  const std::uint64_t earliest = from.offset > segment_first_offset + batch_space_max
                                     ? from.offset - batch_space_max
                                     : segment_first_offset;
  const bool is_place = from.offset % disk_block_bytes == 0 && from.offset > earliest &&
                        from.offset <= segment.bytes();
  ByteSpan before;
  if (is_place) {
    ASSIGN(before, segment.read(earliest, static_cast<std::size_t>(from.offset - earliest)));
  }
  for (std::size_t back = before.size(); back > 0;) {
    back -= disk_block_bytes;
    BatchRecord record;
    if (decode_batch_header(before.subspan(back, disk_block_bytes), record) != BatchFault::none ||
        !ends_at(record, {.ledger = ledger, .number = number, .bytes = {}}, earliest + back,
                 from.offset)) {
      continue;
    }
    if (record.header.hash != from.hash || record.header.info.last != from.seq) break;
    start.position = from;
    start.epoch = record.header.epoch;
    start.at = record.header.info.at;
    return start;
  }
  return fail(ErrorCode::corrupt,
              "\"{}\" at offset {}: no batch ends here with seq {}, though a checkpoint says so",
              segment_name(number), from.offset, from.seq.value());
}

ChainWalker::ChainWalker(Directory& disk, const LedgerId& ledger, SegmentAccess access,
                         std::vector<std::uint64_t> segments, const ChainEnd& start)
    : disk_(disk), ledger_(ledger), access_(access), segments_(std::move(segments)), end_(start) {}

void ChainWalker::follow(const BatchRecord& record) {
  end_.position.offset += batch_space(record.payload_bytes);
  end_.position.seq = record.header.info.last;
  end_.position.hash = record.header.hash;
  end_.epoch = record.header.epoch;
  end_.at = record.header.info.at;
}

Result<bool> ChainWalker::next(BatchRecord& record, ByteSpan& payload) {
  if (!reader_) {
    ASSIGN(SegmentReader opened,
           SegmentReader::open(disk_, ledger_, end_.position.segment, access_));
    reader_.emplace(std::move(opened));
  }
  ASSIGN(const BatchFault fault,
         read_batch(*reader_, end_.position.offset, ledger_, end_, record, payload));
  fault_ = fault;
  if (fault_ != BatchFault::none) return next_segment(record, payload);
  follow(record);
  return true;
}

Result<bool> ChainWalker::next_segment(BatchRecord& record, ByteSpan& payload) {
  const std::uint64_t number = reader_->number() + 1;
  if (segments_.empty() || segments_.back() < number) return false;
  if (!holds(segments_, number)) {
    trouble_ = Error{.code = ErrorCode::corrupt,
                     .message = fmt::format("\"{}\" is missing, but \"{}\" is there",
                                            segment_name(number), segment_name(segments_.back())),
                     .detail = {},
                     .hint = {}};
    return false;
  }
  Result<SegmentReader> opened = SegmentReader::open(disk_, ledger_, number, access_);
  if (!opened) {
    if (opened.error().code != ErrorCode::corrupt) return fail(std::move(opened).error());
    trouble_ = std::move(opened).error();
    return false;
  }
  ASSIGN(const BatchFault fault,
         read_batch(*opened, segment_first_offset, ledger_, end_, record, payload));
  if (fault != BatchFault::none) return false;  // fault_ keeps saying why it stopped before
  fault_ = BatchFault::none;
  reader_.emplace(std::move(*opened));
  // `payload` stays valid: moving the reader moves its buffer's ownership, not its bytes.
  end_.position.segment = number;
  end_.position.offset = segment_first_offset;
  follow(record);
  return true;
}

Result<bool> ChainWalker::look_again(BatchRecord& record, ByteSpan& payload) {
  if (reader_) reader_->forget();
  trouble_.reset();
  ASSIGN(segments_, list_segments(disk_));
  return next(record, payload);
}

}  // namespace holdfast
