// The byte form of groups: what is written is read back, whatever it is; a claim is small; nothing
// hostile is believed.
#include "model/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

namespace holdfast {
namespace {

ClaimId claim_id(std::uint64_t number) { return ClaimId::v7(1'800'000'000'000, number, number); }

// A printed form in which two entries are equal exactly when all their fields are.
struct Printed {
  std::string operator()(const StockMoved& e) const {
    std::string out = fmt::format("move {} {}/{}/{} claim {} line {} cost {}:", name_of(e.kind),
                                  e.level.item.value(), e.level.location.value(),
                                  e.level.lot.value(), e.claim.text(), e.line, e.unit_cost_minor);
    for (std::size_t term = 0; term < term_count; ++term) {
      out += fmt::format(" {}", e.delta[static_cast<Term>(term)].units());
    }
    return out;
  }
  std::string operator()(const ClaimOpened& e) const {
    return fmt::format("open {} {} {}", e.claim.text(), e.expires_at.us(), e.provisional);
  }
  std::string operator()(const ClaimSettled& e) const {
    return fmt::format("settle {} {}", e.claim.text(), e.expires_at.us());
  }
  std::string operator()(const ClaimUndone& e) const {
    return fmt::format("undo {}", e.claim.text());
  }
  std::string operator()(const ExpirySet& e) const {
    return fmt::format("expiry {} {}", e.claim.text(), e.expires_at.us());
  }
  std::string operator()(const ItemDefined& e) const {
    const ItemRecord& r = *e.record;
    return fmt::format("item {} {}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", e.item.value(), r.sku,
                       r.title, r.description, r.brand, r.category, r.unit, r.scale, r.price_minor,
                       r.currency, r.attributes, fmt::join(r.barcodes, ","),
                       tracking_names[static_cast<std::size_t>(r.tracking)],
                       r.hold_for ? r.hold_for->us() : -1, r.hold_max ? r.hold_max->us() : -1);
  }
  std::string operator()(const LocationDefined& e) const {
    const LocationRecord& r = *e.record;
    return fmt::format("location {} {}|{}|{}|{}|{}|{}", e.location.value(), r.code, r.title,
                       r.region, r.time_zone, r.priority, r.active);
  }
  std::string operator()(const ChannelDefined& e) const {
    const ChannelRecord& r = *e.record;
    std::string out = fmt::format("channel {} {}|{}|{}|{}:", e.channel.value(), r.code, r.title,
                                  r.active, r.all_locations);
    for (const LocationId location : r.locations) out += fmt::format(" {}", location.value());
    return out;
  }
  std::string operator()(const LotNamed& e) const {
    return fmt::format("lot {} {}", e.lot.value(), e.name);
  }
  std::string operator()(const RequestRemembered& e) const {
    return fmt::format("remember {} {} {} {}", e.fingerprint.low, e.fingerprint.high, e.answer,
                       e.refused);
  }
  std::string operator()(const Resumed& e) const {
    return fmt::format("resume {} {}", e.epoch.value(), e.extended.us());
  }
};

std::vector<std::string> printed(const GroupContext& context, std::span<const Entry> entries) {
  std::vector<std::string> out;
  out.push_back(fmt::format("{}|{}|{}|{}|{}|{}|{}", context.actor, context.request_id,
                            context.reference, context.reason, context.customer,
                            context.channel.value(), context.occurred_at.us()));
  for (const Entry& entry : entries) out.push_back(std::visit(Printed{}, entry));
  return out;
}

// Draws groups of every kind of entry. Owns their text.
class Groups {
 public:
  explicit Groups(std::uint64_t seed) : random_(seed) {}

  std::pair<GroupContext, std::vector<Entry>> draw() {
    GroupContext context;
    context.actor = text();
    if (coin()) context.request_id = text();
    if (coin()) context.reference = text();
    if (coin()) context.reason = text();
    if (coin()) context.customer = text();
    if (coin()) context.channel = ChannelId(id());
    if (coin()) context.occurred_at = Timestamp::us(number());
    std::vector<Entry> entries;
    for (std::uint64_t left = 1 + random_() % 8; left > 0; --left) entries.push_back(entry());
    return {context, std::move(entries)};
  }

