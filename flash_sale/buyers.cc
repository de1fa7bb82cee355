// Half of the crowd comes in the first fifth of the time, as at a real opening; a quarter of those
// who get a cart never pay; a third buys something else along with it.
#include "buyers.h"

#include <cstdio>
#include <random>

namespace holdfast {

std::string side_sku(int index) {
  char text[16];
  std::snprintf(text, sizeof text, "SIDE-%03d", index);
  return text;
}

std::vector<Buyer> draw_buyers(const Crowd& crowd) {
  std::mt19937_64 generator(crowd.seed);
  const auto below = [&](std::uint64_t limit) { return static_cast<int>(generator() % limit); };
  const double opening_us = crowd.seconds * 1e6 / 5;
  std::vector<Buyer> buyers(static_cast<std::size_t>(crowd.buyers));
  for (int number = 0; number < crowd.buyers; ++number) {
    Buyer& buyer = buyers[static_cast<std::size_t>(number)];
    buyer.number = number;
    const double share = static_cast<double>(generator() >> 11) * 0x1p-53;
    const bool early = below(2) == 0;
    buyer.arrives = Microseconds(
        static_cast<std::int64_t>(early ? share * opening_us : share * crowd.seconds * 1e6));
    buyer.pays_after = std::chrono::milliseconds(20 + below(180));
    buyer.abandons = below(4) == 0;
    buyer.cart.push_back({drop_sku, 1});
    if (below(3) != 0) continue;
    const int first = below(side_item_count);
    for (int line = 0; line <= below(3); ++line) {
      buyer.cart.push_back({side_sku((first + line * 7) % side_item_count), 1 + below(3)});
    }
  }
  return buyers;
}

}  // namespace holdfast
