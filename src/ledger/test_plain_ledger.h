// For tests: a second ledger, written from the specification and not from the law, in the plainest
// way there is. It knows every unit by itself:
//
//   - what is on hand at a place is the sum over a list of everything that ever happened there,
//   - a claim's line is a list of units, each with the word for what became of it,
//   - nothing else is kept. available = on hand and not promised, shortage = promised and not
//   there.
//
// Items are never switched to another tracking here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace holdfast::plain {

using Count = std::int64_t;
inline constexpr Count count_max = (Count{1} << 53) - 1;

struct Place {
  std::string sku, location, lot;
  auto operator<=>(const Place&) const = default;
};

// What is asked, by any command, in words.
struct Wish {
  std::string verb;
  std::string actor, key, channel;
  std::string sku, location, lot;  // receive, adjust, sale
  Count quantity = 0;
  bool force = false, partial = false, release_rest = false, reclaim = false;
  bool leaves = false;            // a claim that is fulfilled at once
  std::optional<Count> expected;  // on_hand before a set
  struct Line {
    std::string sku, location, lot;
    Count quantity = 0;
    std::uint32_t number = 0;  // of a selection by line
    bool operator==(const Line&) const = default;
  };
  std::vector<Line> lines;
  std::string claim;  // its id; a new claim's: chosen by the client if not empty
  std::string hold;   // "", "timed", "policy"
  Count hold_us = 0;
  // actor and key apart, as repeated requests are compared
  [[nodiscard]] bool same_as(const Wish& o) const {
    return verb == o.verb && channel == o.channel && sku == o.sku && location == o.location &&
           lot == o.lot && quantity == o.quantity && force == o.force && partial == o.partial &&
           release_rest == o.release_rest && reclaim == o.reclaim && lines == o.lines &&
           claim == o.claim && hold == o.hold && hold_us == o.hold_us && leaves == o.leaves &&
           expected == o.expected;
  }
};

struct Reply {
  struct Line {
    std::uint32_t number = 0;
    Place place;
    std::string outcome;
    Count requested = 0, granted = 0, available = 0;
    bool operator==(const Line&) const = default;
  };
  std::string outcome = "done";
  Count requested = 0, available = 0, limit = 0;
  std::string claim, state = "committed";
  Count expires = 0;  // 0: not held
  std::vector<Line> lines;
  bool replayed = false;
  bool burns_no_key = false;
  bool operator==(const Reply&) const = default;
};

class Ledger {
 public:
  struct Item {
    std::string tracking;
    std::optional<Count> hold_for_us, hold_max_us;
  };
  struct Location {
    Count priority = 100;
    bool active = true;
    std::size_t order = 0;
  };
  struct Line {
    Place place;
    std::vector<std::string> units;
    [[nodiscard]] Count count(const std::string& word) const {
      return std::count(units.begin(), units.end(), word);
    }
  };
  struct Claim {
    std::string channel;
    Count opened = 0, expires = 0;
    std::vector<Line> lines;
    [[nodiscard]] Count count(const std::string& word) const {
      Count out = 0;
      for (const Line& line : lines) out += line.count(word);
      return out;
    }
    [[nodiscard]] std::string state() const {
      for (const char* word : {"held", "committed", "fulfilled", "expired", "cancelled"}) {
        if (count(word) > 0) return word;
      }
      return "released";
    }
  };

  std::map<std::string, Item> items;
  std::map<std::string, Location> locations;
  std::map<std::string, std::vector<std::string>> channels;  // without one: all locations
  std::set<std::string> closed_channels;
  std::map<std::string, Claim> claims;
  std::set<Place> places;

  // What happens by itself when time goes on.
  void advance_to(Count now) {
    now_ = now;
    for (auto& [id, claim] : claims) {
      if (claim.expires > now) continue;
      for (Line& line : claim.lines) turn(line, "held", "expired", line.count("held"));
    }
  }

