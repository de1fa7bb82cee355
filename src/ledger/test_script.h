// For tests: tables of the law. One command per line, what it must answer behind the arrow:
//
//   time 10:00 [-1us]                       the clock; what is due expires
//   item A [tracking=none] [hold_for=10m] [hold_max=1h] [title=Shoe]
//   location BER 1 [inactive]               with its priority
//   channel web BER MUC [inactive]          its locations, in order
//   receive 5 A@BER/L1                      quantity, sku, @location and /lot if any
//   sale 5 A@BER
//   adjust -3 A@BER [force]
//   claim c1 2 A@BER + 1 B [hold=10m] [hold=policy] [partial] [channel=web]
//   extend c1 20m
//   confirm c1 [1 A + all #2] [release_rest] [reclaim]
//   amend c1 3 A [partial]
//   release c1
//   cancel c1 [1 #1]
//   fulfil c1 [1 A]
//   … and with any of them [key=request_id] [actor=somebody]
//
// Behind the arrow stands the outcome (without an arrow: any that is no refusal), then any of
// requested= available= limit= state= expires= entries= replayed, and of the answer's lines
// `1:A@BER=2` (claim's line, place, units granted), `left:A@BER=3` (available afterwards) or
// `A:short_of_stock=3/1` (outcome, requested, available).
//
//   level A@BER     -> all its terms that are not zero
//   lines c1        -> all quantities that are not zero, line by line
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "ledger/test_shop.h"

namespace holdfast {

class TestScript {
 public:
  // Runs a table. A failure names its line.
  static void run(const char* table) {
    TestScript script;
    std::istringstream in(table);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      const std::size_t first = line.find_first_not_of(' ');
      if (first == std::string::npos || line[first] == '#') continue;
      SCOPED_TRACE(fmt::format("line {}: {}", number, line));
      script.step(line);
      script.shop_.compare();
    }
  }

 private:
  using Words = std::vector<std::string>;

  static Words words_of(std::string_view text) {
    std::istringstream in{std::string(text)};
    Words out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
  }

  void step(const std::string& line) {
    const std::size_t arrow = line.find("->");
    words_ = words_of(std::string_view(line).substr(0, arrow));
    const Words expected =
        arrow == std::string::npos ? Words() : words_of(std::string_view(line).substr(arrow + 2));
    const std::string verb = take();
    texts_.clear();
    if (verb == "time") return advance(take());
    if (verb == "level") return expect_all(expected, level(take()));
    if (verb == "lines") return expect_all(expected, lines(take()));
    const Seq before = shop_.seq();
    Command command = command_of(verb);
    EXPECT_TRUE(words_.empty()) << "not understood: " << (words_.empty() ? "" : words_.front());
    const Answer& answer = shop_.submit(command);
    if (verb == "claim" && !answer.claim.is_none()) claims_[claim_name_] = answer.claim;
    expect_some(expected, shown(answer, shop_.seq().value() - before.value()));
  }

  Command command_of(const std::string& verb) {
    Command out;
    out.context.actor = kept(option("actor", "shop"));
    out.context.request_id = kept(option("key", ""));
    out.context.channel = kept(option("channel", ""));
    if (verb == "item")
      out.body = item();
    else if (verb == "location")
      out.body = location();
    else if (verb == "channel")
      out.body = channel();
    else if (verb == "receive")
      out.body = Receive{line().sku, at_.location, at_.lot, at_.quantity, {}};
    else if (verb == "sale")
      out.body = Sale{line().sku, at_.location, at_.lot, at_.quantity};
    else if (verb == "adjust") {
      const bool force = flag("force");
      out.context.reason = "other";
      out.body = Adjust{line().sku, at_.location, at_.lot, at_.quantity, force};
    } else if (verb == "claim")
      out.body = claim();
    else if (verb == "extend") {
      const ClaimId id = claim_id();
      out.body = Extend{id, duration(take())};
    } else if (verb == "confirm") {
      const bool rest = flag("release_rest");
      const IfExpired expired = flag("reclaim") ? IfExpired::reclaim : IfExpired::refuse;
      const ClaimId id = claim_id();
      out.body = Confirm{id, selections(), rest, expired};
    } else if (verb == "amend") {
      const bool partial = flag("partial");
      const ClaimId id = claim_id();
      out.body = Amend{id, requests(), partial};
    } else if (verb == "release")
      out.body = Release{claim_id()};
    else if (verb == "cancel") {
      const ClaimId id = claim_id();
      out.body = Cancel{id, selections()};
    } else if (verb == "fulfil") {
      const ClaimId id = claim_id();
      out.body = Fulfil{id, selections()};
    } else
      ADD_FAILURE() << "no such command: " << verb;
    return out;
  }

