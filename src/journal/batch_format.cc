// Offsets as in docs/format/journal.md. The hash stands in front of what it covers, so that it
// covers one contiguous run.
#include "journal/batch_format.h"

#include <array>

#include "base/check.h"

namespace holdfast {
namespace {

constexpr std::string_view magic = "HFBATCH\n";
constexpr std::size_t crc_at = 12;
constexpr std::size_t hash_at = 16;      // the CRC covers the header from here
constexpr std::size_t hashed_from = 32;  // the hash covers header and payload from here

template <class Int>
void put(std::byte*& out, Int value) {
  std::memcpy(out, &value, sizeof value);
  out += sizeof value;
}

Hash128 get_hash(ByteReader& in) {
  Hash128 hash;
  hash.low = in.fixed<std::uint64_t>();
  hash.high = in.fixed<std::uint64_t>();
  return hash;
}

}  // namespace

Hash128 hash_of_batch(ByteSpan header_and_payload) {
  return hash128(header_and_payload.subspan(hashed_from));
}

Hash128 encode_batch_header(const BatchRecord& record, std::span<std::byte> batch) {
  CHECK(batch.size() == batch_header_bytes + record.payload_bytes);
  const BatchHeader& header = record.header;
  std::byte* out = batch.data();
  std::memcpy(out, magic.data(), magic.size());
  out += magic.size();
  put(out, journal_format_version);
  out = batch.data() + hashed_from;
  std::memcpy(out, record.ledger.bytes.data(), record.ledger.bytes.size());
  out += record.ledger.bytes.size();
  put(out, record.segment);
  put(out, record.offset);
  put(out, header.epoch.value());
  put(out, header.info.first.value());
  put(out, header.info.last.value());
  put(out, header.info.at.us());
  put(out, header.durable.value());
  put(out, header.previous.low);
  put(out, header.previous.high);
  put(out, header.info.digest);
  put(out, record.payload_bytes);
  put(out, std::uint32_t{0});
  put(out, std::uint64_t{0});
  CHECK(out == batch.data() + batch_header_bytes);

  const Hash128 hash = hash_of_batch(batch);
  out = batch.data() + hash_at;
  put(out, hash.low);
  put(out, hash.high);
  out = batch.data() + crc_at;
  put(out, crc32c(ByteSpan(batch).subspan(hash_at, batch_header_bytes - hash_at)));
  return hash;
}

BatchFault decode_batch_header(ByteSpan block, BatchRecord& out) {
  CHECK(block.size() >= batch_header_bytes);
  ByteReader in(block.first(batch_header_bytes));
  if (as_text(in.raw(magic.size())) != magic) {
    return is_blank(block) ? BatchFault::blank : BatchFault::header_damaged;
  }
  if (in.fixed<std::uint32_t>() != journal_format_version) return BatchFault::header_damaged;
  const auto crc = in.fixed<std::uint32_t>();
  if (crc != crc32c(block.subspan(hash_at, batch_header_bytes - hash_at))) {
    return BatchFault::header_damaged;
  }
  BatchHeader& header = out.header;
  header.hash = get_hash(in);
  const ByteSpan ledger = in.raw(out.ledger.bytes.size());
  std::memcpy(out.ledger.bytes.data(), ledger.data(), ledger.size());
  out.segment = in.fixed<std::uint64_t>();
  out.offset = in.fixed<std::uint64_t>();
  header.epoch = Epoch(in.fixed<std::uint64_t>());
  header.info.first = Seq(in.fixed<std::uint64_t>());
  header.info.last = Seq(in.fixed<std::uint64_t>());
  header.info.at = Timestamp::us(in.fixed<std::int64_t>());
  header.durable = Seq(in.fixed<std::uint64_t>());
  header.previous = get_hash(in);
  header.info.digest = in.fixed<std::uint64_t>();
  out.payload_bytes = in.fixed<std::uint32_t>();
  return BatchFault::none;
}

bool is_blank(ByteSpan bytes) {
  // Word by word; the compiler turns it into vector code.
  std::uint64_t any = 0;
  std::size_t at = 0;
  for (; at + 64 <= bytes.size() && any == 0; at += 64) {
    std::array<std::uint64_t, 8> words;
    std::memcpy(words.data(), bytes.data() + at, 64);
    for (const std::uint64_t word : words) any |= word;
  }
  for (; at < bytes.size(); ++at) any |= static_cast<std::uint64_t>(bytes[at]);
  return any == 0;
}

std::string_view name_of(BatchFault fault) {
  switch (fault) {
    case BatchFault::none:
      return "nothing is wrong";
    case BatchFault::no_space:
      return "the segment ends";
    case BatchFault::blank:
      return "the block is blank";
    case BatchFault::header_damaged:
      return "the header is damaged";
    case BatchFault::other_ledger:
      return "the batch belongs to another ledger";
    case BatchFault::misplaced:
      return "the batch belongs to another place";
    case BatchFault::too_long:
      return "the payload is longer than it may be";
    case BatchFault::payload_damaged:
      return "the payload is damaged";
    case BatchFault::chain_broken:
      return "the batch does not follow the one before it";
    case BatchFault::out_of_order:
      return "seqs, epoch or time do not follow the batch before it";
  }
  return "";
}

}  // namespace holdfast
