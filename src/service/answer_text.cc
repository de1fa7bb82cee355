// Everything is taken from the command and its answer, so that a remembered refusal reads as it did
// at first.
#include "service/answer_text.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "model/catalogue.h"

namespace holdfast {
namespace {

constexpr std::size_t lines_told_max = 5;

// "SKU-1 at BER (lot L1)", as far as it is known.
void append_place(std::string& out, const Place& place) {
  out += place.sku;
  if (!place.location.empty()) out += fmt::format(" at {}", place.location);
  if (!place.lot.empty()) out += fmt::format(" (lot {})", place.lot);
}

std::string_view channel_of(const Command& command) {
  return command.context.channel.empty() ? default_channel : command.context.channel;
}

// A refusal in words.
class Refusal {
 public:
  Refusal(std::string& out, const Command& command, const Answer& answer)
      : out_(out), command_(command), answer_(answer) {}

  void write() {
    const auto has_outcome = [&](const AnswerLine& line) {
      return line.outcome == answer_.outcome;
    };
    if (std::ranges::any_of(answer_.lines, has_outcome)) {
      lines();
    } else {
      whole();
    }
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }
  template <class Body>
  [[nodiscard]] const Body* body() const {
    return std::get_if<Body>(&command_.body);
  }

  // — about lines —

  void lines() {
    std::size_t told = 0;
    std::size_t left = 0;
    for (const AnswerLine& line : answer_.lines) {
      if (!is_refusal(line.outcome)) continue;
      if (told == lines_told_max) {
        ++left;
        continue;
      }
      if (told++ > 0) out_ += "; ";
      one(line);
    }
    if (left > 0) say("; and {} more", left);
  }
  void place(const AnswerLine& line) {
    append_place(out_, {answer_.sku_of(line), answer_.location_of(line), answer_.lot_of(line)});
  }
  void one(const AnswerLine& line) {
    switch (line.outcome) {
      case Outcome::item_unknown:
        return say("{}: unknown item", answer_.sku_of(line));
      case Outcome::location_unknown:
        return location(line);
      case Outcome::quantity_invalid:
        if (!is_sourcing(command_)) return selection(line);
        place(line);
        return say(": requested {}, a level has at most {}", line.requested.units(),
                   Quantity::max().units());
      case Outcome::contended:
        place(line);
        return contended(line.requested, line.available);
      case Outcome::short_of_stock:
        if (body<Fulfil>() == nullptr) break;
        place(line);
        return say(": {} to ship, {} on hand", line.requested.units(), line.available.units());
      default:
        break;
    }
    place(line);
    say(": requested {}, available {}", line.requested.units(), line.available.units());
  }
  void location(const AnswerLine& line) {
    const std::string_view code = answer_.location_of(line);
    if (!is_sourcing(command_)) return say("{}: unknown location", code);
    // A claim keeps its channel, whatever an amendment says.
    const bool is_claim = body<ClaimUnits>() != nullptr;
    const std::string channel =
        is_claim ? fmt::format("channel {}", channel_of(command_)) : "the claim's channel";
    place(line);
    if (code.empty()) return say(": {} has no active location", channel);
    say(": unknown location, or not an active one of {}", channel);
  }
  // What is no line of the claim, or more than there is.
  void selection(const AnswerLine& line) {
    if (is_absent(line)) return absent(line);
    const bool is_by_number = line.line != 0;
    if (is_by_number) say("line {} (", line.line);
    place(line);
    if (is_by_number) out_ += ')';
    say(": requested {}, there is {}", line.requested.units(), line.available.units());
  }
  // By number, there are no names for it. By sku, either all of it was asked for, which can only
  // fail when there is none; or the number of the claim's lines says so. That number is about the
  // first line that was refused, so it decides for a single one only.
  [[nodiscard]] bool is_absent(const AnswerLine& line) const {
    if (line.line != 0) return line.sku_size == 0;
    return line.requested.is_zero() || (answer_.lines.size() == 1 && claim_lines() > 0);
  }
  void absent(const AnswerLine& line) {
    if (line.line == 0) {
      place(line);
      out_ += ": not in the claim";
      return;
    }
    say("line {}: not in the claim", line.line);
    if (claim_lines() > 0) {
      say(", which has {} line{}", claim_lines(), claim_lines() == 1 ? "" : "s");
    }
  }
  // How many lines the claim has, when the first selection that was refused is none of them.
  [[nodiscard]] std::int64_t claim_lines() const { return answer_.limit.units(); }