  Reply submit(const Wish& wish) {
    if (wish.key.empty()) return decide(wish);
    const auto found = remembered_.find({wish.actor, wish.key});
    constexpr Count day_us = Count{24} * 3600 * 1'000'000;
    if (found != remembered_.end() &&
        !(found->second.refused && now_ - found->second.at >= day_us)) {
      if (!found->second.wish.same_as(wish)) return {.outcome = "request_mismatch"};
      Reply out = found->second.reply;
      out.replayed = true;
      return out;
    }
    const Reply out = decide(wish);
    if (!out.burns_no_key)
      remembered_[{wish.actor, wish.key}] = {wish, out, is_refusal(out.outcome), now_};
    return out;
  }

  [[nodiscard]] Count on_hand(const Place& place) const {
    Count out = 0;
    for (const auto& [where, units] : happened_) out += where == place ? units : 0;
    return out;
  }
  // Units in open claims there, of one word.
  [[nodiscard]] Count open(const Place& place, const std::string& word) const {
    Count out = 0;
    for (const auto& [id, claim] : claims) {
      for (const Line& line : claim.lines) out += line.place == place ? line.count(word) : 0;
    }
    return out;
  }
  [[nodiscard]] bool untracked(const std::string& sku) const {
    return items.at(sku).tracking == "none";
  }
  [[nodiscard]] Count promised(const Place& place) const {
    return untracked(place.sku) ? 0 : open(place, "held") + open(place, "committed");
  }
  [[nodiscard]] Count available(const Place& place) const {
    return std::max<Count>(0, on_hand(place) - promised(place));
  }
  [[nodiscard]] Count shortage(const Place& place) const {
    return std::max<Count>(0, promised(place) - on_hand(place));
  }

 private:
  struct Remembered {
    Wish wish;
    Reply reply;
    bool refused = false;
    Count at = 0;
  };
  // One line's way to a grant, with the units it found by place.
  struct Search {
    std::string outcome = "granted";
    Count available = 0;
    std::vector<std::pair<Place, Count>> found;
  };
  using Objections = std::vector<Reply>;

  static const std::vector<std::string>& refusals() {
    static const std::vector<std::string> out = {
        "request_mismatch", "channel_unknown", "item_unknown",     "location_unknown",
        "claim_unknown",    "claim_exists",    "claim_expired",    "wrong_state",
        "quantity_invalid", "limit_exceeded",  "not_open_yet",     "channel_capped",
        "short_of_stock",   "contended",       "stale_expectation"};
    return out;
  }
  static std::ptrdiff_t rank(const std::string& outcome) {
    return std::find(refusals().begin(), refusals().end(), outcome) - refusals().begin();
  }
  static bool is_refusal(const std::string& outcome) {
    return rank(outcome) < std::ssize(refusals());
  }
  // The first in the order of checks, the first noted among equals.
  static Reply first_of(const Objections& objections) {
    return *std::min_element(
        objections.begin(), objections.end(),
        [](const Reply& a, const Reply& b) { return rank(a.outcome) < rank(b.outcome); });
  }
  static Reply misshapen(Count quantity, Count limit) {
    return {
        .outcome = "quantity_invalid", .requested = quantity, .limit = limit, .burns_no_key = true};
  }

  static void turn(Line& line, const std::string& from, const std::string& to, Count units) {
    for (std::string& unit : line.units) {
      if (units == 0) return;
      if (unit != from) continue;
      unit = to;
      --units;
    }
  }
  static void turn_open(Line& line, const std::string& to, Count units) {
    const Count held = std::min(units, line.count("held"));
    turn(line, "held", to, held);
    turn(line, "committed", to, units - held);
  }

  [[nodiscard]] std::vector<std::string> selling_order(const std::string& channel) const {
    std::vector<std::string> out;
    if (const auto named = channels.find(channel); named != channels.end()) {
      for (const std::string& code : named->second) {
        if (locations.at(code).active) out.push_back(code);
      }
      return out;
    }
    for (const auto& [code, location] : locations) {
      if (location.active) out.push_back(code);
    }
    std::sort(out.begin(), out.end(), [&](const std::string& a, const std::string& b) {
      const Location &x = locations.at(a), &y = locations.at(b);
      return std::pair(x.priority, x.order) < std::pair(y.priority, y.order);
    });
    return out;
  }

