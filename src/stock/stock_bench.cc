// What a Stock costs: memory per level, time per change hot and uniform, and what a snapshot being
// saved adds to both.
//
//   stock_bench [skus] [locations]        1 000 000 and 10 by default (needs about 1.5 GB)
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "stock/snapshot.h"
#include "stock/stock.h"

namespace holdfast {
namespace {

// Wall time is for pauses. Everything else is measured in the thread's own CPU time, so that a busy
// machine blurs it less; on a quiet one they are the same.
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

class CpuTimer {
 public:
  [[nodiscard]] double seconds() const { return now() - start_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  double start_ = now();
};

// A cheap random sequence: the bench must not measure its own dice.
class Dice {
 public:
  std::uint64_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((*this)() >> 32) * bound >> 32);
  }

 private:
  std::uint64_t state_ = 88172645463325252u;
};

std::uint64_t status_kib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::strtoull(line.c_str() + field.size() + 1, nullptr, 10);
  }
  return 0;
}
std::uint64_t resident_bytes() { return status_kib("VmRSS") * 1024; }
std::uint64_t peak_bytes() { return status_kib("VmHWM") * 1024; }
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::string sku_of(std::uint32_t item) { return fmt::format("SKU-{:012}", item); }  // 16 bytes

class Bench {
 public:
  Bench(std::uint32_t items, std::uint32_t locations) : items_(items), locations_(locations) {}

  void run() {
    fill();
    const std::uint64_t filled = resident_bytes();
    look_up("find_item + levels_of + available, uniform");
    move("move, hot", false);
    move("move, uniform", true);
    claims("claim (open + move + line), hot", false, 1'000'000);
    claims("claim (open + move + line), uniform", true, 1'000'000);
    foreseen_claims("claim by sku, uniform, not foreseen", false);
    foreseen_claims("claim by sku, uniform, foreseen", true);
    claims("hold and confirm, hot", false, 1'000'000, true);
    expire(1'000'000);
    save_under_load(filled);
    digest();
  }

 private:
  Seq next() { return seq_ = seq_.next(); }
  static void say(const std::string& what, double per_second, std::uint64_t count) {
    fmt::print("{:<46} {:>8.1f} ns  ({:.2f} M/s, {} times)\n", what, 1e9 / per_second,
               per_second / 1e6, count);
    std::fflush(stdout);
  }

