// The shape of commands: every rule refuses with a message that names field, value and limit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/command.h"
#include "model/reason.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

const ClaimId some_claim = ClaimId::v7(1, 2, 3);

std::string refusal_of(const CommandBody& body, const CommandContext& context = {}) {
  const Status status = check_command(Command{context, body});
  return status.has_value() ? "" : status.error().message;
}

CommandContext because(std::string_view reason) {
  CommandContext out;
  out.reason = reason;
  return out;
}

CommandBody claim_of(const std::vector<LineRequest>& lines) {
  ClaimUnits out;
  out.lines = lines;
  return out;
}

TEST(CheckCommand, QuantitiesAreOneToTwoToThe53) {
  for (const std::int64_t good : {std::int64_t{1}, Quantity::max().units()}) {
    EXPECT_EQ(refusal_of(Receive{"A", "", "", Quantity(good), {}}), "");
    EXPECT_EQ(refusal_of(Sale{"A", "", "", Quantity(good)}), "");
    EXPECT_EQ(refusal_of(claim_of({{"A", Quantity(good), "", ""}})), "");
  }
  EXPECT_EQ(refusal_of(Receive{"A", "", "", Quantity(0), {}}),
            "quantity must be at least 1, got 0");
  EXPECT_EQ(refusal_of(Sale{"A", "", "", Quantity(-2)}), "quantity must be at least 1, got -2");
  EXPECT_EQ(refusal_of(claim_of({{"A", Quantity(1), "", ""}, {"B", Quantity(0), "", ""}})),
            "line 2: quantity must be at least 1, got 0");
  EXPECT_EQ(refusal_of(claim_of({{"A", Quantity(std::int64_t{1} << 53), "", ""}})),
            "quantity must be at most 9007199254740991, got 9007199254740992");
}

TEST(CheckCommand, AdjustNeedsAReasonThatGoesItsWay) {
  const auto adjust = [](std::int64_t delta, std::string_view reason) {
    return refusal_of(Adjust{"A", "", "", Quantity(delta), false}, because(reason));
  };
  EXPECT_EQ(adjust(5, "received"), "");
  EXPECT_EQ(adjust(-5, "damaged"), "");
  EXPECT_EQ(adjust(-5, "cycle_count"), "");
  EXPECT_EQ(adjust(5, "custom:found behind the shelf"), "");
  EXPECT_EQ(adjust(-Quantity::max().units(), "other"), "");
  EXPECT_THAT(adjust(5, ""), HasSubstr("adjust needs a reason: correction, cycle_count, "));
  EXPECT_EQ(adjust(5, "theft"), "reason 'theft' cannot add stock, got delta 5");
  EXPECT_EQ(adjust(-5, "restock"), "reason 'restock' cannot take stock, got delta -5");
  EXPECT_EQ(adjust(0, "other"), "delta must not be 0");
  EXPECT_THAT(adjust(std::int64_t{1} << 53, "other"), HasSubstr("delta must be within"));
  EXPECT_THAT(adjust(5, "because"), HasSubstr("reason must be one of correction, cycle_count, "));
  EXPECT_THAT(adjust(5, "because"), HasSubstr("sql, or custom: and a word, got \"because\""));
  EXPECT_EQ(adjust(5, "custom:"), "reason \"custom:\" needs a word behind it");
}

TEST(CheckCommand, LinesAreOneToAHundred) {
  std::vector<LineRequest> lines(100, {"A", Quantity(1), "", ""});
  EXPECT_EQ(refusal_of(claim_of(lines)), "");
  lines.push_back(lines.front());
  EXPECT_EQ(refusal_of(claim_of(lines)), "lines must be at most 100, got 101");
  EXPECT_EQ(refusal_of(Amend{some_claim, lines, false}), "lines must be at most 100, got 101");
  EXPECT_EQ(refusal_of(claim_of({})), "lines must not be empty");
  EXPECT_EQ(refusal_of(Confirm{some_claim, {}, false, IfExpired::refuse}), "");  // all of it
}