 private:
  Entry entry() {
    switch (random_() % 14) {
      case 0:
        return ClaimOpened{claim_id(random_() % 3), coin() ? Timestamp::never() : time(), coin()};
      case 8:
        return ClaimSettled{claim_id(random_() % 3), coin() ? Timestamp::never() : time()};
      case 9:
        return ClaimUndone{claim_id(random_() % 3)};
      case 1:
        return ExpirySet{claim_id(random_() % 3), time()};
      case 2:
        return ItemDefined{ItemId(id()), item()};
      case 3:
        return LocationDefined{LocationId(id()), location()};
      case 4:
        return ChannelDefined{ChannelId(id()), channel()};
      case 5:
        return LotNamed{LotId(id()), text()};
      case 6:
        return RequestRemembered{{random_(), random_()}, text(), coin()};
      case 7:
        return Resumed{Epoch(random_()), Duration::us(number())};
      default:
        return move();
    }
  }
  StockMoved move() {
    StockMoved out;
    out.kind = static_cast<MoveKind>(1 + random_() % 9);
    out.level = {ItemId(id()), LocationId(id()), coin() ? LotId(id()) : LotId()};
    for (std::size_t term = 0; term < term_count; ++term) {
      if (coin()) out.delta[static_cast<Term>(term)] = Quantity(number());
    }
    if (coin()) {
      out.claim = claim_id(random_() % 3);
      out.line = id();
    }
    if (coin()) out.unit_cost_minor = number();
    return out;
  }
  const ItemRecord* item() {
    ItemRecord& out = items_.emplace_back();
    out = {.sku = std::string(text()),
           .tracking = static_cast<Tracking>(random_() % 4),
           .title = std::string(text()),
           .description = std::string(text()),
           .brand = std::string(text()),
           .category = std::string(text()),
           .unit = std::string(text()),
           .scale = static_cast<std::uint8_t>(random_()),
           .price_minor = number(),
           .currency = std::string(text()),
           .attributes = std::string(text()),
           .barcodes = {}};
    while (coin()) out.barcodes.emplace_back(text());
    if (coin()) out.hold_for = Duration::us(number());
    if (coin()) out.hold_max = Duration::us(number());
    return &out;
  }
  const LocationRecord* location() {
    LocationRecord& out = locations_.emplace_back();
    out = {.code = std::string(text()),
           .title = std::string(text()),
           .region = std::string(text()),
           .time_zone = std::string(text()),
           .priority = static_cast<std::int32_t>(random_()),
           .active = coin()};
    return &out;
  }
  const ChannelRecord* channel() {
    ChannelRecord& out = channels_.emplace_back();
    out.code = text();
    out.title = text();
    out.active = coin();
    out.all_locations = coin();
    while (coin()) out.locations.emplace_back(id());
    return &out;
  }
  bool coin() { return (random_() & 1) != 0; }
  std::uint32_t id() {
    return std::max<std::uint32_t>(1,
                                   static_cast<std::uint32_t>(random_() >> (32 + random_() % 32)));
  }
  // Within ±(2^53 − 1), small ones as likely as large.
  std::int64_t number() {
    const auto size = static_cast<std::int64_t>(random_() >> (11 + random_() % 53));
    return coin() ? size : -size;
  }
  Timestamp time() { return Timestamp::us(number()); }
  std::string_view text() {
    std::string& out = texts_.emplace_back();
    for (std::uint64_t left = random_() % 20; left > 0; --left) {
      out += static_cast<char>(random_());
    }
    return out;
  }

