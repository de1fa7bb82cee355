// Texts as PostgreSQL 15 writes them (errmsg of ExecConstraints, _bt_check_unique and
// ri_ReportViolation), because clients and their users know them.
#include "service/refusal_error.h"

#include <fmt/format.h>

#include "service/answer_text.h"

namespace holdfast {
namespace {

// The relation that a command changes, and the names of its constraints.
struct Names {
  std::string_view table, primary_key, item_key, location_key, channel_key;
};
constexpr Names stock_names = {"stock", "stock_pkey", "stock_sku_fkey", "stock_location_fkey",
                               "stock_channel_fkey"};
constexpr Names claim_names = {"claims", "claims_pkey", "claims_sku_fkey", "claims_location_fkey",
                               "claims_channel_fkey"};
constexpr Names item_names = {"items", "items_pkey", "", "", ""};
constexpr Names location_names = {"locations", "locations_pkey", "", "", ""};
constexpr Names channel_names = {"channels", "channels_pkey", "", "channels_locations_fkey", ""};

struct NamesOf {
  const Expectation& expected;  // what an UPDATE of stock has
  const Names& operator()(const DefineItem&) const { return item_names; }
  const Names& operator()(const DefineLocation&) const { return location_names; }
  const Names& operator()(const DefineChannel&) const { return channel_names; }
  const Names& operator()(const ClaimUnits& body) const {
    return body.fulfil && expected.is_given() ? stock_names : claim_names;
  }
  template <class Body>
  const Names& operator()(const Body&) const {
    if constexpr (requires(const Body& body) { body.claim; }) return claim_names;
    return stock_names;
  }
};

// "(sku)=(A)": the key of what must not be there, or must be.
struct KeyOf {
  std::string operator()(const DefineItem& body) const {
    return fmt::format("(sku)=({})", body.sku);
  }
  std::string operator()(const DefineLocation& body) const {
    return fmt::format("(location)=({})", body.code);
  }
  std::string operator()(const DefineChannel& body) const {
    return fmt::format("(channel)=({})", body.code);
  }
  std::string operator()(const ClaimUnits& body) const {
    return fmt::format("(claim_id)=({})", body.claim.text());
  }
  template <class Body>
  std::string operator()(const Body& body) const {
    if constexpr (requires { body.claim; }) {
      return fmt::format("(claim_id)=({})", body.claim.text());
    } else {
      return fmt::format("(sku, location, lot)=({}, {}, {})", body.sku,
                         body.location.empty() ? default_location : body.location, body.lot);
    }
  }
};

// "Key (sku)=(Z) is not present in table "items".", of a level that a command names; else nothing.
struct MissingKey {
  const Answer& answer;
  std::string_view channel;

  std::string operator()(const ClaimUnits& body) const {
    if (body.lines.size() != 1) return {};  // the message names the line
    const LineRequest& line = body.lines.front();
    if (answer.outcome != Outcome::location_unknown) return of(line.sku, line.location);
    return fmt::format(
        "Key (location)=({}) is not present in table \"locations\", or is not an active location "
        "of the channel.",
        line.location);
  }
  template <class Body>
  std::string operator()(const Body& body) const {
    if constexpr (requires { body.lot; }) return of(body.sku, body.location);
    return {};
  }

 private:
  [[nodiscard]] std::string of(std::string_view sku, std::string_view location) const {
    if (answer.outcome == Outcome::channel_unknown) {
      if (answer.limit == inactive_channel) return {};
      return fmt::format("Key (channel)=({}) is not present in table \"channels\".", channel);
    }
    if (answer.outcome == Outcome::item_unknown) {
      return fmt::format("Key (sku)=({}) is not present in table \"items\".", sku);
    }
    return fmt::format("Key (location)=({}) is not present in table \"locations\".", location);
  }
};

class Raised {
 public:
  Raised(const Command& command, const Answer& answer)
      : command_(command),
        answer_(answer),
        names_(std::visit(NamesOf{command.expected}, command.body)) {
    append_message(text_, command, answer);
  }

  Error error() {
    switch (answer_.outcome) {
      case Outcome::item_unknown:
        return missing(names_.item_key);
      case Outcome::location_unknown:
        return missing(names_.location_key);
      case Outcome::channel_unknown:
        return missing(names_.channel_key);
      case Outcome::claim_exists:
        return duplicate();
      case Outcome::stale_expectation:
        // Only what must not be there is raised as this; a guard finds no row instead.
        if (command_.expected.existence == Existence::absent) return duplicate();
        return plain(ErrorCode::serialization_failure);
      case Outcome::request_mismatch:
        return constrained(ErrorCode::unique_violation, "request_id_key",
                           "duplicate key value violates unique constraint \"request_id_key\"");
      case Outcome::short_of_stock:
        return units("stock_available_nonneg");
      case Outcome::channel_capped:
        return units("channel_cap");
      case Outcome::contended:
        return plain(ErrorCode::contended);
      case Outcome::claim_unknown:
        return plain(ErrorCode::not_found);
      case Outcome::quantity_invalid:
        return plain(ErrorCode::out_of_range);
      case Outcome::limit_exceeded:
        return plain(ErrorCode::limit_exceeded);
      default:
        return plain(ErrorCode::wrong_state);
    }
  }

 private:
  [[nodiscard]] Error plain(ErrorCode code) const {
    return {.code = code, .message = text_, .detail = {}, .hint = {}};
  }
  [[nodiscard]] Error constrained(ErrorCode code, std::string_view constraint,
                                  std::string message) const {
    return {.code = code,
            .message = std::move(message),
            .detail = text_,
            .hint = {},
            .table = names_.table,
            .constraint = constraint};
  }
  [[nodiscard]] Error missing(std::string_view constraint) const {
    if (constraint.empty()) return plain(ErrorCode::not_found);
    Error out = constrained(
        ErrorCode::foreign_key_violation, constraint,
        fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                    names_.table, constraint));
    std::string key = std::visit(MissingKey{answer_, command_.context.channel}, command_.body);
    if (!key.empty()) out.detail = std::move(key);
    return out;
  }
  [[nodiscard]] Error duplicate() const {
    Error out = constrained(
        ErrorCode::unique_violation, names_.primary_key,
        fmt::format("duplicate key value violates unique constraint \"{}\"", names_.primary_key));
    out.detail = fmt::format("Key {} already exists.", std::visit(KeyOf(), command_.body));
    return out;
  }
  // The units are those of stock, whatever asked for them.
  [[nodiscard]] Error units(std::string_view constraint) const {
    Error out = constrained(
        ErrorCode::check_violation, constraint,
        fmt::format("new row for relation \"stock\" violates check constraint \"{}\"", constraint));
    out.table = stock_names.table;
    return out;
  }

  const Command& command_;
  const Answer& answer_;
  const Names& names_;
  std::string text_;
};

}  // namespace

Error refusal_error(const Command& command, const Answer& answer) {
  return Raised(command, answer).error();
}

bool means_no_row(const ChangePlan& plan, Outcome outcome) {
  switch (plan.verb) {
    case ChangePlan::Verb::insert:
      return plan.ignores_conflicts &&
             (outcome == Outcome::stale_expectation || outcome == Outcome::claim_exists);
    case ChangePlan::Verb::update:
      return outcome == Outcome::stale_expectation;
    case ChangePlan::Verb::remove:
      return outcome == Outcome::stale_expectation || outcome == Outcome::claim_expired;
  }
  return false;
}

}  // namespace holdfast