TEST(CheckCommand, EveryNameIsAnIdentifier) {
  const std::string long_name(129, 'x');
  for (const std::string_view wrong : {std::string_view(long_name), std::string_view("a\nb"),
                                       std::string_view(" a"), std::string_view("\xff")}) {
    EXPECT_THAT(refusal_of(claim_of({{wrong, Quantity(1), "", ""}})), HasSubstr("sku"));
    EXPECT_THAT(refusal_of(Receive{"A", wrong, "", Quantity(1), {}}), HasSubstr("location"));
    EXPECT_THAT(refusal_of(Sale{"A", "", wrong, Quantity(1)}), HasSubstr("lot"));
    CommandContext context;
    for (auto [field, name] : std::initializer_list<std::pair<std::string_view*, const char*>>{
             {&context.actor, "actor"},
             {&context.request_id, "request_id"},
             {&context.reference, "reference"},
             {&context.reason, "reason"},
             {&context.customer, "customer"},
             {&context.channel, "channel"}}) {
      *field = wrong;
      EXPECT_THAT(refusal_of(Release{some_claim}, context), HasSubstr(name));
      *field = {};
    }
  }
  EXPECT_THAT(refusal_of(claim_of({{"A", Quantity(1), "", ""}, {"B", Quantity(1), "\t", ""}})),
              HasSubstr("line 2: location"));
  EXPECT_EQ(refusal_of(claim_of({{"", Quantity(1), "", ""}})), "sku must not be empty");
}

TEST(CheckCommand, HoldsEndWithinAYear) {
  const std::vector<LineRequest> lines = {{"A", Quantity(1), "", ""}};
  const auto hold = [&](Duration hold_for) {
    ClaimUnits out;
    out.lines = lines;
    out.hold = HoldMode::timed;
    out.hold_for = hold_for;
    return refusal_of(out);
  };
  EXPECT_EQ(hold(Duration::us(1)), "");
  EXPECT_EQ(hold(hold_max), "");
  EXPECT_EQ(hold(Duration()), "hold_for must be longer than 0, got 0 s");
  EXPECT_EQ(hold(Duration::minutes(-1)), "hold_for must be longer than 0, got -60 s");
  EXPECT_EQ(hold(Duration::us(-10'500'000)), "hold_for must be longer than 0, got -10.5 s");
  EXPECT_THAT(hold(hold_max + Duration::seconds(1)),
              HasSubstr("hold_for must be at most 31622400"));
  EXPECT_THAT(refusal_of(Extend{some_claim, Duration()}), HasSubstr("hold_for"));
}

TEST(CheckCommand, WhatOccurredIsInYearsThatPeopleRead) {
  const auto at = [](Timestamp time) {
    CommandContext context;
    context.occurred_at = time;
    return refusal_of(Sale{"A", "", "", Quantity(1)}, context);
  };
  constexpr std::string_view range =
      "occurred_at must be 1970-01-01 00:00:00.000001+00 to 9999-12-31 23:59:59.999999+00, got ";
  for (const Timestamp good : {Timestamp(), occurred_at_min, occurred_at_max}) {
    EXPECT_EQ(at(good), "") << good.us();
  }
  for (const auto& [us, text] : std::initializer_list<std::pair<std::int64_t, const char*>>{
           {-1, "1969-12-31 23:59:59.999999+00"},
           {occurred_at_max.us() + 1, "10000-01-01 00:00:00+00"},
           {9'089'348'860'800'000'000, "290000-01-01 00:00:00+00"},
           {Timestamp::never().us(), "infinity"},
       }) {
    EXPECT_EQ(at(Timestamp::us(us)), fmt::format("{}{}", range, text));
  }
  EXPECT_THAT(check_occurred_at({}).error().message, HasSubstr("got 1970-01-01 00:00:00+00"));
}

TEST(CheckCommand, ASelectionNamesALineOrASku) {
  const auto select = [](LineSelection selection) {
    return refusal_of(Cancel{some_claim, std::span(&selection, 1)});
  };
  EXPECT_EQ(select({1, "", "", Quantity(0)}), "");
  EXPECT_EQ(select({0, "A", "BER", Quantity(2)}), "");
  EXPECT_EQ(select({0, "", "", Quantity(2)}), "lines[1]: \"line\" or \"sku\" is missing");
  EXPECT_EQ(select({1, "A", "", Quantity(2)}), "lines[1]: \"line\" or \"sku\", not both");
  EXPECT_THAT(select({1, "", "BER", Quantity(2)}), HasSubstr("location"));
  EXPECT_THAT(select({1, "", "", Quantity(-1)}), HasSubstr("quantity must be at least 0"));
  EXPECT_EQ(refusal_of(Release{}), "claim_id must not be the nil uuid");
}

