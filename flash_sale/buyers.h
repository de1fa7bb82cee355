// Buyers: who comes to the flash sale, when, with what in the cart, and who walks away. Drawn from
// one seed, so every shop meets exactly the same crowd.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

using Microseconds = std::chrono::microseconds;

inline constexpr const char* drop_sku = "DROP-1";  // what everybody wants
inline constexpr int side_item_count = 200;        // what else goes into a cart; never sold out

struct CartLine {
  std::string sku;
  int quantity = 1;
};

struct Buyer {
  int number = 0;
  Microseconds arrives{};      // after the opening
  Microseconds pays_after{};   // between the click and the payment
  bool abandons = false;       // fills a cart and never pays
  std::vector<CartLine> cart;  // the drop first
};

struct Crowd {
  int buyers = 10'000;
  double seconds = 4;  // over which they arrive, most of them early
  std::uint64_t seed = 1;
};

std::vector<Buyer> draw_buyers(const Crowd& crowd);
std::string side_sku(int index);

}  // namespace holdfast
