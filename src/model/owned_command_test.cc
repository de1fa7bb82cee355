// A kept command says the same when everything that it was made of is gone.
#include "model/owned_command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace holdfast {
namespace {

// Where the texts and arrays of commands live, until they are scribbled over.
class Originals {
 public:
  std::string_view text(std::string_view value) { return texts_.emplace_back(value); }
  std::span<const std::string_view> names() {
    return names_.emplace_back(std::vector{text("one"), text("two")});
  }
  std::span<const LineRequest> lines() {
    return lines_.emplace_back(
        std::vector<LineRequest>{{text("SKU-1"), Quantity(1), text("there"), text("lot-1")},
                                 {text("SKU-2"), Quantity(2), text("here"), text("lot-2")}});
  }
  std::span<const LineSelection> selection() {
    return selections_.emplace_back(
        std::vector<LineSelection>{{1, text("SKU-1"), text("there"), Quantity(1)},
                                   {2, text("SKU-2"), text("here"), Quantity(2)}});
  }
  std::span<const Condition> conditions() {
    return conditions_.emplace_back(std::vector<Condition>{
        {.term = Term::available, .comparison = Comparison::more, .value = 7}});
  }
  void scribble() {
    for (auto& conditions : conditions_) std::ranges::fill(conditions, Condition());
    for (std::string& text : texts_) std::ranges::fill(text, '#');
    for (auto& names : names_) std::ranges::fill(names, "gone");
    for (auto& lines : lines_) std::ranges::fill(lines, LineRequest());
    for (auto& selection : selections_) std::ranges::fill(selection, LineSelection());
  }

 private:
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> names_;
  std::deque<std::vector<Condition>> conditions_;
  std::deque<std::vector<LineRequest>> lines_;
  std::deque<std::vector<LineSelection>> selections_;
};

std::vector<CommandBody> one_of_each(Originals& from) {
  const ClaimId claim = ClaimId::v7(1, 2, 3);
  return {
      DefineItem{.sku = from.text("SKU"),
                 .title = from.text("title"),
                 .description = from.text("description"),
                 .brand = from.text("brand"),
                 .category = from.text("category"),
                 .unit = from.text("unit"),
                 .currency = from.text("EUR"),
                 .attributes = from.text("{}"),
                 .barcodes = from.names()},
      DefineLocation{.code = from.text("BER"),
                     .title = from.text("Berlin"),
                     .region = from.text("DE"),
                     .time_zone = from.text("Europe/Berlin")},
      DefineChannel{.code = from.text("web"), .title = from.text("Web"), .locations = from.names()},
      Receive{.sku = from.text("SKU"), .location = from.text("BER"), .lot = from.text("lot")},
      Adjust{.sku = from.text("SKU"), .location = from.text("BER"), .lot = from.text("lot")},
      Sale{.sku = from.text("SKU"), .location = from.text("BER"), .lot = from.text("lot")},
      ClaimUnits{.lines = from.lines(), .claim = claim},
      Extend{.claim = claim},
      Confirm{.claim = claim, .lines = from.selection()},
      Amend{.claim = claim, .lines = from.lines()},
      Release{.claim = claim},
      Cancel{.claim = claim, .lines = from.selection()},
      Fulfil{.claim = claim, .lines = from.selection()},
      SetLevel{.sku = from.text("SKU"), .location = from.text("BER"), .lot = from.text("lot")},
  };
}

TEST(OwnedCommand, OutlivesWhatItWasMadeOf) {
  Originals kinds;
  for (std::size_t kind = 0; kind < one_of_each(kinds).size(); ++kind) {
    Originals from;
    const Command command{.context = {.actor = from.text("ann"),
                                      .request_id = from.text("key"),
                                      .reference = from.text("order:1"),
                                      .reason = from.text("sold"),
                                      .customer = from.text("cust-1"),
                                      .channel = from.text("web"),
                                      .occurred_at = {}},
                          .body = one_of_each(from)[kind],
                          .expected = {.conditions = from.conditions()}};
    SCOPED_TRACE(name_of(command.body));
    const Hash128 print = fingerprint(command);
    const OwnedCommand owned(command);
    from.scribble();
    EXPECT_EQ(fingerprint(owned.get()), print);
    EXPECT_EQ(owned.get().context.actor, "ann");
    EXPECT_EQ(owned.get().context.request_id, "key");
  }
  EXPECT_EQ(one_of_each(kinds).size(), std::variant_size_v<CommandBody>);
}

}  // namespace
}  // namespace holdfast