TEST(CheckCommand, ItemsHaveDecentFields) {
  const auto item = [](auto change) {
    DefineItem out;
    out.sku = "A";
    change(out);
    return refusal_of(out);
  };
  EXPECT_EQ(item([](DefineItem&) {}), "");
  EXPECT_EQ(item([](DefineItem& i) { i.attributes = R"({"size": ["S", {"cm": 3}]})"; }), "");
  EXPECT_EQ(item([](DefineItem& i) { i.attributes = ""; }), "");
  EXPECT_EQ(item([](DefineItem& i) { i.attributes = "[1]"; }), "attributes must be a JSON object");
  EXPECT_THAT(item([](DefineItem& i) { i.attributes = "{\"a\":"; }),
              HasSubstr("attributes is not valid JSON"));
  EXPECT_THAT(item([](DefineItem& i) { i.attributes = "{} {}"; }),
              HasSubstr("attributes is not valid JSON"));
  const std::string deep = "{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
  EXPECT_THAT(item([&](DefineItem& i) { i.attributes = deep; }),
              HasSubstr("attributes is not valid JSON"));
  EXPECT_EQ(item([](DefineItem& i) { i.currency = "EUR"; }), "");
  EXPECT_EQ(item([](DefineItem& i) { i.currency = "eur"; }),
            "currency must be three upper-case letters, got \"eur\"");
  EXPECT_EQ(item([](DefineItem& i) { i.price_minor = -1; }),
            "price_minor must be at least 0, got -1");
  EXPECT_THAT(item([](DefineItem& i) { i.tracking = Tracking::serial; }),
              HasSubstr("not supported"));
  EXPECT_EQ(item([](DefineItem& i) {
              i.hold_for = Duration::minutes(20);
              i.hold_max = Duration::minutes(10);
            }),
            "hold_for must be at most hold_max, 600 s, got 1200 s");
  EXPECT_EQ(item([](DefineItem& i) { i.scale = 10; }), "scale must be 0 to 9, got 10");
  const std::string long_title(16 * 1024 + 1, 'x');
  EXPECT_EQ(item([&](DefineItem& i) { i.title = long_title; }),
            "title must be at most 16384 bytes, got 16385");
  const std::vector<std::string_view> barcodes(21, "4006381333931");
  EXPECT_EQ(item([&](DefineItem& i) { i.barcodes = barcodes; }),
            "barcodes must be at most 20, got 21");
}

TEST(CheckCommand, ChannelsNameEachLocationOnce) {
  const auto channel = [](const std::vector<std::string_view>& locations) {
    DefineChannel out;
    out.code = "web";
    out.locations = locations;
    return refusal_of(out);
  };
  EXPECT_EQ(channel({"A", "B"}), "");
  EXPECT_EQ(channel({}), "");
  EXPECT_EQ(channel({"A", "B", "A"}), "locations must not name \"A\" twice");
  EXPECT_THAT(channel(std::vector<std::string_view>(1001, "A")), HasSubstr("at most 1000"));
}

TEST(CheckCommand, LocationsComeInAnOrderFromOne) {
  DefineLocation location;
  location.code = "BER";
  location.priority = 1;
  EXPECT_EQ(refusal_of(location), "");
  location.priority = 0;
  EXPECT_EQ(refusal_of(location), "priority must be 1 to 1000000, got 0");
}

TEST(CheckCommand, LocationsAreInZonesOfThisWorld) {
  DefineLocation location;
  location.code = "BER";
  for (const char* zone : {"", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Zulu",
                           "Africa/Abidjan", "US/Pacific"}) {
    location.time_zone = zone;
    EXPECT_EQ(refusal_of(location), "") << zone;
  }
  for (const char* zone : {"Mars/Olympus", "Europe", "europe/berlin", "Europe/Berlin2"}) {
    location.time_zone = zone;
    EXPECT_THAT(refusal_of(location), HasSubstr("time_zone must be a name of the IANA database"))
        << zone;
  }
}

TEST(Commands, HaveTheNamesOfTheirFunctions) {
  EXPECT_EQ(name_of(CommandBody(DefineItem{})), "define_item");
  EXPECT_EQ(name_of(CommandBody(ClaimUnits{})), "claim");
  EXPECT_EQ(name_of(CommandBody(Fulfil{})), "fulfil");
}

}  // namespace
}  // namespace holdfast