  // The places of an item at a location, a lot's if one is asked for; lots as they first came.
  [[nodiscard]] std::vector<Place> places_at(const Wish::Line& line,
                                             const std::string& location) const {
    std::vector<Place> out;
    for (const Place& place : places) {
      if (place.sku != line.sku || place.location != location) continue;
      if (!line.lot.empty() && place.lot != line.lot) continue;
      out.push_back(place);
    }
    const auto lot_order = [&](const Place& place) {
      return place.lot.empty() ? -1
                               : std::find(lots_.begin(), lots_.end(), place.lot) - lots_.begin();
    };
    std::sort(out.begin(), out.end(),
              [&](const Place& a, const Place& b) { return lot_order(a) < lot_order(b); });
    return out;
  }

  Reply decide(const Wish& wish) {
    if (wish.expected) {
      if (auto unmet = unmet_expectation(wish)) return *unmet;
    }
    if (!wish.channel.empty() && wish.channel != "default" && !channels.contains(wish.channel)) {
      return {.outcome = "channel_unknown"};
    }
    if (wish.verb == "receive" || wish.verb == "adjust" || wish.verb == "sale") return stock(wish);
    if (wish.verb == "set") return set(wish);
    if (wish.verb == "claim") return claim(wish);
    if (wish.verb == "amend") return amend(wish);
    return transition(wish);
  }

  // — units at a place —

  std::optional<Reply> unmet_expectation(const Wish& wish) const {
    const Place place{wish.sku, wish.location.empty() ? "main" : wish.location, wish.lot};
    if (!items.contains(place.sku)) return Reply{.outcome = "item_unknown"};
    if (!locations.contains(place.location)) return Reply{.outcome = "location_unknown"};
    if (place.lot.empty() && items.at(place.sku).tracking == "lot") {
      return Reply{.outcome = "wrong_state"};  // which of them?
    }
    const Count there = on_hand(place);
    if (there == *wish.expected) return {};
    return Reply{.outcome = "stale_expectation", .requested = *wish.expected, .available = there};
  }

  // A correction by the difference.
  Reply set(const Wish& wish) {
    Wish correction = wish;
    correction.verb = "adjust";
    const Place place{wish.sku, wish.location.empty() ? "main" : wish.location, wish.lot};
    const bool is_place = items.contains(place.sku) && locations.contains(place.location) &&
                          (items.at(place.sku).tracking == "lot") != place.lot.empty();
    correction.quantity = is_place ? wish.quantity - on_hand(place) : 1;
    if (correction.quantity != 0) return stock(correction);
    if (!places.contains(place)) {
      arrive(place, 0);
      Reply made{.requested = 0, .available = 0};
      made.lines.push_back({0, place, "done", 0, 0, 0});
      return made;
    }
    Reply out{.outcome = "already", .available = available(place)};
    out.lines.push_back({0, place, "done", 0, 0, 0});
    return out;
  }

  Reply stock(const Wish& wish) {
    Objections objections;
    const Place place{wish.sku, wish.location.empty() ? "main" : wish.location, wish.lot};
    if (!items.contains(place.sku)) objections.push_back({.outcome = "item_unknown"});
    if (!locations.contains(place.location)) objections.push_back({.outcome = "location_unknown"});
    if (objections.empty()) {  // a lot is named exactly where there are lots
      const bool has_lots = items.at(place.sku).tracking == "lot";
      if (has_lots == place.lot.empty()) objections.push_back({.outcome = "wrong_state"});
    }
    const bool adjusts = wish.verb == "adjust";
    if (adjusts ? wish.quantity == 0 : wish.quantity < 1) {
      objections.push_back(misshapen(wish.quantity, count_max));
    }
    if (!objections.empty()) return first_of(objections);
    Count change = wish.verb == "sale" ? -wish.quantity : wish.quantity;
    const Count free = available(place);
    if (adjusts && change < 0 && -change > free && !wish.force) {
      return {.outcome = "short_of_stock", .requested = -change, .available = free};
    }
    // Only what somebody counted of an untracked item can be gone.
    if (untracked(place.sku) && change < 0) change = std::max(change, -free);
    arrive(place, change);
    Reply out{.requested = wish.quantity, .available = available(place)};
    out.lines.push_back({0, place, "done", wish.quantity, wish.quantity, out.available});
    return out;
  }

