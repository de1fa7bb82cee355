// The words that people and clients read for commands and entries.
#include "model/command.h"
#include "model/entry.h"

namespace holdfast {
namespace {

// By index in CommandBody.
constexpr std::array<std::string_view, 14> command_names = {
    "define_item", "define_location", "define_channel", "receive", "adjust", "sale",   "claim",
    "extend",      "confirm",         "amend",          "release", "cancel", "fulfil", "set_stock"};
static_assert(std::variant_size_v<CommandBody> == command_names.size());

// By MoveKind; 0 is none.
constexpr std::array<std::string_view, 10> move_names = {
    "", "receive", "adjust", "sale", "claim", "confirm", "release", "cancel", "expire", "fulfil"};

// By index in Entry; a move is named by its kind.
constexpr std::array<std::string_view, 11> entry_names = {
    "",         "open_claim", "set_expiry", "define_item",  "define_location", "define_channel",
    "name_lot", "remember",   "resume",     "settle_claim", "undo_claim"};
static_assert(std::variant_size_v<Entry> == entry_names.size());

}  // namespace

std::string_view name_of(const CommandBody& body) { return command_names[body.index()]; }

std::string_view name_of(MoveKind kind) { return move_names[static_cast<std::size_t>(kind)]; }

std::string_view name_of(const Entry& entry) {
  if (const auto* moved = std::get_if<StockMoved>(&entry)) return name_of(moved->kind);
  return entry_names[entry.index()];
}

}  // namespace holdfast