  DefineItem item() {
    DefineItem out;
    if (const std::string word = option("tracking", ""); !word.empty()) {
      const auto* found = std::ranges::find(tracking_names, word);
      out.tracking = static_cast<Tracking>(found - tracking_names.begin());
    }
    if (const std::string word = option("hold_for", ""); !word.empty())
      out.hold_for = duration(word);
    if (const std::string word = option("hold_max", ""); !word.empty())
      out.hold_max = duration(word);
    if (const std::string word = option("title", ""); !word.empty()) out.title = kept(word);
    out.sku = kept(take());
    return out;
  }
  DefineLocation location() {
    DefineLocation out;
    out.active = !flag("inactive");
    out.code = kept(take());
    if (!words_.empty()) out.priority = std::stoi(take());
    return out;
  }
  DefineChannel channel() {
    DefineChannel out;
    if (flag("inactive")) out.active = false;
    out.code = kept(take());
    names_.clear();
    while (!words_.empty()) names_.push_back(kept(take()));
    if (!names_.empty()) out.locations = names_;
    return out;
  }
  ClaimUnits claim() {
    ClaimUnits out;
    out.partial = flag("partial");
    const std::string hold = option("hold", "");
    if (!hold.empty()) out.hold = hold == "policy" ? HoldMode::by_policy : HoldMode::timed;
    if (out.hold == HoldMode::timed) out.hold_for = duration(hold);
    if (const std::string id = option("id", ""); !id.empty()) out.claim = *ClaimId::parse(id);
    claim_name_ = take();
    out.lines = requests();
    return out;
  }

  // One line: "2 A@BER/L1", "all A", "1 #2".
  LineRequest line() {
    const std::string quantity = take();
    std::string_view place = kept(take());
    at_ = {};
    at_.quantity = Quantity(quantity == "all" ? 0 : std::stoll(quantity));
    if (const auto slash = place.find('/'); slash != std::string_view::npos) {
      at_.lot = place.substr(slash + 1);
      place = place.substr(0, slash);
    }
    if (const auto sign = place.find('@'); sign != std::string_view::npos) {
      at_.location = place.substr(sign + 1);
      place = place.substr(0, sign);
    }
    at_.sku = place;
    return at_;
  }
  std::span<const LineRequest> requests() {
    requests_.clear();
    while (!words_.empty()) {
      if (words_.front() == "+") take();
      requests_.push_back(line());
    }
    return requests_;
  }
  std::span<const LineSelection> selections() {
    selections_.clear();
    for (const LineRequest& request : requests()) {
      LineSelection selection{0, request.sku, request.location, request.quantity};
      if (request.sku.starts_with('#')) {
        selection.line = static_cast<std::uint32_t>(std::stoul(std::string(request.sku.substr(1))));
        selection.sku = {};
      }
      selections_.push_back(selection);
    }
    return selections_;
  }

  std::string take() {
    if (words_.empty()) return "";
    std::string out = words_.front();
    words_.erase(words_.begin());
    return out;
  }
  bool flag(std::string_view name) { return std::erase(words_, name) > 0; }
  std::string option(const std::string& name, const std::string& otherwise) {
    for (auto word = words_.begin(); word != words_.end(); ++word) {
      if (!word->starts_with(name + "=")) continue;
      std::string out = word->substr(name.size() + 1);
      words_.erase(word);
      return out;
    }
    return otherwise;
  }
  std::string_view kept(std::string text) { return texts_.emplace_back(std::move(text)); }
  ClaimId claim_id() {
    const auto found = claims_.find(take());
    return found != claims_.end() ? found->second : ClaimId::v7(1, 1, 1);
  }

