// How large entries can get: bounds that hold whatever the state is, from the shape of a command.
#include "engine/request.h"

#include <algorithm>

#include "ledger/law.h"

namespace holdfast {
namespace {

// An entry of a move at its longest (entry_encode.cc), and of what comes once per group.
constexpr std::size_t move_bytes = 160;
constexpr std::size_t group_bytes = 256;
// A line of a remembered answer: three names, and numbers.
constexpr std::size_t answer_line_bytes = 3 * (identifier_bytes_max + 2) + 40;

template <class Body>
std::size_t lines_in(const Body& body) {
  if constexpr (requires { body.lines; }) {
    return body.lines.size();
  } else {
    return 0;
  }
}

std::size_t definition_bytes(const CommandBody& body) {
  std::size_t bytes = 0;
  const auto add = [&bytes](const auto& text) {
    if (text) bytes += text->size() + 4;
  };
  if (const auto* item = std::get_if<DefineItem>(&body)) {
    // What is not said keeps its value, of which nothing is known here.
    bytes += 3 * long_text_bytes_max + barcodes_max * (identifier_bytes_max + 4);
    for (const auto* text : {&item->brand, &item->category, &item->unit}) add(*text);
  } else if (const auto* channel = std::get_if<DefineChannel>(&body)) {
    bytes += long_text_bytes_max + channel_locations_max * 5;
    add(channel->title);
  } else if (std::holds_alternative<DefineLocation>(body)) {
    bytes += 3 * long_text_bytes_max;
  }
  return bytes;
}

}  // namespace

Error no_space() {
  return {.code = ErrorCode::disk_full,
          .message = "the disk of the journal is full: the command was not executed",
          .detail = "Commands that free stock are accepted until the reserve is used up.",
          .hint = "Free space under the data directory."};
}

std::size_t EntrySize::bytes_max(std::uint32_t widest) const {
  return bytes + lines * std::clamp<std::size_t>(widest, 1, claim_parts_max) * move_bytes;
}

// A command on an existing claim moves lines of that claim: as many as a claim can have, unless it
// names fewer.
EntrySize entry_size_of(const Command& command) {
  const CommandContext& context = command.context;
  EntrySize out;
  out.bytes = group_bytes + move_bytes + context.actor.size() + context.request_id.size() +
              context.reference.size() + context.reason.size() + context.customer.size() +
              definition_bytes(command.body);
  out.lines = std::visit([](const auto& body) { return lines_in(body); }, command.body);
  const bool is_claim = std::holds_alternative<ClaimUnits>(command.body);
  const bool is_of_claim = std::visit(
      [](const auto& body) {
        return requires { body.claim; };
      },
      command.body);
  std::size_t parts = out.lines;
  if (is_of_claim && !is_claim) {
    parts = claim_parts_max;
    out.bytes += claim_parts_max * move_bytes;
  }
  if (!context.request_id.empty()) out.bytes += (parts + 1) * answer_line_bytes;
  return out;
}

}  // namespace holdfast
