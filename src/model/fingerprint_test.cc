// Fingerprints: equal for what means the same, different for everything else.
#include <gtest/gtest.h>

#include <map>

#include "model/command.h"

namespace holdfast {
namespace {

Command claim_of(std::span<const LineRequest> lines) {
  ClaimUnits body;
  body.lines = lines;
  return {{}, body};
}

TEST(Fingerprint, LeavesOutWhoAsksAndUnderWhichKey) {
  const std::vector<LineRequest> lines = {{"A", Quantity(1), "", ""}};
  Command one = claim_of(lines);
  Command other = claim_of(lines);
  other.context.request_id = "key";
  other.context.actor = "somebody";
  EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(Fingerprint, MakesDefaultsExplicit) {
  const std::vector<LineRequest> lines = {{"A", Quantity(1), "", ""}};
  Command one = claim_of(lines);
  Command other = claim_of(lines);
  other.context.channel = default_channel;
  EXPECT_EQ(fingerprint(one), fingerprint(other));
  EXPECT_EQ(fingerprint({{}, Receive{"A", "", "", Quantity(1), {}}}),
            fingerprint({{}, Receive{"A", "main", "", Quantity(1), {}}}));
  // hold_for counts only where it is used.
  std::get<ClaimUnits>(other.body).hold_for = Duration::minutes(5);
  EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(Fingerprint, DiffersForEveryOtherArgument) {
  const ClaimId claim = ClaimId::v7(1, 2, 3);
  const std::vector<LineRequest> one = {{"A", Quantity(1), "", ""}};
  const std::vector<LineRequest> two = {{"A", Quantity(1), "", ""}, {"A", Quantity(1), "", ""}};
  const std::vector<LineRequest> more = {{"A", Quantity(2), "", ""}};
  const std::vector<LineRequest> there = {{"A", Quantity(1), "BER", ""}};
  const std::vector<LineRequest> lot = {{"A", Quantity(1), "", "BER"}};
  const LineSelection first{1, "", "", Quantity()};
  const LineSelection by_sku{0, "A", "", Quantity()};
  const std::span<const std::string_view> none;
  std::vector<Command> commands;
  for (const auto* lines : {&one, &two, &more, &there, &lot}) {
    commands.push_back(claim_of(*lines));
    commands.push_back({{}, Amend{claim, *lines, false}});
  }
  commands.push_back({{}, Amend{claim, one, true}});
  Command changed = claim_of(one);
  auto& body = std::get<ClaimUnits>(changed.body);
  body.partial = true;
  commands.push_back(changed);
  body.partial = false;
  body.claim = claim;
  commands.push_back(changed);
  body.claim = ClaimId();
  body.hold = HoldMode::by_policy;
  commands.push_back(changed);
  body.hold = HoldMode::timed;
  for (const int minutes : {1, 2}) {
    body.hold_for = Duration::minutes(minutes);
    commands.push_back(changed);
  }
  for (auto member : {&CommandContext::reference, &CommandContext::customer,
                      &CommandContext::channel, &CommandContext::reason}) {
    Command context = claim_of(one);
    context.context.*member = "x";
    commands.push_back(context);
  }
  commands.push_back({{.actor = {},
                       .request_id = {},
                       .reference = {},
                       .reason = {},
                       .customer = {},
                       .channel = {},
                       .occurred_at = Timestamp::us(1)},
                      claim_of(one).body});
  commands.push_back({{}, Confirm{claim, {}, false, IfExpired::refuse}});
  commands.push_back({{}, Confirm{claim, {}, true, IfExpired::refuse}});
  commands.push_back({{}, Confirm{claim, {}, false, IfExpired::reclaim}});
  commands.push_back({{}, Confirm{claim, std::span(&first, 1), false, IfExpired::refuse}});
  commands.push_back({{}, Confirm{claim, std::span(&by_sku, 1), false, IfExpired::refuse}});
  commands.push_back({{}, Cancel{claim, {}}});
  commands.push_back({{}, Fulfil{claim, {}}});
  commands.push_back({{}, Release{claim}});
  commands.push_back({{}, Receive{"A", "", "", Quantity(1), {}}});
  commands.push_back({{}, Receive{"A", "", "", Quantity(1), 0}});
  commands.push_back({{}, Sale{"A", "", "", Quantity(1)}});
  commands.push_back({{}, Adjust{"A", "", "", Quantity(1), false}});
  commands.push_back({{}, Adjust{"A", "", "", Quantity(1), true}});
  DefineItem item;
  item.sku = "A";
  commands.push_back({{}, item});
  item.title = "";
  commands.push_back({{}, item});
  item.title = {};
  item.description = "";
  commands.push_back({{}, item});
  item.tracking = Tracking::none;
  commands.push_back({{}, item});
  DefineChannel channel;
  channel.code = "web";
  commands.push_back({{}, channel});
  channel.locations = none;  // given, and empty
  commands.push_back({{}, channel});
  std::map<Hash128, std::size_t> seen;
  for (std::size_t index = 0; index < commands.size(); ++index) {
    const auto [found, fresh] = seen.emplace(fingerprint(commands[index]), index);
    EXPECT_TRUE(fresh) << "commands " << found->second << " and " << index;
  }
}

}  // namespace
}  // namespace holdfast
