// Every block behind the end is read: a segment that is only zeros costs a few milliseconds per 64
// MiB.
#include "journal/tail.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;

// The first header found that proves a seq beyond the end durable.
struct Proof {
  std::string file;
  std::uint64_t offset = 0;
  Seq durable;
};

struct Behind {
  TailExtent extent;
  std::optional<Proof> proof;
};

// A header counts wherever it stands: a misdirected one still tells what was durable.
Result<Behind> examine_segment(SegmentReader& segment, std::uint64_t from, const LedgerId& ledger,
                               Seq end) {
  Behind out;
  out.extent = {.segment = segment.number(), .from = from, .to = from};
  for (std::uint64_t at = from; at < segment.bytes();) {
    ASSIGN(const ByteSpan piece, segment.read(at, piece_bytes));
    for (std::size_t block_at = 0; block_at < piece.size(); block_at += disk_block_bytes) {
      const ByteSpan block = piece.subspan(block_at, disk_block_bytes);
      if (is_blank(block)) continue;
      out.extent.to = at + block_at + disk_block_bytes;
      BatchRecord record;
      if (out.proof || decode_batch_header(block, record) != BatchFault::none) continue;
      if (record.ledger == ledger && record.header.durable > end) {
        out.proof = Proof{segment.name(), at + block_at, record.header.durable};
      }
    }
    at += piece.size();
  }
  return out;
}

std::optional<Error> judge(const ChainWalker& walk, const std::optional<Proof>& proof,
                           const std::vector<TailExtent>& extents, Seq witness) {
  const JournalPosition& end = walk.end().position;
  const std::string place =
      fmt::format("\"{}\" at offset {}: {}, behind seq {}", segment_name(end.segment), end.offset,
                  name_of(walk.fault()), end.seq.value());
  const auto corrupt = [&](std::string why) {
    return Error{.code = ErrorCode::corrupt,
                 .message = place + ", and " + std::move(why),
                 .detail = {},
                 .hint =
                     "Restore from a backup, or accept the loss of acknowledged entries "
                     "explicitly."};
  };
  if (walk.trouble()) return corrupt(walk.trouble()->message);
  if (proof) {
    return corrupt(fmt::format("the batch in \"{}\" at offset {} proves that seq {} was durable",
                               proof->file, proof->offset, proof->durable.value()));
  }
  std::uint64_t bytes = 0;
  for (const TailExtent& extent : extents) {
    bytes += extent.to - extent.from;
    if (bytes > in_flight_window_bytes || extent.segment > end.segment + 1) {
      return corrupt(fmt::format("\"{}\" holds data up to offset {}, more than was ever in flight",
                                 segment_name(extent.segment), extent.to));
    }
  }
  if (witness > end.seq) {
    return corrupt(fmt::format("a checkpoint proves that seq {} was durable", witness.value()));
  }
  return {};
}

// A name that is free: earlier recoveries that crashed may have saved what was left then.
std::string free_name(const std::vector<std::string>& names, const std::string& wanted) {
  std::string name = wanted;
  for (int again = 2; std::find(names.begin(), names.end(), name) != names.end(); ++again) {
    name = fmt::format("{}-{}", wanted, again);
  }
  return name;
}

Status copy_extent(Directory& disk, const TailExtent& extent, const std::string& name) {
  ASSIGN(const std::unique_ptr<File> from, disk.open(segment_name(extent.segment), OpenMode::read));
  ASSIGN(const std::unique_ptr<File> to, disk.open(name, OpenMode::create));
  std::vector<std::byte> piece(piece_bytes);
  for (std::uint64_t at = extent.from; at < extent.to;) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, extent.to - at));
    ASSIGN(const std::size_t count, from->read_at(at, std::span(piece).first(wanted)));
    if (count != wanted) return fail(ErrorCode::io_error, "\"{}\" shrank while it was read", name);
    TRY(to->write_at(at - extent.from, ByteSpan(piece).first(count)));
    at += count;
  }
  return to->sync();
}

}  // namespace

Result<Tail> examine_tail(Directory& disk, const LedgerId& ledger, SegmentAccess access,
                          const ChainWalker& walk, Seq witness) {
  const JournalPosition& end = walk.end().position;
  Tail tail;
  std::optional<Proof> proof;
  for (const std::uint64_t number : walk.segments()) {
    if (number < end.segment) continue;
    Result<SegmentReader> segment = SegmentReader::open(disk, ledger, number, access);
    if (!segment && segment.error().code == ErrorCode::corrupt)
      continue;  // walk.trouble(), or behind
    if (!segment) return fail(std::move(segment).error());
    const std::uint64_t from = number == end.segment ? end.offset : segment_first_offset;
    ASSIGN(Behind behind, examine_segment(*segment, from, ledger, end.seq));
    if (behind.extent.to > from) tail.extents.push_back(behind.extent);
    if (!proof) proof = std::move(behind.proof);
  }
  tail.corruption = judge(walk, proof, tail.extents, witness);
  return tail;
}

Result<std::string> cut_tail(Directory& disk, const std::vector<TailExtent>& extents) {
  ASSIGN(std::vector<std::string> names, disk.list());
  std::string saved;
  for (const TailExtent& extent : extents) {
    const std::string name =
        free_name(names, fmt::format("torn-{:06}-{:012}", extent.segment, extent.from));
    TRY(copy_extent(disk, extent, name));
    saved += (saved.empty() ? "" : ",") + name;
  }
  TRY(disk.sync());
  for (auto extent = extents.rbegin(); extent != extents.rend(); ++extent) {
    TRY(blank_durably(disk, extent->segment, extent->from, extent->to));
  }
  return saved;
}

Result<std::string> set_aside_behind(Directory& disk, std::uint64_t last) {
  ASSIGN(const std::vector<std::string> names, disk.list());
  ASSIGN(const std::vector<std::uint64_t> segments, list_segments(disk));
  std::string saved;
  // From the end: a crash in between leaves no gap that was not there before.
  for (auto number = segments.rbegin(); number != segments.rend() && *number > last; ++number) {
    const std::string name = free_name(names, fmt::format("lost-{:06}", *number));
    TRY(disk.rename(segment_name(*number), name));
    saved += (saved.empty() ? "" : ",") + name;
  }
  TRY(disk.sync());
  return saved;
}

Status blank_durably(Directory& disk, std::uint64_t segment, std::uint64_t from, std::uint64_t to) {
  ASSIGN(const std::unique_ptr<File> file, disk.open(segment_name(segment), OpenMode::write));
  const std::vector<std::byte> zeros(
      static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, to - from)));
  while (from < to) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), to - from));
    TRY(file->write_at(from, ByteSpan(zeros).first(count)));
    from += count;
  }
  return file->sync();
}

}  // namespace holdfast
