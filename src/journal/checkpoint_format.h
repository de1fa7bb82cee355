// The bytes of a checkpoint file. Table in docs/format/checkpoint.md, section "File"; this is their
// only writer and reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "journal/checkpoint.h"
#include "journal/segment_format.h"

namespace holdfast {

// A block's content is at most this long; also the bound before a reader allocates.
inline constexpr std::size_t checkpoint_block_bytes_max = 16 * 1024 * 1024;

inline constexpr std::size_t checkpoint_header_bytes = 128;
inline constexpr std::size_t checkpoint_frame_bytes =
    32;  // in front of every block, and of the end

// What stands in front of a block. The end's frame has kind `end`, no content, and counts what came
// before.
struct CheckpointFrame {
  enum class Kind : std::uint32_t { block = 1, end = 2 };
  Kind kind = Kind::block;
  std::uint32_t bytes = 0;  // of the content behind it
  std::uint64_t index = 0;  // of this block, from 0; of the end: how many blocks there are
  std::uint64_t hash =
      0;  // XXH3-64 of the content, seeded with the hash before it: a chain from the header on
};

// "checkpoint-00000000000000000042.chk": the seq, so that names sort as the checkpoints do.
[[nodiscard]] std::string checkpoint_name(Seq seq);
[[nodiscard]] std::optional<Seq> checkpoint_seq(std::string_view name);

// Appends the header; nothing when header.ledger_id is no UUID.
[[nodiscard]] bool encode_checkpoint_header(const CheckpointHeader& header, ByteWriter& out);
[[nodiscard]] std::optional<CheckpointHeader> decode_checkpoint_header(ByteSpan bytes);
// Where the chain of hashes begins.
[[nodiscard]] std::uint64_t hash_of_checkpoint_header(ByteSpan bytes);

void encode_checkpoint_frame(const CheckpointFrame& frame, ByteWriter& out);
[[nodiscard]] std::optional<CheckpointFrame> decode_checkpoint_frame(ByteSpan bytes);

}  // namespace holdfast
