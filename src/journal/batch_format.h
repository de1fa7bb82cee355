// The bytes of one batch: a header of 144 bytes, the payload, zeros up to the next block. Table in
// docs/format/journal.md; encode_batch_header and decode_batch_header are its only writer and
// reader.
//
// The header is valid by itself (CRC32C), so recovery can believe what it says (its place, its
// seqs, what was durable when it was written) although the payload behind it may be torn. The hash
// covers header fields and payload together.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "journal/journal.h"
#include "journal/segment_format.h"

namespace holdfast {

inline constexpr std::size_t batch_header_bytes = 144;

// What a batch with this payload takes on disk.
[[nodiscard]] constexpr std::uint64_t batch_space(std::uint64_t payload_bytes) {
  constexpr std::uint64_t block = disk_block_bytes;
  return (batch_header_bytes + payload_bytes + block - 1) / block * block;
}
inline constexpr std::uint64_t batch_space_max = batch_space(batch_payload_bytes_max);

// At most this many batches are in flight, whatever the options say; recovery takes nothing farther
// behind the end of the chain for a torn tail.
inline constexpr std::size_t batches_in_flight_max = 8;
inline constexpr std::uint64_t in_flight_window_bytes = batches_in_flight_max * batch_space_max;

// A header with everything that the reader of a journal checks and its user does not need.
struct BatchRecord {
  BatchHeader header;
  LedgerId ledger;
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint32_t payload_bytes = 0;
};

// Writes the header into the first batch_header_bytes of `batch`, whose rest is the payload already
// in place, and returns the hash it put there. REQUIRES: batch.size() = batch_header_bytes +
// record.payload_bytes.
Hash128 encode_batch_header(const BatchRecord& record, std::span<std::byte> batch);

// Why bytes are no batch, or none that may stand here. In the order in which it is checked.
enum class BatchFault : unsigned char {
  none,
  no_space,        // not even a header fits behind the offset
  blank,           // the block is all zeros
  header_damaged,  // magic, version or CRC32C
  other_ledger,
  misplaced,        // another segment or offset: a misdirected write
  too_long,         // the payload goes beyond its limit or the segment
  payload_damaged,  // the hash does not match
  chain_broken,     // does not name the hash of the batch before it
  out_of_order,     // seqs, epoch, timestamp or durable do not follow
};
[[nodiscard]] std::string_view name_of(BatchFault fault);

// none, blank or header_damaged. `block` holds at least a header and is not more than a block.
[[nodiscard]] BatchFault decode_batch_header(ByteSpan block, BatchRecord& out);

// Recomputes the hash of header and payload together.
[[nodiscard]] Hash128 hash_of_batch(ByteSpan header_and_payload);

[[nodiscard]] bool is_blank(ByteSpan bytes);

}  // namespace holdfast
