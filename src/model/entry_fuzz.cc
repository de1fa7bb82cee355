// Bytes → group → bytes → group: whatever decodes must encode to something that decodes to the
// same, and encoding that again must give the same bytes.
#include <algorithm>

#include "base/check.h"
#include "model/answer.h"
#include "model/entry.h"

namespace {

using namespace holdfast;

void group(ByteSpan bytes) {
  DecodedGroup first;
  DecodedGroup second;
  ByteReader in(bytes);
  if (!decode_group(in, first)) return;
  ByteWriter once;
  ByteWriter twice;
  encode_group(once, first.context, first.entries);
  ByteReader again(once.bytes());
  CHECK(decode_group(again, second) && again.complete());
  CHECK(first.entries.size() == second.entries.size());
  encode_group(twice, second.context, second.entries);
  CHECK(std::ranges::equal(once.bytes(), twice.bytes()));
}

void answer(ByteSpan bytes) {
  Answer first;
  Answer second;
  ByteReader in(bytes);
  if (!first.decode(in)) return;
  ByteWriter once;
  ByteWriter twice;
  first.encode(once);
  ByteReader again(once.bytes());
  CHECK(second.decode(again) && again.complete());
  second.encode(twice);
  CHECK(std::ranges::equal(once.bytes(), twice.bytes()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  group(bytes);
  answer(bytes);
  return 0;
}
