// One thread: timers say when a step is due, idle connections take due steps in order.
#include "sale.h"

#include <algorithm>
#include <deque>
#include <queue>

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;
using Finished = std::function<void()>;
using Step = std::function<void(PqClient& client, Finished finished)>;

constexpr int waves_max = 200;
constexpr int serious_from_wave = 3;  // from here on nobody abandons any more
constexpr int wait_ms_max = 5;

class Sale {
 public:
  Sale(Shop& shop, const std::string& conninfo, const SaleOptions& options)
      : shop_(shop), options_(options), buyers_(draw_buyers(options.crowd)), desk_(conninfo) {
    shop_.open(desk_, options.units);
    for (int index = 0; index < options.connections; ++index) {
      clients_.push_back(std::make_unique<PqClient>(conninfo));
      shop_.prepare(*clients_.back());
      idle_.push_back(clients_.back().get());
    }
    last_answer_.resize(buyers_.size());
  }

  SaleReport run() {
    opened_ = Clock::now();
    for (const Buyer& buyer : buyers_) at(buyer.arrives, [this, &buyer] { arrive(buyer, true); });
    work_off();
    second_chances();
    report_.sale_seconds = std::chrono::duration<double>(Clock::now() - opened_).count();
    count();
    measure_peak();
    return report_;
  }

 private:
  struct Timer {
    Microseconds due;
    std::uint64_t order;
    Finished action;
    bool operator<(const Timer& other) const {  // the earliest on top
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  [[nodiscard]] Microseconds now() const {
    return std::chrono::duration_cast<Microseconds>(Clock::now() - opened_);
  }

  void at(Microseconds due, Finished action) {
    timers_.push({due, timer_count_++, std::move(action)});
  }

  void arrive(const Buyer& buyer, bool may_abandon) {
    steps_.push_back([this, &buyer, may_abandon](PqClient& client, const Finished& finished) {
      const Clock::time_point begin = Clock::now();
      shop_.click(client, buyer, [=, this, &buyer](const ShopAnswer& answer) {
        if (shop_.takes_at_click()) took(begin);
        clicked(buyer, may_abandon, answer);
        finished();
      });
    });
  }

  void clicked(const Buyer& buyer, bool may_abandon, const ShopAnswer& answer) {
    if (answer.kind != ShopAnswer::Kind::yes) return sent_home(buyer, answer);
    if (buyer.abandons && may_abandon) {
      ++report_.abandoned;
      return;
    }
    at(now() + buyer.pays_after, [this, &buyer, token = answer.token] { pay(buyer, token); });
  }

  void pay(const Buyer& buyer, const std::string& token) {
    steps_.push_back([this, &buyer, token](PqClient& client, const Finished& finished) {
      const Clock::time_point begin = Clock::now();
      shop_.pay(client, buyer, token, [=, this, &buyer](const ShopAnswer& answer) {
        if (!shop_.takes_at_click()) took(begin);
        if (answer.kind == ShopAnswer::Kind::yes) {
          ++report_.paid;
        } else {
          sent_home(buyer, answer);
        }
        finished();
      });
    });
  }

  void sent_home(const Buyer& buyer, const ShopAnswer& answer) {
    const bool broken = answer.kind == ShopAnswer::Kind::broken;
    last_answer_[static_cast<std::size_t>(buyer.number)] = broken ? "error" : answer.reason;
    if (broken) ++report_.broken;
    waiting_.push_back(&buyer);
  }

  void took(Clock::time_point begin) {
    taken_us_.push_back(std::chrono::duration_cast<Microseconds>(Clock::now() - begin).count());
  }

  // Runs until no timer, no step and no answer is outstanding.
  void work_off() {
    while (!timers_.empty() || !steps_.empty() || busy_ > 0) {
      run_due();
      pump();
    }
  }

  void run_due() {
    while (!timers_.empty() && timers_.top().due <= now()) {
      const Finished action = timers_.top().action;
      timers_.pop();
      action();
    }
    while (!steps_.empty() && !idle_.empty()) {
      PqClient* client = idle_.back();
      idle_.pop_back();
      const Step step = std::move(steps_.front());
      steps_.pop_front();
      ++busy_;
      step(*client, [this, client] {
        --busy_;
        idle_.push_back(client);
      });
    }
  }

  void pump() {
    shop_.tick(desk_, now());
    desk_.pump();
    int wait_ms = wait_ms_max;
    if (!steps_.empty() && !idle_.empty()) wait_ms = 0;
    if (!timers_.empty()) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(timers_.top().due - now());
      wait_ms = std::clamp(static_cast<int>(left.count()), 0, wait_ms);
    }
    pump_any(clients_, wait_ms);
  }

