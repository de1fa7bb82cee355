// The law alone, one core: claims of one unit, committed at once, decided, encoded and folded; on
// one SKU and over a million in a scattered order. Prints nanoseconds per claim and claims per
// second.
#include <fmt/format.h>

#include <ctime>
#include <string>
#include <vector>

#include "ledger/law.h"

namespace holdfast {
namespace {

// Processor time of this process, so that neighbours on a shared machine do not count.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

class Bench {
 public:
  explicit Bench(std::uint32_t sku_count) {
    DefineLocation main;
    main.code = default_location;
    submit({.context = {.actor = system_actor}, .body = main});
    DefineChannel channel;
    channel.code = default_channel;
    submit({.context = {.actor = system_actor}, .body = channel});
    for (std::uint32_t index = 0; index < sku_count; ++index) {
      skus_.push_back(fmt::format("SKU-{:012}", index));
      DefineItem item;
      item.sku = skus_.back();
      submit({.context = {.actor = system_actor}, .body = item});
      submit({.context = {.actor = system_actor},
              .body = Receive{item.sku, {}, {}, Quantity(1'000'000'000), {}}});
    }
  }

  void run(std::size_t claims, bool with_key) {
    LineRequest line;
    line.quantity = Quantity(1);
    Command command{.context = {.actor = "shop"}, .body = ClaimUnits{}};
    std::get<ClaimUnits>(command.body).lines = {&line, 1};
    std::size_t at = 0;
    const double start = cpu_ns();
    std::string key = "request-0000000000";
    for (std::size_t count = 0; count < claims; ++count) {
      at = (at + 611'953) % skus_.size();  // a prime, so every one comes in turn
      line.sku = skus_[at];
      if (with_key) {
        fmt::format_to(key.data() + 8, "{:010}", keys_++);
        command.context.request_id = key;
      }
      submit(command);
      if (answer_.outcome != Outcome::granted) std::abort();
    }
    const double each = (cpu_ns() - start) / static_cast<double>(claims);
    fmt::print("{:>9} SKUs{}: {:6.1f} ns per claim, {:5.2f} M claims/s\n", skus_.size(),
               with_key ? ", with request_id" : "", each, 1e3 / each);
  }

  // Decides the same claim again and again; nothing is folded.
  void run_decide(std::size_t claims) {
    const LineRequest line{skus_.front(), Quantity(1), {}, {}};
    Command command{.context = {.actor = "shop"}, .body = ClaimUnits{}};
    std::get<ClaimUnits>(command.body).lines = {&line, 1};
    const Facts facts{ClaimId::v7(1, 2, 3)};
    double start = cpu_ns();
    for (std::size_t count = 0; count < claims; ++count) {
      decide(stock_, facts, command, now_, decision_, answer_);
    }
    fmt::print("{:>9} SKUs: {:6.1f} ns per decide\n", skus_.size(),
               (cpu_ns() - start) / static_cast<double>(claims));
    start = cpu_ns();
    for (std::size_t count = 0; count < claims; ++count) {
      bytes_.clear();
      encode_group(bytes_, decision_.context, decision_.entries);
    }
    fmt::print("{:>9} SKUs: {:6.1f} ns per encode, {} bytes\n", skus_.size(),
               (cpu_ns() - start) / static_cast<double>(claims), bytes_.size());
  }

 private:
  void submit(const Command& command) {
    now_ = now_ + Duration::us(1);
    ++claims_;
    const ClaimId fresh = ClaimId::v7(1, mix64(claims_, 1), claims_);
    decide(stock_, {.fresh_claim = fresh}, command, now_, decision_, answer_);
    bytes_.clear();
    encode_group(bytes_, decision_.context, decision_.entries);
    for (const Entry& entry : decision_.entries) {
      seq_ = seq_.next();
      fold(stock_, decision_.context, entry, seq_);
    }
  }

  Stock stock_;
  Decision decision_;
  Answer answer_;
  ByteWriter bytes_;
  Timestamp now_ = Timestamp::us(1'700'000'000'000'000);
  Seq seq_;
  std::uint64_t claims_ = 0;
  std::uint64_t keys_ = 0;
  std::vector<std::string> skus_;
};

}  // namespace
}  // namespace holdfast

int main() {
  for (const std::uint32_t skus : {1u, 1'000'000u}) {
    holdfast::Bench bench(skus);
    bench.run_decide(2'000'000);
    for (int round = 0; round < 3; ++round) bench.run(1'000'000, false);
    bench.run(500'000, true);
  }
}