  // — about the whole —

  void whole() {
    switch (answer_.outcome) {
      case Outcome::request_mismatch:
        return say("request_id {} was used at seq {} with other arguments",
                   quoted(command_.context.request_id), answer_.seq.value());
      case Outcome::channel_unknown:
        return channel();
      case Outcome::item_unknown:
        return say("{}: unknown item", place_of(command_, answer_).sku);
      case Outcome::location_unknown: {
        const std::string_view code = place_of(command_, answer_).location;
        return say("{}: unknown location", code.empty() ? default_location : code);
      }
      case Outcome::claim_unknown:
        return say("{}: unknown claim", claim_id());
      case Outcome::claim_exists:
        return say("{}: another claim has this claim_id", claim_id());
      case Outcome::claim_expired:
        say("{}: the claim has expired", claim_id());
        if (body<Confirm>() != nullptr) out_ += "; if_expired => 'reclaim' takes its units again";
        return;
      case Outcome::contended:
        if (!claim_id().empty() && answer_.requested.is_zero()) {
          return say("{}: a transaction under way has this claim_id; try again", claim_id());
        }
        at_place();
        return contended(answer_.requested, answer_.available);
      case Outcome::wrong_state:
        return state();
      case Outcome::limit_exceeded:
        return limit();
      case Outcome::quantity_invalid:
        return quantity();
      case Outcome::not_open_yet:
        out_ += "not open yet";
        return;
      case Outcome::stale_expectation:
        return expectation();
      default:
        at_place();
        say("requested {}, available {}", answer_.requested.units(), answer_.available.units());
    }
  }
  void contended(Quantity requested, Quantity available) {
    if (!out_.empty() && !out_.ends_with(": ")) out_ += ": ";
    say("requested {}, available {}, and transactions under way hold the rest; try again",
        requested.units(), available.units());
  }
  void expectation() {
    at_place();
    const Expectation& expected = command_.expected;
    if (expected.conditions.size() != 1) {
      return say("it is not as expected any more");
    }
    const Condition& condition = expected.conditions.front();
    say("{} is {}, expected {}",
        condition.term ? term_names[static_cast<std::size_t>(*condition.term)] : "version",
        answer_.available.units(), answer_.requested.units());
  }
  // "A at main: ", where there is one place.
  void at_place() {
    Place place = place_of(command_, answer_);
    if (place.sku.empty()) return;
    if (place.location.empty()) place.location = default_location;
    append_place(out_, place);
    out_ += ": ";
  }
  [[nodiscard]] std::string claim_id() const {
    return std::visit(
        [](const auto& body) {
          if constexpr (requires { body.claim; }) {
            return body.claim.text();
          } else {
            return std::string();
          }
        },
        command_.body);
  }
  void channel() {
    const bool is_inactive = answer_.limit == inactive_channel;
    if (!is_inactive) return say("{}: unknown channel", channel_of(command_));
    if (body<Amend>() != nullptr) return say("the claim's channel is not active");
    say("{}: the channel is not active", channel_of(command_));
  }
  void state() {
    if (const auto* item = body<DefineItem>()) {
      return say("{}: tracking cannot become '{}' with {} on hand and {} promised", item->sku,
                 tracking_names[static_cast<std::size_t>(item->tracking.value_or(Tracking::none))],
                 answer_.available.units(), answer_.requested.units());
    }
    const Place place = place_of(command_, answer_);
    if (!place.sku.empty()) {
      if (place.lot.empty()) return say("{} is tracked by lot: lot is missing", place.sku);
      return say("{} is not tracked by lot: lot {} is not allowed", place.sku, quoted(place.lot));
    }
    const bool is_of_held = body<Extend>() != nullptr || body<Confirm>() != nullptr;
    say("{} needs {} claim; this one is {}", name_of(command_.body),
        is_of_held                  ? "a held"
        : body<Fulfil>() != nullptr ? "a committed"
                                    : "an open",
        name_of(answer_.state));
  }
  void limit() {
    const std::int64_t asked = answer_.requested.units();
    const std::int64_t most = answer_.limit.units();
    if (const auto* item = body<DefineItem>()) {
      return say("{}: hold_for {} s, hold_max {} s", item->sku, asked, most);
    }
    if (body<Extend>() != nullptr) {
      return say("hold_for ends {} s after the claim was opened, hold_max {} s", asked, most);
    }
    const auto* claim = body<ClaimUnits>();
    if (claim != nullptr && answer_.requested == seconds_up(claim->hold_for)) {
      if (claim->lines.size() == 1) say("{}: ", claim->lines[0].sku);
      return say("hold_for {} s, hold_max {} s", asked, most);
    }
    if (is_sourcing(command_)) return say("the claim would have {} lines, at most {}", asked, most);
    say("requested {}, the limit is {}", asked, most);
  }
  void quantity() {
    at_place();
    const std::int64_t asked = answer_.requested.units();
    if (answer_.limit.is_zero()) {
      return say("requested {}, there is {}", asked, answer_.available.units());
    }
    const bool is_of_level = body<Receive>() != nullptr || body<Adjust>() != nullptr ||
                             body<Sale>() != nullptr || body<SetLevel>() != nullptr;
    if (!is_of_level) {
      return say("requested {}, the most is {}", asked, answer_.limit.units());
    }
    const Quantity after =
        answer_.available + (body<Sale>() != nullptr ? -answer_.requested : answer_.requested);
    if (after.in_range()) return say("shortage would be more than {}", answer_.limit.units());
    say("on_hand would be {}, the {} is {}", after.units(), after > Quantity() ? "most" : "least",
        after > Quantity() ? answer_.limit.units() : -answer_.limit.units());
  }