  void second_chances() {
    for (int wave = 0; wave < waves_max && !waiting_.empty(); ++wave) {
      Books books = shop_.books(desk_);
      while (books.free <= 0 && books.held > 0) books = shop_.books(desk_);  // until a hold ends
      if (books.free <= 0) return;
      const auto asked = std::min(waiting_.size(), static_cast<std::size_t>(2 * books.free));
      std::vector<const Buyer*> again(waiting_.begin(),
                                      waiting_.begin() + static_cast<std::ptrdiff_t>(asked));
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(asked));
      report_.second_chances += static_cast<long long>(asked);
      for (const Buyer* buyer : again) arrive(*buyer, wave < serious_from_wave);
      work_off();
    }
  }

  void count() {
    report_.books = shop_.books(desk_);
    report_.oversold = std::max(0LL, report_.books.sold - options_.units);
    report_.refused = static_cast<long long>(waiting_.size());
    for (const Buyer* buyer : waiting_) {
      ++report_.reasons[last_answer_[static_cast<std::size_t>(buyer->number)]];
    }
    if (taken_us_.empty()) return;
    std::sort(taken_us_.begin(), taken_us_.end());
    report_.p50_us = taken_us_[taken_us_.size() / 2];
    report_.p99_us = taken_us_[taken_us_.size() * 99 / 100];
  }

  // Every connection takes one unit after the other of an item that does not run out.
  void measure_peak() {
    if (options_.peak_seconds <= 0) return;
    long long taken = 0;
    const Clock::time_point begin = Clock::now();
    const Clock::time_point end =
        begin + std::chrono::microseconds(static_cast<std::int64_t>(options_.peak_seconds * 1e6));
    for (const auto& client : clients_) take_again(*client, end, taken);
    while (busy_ > 0) pump_any(clients_, wait_ms_max);
    report_.peak_per_second =
        static_cast<double>(taken) / std::chrono::duration<double>(Clock::now() - begin).count();
  }

  void take_again(PqClient& client, Clock::time_point end, long long& taken) {
    ++busy_;
    shop_.take_one(client, [this, &client, end, &taken] {
      --busy_;
      ++taken;
      if (Clock::now() < end && !client.is_lost()) take_again(client, end, taken);
    });
  }

  Shop& shop_;
  const SaleOptions& options_;
  std::vector<Buyer> buyers_;
  PqClient desk_;  // for caches, indexes and books
  std::vector<std::unique_ptr<PqClient>> clients_;
  std::vector<PqClient*> idle_;
  std::deque<Step> steps_;
  std::priority_queue<Timer> timers_;
  std::uint64_t timer_count_ = 0;
  int busy_ = 0;
  Clock::time_point opened_;
  std::deque<const Buyer*> waiting_;  // refused, in the order of their refusal
  std::vector<std::string> last_answer_;
  std::vector<long long> taken_us_;
  SaleReport report_;
};

}  // namespace

SaleReport run_sale(Shop& shop, const std::string& conninfo, const SaleOptions& options) {
  return Sale(shop, conninfo, options).run();
}

}  // namespace holdfast
