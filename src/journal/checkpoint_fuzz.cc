// Any bytes as a checkpoint file: read_checkpoint ends with a header or an error, and takes no more
// memory than the file has bytes.
#include "base/check.h"
#include "journal/checkpoint.h"
#include "journal/checkpoint_format.h"
#include "journal/memory_directory_for_test.h"

namespace holdfast {
namespace {

// The bytes as a whole file, or as the blocks behind a right header, framed so that they get past
// the checksums.
MemoryDirectory::Bytes file_of(unsigned choice, ByteSpan input) {
  if (choice % 2 == 0) return {input.begin(), input.end()};
  ByteWriter out;
  CHECK(encode_checkpoint_header(
      {.position = {.segment = 1, .offset = 4096, .seq = Seq(1), .hash = {}},
       .at = {},
       .epoch = {},
       .digest = 0,
       .ledger_id = "0191f4a2-7c1e-4b6a-9d3f-2b8c5e7a9d10"},
      out));
  std::uint64_t hash = hash_of_checkpoint_header(out.bytes());
  const std::size_t block_bytes = choice / 2 + 1;
  std::uint64_t index = 0;
  while (input.size() > block_bytes) {
    const ByteSpan block = input.first(block_bytes);
    hash = hash64(block, hash);
    encode_checkpoint_frame({.kind = CheckpointFrame::Kind::block,
                             .bytes = static_cast<std::uint32_t>(block.size()),
                             .index = index++,
                             .hash = hash},
                            out);
    out.raw(block);
    input = input.subspan(block_bytes);
  }
  if (input.empty()) {
    encode_checkpoint_frame(
        {.kind = CheckpointFrame::Kind::end, .bytes = 0, .index = index, .hash = hash}, out);
  }
  out.raw(input);
  return {out.bytes().begin(), out.bytes().end()};
}

void fuzz(ByteSpan input) {
  if (input.empty()) return;
  MemoryWorld memory;
  const std::string name = checkpoint_name(Seq(1));
  memory.disk.files[name] = file_of(static_cast<unsigned>(input[0]), input.subspan(1));
  std::size_t bytes = 0;
  const auto header = read_checkpoint(memory.disk, name, [&](ByteSpan block) -> Status {
    bytes += block.size();
    return {};
  });
  CHECK(bytes <= memory.disk.files[name].size());
  if (!header) CHECK(header.error().code == ErrorCode::corrupt);
}

}  // namespace
}  // namespace holdfast

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  holdfast::fuzz({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
