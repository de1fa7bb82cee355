// The usual stack on PostgreSQL with its durable defaults. The order itself is one transaction, and
// correct; what is wrong is where the answer to "is it still available?" comes from.
//
//   cache    the count as of the last refresh of a cache: within the interval everybody sees the
//   same one reread   a fresh read in the application, then the decrement: many read before any of
//   them writes search   the list of a search index. Selling out takes the item off at once, but a
//   rebuild that began
//            before puts its older count back
#include <cstdio>
#include <cstdlib>
#include <map>

#include "shop.h"

namespace holdfast {
namespace {

constexpr const char* peak_sku = "PEAK-1";
constexpr long long plenty = 1'000'000'000;
constexpr int attempts_max = 20;  // an order that deadlocked with another is sent again

// Rows are locked in the order of their skus: as carts overlap, every other order would deadlock.
constexpr const char* order_sql =
    "WITH cart AS (SELECT * FROM unnest($2::text[], $3::int[]) AS line(sku, quantity)), "
    "locked AS (SELECT sku FROM stock WHERE sku = ANY($2::text[]) ORDER BY sku FOR UPDATE), "
    "placed AS (INSERT INTO orders (buyer, sku, quantity) SELECT $1, sku, quantity FROM cart) "
    "UPDATE stock SET available = available - cart.quantity FROM cart "
    "WHERE stock.sku = cart.sku AND (SELECT count(*) FROM locked) > 0 "
    "RETURNING stock.sku AS sku, available";

class UsualShop final : public Shop {
 public:
  UsualShop(UsualStack stack, Microseconds refresh) : stack_(stack), refresh_(refresh) {}

  void open(PqClient& client, int units) override {
    must(client.run("DROP TABLE IF EXISTS stock, orders"));
    must(
        client.run("CREATE TABLE stock (sku text PRIMARY KEY, available bigint NOT NULL) "
                   "WITH (fillfactor = 50)"));
    must(
        client.run("CREATE TABLE orders (id bigserial PRIMARY KEY, buyer int, sku text, "
                   "quantity int)"));
    must(client.run("INSERT INTO stock VALUES ($1, $2::bigint), ($3, $4::bigint)",
                    {drop_sku, std::to_string(units), peak_sku, std::to_string(plenty)}));
    for (int index = 0; index < side_item_count; ++index) {
      must(client.run("INSERT INTO stock VALUES ($1, $2::bigint)",
                      {side_sku(index), std::to_string(plenty)}));
    }
    shown_[drop_sku] = units;
  }

  void prepare(PqClient& client) override {
    client.prepare("look", "SELECT available FROM stock WHERE sku = $1");
    client.prepare("order", order_sql);
    client.prepare("take", "UPDATE stock SET available = available - 1 WHERE sku = $1");
  }

  void click(PqClient& client, const Buyer&, ShopReply reply) override {
    if (stack_ == UsualStack::reread) return look(client, std::move(reply));
    if (shown_[drop_sku] >= 1) return reply({ShopAnswer::Kind::yes, "", ""});
    reply({ShopAnswer::Kind::no, stack_ == UsualStack::cache ? "cache shows 0" : "not listed", ""});
  }

  void pay(PqClient& client, const Buyer& buyer, const std::string&, ShopReply reply) override {
    if (stack_ != UsualStack::reread) return order(client, buyer, attempts_max, std::move(reply));
    // Reads once more just before it writes, as a careful application does. It does not help.
    look(client,
         [this, &client, &buyer, reply = std::move(reply)](const ShopAnswer& answer) mutable {
           if (answer.kind != ShopAnswer::Kind::yes) return reply(answer);
           order(client, buyer, attempts_max, std::move(reply));
         });
  }

  void take_one(PqClient& client, std::function<void()> done) override {
    client.send_prepared("take", {peak_sku}, [done = std::move(done)](const PqResult*) { done(); });
  }

  // The cache shows what was read as soon as it is read; the index is built for half an interval
  // first.
  void tick(PqClient& client, Microseconds now) override {
    if (stack_ == UsualStack::reread) return;
    if (is_built_ && now >= shows_at_) {
      shown_[drop_sku] = read_;
      is_built_ = false;
    }
    if (now < next_refresh_ || is_reading_ || is_built_) return;
    next_refresh_ = now + refresh_;
    is_reading_ = true;
    client.send("SELECT available FROM stock WHERE sku = $1", {drop_sku},
                [this, now](const PqResult* result) {
                  is_reading_ = false;
                  if (result == nullptr || !result->ok()) return;
                  read_ = result->number("available");
                  is_built_ = true;
                  shows_at_ = stack_ == UsualStack::search ? now + refresh_ / 2 : now;
                });
  }

  Books books(PqClient& client) override {
    const PqResult* orders = client.run(
        "SELECT coalesce(sum(quantity), 0) AS sold FROM orders WHERE sku = $1", {drop_sku});
    const long long sold = must(orders)->number("sold");
    const PqResult* stock = client.run("SELECT available FROM stock WHERE sku = $1", {drop_sku});
    return {sold, must(stock)->number("available"), 0};
  }

  bool takes_at_click() const override { return false; }

 private:
  static const PqResult* must(const PqResult* result) {
    if (result != nullptr && result->ok()) return result;
    std::fprintf(stderr, "%s\n", result == nullptr ? "connection lost" : result->error().c_str());
    std::exit(2);
  }

  static void look(PqClient& client, ShopReply reply) {
    client.send_prepared("look", {drop_sku}, [reply = std::move(reply)](const PqResult* result) {
      if (result == nullptr || !result->ok()) return reply({});
      if (result->number("available") >= 1) return reply({ShopAnswer::Kind::yes, "", ""});
      reply({ShopAnswer::Kind::no, "read 0", ""});
    });
  }

  void order(PqClient& client, const Buyer& buyer, int attempts, ShopReply reply) {
    std::string skus = "{";
    std::string quantities = "{";
    for (const CartLine& line : buyer.cart) {
      skus += (skus.size() > 1 ? "," : "") + line.sku;
      quantities += (quantities.size() > 1 ? "," : "") + std::to_string(line.quantity);
    }
    client.send_prepared(
        "order", {std::to_string(buyer.number), skus + "}", quantities + "}"},
        [this, &client, &buyer, attempts,
         reply = std::move(reply)](const PqResult* result) mutable {
          if (result == nullptr) return reply({});
          if (!result->ok()) {
            if (attempts == 1) return reply({});
            return order(client, buyer, attempts - 1, std::move(reply));
          }
          for (int row = 0; row < result->rows(); ++row) {
            const bool sold_out = result->text("available", row).starts_with('-') ||
                                  result->text("available", row) == "0";
            if (stack_ == UsualStack::search && sold_out && result->text("sku", row) == drop_sku) {
              shown_[drop_sku] = 0;  // the event that takes it off the list
            }
          }
          reply({ShopAnswer::Kind::yes, "", ""});
        });
  }

  UsualStack stack_;
  Microseconds refresh_;
  std::map<std::string, long long> shown_;
  Microseconds next_refresh_{};
  Microseconds shows_at_{};
  long long read_ = 0;
  bool is_reading_ = false;
  bool is_built_ = false;
};

}  // namespace

std::unique_ptr<Shop> make_usual_shop(UsualStack stack, Microseconds refresh) {
  return std::make_unique<UsualShop>(stack, refresh);
}

}  // namespace holdfast
