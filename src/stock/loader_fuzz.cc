// Hostile checkpoints: any bytes, cut into blocks, must end as a Stock or as `corrupt`.
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "stock/stock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  StockLoader loader;
  ByteReader in(ByteSpan(reinterpret_cast<const std::byte*>(data), size));
  while (in.left() > 2) {
    const std::size_t length = in.fixed<std::uint16_t>();
    if (!loader.add(in.raw(std::min(length, in.left()))).has_value()) return 0;
  }
  const auto stock = loader.finish();
  if (stock.has_value()) CHECK((*stock)->digest() == (*stock)->recomputed_digest());
  return 0;
}
