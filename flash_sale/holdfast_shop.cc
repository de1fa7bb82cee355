// The shop on Holdfast: a click is a claim with a hold, a payment is a confirm. Nothing is cached,
// and a cart that is never paid for gives its units back by itself.
#include <cstdio>
#include <cstdlib>

#include "shop.h"

namespace holdfast {
namespace {

constexpr const char* peak_sku = "PEAK-1";
constexpr long long plenty = 1'000'000'000;

std::string json_of(const std::vector<CartLine>& cart) {
  std::string json = "[";
  for (const CartLine& line : cart) {
    if (json.size() > 1) json += ',';
    json += R"({"sku":")" + line.sku + R"(","quantity":)" + std::to_string(line.quantity) + '}';
  }
  return json + ']';
}

ShopAnswer broken(const PqResult* result) {
  return {ShopAnswer::Kind::broken, result == nullptr ? "connection lost" : result->error(), ""};
}

class HoldfastShop final : public Shop {
 public:
  explicit HoldfastShop(Microseconds hold)
      : hold_(std::to_string(hold.count() / 1'000) + " milliseconds") {}

  void open(PqClient& client, int units) override {
    stock_up(client, drop_sku, units);
    stock_up(client, peak_sku, plenty);
    for (int index = 0; index < side_item_count; ++index) {
      stock_up(client, side_sku(index), plenty);
    }
  }

  void prepare(PqClient& client) override {
    client.prepare("click",
                   "SELECT granted, outcome, claim_id FROM claim(lines => $1, hold_for => $2, "
                   "customer => $3, reference => $4, request_id => $5)");
    client.prepare("pay", "SELECT outcome FROM confirm(claim_id => $1, request_id => $2)");
    client.prepare("take", "SELECT granted FROM claim($1, 1)");
  }

  void click(PqClient& client, const Buyer& buyer, ShopReply reply) override {
    const std::string number = std::to_string(buyer.number);
    // A second attempt is another wish, hence another key.
    const std::string key = "click-" + number + "-" + std::to_string(attempts_++);
    client.send_prepared(
        "click", {json_of(buyer.cart), hold_, "buyer-" + number, "cart:" + number, key},
        [reply = std::move(reply)](const PqResult* result) {
          if (result == nullptr || !result->ok()) return reply(broken(result));
          if (result->flag("granted")) {
            return reply({ShopAnswer::Kind::yes, "", std::string(result->text("claim_id"))});
          }
          reply({ShopAnswer::Kind::no, std::string(result->text("outcome")), ""});
        });
  }

  void pay(PqClient& client, const Buyer& buyer, const std::string& token,
           ShopReply reply) override {
    client.send_prepared(
        "pay", {token, "pay-" + std::to_string(buyer.number) + "-" + token},
        [reply = std::move(reply)](const PqResult* result) {
          if (result == nullptr || !result->ok()) return reply(broken(result));
          const std::string outcome(result->text("outcome"));
          const bool done = outcome == "done" || outcome == "granted";
          reply({done ? ShopAnswer::Kind::yes : ShopAnswer::Kind::no, outcome, ""});
        });
  }

  void take_one(PqClient& client, std::function<void()> done) override {
    client.send_prepared("take", {peak_sku}, [done = std::move(done)](const PqResult*) { done(); });
  }

  void tick(PqClient&, Microseconds) override {}  // nothing to refresh

  Books books(PqClient& client) override {
    const PqResult* result = client.run(
        "SELECT available, held, committed FROM stock WHERE sku = $1 AND location = 'main'",
        {drop_sku});
    if (result == nullptr || !result->ok()) return {};
    return {result->number("committed"), result->number("available"), result->number("held")};
  }

  bool takes_at_click() const override { return true; }

 private:
  static void stock_up(PqClient& client, const std::string& sku, long long units) {
    client.run("SELECT outcome FROM define_item($1)", {sku});
    const PqResult* result =
        client.run("SELECT outcome FROM receive($1, $2)", {sku, std::to_string(units)});
    if (result == nullptr || !result->ok()) {
      std::fprintf(stderr, "cannot stock %s: %s\n", sku.c_str(),
                   result == nullptr ? "connection lost" : result->error().c_str());
      std::exit(2);
    }
  }

  std::string hold_;
  long long attempts_ = 0;
};

}  // namespace

std::unique_ptr<Shop> make_holdfast_shop(Microseconds hold) {
  return std::make_unique<HoldfastShop>(hold);
}

}  // namespace holdfast