  // "10m", "90s", "1h"
  static Duration duration(const std::string& word) {
    const std::int64_t count = std::stoll(word);
    if (word.ends_with("h")) return Duration::hours(count);
    if (word.ends_with("m")) return Duration::minutes(count);
    if (word.ends_with("us")) return Duration::us(count);
    return Duration::seconds(count);
  }
  // "10:00", "10:00:01"; with "-1us" behind it: just before
  void advance(const std::string& word) {
    const std::int64_t hours = std::stoll(word.substr(0, 2));
    const std::int64_t minutes = std::stoll(word.substr(3, 2));
    Duration after = Duration::hours(hours) + Duration::minutes(minutes);
    if (word.size() > 5) after = after + Duration::seconds(std::stoll(word.substr(6, 2)));
    if (!words_.empty()) after = after + duration(take());
    shop_.advance_to(midnight_ + after);
  }
  [[nodiscard]] std::string clock(Timestamp time) const {
    const std::int64_t seconds = (time - midnight_).us() / 1'000'000;
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  [[nodiscard]] Words shown(const Answer& answer, std::uint64_t entries) const {
    Words out = {std::string(name_of(answer.outcome)),
                 fmt::format("requested={}", answer.requested.units()),
                 fmt::format("available={}", answer.available.units()),
                 fmt::format("limit={}", answer.limit.units()), fmt::format("entries={}", entries)};
    if (!answer.claim.is_none()) out.push_back(fmt::format("state={}", name_of(answer.state)));
    if (answer.expires_at.is_set()) out.push_back("expires=" + clock(answer.expires_at));
    if (answer.replayed) out.emplace_back("replayed");
    for (const AnswerLine& line : answer.lines) {
      std::string place(answer.sku_of(line));
      if (line.location_size != 0) place += fmt::format("@{}", answer.location_of(line));
      if (line.lot_size != 0) place += fmt::format("/{}", answer.lot_of(line));
      if (line.granted != Quantity()) {
        out.push_back(fmt::format("{}:{}={}", line.line, place, line.granted.units()));
        out.push_back(fmt::format("left:{}={}", place, line.available.units()));
      } else {
        out.push_back(fmt::format("{}:{}={}/{}", place, name_of(line.outcome),
                                  line.requested.units(), line.available.units()));
      }
    }
    return out;
  }

  [[nodiscard]] Words level(const std::string& place) {
    words_ = {"0", place};
    line();
    const Stock& stock = shop_.stock();
    const LevelRef level =
        stock.find_level({stock.find_item(at_.sku),
                          stock.find_location(at_.location.empty() ? "main" : at_.location),
                          at_.lot.empty() ? LotId() : stock.find_lot(at_.lot)});
    Words out;
    for (std::size_t index = 0; index < term_count; ++index) {
      const Quantity units = stock.quantity(level, static_cast<Term>(index));
      if (!units.is_zero()) out.push_back(fmt::format("{}={}", term_names[index], units.units()));
    }
    return out;
  }

  [[nodiscard]] Words lines(const std::string& name) const {
    const Stock& stock = shop_.stock();
    const ClaimRef claim = stock.find_claim(claims_.at(name));
    Words out;
    for (std::uint32_t number = 1; number <= stock.head(claim).line_count; ++number) {
      const ClaimLine line = stock.line(claim, number);
      out.push_back(fmt::format("{}:{}@{}{}{}", number, stock.item(line.level.item).sku,
                                stock.location(line.level.location).code,
                                line.level.lot == LotId() ? "" : "/",
                                stock.lot_name(line.level.lot)));
      const LineQuantities& q = line.quantities;
      const auto add = [&](const char* counter, Quantity units) {
        if (!units.is_zero()) out.push_back(fmt::format("{}={}", counter, units.units()));
      };
      add("held", q.held);
      add("committed", q.committed);
      add("backordered", q.backordered);
      add("fulfilled", q.fulfilled);
      add("cancelled", q.cancelled);
      add("released", q.released);
      add("expired", q.expired);
    }
    return out;
  }

  static void expect_all(const Words& expected, const Words& actual) {
    EXPECT_EQ(fmt::format("{}", fmt::join(expected, " ")),
              fmt::format("{}", fmt::join(actual, " ")));
  }
  // The outcome first; every other word somewhere.
  static void expect_some(const Words& expected, const Words& actual) {
    if (expected.empty()) {
      EXPECT_LT(std::ranges::find(outcome_names, actual.front()) - outcome_names.begin(), 4)
          << "refused: " << fmt::format("{}", fmt::join(actual, " "));
      return;
    }
    EXPECT_EQ(expected.front(), actual.front()) << fmt::format("{}", fmt::join(actual, " "));
    for (const std::string& word : expected) {
      EXPECT_TRUE(std::ranges::find(actual, word) != actual.end())
          << word << " is not in: " << fmt::format("{}", fmt::join(actual, " "));
    }
  }

  TestShop shop_;
  Timestamp midnight_ = shop_.now();
  Words words_;
  LineRequest at_;
  std::deque<std::string> texts_;
  std::vector<std::string_view> names_;
  std::vector<LineRequest> requests_;
  std::vector<LineSelection> selections_;
  std::string claim_name_;
  std::map<std::string, ClaimId> claims_;
};

}  // namespace holdfast
