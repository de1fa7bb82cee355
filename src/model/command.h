// Commands: what a client asks the ledger to do, in the domain's words. SQL, HTTP, import and the
// console all end here; there is no other way to change state.
//
// A command owns no text: its views and spans live in the request that carries it, until its reply
// is released. Names are resolved by `decide`, at the command's place in the order. Shape limits
// (identifier rules, line counts) are checked before it is queued (check_command); `decide` is
// total all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "model/catalogue.h"
#include "model/claim.h"
#include "model/ids.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

inline constexpr std::size_t claim_lines_max = 100;
inline constexpr std::size_t channel_locations_max = 1'000;
inline constexpr std::size_t long_text_bytes_max = 16 * 1024;  // titles, descriptions, attributes
inline constexpr std::size_t barcodes_max = 20;

// What every command may carry. Empty text and time 0 mean "not given".
struct CommandContext {
  std::string_view actor;       // the authenticated principal, also the scope of request_id
  std::string_view request_id;  // the idempotency key
  std::string_view reference;   // an order, purchase order or count document
  std::string_view reason;      // one of the closed list, or custom:*
  std::string_view customer;
  std::string_view channel;  // empty: the default channel
  Timestamp occurred_at;     // when it physically happened; 0: now
};

// What occurred_at may be when it is given: after 1970-01-01 00:00:00, which stands for "not
// given", and in a year that every client can show.
inline constexpr Timestamp occurred_at_min = Timestamp::us(1);
inline constexpr Timestamp occurred_at_max = Timestamp::us(253'402'300'799'999'999);  // 9999-12-31
Status check_occurred_at(Timestamp at);

struct LineRequest {
  std::string_view sku;
  Quantity quantity;
  std::string_view location;  // empty: sourced over the channel's locations
  std::string_view lot;       // empty: any lot, in the order of their first appearance
};

// Which part of an open claim: by line number (from 1), else by sku and, if given, location.
// quantity 0: all of it.
struct LineSelection {
  std::uint32_t line = 0;
  std::string_view sku;
  std::string_view location;
  Quantity quantity;
};

struct DefineItem {
  std::string_view sku;
  // Absent fields keep their value, or its default for a new item.
  std::optional<std::string_view> title, description, brand, category, unit, currency, attributes;
  std::optional<std::int64_t> price_minor;
  std::optional<std::uint8_t> scale;
  std::optional<std::span<const std::string_view>> barcodes;
  std::optional<Tracking> tracking;
  std::optional<Duration> hold_for, hold_max;
};
struct DefineLocation {
  std::string_view code;
  std::optional<std::string_view> title, region, time_zone;
  std::optional<std::int32_t> priority;
  std::optional<bool> active;
};
struct DefineChannel {
  std::string_view code;
  std::optional<std::string_view> title;
  std::optional<bool> active;
  std::optional<std::span<const std::string_view>>
      locations;  // absent for a new channel: all, by priority
};
// on_hand + quantity (≥ 1). What it makes available fills shortage first.
struct Receive {
  std::string_view sku, location, lot;  // location empty: `main`
  Quantity quantity;
  std::optional<std::int64_t> unit_cost_minor;
};
// A signed correction. A request: it cannot eat promised units, unless forced, then a fact.
struct Adjust {
  std::string_view sku, location, lot;
  Quantity delta;
  bool force = false;
};
// A fact: the units are gone. What it takes beyond `available` becomes shortage.
struct Sale {
  std::string_view sku, location, lot;
  Quantity quantity;
};

// on_hand becomes that many; available takes the difference. A request like Adjust.
struct SetLevel {
  std::string_view sku, location, lot;
  Quantity on_hand;
};

enum class HoldMode : std::uint8_t { commit, timed, by_policy };
struct ClaimUnits {
  std::span<const LineRequest> lines;
  HoldMode hold = HoldMode::commit;
  Duration hold_for;     // with HoldMode::timed
  bool partial = false;  // grant what there is, per line
  ClaimId claim;         // chosen by the client; none: the engine's fresh one
  bool fulfil = false;   // the units leave at once; with HoldMode::commit
};
struct Extend {
  ClaimId claim;
  Duration hold_for;  // from now; an earlier end than the present one changes nothing
};
enum class IfExpired : std::uint8_t { refuse, reclaim };
struct Confirm {
  ClaimId claim;
  std::span<const LineSelection> lines;  // empty: all
  bool release_rest = false;  // what is not confirmed is released instead of staying held
  IfExpired if_expired = IfExpired::refuse;
};
struct Amend {
  ClaimId claim;
  std::span<const LineRequest> lines;  // the claim's new lines; its own units count as free
  bool partial = false;
};
struct Release {
  ClaimId claim;
};
struct Cancel {
  ClaimId claim;
  std::span<const LineSelection> lines;  // empty: all that is open
};
struct Fulfil {
  ClaimId claim;
  std::span<const LineSelection> lines;  // empty: all that is committed
};

using CommandBody =
    std::variant<DefineItem, DefineLocation, DefineChannel, Receive, Adjust, Sale, ClaimUnits,
                 Extend, Confirm, Amend, Release, Cancel, Fulfil, SetLevel>;

// What a command expects of what it changes: its level (of a claim to come, that of its first
// line), item, location, channel or claim. When that is not so at its turn, the command is not
// heard: stale_expectation, whatever else may be wrong with it.
enum class Existence : std::uint8_t { any, present, absent };
enum class Comparison : std::uint8_t { equal, different, less, at_most, more, at_least };
struct Condition {
  std::optional<Term> term;  // of the level; none: the version of what is changed
  Comparison comparison = Comparison::equal;
  std::int64_t value = 0;
};
struct Expectation {
  Existence existence = Existence::any;
  std::optional<ClaimState> state;  // of a claim
  std::span<const Condition> conditions;

  [[nodiscard]] bool is_given() const {
    return existence != Existence::any || state.has_value() || !conditions.empty();
  }
};
[[nodiscard]] bool holds(Comparison comparison, std::int64_t left, std::int64_t right);

struct Command {
  CommandContext context;
  CommandBody body;
  Expectation expected;
};

// The SQL function of a command's body, by its index in CommandBody.
[[nodiscard]] std::string_view name_of(const CommandBody& body);

// Shape only, no state: identifiers, counts, lengths, ranges. The error names field, value and
// limit.
Status check_command(const Command& command);

// Equal for equal canonical arguments (request_id and actor left out, the channel's default made
// explicit), different otherwise: what a repeated request_id is compared by. 128 bits of XXH3.
[[nodiscard]] Hash128 fingerprint(const Command& command);
// The same, in the caller's buffer, so that it need not allocate.
[[nodiscard]] Hash128 fingerprint(const Command& command, ByteWriter& scratch);

}  // namespace holdfast