  void fill() {
    const std::uint64_t before = resident_bytes();
    for (std::uint32_t id = 1; id <= locations_; ++id) {
      LocationRecord record;
      record.code = "L" + std::to_string(id);
      stock_->define(LocationId(id), record, next());
    }
    const CpuTimer timer;
    Quantities delta;
    delta[Term::on_hand] = delta[Term::available] = Quantity(1'000'000'000);
    for (std::uint32_t item = 1; item <= items_; ++item) {
      ItemRecord record;
      record.sku = sku_of(item);
      stock_->define(ItemId(item), record, next());
      for (std::uint32_t location = 1; location <= locations_; ++location) {
        stock_->move({ItemId(item), LocationId(location), LotId()}, delta, next());
      }
    }
    const double took = timer.seconds();
    const double levels = stock_->level_count();
    fmt::print("{} skus x {} locations: {:.1f} bytes per level by memory_bytes(), {:.1f} by RSS\n",
               items_, locations_, static_cast<double>(stock_->memory_bytes()) / levels,
               static_cast<double>(resident_bytes() - before) / levels);
    say("fill, per level with its share of the item", levels / took, stock_->level_count());
  }

  void look_up(const std::string& what) {
    constexpr std::uint32_t count = 2'000'000;
    std::vector<std::string> skus;
    for (std::uint32_t index = 0; index < 200'000; ++index) {
      skus.push_back(sku_of(1 + dice_.below(items_)));
    }
    std::int64_t sum = 0;
    const CpuTimer timer;
    for (std::uint32_t index = 0; index < count; ++index) {
      const ItemId item = stock_->find_item(skus[index % skus.size()]);
      const LevelRef level = stock_->levels_of(item, LocationId(1 + index % locations_))[0];
      sum += stock_->quantity(level, Term::available).units();
    }
    say(what, count / timer.seconds(), count);
    if (sum == 0) std::puts("");
  }

  LevelKey draw(bool uniform) {
    if (!uniform) return {ItemId(7), LocationId(1), LotId()};
    return {ItemId(1 + dice_.below(items_)), LocationId(1 + dice_.below(locations_)), LotId()};
  }

  void move(const std::string& what, bool uniform) {
    constexpr std::uint32_t count = 2'000'000;
    Quantities take;
    take[Term::available] = Quantity(-1);
    take[Term::committed] = Quantity(1);
    const CpuTimer timer;
    for (std::uint32_t index = 0; index < count; ++index) stock_->move(draw(uniform), take, next());
    say(what, count / timer.seconds(), count);
  }

  void claim(const LevelKey& key, Timestamp expires_at, const ClaimId* given = nullptr) {
    const ClaimId id =
        given != nullptr
            ? *given
            : ClaimId::v7(1'700'000'000'000 + static_cast<std::int64_t>(seq_.value() >> 8), dice_(),
                          dice_());
    GroupContext context;
    context.at = Timestamp::us(static_cast<std::int64_t>(seq_.value()));
    context.actor = "holdfast";
    const Term to = expires_at.is_never() ? Term::committed : Term::held;
    Quantities delta;
    delta[Term::available] = Quantity(-1);
    delta[to] = Quantity(1);
    LineQuantities line;
    (expires_at.is_never() ? line.committed : line.held) = Quantity(1);
    stock_->open_claim(id, expires_at, context, next());
    stock_->move(key, delta, next());
    stock_->move_line(id, 1, key, line, seq_);
    latest_ = id;
  }

  void claims(const std::string& what, bool uniform, std::uint32_t count, bool hold = false) {
    const CpuTimer timer;
    for (std::uint32_t index = 0; index < count; ++index) {
      const LevelKey key = draw(uniform);
      if (!hold) {
        claim(key, Timestamp::never());
        continue;
      }
      claim(key, Timestamp::us(static_cast<std::int64_t>(seq_.value()) + 600'000'000));
      Quantities delta;
      delta[Term::held] = Quantity(-1);
      delta[Term::committed] = Quantity(1);
      stock_->move(key, delta, next());
      stock_->move_line(latest_, 1, key, {.held = Quantity(-1), .committed = Quantity(1)}, seq_);
    }
    say(what, count / timer.seconds(), count);
  }

  // As an engine with a queue of claims does it: look at those behind while deciding the first.
  void foreseen_claims(const std::string& what, bool foreseen) {
    constexpr std::uint32_t count = 1'000'000;
    constexpr std::uint32_t queue = 128;
    constexpr std::uint32_t distance = 4;  // claims between two steps of the same foresight
    struct Queued {
      std::string sku;
      LocationId location;
      ClaimId id;
      Foresight ahead;
    };
    std::vector<Queued> queued(queue);
    double seconds = 0;
    for (std::uint32_t done = 0; done < count; done += queue) {
      for (Queued& one : queued) {
        one = {.sku = sku_of(1 + dice_.below(items_)),
               .location = LocationId(1 + dice_.below(locations_)),
               .id = ClaimId::v7(1'700'000'000'000, dice_(), dice_()),
               .ahead = {}};
      }
      const CpuTimer timer;
      for (std::uint32_t index = 0; index < queue + Stock::foresight_steps * distance; ++index) {
        for (std::uint32_t step = 0; foreseen && step < Stock::foresight_steps; ++step) {
          const std::uint32_t at = index - step * distance;
          if (at >= queue) continue;
          Queued& one = queued[at];
          one.ahead.sku = one.sku;
          one.ahead.location = one.location;
          stock_->foresee(one.ahead);
          if (step == 0) stock_->foresee(one.id);
        }
        const std::uint32_t now = index - Stock::foresight_steps * distance;
        if (now >= queue) continue;
        const ItemId item = stock_->find_item(queued[now].sku);
        const LevelRef level = stock_->levels_of(item, queued[now].location)[0];
        if (stock_->quantity(level, Term::available) < Quantity(1)) std::abort();
        claim({item, queued[now].location, LotId()}, Timestamp::never(), &queued[now].id);
      }
      seconds += timer.seconds();
    }
    say(what, count / seconds, count);
  }

  void expire(std::uint32_t count) {
    const auto base = static_cast<std::int64_t>(seq_.value());
    const CpuTimer hold_timer;
    for (std::uint32_t index = 0; index < count; ++index) {
      claim(draw(true), Timestamp::us(base + 600'000'000 + index + dice_.below(1'000)));
    }
    say("hold, uniform", count / hold_timer.seconds(), count);
    const CpuTimer timer;
    for (std::uint32_t index = 0; index < count; ++index) {
      const ClaimRef claim = stock_->due(Timestamp::never());
      const ClaimId id = stock_->head(claim).id;
      const ClaimLine line = stock_->line(claim, 1);
      Quantities delta;
      delta[Term::held] = Quantity(-1);
      delta[Term::available] = Quantity(1);
      stock_->move(line.level, delta, next());
      stock_->move_line(id, 1, line.level, {.held = Quantity(-1), .expired = Quantity(1)}, seq_);
    }
    say("expire, uniform", count / timer.seconds(), count);
  }

  // Claims all over the catalogue while another thread saves a snapshot: the worst case of copying
  // pages.
  void save_under_load(std::uint64_t filled) {
    const std::uint64_t before = resident_bytes();
    reset_peak();
    auto start = Steady::now();
    auto snapshot = stock_->snapshot(seq_);
    fmt::print("snapshot(): {:.0f} us\n", seconds_since(start) * 1e6);
    std::atomic<bool> saved = false;
    std::uint64_t bytes = 0;
    double save_seconds = 0;
    std::thread saver([&] {
      const CpuTimer timer;
      const Status status = save(*snapshot, [&](ByteSpan block) -> Status {
        bytes += block.size();
        return {};
      });
      save_seconds = timer.seconds();
      if (!status.has_value()) fmt::print("save: {}\n", status.error().message);
      saved = true;
    });
    std::uint64_t count = 0;
    double longest = 0;
    const CpuTimer timer;
    while (!saved) {
      const auto before_one = Steady::now();
      claim(draw(true), Timestamp::never());
      longest = std::max(longest, seconds_since(before_one));
      ++count;
    }
    const double took = timer.seconds();
    saver.join();
    say("claim, uniform, while a snapshot is saved", static_cast<double>(count) / took, count);
    fmt::print("longest claim meanwhile: {:.0f} us (with what the scheduler took)\n",
               longest * 1e6);
    fmt::print("save: {:.2f} s, {:.1f} MB; copied pages: {:.1f} MB\n", save_seconds,
               static_cast<double>(bytes) / 1e6, static_cast<double>(stock_->copied_bytes()) / 1e6);
    fmt::print("RSS filled {:.0f} MB, with claims {:.0f} MB, peak {:.0f} MB: {:.2f} x\n",
               static_cast<double>(filled) / 1e6, static_cast<double>(before) / 1e6,
               static_cast<double>(peak_bytes()) / 1e6,
               static_cast<double>(peak_bytes()) / static_cast<double>(before));
    snapshot.reset();
    start = Steady::now();
    stock_->reclaim();
    fmt::print("reclaim(): {:.0f} us\n", seconds_since(start) * 1e6);
  }

  void digest() {
    const CpuTimer digest_timer;
    const bool same = stock_->digest() == stock_->recomputed_digest();
    fmt::print("recomputed digest: {:.2f} s, {}\n", digest_timer.seconds(),
               same ? "the same" : "NOT THE SAME");
    const auto snapshot = stock_->snapshot(seq_);
    std::vector<std::vector<std::byte>> blocks;
    const Status saved = save(*snapshot, [&](ByteSpan block) -> Status {
      blocks.emplace_back(block.begin(), block.end());
      return {};
    });
    StockLoader loader;
    const CpuTimer load_timer;
    bool loads = saved.has_value();
    for (const auto& block : blocks) loads = loads && loader.add(block).has_value();
    const double adding = load_timer.seconds();
    const CpuTimer finish_timer;
    const auto loaded = loader.finish();
    fmt::print("load: {:.2f} s, finish {:.2f} s, {}\n", adding, finish_timer.seconds(),
               loads && loaded.has_value() ? "loaded" : "FAILED");
  }

  std::uint32_t items_;
  std::uint32_t locations_;
  std::unique_ptr<Stock> stock_ = std::make_unique<Stock>();
  Seq seq_;
  Dice dice_;
  ClaimId latest_;
};

}  // namespace
}  // namespace holdfast

int main(int argument_count, char** arguments) {
  const auto number = [&](int index, std::uint32_t otherwise) {
    return argument_count > index
               ? static_cast<std::uint32_t>(std::strtoul(arguments[index], nullptr, 10))
               : otherwise;
  };
  holdfast::Bench(std::max(number(1, 1'000'000), 8u), std::max(number(2, 10), 1u)).run();
}
