// Operation: one thing a simulated client wants, with its own text, so that it can be sent, lost
// and sent again word by word. Its reference is unique in the run: an entry in the journal names
// the operation that caused it, whatever happened to the reply.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/command.h"

namespace holdfast {

enum class Verb : std::uint8_t {
  claim,
  extend,
  confirm,
  amend,
  release,
  cancel,
  fulfil,
  receive,
  adjust,
  sale,
  define_item,
  define_location,
  define_channel,
  set_stock,
  read_stock,
  read_claims,
  read_availability,
  malformed,
};
inline constexpr std::size_t verb_count = 18;
constexpr bool is_read(Verb verb) { return verb >= Verb::read_stock && verb != Verb::malformed; }
[[nodiscard]] std::string_view name_of(Verb verb);

struct OperationLine {
  std::string sku;
  std::int64_t quantity = 0;
  std::string location;    // empty: sourced
  std::uint32_t line = 0;  // of a selection by number; then sku is empty
};

struct Operation {
  std::uint64_t number = 0;  // its index in the run
  Verb verb = Verb::claim;
  std::string reference;
  std::string request_id;  // empty: none
  std::string reason;
  std::string customer;
  std::string channel;
  std::string sku;  // also the code of a location or channel
  std::string location;
  std::int64_t quantity = 0;  // the delta of an adjust, the priority of a location
  std::string title;
  std::vector<OperationLine> lines;
  std::vector<std::string> locations;  // of a channel
  ClaimId claim;                       // its own, or the one it is about; none: the server's choice
  std::optional<Duration> hold_for;
  std::optional<std::int64_t> expected;  // of set_stock
  bool partial = false;
  bool fulfil = false;
  bool force = false;
  bool release_rest = false;
  bool reclaim = false;
  bool active = true;

  [[nodiscard]] std::string text() const;  // for messages
};

// The principal of every simulated client, and so the scope of their request ids.
inline constexpr std::string_view simulated_actor = "shop";

// The same as a Command, which borrows from both: `operation` and `parts` outlive it.
struct CommandParts {
  std::vector<LineRequest> lines;
  std::vector<LineSelection> selections;
  std::vector<std::string_view> names;
  std::vector<Condition> conditions;
};
[[nodiscard]] Command command_of(const Operation& operation, CommandParts& parts);

}  // namespace holdfast
