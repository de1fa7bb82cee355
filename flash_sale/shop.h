// Shop: what a storefront does when a buyer clicks and when a payment arrives. One implementation
// stands on Holdfast, the others on the usual stack; the load generator (sale.h) knows only this.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "buyers.h"
#include "pq_client.h"

namespace holdfast {

struct ShopAnswer {
  enum class Kind { yes, no, broken };  // broken: an error, the buyer sees "try again"
  Kind kind = Kind::broken;
  std::string reason;  // of a no
  std::string token;   // of a yes: what pay() needs
};
using ShopReply = std::function<void(const ShopAnswer&)>;

// What the books say about the drop.
struct Books {
  long long sold = 0;  // promised to buyers who paid
  long long free = 0;  // what the next buyer could get (below zero: oversold)
  long long held = 0;  // in carts that may still be abandoned
};

class Shop {
 public:
  virtual ~Shop() = default;
  // Catalogue and stock: `units` of the drop, plenty of everything else. Blocks.
  virtual void open(PqClient& client, int units) = 0;
  // Prepares its statements on a connection. Blocks.
  virtual void prepare(PqClient& client) = 0;
  // "Add to cart and check out": may the buyer have it?
  virtual void click(PqClient& client, const Buyer& buyer, ShopReply reply) = 0;
  // The payment arrived: sell it.
  virtual void pay(PqClient& client, const Buyer& buyer, const std::string& token,
                   ShopReply reply) = 0;
  // Takes one unit of an item that never sells out, in the way this shop takes units: for the peak
  // rate.
  virtual void take_one(PqClient& client, std::function<void()> done) = 0;
  // Called often with a connection of its own: refreshes caches and indexes when their time has
  // come.
  virtual void tick(PqClient& client, Microseconds now) = 0;
  virtual Books books(PqClient& client) = 0;  // blocks
  // True: the step that takes units is click(), and a hold ends by itself. False: it is pay().
  [[nodiscard]] virtual bool takes_at_click() const = 0;
};

std::unique_ptr<Shop> make_holdfast_shop(Microseconds hold);

// The usual stack on PostgreSQL, three ways to look before the unguarded decrement.
enum class UsualStack { cache, reread, search };
std::unique_ptr<Shop> make_usual_shop(UsualStack stack, Microseconds refresh);

}  // namespace holdfast