  void arrive(const Place& place, Count units) {
    places.insert(place);
    if (!place.lot.empty() && std::find(lots_.begin(), lots_.end(), place.lot) == lots_.end()) {
      lots_.push_back(place.lot);
    }
    happened_.emplace_back(place, units);
  }

  // — claims —

  // Finds units for all lines. `own`: units by place that are free to this command alone.
  std::vector<Search> search(const std::vector<Wish::Line>& lines, const std::string& channel,
                             bool partial, std::map<Place, Count> own, Objections& objections) {
    std::vector<Search> out(lines.size());
    const std::vector<std::string> order = selling_order(channel);
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const Wish::Line& line = lines[index];
      if (!items.contains(line.sku)) {
        out[index].outcome = "item_unknown";
      } else if (line.location.empty()
                     ? order.empty()
                     : std::find(order.begin(), order.end(), line.location) == order.end()) {
        out[index].outcome = "location_unknown";
      } else if (line.quantity < 1) {
        out[index].outcome = "quantity_invalid";
      }
      if (line.quantity < 1) objections.push_back(misshapen(line.quantity, count_max));
    }
    const auto free = [&](const Place& place) { return available(place) + own[place]; };
    for (const auto& [with_location, with_lot] : std::vector<std::pair<bool, bool>>{
             {true, true}, {true, false}, {false, true}, {false, false}}) {
      for (std::size_t index = 0; index < lines.size(); ++index) {
        const Wish::Line& line = lines[index];
        Search& result = out[index];
        if (result.outcome != "granted") continue;
        if (line.location.empty() == with_location || line.lot.empty() == with_lot) continue;
        const std::vector<std::string> where =
            line.location.empty() ? order : std::vector<std::string>{line.location};
        if (untracked(line.sku)) {
          result.found.push_back({{line.sku, where.front(), ""}, line.quantity});
          continue;
        }
        std::string whole;  // the first location that covers the line
        for (const std::string& location : where) {
          Count here = 0;
          for (const Place& place : places_at(line, location)) here += free(place);
          result.available += here;
          if (here < line.quantity) continue;
          whole = location;
          break;
        }
        if (result.available < line.quantity) {
          result.outcome = partial && result.available > 0 ? "partially_granted" : "short_of_stock";
          if (result.outcome == "short_of_stock") continue;
        }
        Count left = std::min(line.quantity, result.available);
        for (const std::string& location : where) {
          if (!whole.empty() && location != whole) continue;
          for (const Place& place : places_at(line, location)) {
            const Count units = std::min(left, free(place));
            if (units <= 0) continue;
            own[place] -= units;
            left -= units;
            result.found.emplace_back(place, units);
          }
        }
      }
    }
    const bool nothing = std::all_of(out.begin(), out.end(),
                                     [](const Search& result) { return result.found.empty(); });
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const Search& result = out[index];
      if (!is_refusal(result.outcome)) continue;
      if (result.outcome == "short_of_stock" && partial && !nothing) continue;
      objections.push_back({.outcome = result.outcome,
                            .requested = lines[index].quantity,
                            .available = result.available,
                            .limit = result.outcome == "quantity_invalid" ? count_max : 0});
    }
    return out;
  }

  static void list_refused(Reply& reply, const std::vector<Wish::Line>& lines,
                           const std::vector<Search>& found) {
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const Wish::Line& line = lines[index];
      reply.lines.push_back({0,
                             {line.sku, line.location, line.lot},
                             found[index].outcome,
                             line.quantity,
                             0,
                             found[index].available});
    }
  }

  // After everything is done: what is left over the places of the only line.
  Count left_over(const Wish::Line& line, const std::string& channel) {
    if (untracked(line.sku)) return 0;
    Count out = 0;
    for (const std::string& location :
         line.location.empty() ? selling_order(channel) : std::vector{line.location}) {
      for (const Place& place : places_at(line, location)) out += available(place);
    }
    return out;
  }

  // Nothing is sold through a closed channel. The 1 tells it from an unknown one.
  static Reply closed() { return {.outcome = "channel_unknown", .limit = 1}; }

  Reply claim(const Wish& wish) {
    const std::string channel = wish.channel.empty() ? "default" : wish.channel;
    if (closed_channels.contains(channel)) return closed();
    Objections objections;
    if (claims.contains(wish.claim)) objections.push_back({.outcome = "claim_exists"});
    std::optional<Count> policy, most;
    for (const Wish::Line& line : wish.lines) {
      const auto item = items.find(line.sku);
      if (item == items.end()) continue;
      const auto shorten = [](std::optional<Count>& to, const std::optional<Count>& by) {
        if (by) to = std::min(to.value_or(*by), *by);
      };
      shorten(policy, item->second.hold_for_us);
      shorten(most, item->second.hold_max_us);
    }
    Count hold = wish.hold_us;
    if (wish.hold == "policy") {
      hold = policy.value_or(Count{15} * 60 * 1'000'000);
      if (most) hold = std::min(hold, *most);
    } else if (wish.hold == "timed" && most && hold > *most) {
      objections.push_back({.outcome = "limit_exceeded",
                            .requested = (hold + 999'999) / 1'000'000,
                            .limit = *most / 1'000'000});
    }
    const auto found = search(wish.lines, channel, wish.partial, {}, objections);
    if (!objections.empty()) {
      Reply out = first_of(objections);
      list_refused(out, wish.lines, found);
      return out;
    }
    Claim made{.channel = channel, .opened = now_, .expires = INT64_MAX, .lines = {}};
    const std::string word = wish.hold.empty() ? "committed" : "held";
    Reply out{.outcome = "granted", .claim = wish.claim, .state = word};
    if (word == "held") out.expires = made.expires = now_ + hold;
    for (std::size_t index = 0; index < wish.lines.size(); ++index) {
      const Wish::Line& line = wish.lines[index];
      const Search& result = found[index];
      if (result.outcome != "granted") out.outcome = "partially_granted";
      if (result.found.empty()) {
        out.lines.push_back({0,
                             {line.sku, line.location, line.lot},
                             result.outcome,
                             line.quantity,
                             0,
                             result.available});
      }
      for (const auto& [place, units] : result.found) {
        places.insert(place);
        made.lines.push_back(
            {place, std::vector<std::string>(static_cast<std::size_t>(units), word)});
        out.lines.push_back({static_cast<std::uint32_t>(made.lines.size()), place, result.outcome,
                             line.quantity, units, 0});
      }
    }
    if (wish.leaves) {
      out.state = "fulfilled";
      for (Line& line : made.lines) {
        for (std::string& unit : line.units) unit = "fulfilled";
        if (!untracked(line.place.sku)) {
          arrive(line.place, -static_cast<Count>(line.units.size()));
        }
      }
    }
    claims[wish.claim] = made;
    fill_in_left(out);
    if (wish.lines.size() == 1) {
      out.requested = wish.lines.front().quantity;
      out.available = left_over(wish.lines.front(), channel);
    }
    return out;
  }

  // What is left at each place that something was taken from.
  void fill_in_left(Reply& reply) const {
    for (Reply::Line& line : reply.lines) {
      if (line.granted > 0) line.available = available(line.place);
    }
  }

  void describe(Reply& reply, const std::string& id) const {
    const Claim& claim = claims.at(id);
    reply.claim = id;
    reply.state = claim.state();
    reply.expires = claim.count("held") > 0 ? claim.expires : 0;
  }

  static std::string why_not(const Claim& claim) {
    return claim.state() == "expired" ? "claim_expired" : "wrong_state";
  }

  Reply amend(const Wish& wish) {
    Objections objections;
    const auto claim = claims.find(wish.claim);
    if (claim == claims.end()) {
      objections.push_back({.outcome = "claim_unknown"});
      for (const Wish::Line& line : wish.lines) {
        if (!items.contains(line.sku)) {
          objections.push_back({.outcome = "item_unknown", .requested = line.quantity});
        } else if (!line.location.empty() && !locations.contains(line.location)) {
          objections.push_back({.outcome = "location_unknown", .requested = line.quantity});
        }
      }
      return first_of(objections);
    }
    Claim& old = claim->second;
    if (closed_channels.contains(old.channel)) {
      Reply out = closed();
      describe(out, wish.claim);
      return out;
    }
    const std::string state = old.state();
    if (state != "held" && state != "committed") objections.push_back({.outcome = why_not(old)});
    std::map<Place, Count> own;
    for (const Line& line : old.lines) {
      if (!untracked(line.place.sku)) {
        // Its own units are free, whether or not they are short.
        own[line.place] += line.count("held") + line.count("committed");
      }
    }
    const auto found = search(wish.lines, old.channel, wish.partial, own, objections);
    if (!objections.empty()) {
      Reply out = first_of(objections);
      describe(out, wish.claim);
      list_refused(out, wish.lines, found);
      return out;
    }
    const Claim before = old;
    const Reply out = replace_lines(wish, old, state, found);
    Reply reply = out;
    if (reply.outcome == "done") {
      const bool same =
          std::equal(before.lines.begin(), before.lines.end(), old.lines.begin(), old.lines.end(),
                     [](const Line& a, const Line& b) { return a.units == b.units; });
      if (same) reply.outcome = "already";
    }
    describe(reply, wish.claim);
    return reply;
  }

  Reply replace_lines(const Wish& wish, Claim& claim, const std::string& word,
                      const std::vector<Search>& found) {
    Reply out;
    std::map<Place, Count> wanted;
    for (const Search& result : found) {
      for (const auto& [place, units] : result.found) wanted[place] += units;
      if (result.outcome != "granted") out.outcome = "partially_granted";
    }
    for (Line& line : claim.lines) {  // keep what is wanted, give back the rest
      const Count open = line.count("held") + line.count("committed");
      const Count keep = std::min(open, wanted[line.place]);
      wanted[line.place] -= keep;
      turn_open(line, "released", open - keep);
    }
    const auto line_at = [&](const Place& place) {
      std::size_t index = 0;
      while (index < claim.lines.size() && claim.lines[index].place != place) ++index;
      if (index == claim.lines.size()) claim.lines.push_back({place, {}});
      return index;
    };
    for (std::size_t index = 0; index < wish.lines.size(); ++index) {
      const Wish::Line& line = wish.lines[index];
      if (found[index].found.empty()) {
        out.lines.push_back({0,
                             {line.sku, line.location, line.lot},
                             found[index].outcome,
                             line.quantity,
                             0,
                             found[index].available});
      }
      for (const auto& [place, units] : found[index].found) {
        places.insert(place);
        const std::size_t at = line_at(place);
        auto& list = claim.lines[at].units;
        list.insert(list.end(), static_cast<std::size_t>(wanted[place]), word);
        wanted[place] = 0;
        out.lines.push_back({static_cast<std::uint32_t>(at + 1), place, found[index].outcome,
                             line.quantity, units, 0});
      }
    }
    fill_in_left(out);
    if (wish.lines.size() == 1) {
      out.requested = wish.lines.front().quantity;
      out.available = left_over(wish.lines.front(), claim.channel);
    }
    return out;
  }

  // — what becomes of a claim —

  [[nodiscard]] static bool covers(const Wish::Line& selection, const Claim& claim,
                                   std::size_t index) {
    if (selection.number != 0) return index + 1 == selection.number;
    const Place& place = claim.lines[index].place;
    return place.sku == selection.sku &&
           (selection.location.empty() || place.location == selection.location);
  }
  // Which selection is wrong, as the only line of the reply.
  static Reply wrong_selection(const std::string& outcome, const Wish::Line& selection, Count had) {
    Reply out{.outcome = outcome};
    if (outcome == "quantity_invalid") out.requested = selection.quantity;
    out.available = had;
    out.lines.push_back({selection.number,
                         {selection.sku, selection.location, ""},
                         outcome,
                         selection.quantity,
                         0,
                         had});
    return out;
  }
  // What is no line of the claim cannot be selected, not even when nothing is left to do.
  static void look_for_lines(const Claim& claim, const Wish::Line& selection,
                             Objections& objections) {
    for (std::size_t index = 0; index < claim.lines.size(); ++index) {
      if (covers(selection, claim, index)) return;
    }
    objections.push_back(wrong_selection("quantity_invalid", selection, 0));
    objections.back().limit = std::ssize(claim.lines);
  }
  static Reply nothing_to_do(const Claim& claim, const std::vector<Wish::Line>& selections) {
    Objections objections;
    for (const Wish::Line& selection : selections) look_for_lines(claim, selection, objections);
    return objections.empty() ? Reply{.outcome = "already"} : all_of(objections);
  }
  // The first, with the lines of all.
  static Reply all_of(const Objections& objections) {
    Reply out = first_of(objections);
    out.lines.clear();
    for (const Reply& one : objections) {
      out.lines.insert(out.lines.end(), one.lines.begin(), one.lines.end());
    }
    return out;
  }

  // Units per line that the selections cover, of those that `has` counts.
  template <class Has>
  std::vector<Count> choose(const Claim& claim, const std::vector<Wish::Line>& selections,
                            Has&& has, Objections& objections) const {
    std::vector<Count> out;
    for (const Line& line : claim.lines) out.push_back(selections.empty() ? has(line) : 0);
    for (const Wish::Line& selection : selections) {
      Count left = selection.quantity == 0 ? count_max : selection.quantity;
      Count had = 0;
      for (std::size_t index = 0; index < claim.lines.size(); ++index) {
        if (!covers(selection, claim, index)) continue;
        const Count more = has(claim.lines[index]) - out[index];
        had += more;
        const Count units = std::min(more, left);
        out[index] += units;
        left -= units;
      }
      const std::size_t wrong = objections.size();
      look_for_lines(claim, selection, objections);
      if (objections.size() > wrong || selection.quantity == 0 || left == 0) continue;
      objections.push_back(wrong_selection("quantity_invalid", selection, had));
      if (selection.number != 0) {
        objections.back().lines[0].place = claim.lines[selection.number - 1].place;
      }
    }
    return out;
  }

  Reply transition(const Wish& wish) {
    Objections objections;
    for (const Wish::Line& selection : wish.lines) {
      if (selection.number != 0) continue;
      if (!items.contains(selection.sku)) {
        objections.push_back(wrong_selection("item_unknown", selection, 0));
      } else if (!selection.location.empty() && !locations.contains(selection.location)) {
        objections.push_back(wrong_selection("location_unknown", selection, 0));
      }
    }
    const auto claim = claims.find(wish.claim);
    if (claim == claims.end()) {
      objections.push_back({.outcome = "claim_unknown"});
      return all_of(objections);
    }
    Reply out = objections.empty() ? go_on(wish, claim->second) : all_of(objections);
    const Count expires = out.expires;
    describe(out, wish.claim);
    if (expires != 0) out.expires = expires;
    return out;
  }

  Reply go_on(const Wish& wish, Claim& claim) {
    const std::string state = claim.state();
    if (wish.verb == "extend") return extend(wish, claim);
    if (wish.verb == "confirm") return confirm(wish, claim);
    if (wish.verb == "fulfil") return fulfil(wish, claim);
    const std::string word = wish.verb == "release" ? "released" : "cancelled";
    if (state == word) return nothing_to_do(claim, wish.lines);
    if (state != "held" && state != "committed") return {.outcome = why_not(claim)};
    return give_back(claim, word, wish.lines);
  }

  Reply give_back(Claim& claim, const std::string& word,
                  const std::vector<Wish::Line>& selections) {
    Objections objections;
    const auto chosen = choose(
        claim, selections,
        [](const Line& line) { return line.count("held") + line.count("committed"); }, objections);
    if (!objections.empty()) return all_of(objections);
    Reply out = moved(claim, chosen);
    if (out.lines.empty()) return {.outcome = "already"};
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      turn_open(claim.lines[index], word, chosen[index]);
    }
    return out;
  }

  static Reply moved(const Claim& claim, const std::vector<Count>& chosen) {
    Reply out;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      if (chosen[index] == 0) continue;
      out.lines.push_back({static_cast<std::uint32_t>(index + 1), claim.lines[index].place, "done",
                           chosen[index], chosen[index], 0});
    }
    return out;
  }

  Reply extend(const Wish& wish, Claim& claim) {
    if (claim.count("held") == 0) return {.outcome = why_not(claim)};
    const Count until = now_ + wish.hold_us;
    if (until <= claim.expires) return {.outcome = "already"};
    std::optional<Count> most;
    for (const Line& line : claim.lines) {
      const auto& item = items.at(line.place.sku);
      if (line.count("held") == 0 || !item.hold_max_us) continue;
      most = std::min(most.value_or(*item.hold_max_us), *item.hold_max_us);
    }
    if (most && until - claim.opened > *most) {
      return {.outcome = "limit_exceeded",
              .requested = (until - claim.opened + 999'999) / 1'000'000,
              .limit = *most / 1'000'000};
    }
    claim.expires = until;
    return {.expires = until};
  }

  Reply confirm(const Wish& wish, Claim& claim) {
    Objections objections;
    if (claim.count("held") > 0) {
      const auto chosen = choose(
          claim, wish.lines, [](const Line& line) { return line.count("held"); }, objections);
      if (!objections.empty()) return all_of(objections);
      Reply out = moved(claim, chosen);
      if (out.lines.empty()) return {.outcome = "already"};
      for (std::size_t index = 0; index < chosen.size(); ++index) {
        turn(claim.lines[index], "held", "committed", chosen[index]);
        if (wish.release_rest) {
          turn(claim.lines[index], "held", "released", claim.lines[index].count("held"));
        }
      }
      return out;
    }
    if (claim.count("expired") == 0) {
      const bool confirmed = claim.count("committed") + claim.count("fulfilled") > 0;
      return confirmed ? nothing_to_do(claim, wish.lines) : Reply{.outcome = "wrong_state"};
    }
    if (!wish.reclaim) return {.outcome = "claim_expired"};
    const auto chosen = choose(
        claim, wish.lines, [](const Line& line) { return line.count("expired"); }, objections);
    if (!objections.empty()) return all_of(objections);
    return reclaim(claim, chosen);
  }

  // Objects to units of a line that are not there.
  static void short_line(const Claim& claim, std::size_t index, Count units, Count there,
                         Objections& objections) {
    if (units <= there) return;
    objections.push_back({.outcome = "short_of_stock", .requested = units, .available = there});
    objections.back().lines.push_back({static_cast<std::uint32_t>(index + 1),
                                       claim.lines[index].place, "short_of_stock", units, 0,
                                       there});
  }

  Reply reclaim(Claim& claim, const std::vector<Count>& chosen) {
    Objections objections;
    std::map<Place, Count> taken;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      const Place& place = claim.lines[index].place;
      if (untracked(place.sku) || chosen[index] == 0) continue;
      const Count free = available(place) - taken[place];
      short_line(claim, index, chosen[index], free, objections);
      taken[place] += std::min(chosen[index], free);
    }
    if (!objections.empty()) return all_of(objections);
    Reply out = moved(claim, chosen);
    if (out.lines.empty()) return {.outcome = "already"};
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      turn(claim.lines[index], "expired", "committed", chosen[index]);
    }
    out.outcome = "granted";
    return out;
  }

  Reply fulfil(const Wish& wish, Claim& claim) {
    if (claim.count("committed") == 0) {
      if (claim.state() != "fulfilled") return {.outcome = why_not(claim)};
      return nothing_to_do(claim, wish.lines);
    }
    Objections objections;
    const auto chosen = choose(
        claim, wish.lines, [](const Line& line) { return line.count("committed"); }, objections);
    if (!objections.empty()) return all_of(objections);
    std::map<Place, Count> taken;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      const Place& place = claim.lines[index].place;
      if (untracked(place.sku) || chosen[index] == 0) continue;
      const Count there = std::max<Count>(0, on_hand(place)) - taken[place];
      short_line(claim, index, chosen[index], there, objections);
      taken[place] += std::min(chosen[index], there);
    }
    if (!objections.empty()) return all_of(objections);
    Reply out = moved(claim, chosen);
    if (out.lines.empty()) return {.outcome = "already"};
    for (std::size_t index = 0; index < chosen.size(); ++index) {
      Line& line = claim.lines[index];
      turn(line, "committed", "fulfilled", chosen[index]);
      if (!untracked(line.place.sku)) happened_.emplace_back(line.place, -chosen[index]);
    }
    return out;
  }

  Count now_ = 0;
  std::vector<std::pair<Place, Count>> happened_;
  std::vector<std::string> lots_;  // in the order of their first appearance
  std::map<std::pair<std::string, std::string>, Remembered> remembered_;
};

}  // namespace holdfast::plain