  std::mt19937_64 random_;
  std::deque<std::string> texts_;
  std::deque<ItemRecord> items_;
  std::deque<LocationRecord> locations_;
  std::deque<ChannelRecord> channels_;
};

RC_GTEST_PROP(EntryCodec, ReadsBackWhatItWrote, (std::uint64_t seed)) {
  Groups groups(seed);
  const auto [context, entries] = groups.draw();
  ByteWriter bytes;
  encode_group(bytes, context, entries);
  ByteReader in(bytes.bytes());
  DecodedGroup read;
  RC_ASSERT(decode_group(in, read));
  RC_ASSERT(in.complete());
  RC_ASSERT(printed(read.context, read.entries) == printed(context, entries));
}

RC_GTEST_PROP(EntryCodec, ACutGroupIsRefused, (std::uint64_t seed)) {
  Groups groups(seed);
  const auto [context, entries] = groups.draw();
  ByteWriter bytes;
  encode_group(bytes, context, entries);
  DecodedGroup read;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(bytes.bytes().first(size));
    RC_ASSERT_FALSE(decode_group(in, read));
  }
}

// A flipped bit may give another valid group, but never a crash; and what it gives must be stable.
RC_GTEST_PROP(EntryCodec, AFlippedBitNeverCrashes, (std::uint64_t seed)) {
  Groups groups(seed);
  const auto [context, entries] = groups.draw();
  ByteWriter bytes;
  encode_group(bytes, context, entries);
  std::vector<std::byte> copy(bytes.bytes().begin(), bytes.bytes().end());
  std::mt19937_64 random(seed);
  for (int flips = 0; flips < 40; ++flips) {
    const std::size_t bit = random() % (copy.size() * 8);
    copy[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    ByteReader in(copy);
    DecodedGroup first;
    if (decode_group(in, first)) {
      ByteWriter once;
      encode_group(once, first.context, first.entries);
      ByteReader again(once.bytes());
      DecodedGroup second;
      RC_ASSERT(decode_group(again, second));
      RC_ASSERT(printed(first.context, first.entries) == printed(second.context, second.entries));
    }
    copy[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
  }
}

StockMoved one_unit(std::uint64_t claim, std::uint32_t line) {
  StockMoved out;
  out.kind = MoveKind::claim;
  out.level = {ItemId(1'000'000), LocationId(3), LotId()};
  out.delta[Term::available] = Quantity(-1);
  out.delta[Term::committed] = Quantity(1);
  out.claim = claim_id(claim);
  out.line = line;
  return out;
}

TEST(EntryCodec, AClaimOfOneLineTakesFewBytes) {
  const std::vector<Entry> entries = {ClaimOpened{claim_id(7), Timestamp::never()}, one_unit(7, 1)};
  const GroupContext context{.at = {},
                             .actor = "shop",
                             .request_id = {},
                             .reference = {},
                             .reason = {},
                             .customer = {},
                             .channel = ChannelId(1),
                             .occurred_at = {}};
  ByteWriter bytes;
  encode_group(bytes, context, entries);
  // head 4, actor 5, channel 1, count 1; opened 17; move: head, mask, item 3, location, line, −1,
  // +1
  EXPECT_EQ(bytes.size(), 4 + 5 + 1 + 1 + 17 + 9);
}

TEST(EntryCodec, GroupsFollowEachOther) {
  ByteWriter bytes;
  const GroupContext context;
  encode_group(bytes, context, std::vector<Entry>{one_unit(1, 1)});
  encode_group(bytes, context, std::vector<Entry>{one_unit(2, 1), one_unit(3, 1)});
  ByteReader in(bytes.bytes());
  DecodedGroup read;
  ASSERT_TRUE(decode_group(in, read));
  EXPECT_EQ(read.entries.size(), 1u);
  ASSERT_TRUE(decode_group(in, read));
  EXPECT_EQ(read.entries.size(), 2u);
  EXPECT_EQ(std::get<StockMoved>(read.entries[1]).claim, claim_id(3));
  EXPECT_TRUE(in.complete());
}

struct Hostile {
  const char* what;
  std::vector<int> bytes;  // of the group behind its head
  int context_flags = 0;
};

TEST(EntryCodec, HostileBytesAreRefused) {
  const std::vector<Hostile> cases = {
      {"no entries", {0, 0}},
      {"more entries than bytes", {0, 200, 1}},
      {"an unknown tag", {0, 1, 0x09}},
      {"tag 0", {0, 1, 0x00}},
      {"a flag the tag does not have", {0, 1, 0x16, 1, 0}},
      {"a move of kind 0", {0, 1, 0x80, 2, 1, 1, 1}},
      {"a move of an unknown kind", {0, 1, 0x8a, 2, 1, 1, 1}},
      {"a move of item 0", {0, 1, 0x81, 2, 0, 1, 1}},
      {"a delta of zero", {0, 1, 0x81, 2, 1, 1, 0}},
      {"an unknown term", {0, 1, 0x81, 0x80, 0x10, 1, 1}},
      {"the same claim as none", {0, 1, 0xe1, 0, 1, 1, 1}},
      {"the same claim without a claim", {0, 1, 0xc1, 0, 1, 1}},
      {"bytes left over", {0, 1, 0x81, 0, 1, 1, 9}},
      {"an unknown context flag", {0, 1, 0x81, 0, 1, 1}, 0x40},
      {"an actor longer than the group", {100, 1}},
  };
  for (const Hostile& hostile : cases) {
    ByteWriter bytes;
    bytes.fixed(static_cast<std::uint32_t>(hostile.bytes.size()) |
                static_cast<std::uint32_t>(hostile.context_flags) << 24);
    for (const int byte : hostile.bytes) bytes.fixed(static_cast<std::uint8_t>(byte));
    ByteReader in(bytes.bytes());
    DecodedGroup read;
    EXPECT_FALSE(decode_group(in, read)) << hostile.what;
  }
  // The same skeleton without a fault is read.
  ByteWriter bytes;
  bytes.fixed(std::uint32_t{6});
  for (const int byte : {0, 1, 0x81, 0, 1, 1}) bytes.fixed(static_cast<std::uint8_t>(byte));
  ByteReader in(bytes.bytes());
  DecodedGroup read;
  EXPECT_TRUE(decode_group(in, read));
}

TEST(EntryCodec, EveryEntryHasAName) {
  EXPECT_EQ(name_of(Entry(one_unit(1, 1))), "claim");
  EXPECT_EQ(name_of(Entry(ClaimOpened{})), "open_claim");
  EXPECT_EQ(name_of(Entry(ItemDefined{})), "define_item");
  EXPECT_EQ(name_of(Entry(Resumed{})), "resume");
}

}  // namespace
}  // namespace holdfast