  std::string& out_;
  const Command& command_;
  const Answer& answer_;
};

// What a partial grant did not grant, by sku, in the order of the lines.
void append_rest(std::string& out, const Command& command, const Answer& answer) {
  std::span<const LineRequest> lines;
  if (const auto* claim = std::get_if<ClaimUnits>(&command.body)) lines = claim->lines;
  if (const auto* amend = std::get_if<Amend>(&command.body)) lines = amend->lines;
  std::size_t told = 0;
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const std::string_view sku = lines[index].sku;
    const auto is_same = [&](const LineRequest& line) { return line.sku == sku; };
    if (std::ranges::any_of(lines.first(index), is_same)) continue;
    Quantity asked;
    for (const LineRequest& line : lines) asked += line.sku == sku ? line.quantity : Quantity();
    Quantity granted;
    for (const AnswerLine& line : answer.lines) {
      granted += answer.sku_of(line) == sku ? line.granted : Quantity();
    }
    if (asked == granted) continue;
    if (told++ == lines_told_max) {
      out += "; …";
      return;
    }
    if (told > 1) out += "; ";
    out += fmt::format("{}: {} asked, {} granted", sku, asked.units(), granted.units());
  }
}

}  // namespace

bool is_sourcing(const Command& command) {
  return std::holds_alternative<ClaimUnits>(command.body) ||
         std::holds_alternative<Amend>(command.body);
}

Place place_of(const Command& command, const Answer& answer) {
  if (!answer.lines.empty()) {
    const AnswerLine& line = answer.lines[0];
    return {answer.sku_of(line), answer.location_of(line), answer.lot_of(line)};
  }
  if (const auto* receive = std::get_if<Receive>(&command.body)) {
    return {receive->sku, receive->location, receive->lot};
  }
  if (const auto* adjust = std::get_if<Adjust>(&command.body)) {
    return {adjust->sku, adjust->location, adjust->lot};
  }
  if (const auto* sale = std::get_if<Sale>(&command.body)) {
    return {sale->sku, sale->location, sale->lot};
  }
  const auto* claim = std::get_if<ClaimUnits>(&command.body);
  if (claim != nullptr && claim->fulfil) {
    const LineRequest& line = claim->lines.front();
    return {line.sku, line.location, line.lot};
  }
  if (const auto* level = std::get_if<SetLevel>(&command.body)) {
    return {level->sku, level->location, level->lot};
  }
  return {};
}

void append_message(std::string& out, const Command& command, const Answer& answer) {
  if (answer.outcome == Outcome::partially_granted) append_rest(out, command, answer);
  if (is_refusal(answer.outcome)) Refusal(out, command, answer).write();
}

}  // namespace holdfast
