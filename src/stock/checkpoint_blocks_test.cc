// save() and StockLoader: what was saved comes back as it was, and nothing else is taken for it.
#include <gtest/gtest.h>

#include <cstring>

#include "stock/block_format.h"
#include "stock/snapshot.h"
#include "stock/stock_samples.h"

namespace holdfast {
namespace {

using Blocks = std::vector<std::vector<std::byte>>;

// Some of everything, with every optional part given once and left out once.
class CheckpointBlocks : public ::testing::Test {
 protected:
  CheckpointBlocks() {
    stock.define(LocationId(1), {"BER", "Berlin", "EU", "Europe/Berlin", -5, true}, next());
    stock.define(LocationId(2), location_named("HAM", 1, false), next());
    stock.define(ChannelId(1), channel_named("web"), next());
    stock.define(ChannelId(2), channel_named("pos", {LocationId(2), LocationId(1)}), next());
    ItemRecord full = item_named("full");
    full.title = "title";
    full.description = std::string(16'000, 'd');
    full.barcodes = {"1", "22"};
    full.price_minor = -1;
    full.currency = "EUR";
    full.attributes = R"({"colour":"red"})";
    full.scale = 3;
    full.tracking = Tracking::lot;
    full.hold_for = Duration::minutes(10);
    full.hold_max = Duration::hours(1);
    stock.define(ItemId(1), full, next());
    stock.define(ItemId(2), item_named("bare"), next());
    stock.name_lot(LotId(1), "lot-1", next());
    stock.move(key_of(1, 1, 1), received(1'000'000), next());
    stock.move(key_of(2, 2), delta_of({{Term::on_hand, -3}, {Term::shortage, 3}}), next());
    stock.move(key_of(2, 1), delta_of({{Term::incoming, 3}}), next());
    add_claims();
    remember("r1", Timestamp::us(10), false, "granted");
    remember("r2", Timestamp::us(20), true, "no");
    remember("r3", Timestamp::us(30), true, std::string(1'000, 'n'));
  }
  void add_claims() {
    GroupContext context = context_of("ann");
    context.customer = "c-1";
    context.reference = "o-1";
    context.channel = ChannelId(2);
    stock.open_claim(claim_id(1), Timestamp::us(5'000), context, next());
    stock.open_claim(claim_id(2), Timestamp::never(), context_of("bob"), next());
    line(1, 1, key_of(1, 1, 1), {.held = Quantity(1)});
    line(2, 1, key_of(2, 1), {.committed = Quantity(2), .backordered = Quantity(2)});
    line(1, 2, key_of(2, 2), {.fulfilled = Quantity(3), .cancelled = Quantity(4)});
    line(1, 3, key_of(2, 1), {.released = Quantity(5), .expired = Quantity(6)});
  }
  void line(std::uint64_t claim, std::uint32_t number, const LevelKey& key,
            const LineQuantities& delta) {
    stock.move_line(claim_id(claim), number, key, delta, next());
  }
  void remember(std::string_view id, Timestamp at, bool refused, std::string_view answer) {
    RequestRemembered entry;
    entry.fingerprint = {.low = 1, .high = 2};
    entry.answer = answer;
    entry.refused = refused;
    stock.remember(context_of("ann", id, at), entry, next());
  }
  Seq next() { return seq = seq.next(); }
  Blocks saved() { return blocks_of(*stock.snapshot(seq)); }

  Stock stock;
  Seq seq;
};

TEST_F(CheckpointBlocks, RoundTripKeepsEverything) {
  const Blocks blocks = saved();
  auto result = load(blocks);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  Stock& loaded = **result;
  EXPECT_EQ(loaded.digest(), stock.digest());
  EXPECT_EQ(loaded.item(ItemId(1)), stock.item(ItemId(1)));
  EXPECT_EQ(loaded.item(ItemId(2)), stock.item(ItemId(2)));
  EXPECT_EQ(loaded.location(LocationId(1)), stock.location(LocationId(1)));
  EXPECT_EQ(loaded.channel(ChannelId(2)), stock.channel(ChannelId(2)));
  EXPECT_EQ(loaded.version(ChannelId(1)), stock.version(ChannelId(1)));
  EXPECT_EQ(loaded.find_lot("lot-1"), LotId(1));
  EXPECT_EQ(loaded.next_expiry(), Timestamp::us(5'000));
  EXPECT_EQ(loaded.find_request("ann", "r2", Timestamp::us(20))->answer, "no");
  EXPECT_EQ(blocks_of(*loaded.snapshot(seq)), blocks);  // and so in the same order
}

TEST_F(CheckpointBlocks, ALoadedStockGoesOnAsTheOneItWasSavedFrom) {
  auto loaded = load(saved());
  ASSERT_TRUE(loaded.has_value());
  for (Stock* each : {&stock, loaded->get()}) {
    each->move(key_of(2, 1), received(7), Seq(1'000));
    each->move_line(claim_id(1), 4, key_of(2, 1), {.committed = Quantity(1)}, Seq(1'001));
    each->set_expiry(claim_id(1), Timestamp::us(9'000), Seq(1'002));
    RequestRemembered entry;
    entry.answer = "x";
    each->remember(context_of("ann", "r9", Timestamp::us(20) + Duration::hours(24)), entry,
                   Seq(1'003));  // forgets r2, not r3
  }
  EXPECT_EQ(stock.digest(), (*loaded)->digest());
  EXPECT_EQ((*loaded)->digest(), (*loaded)->recomputed_digest());
  const auto now = Timestamp::us(20) + Duration::hours(24);
  EXPECT_FALSE((*loaded)->find_request("ann", "r2", now).has_value());
  EXPECT_TRUE((*loaded)->find_request("ann", "r3", now).has_value());
}

TEST_F(CheckpointBlocks, AnEmptyStockIsOneBlock) {
  Stock empty;
  const Blocks blocks = blocks_of(*empty.snapshot(Seq()));
  EXPECT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(load(blocks).has_value());
}

TEST_F(CheckpointBlocks, BlocksStayWithinTheirSize) {
  for (std::uint32_t id = 3; id < 103; ++id) {
    ItemRecord record = item_named("S" + std::to_string(id));
    record.description = std::string(16'000, 'x');
    record.attributes = std::string(16'000, 'y');
    stock.define(ItemId(id), record, next());
  }
  const Blocks blocks = saved();
  EXPECT_GT(blocks.size(), 12u);
  for (const auto& block : blocks) EXPECT_LE(block.size(), checkpoint_block_bytes);
  EXPECT_TRUE(load(blocks).has_value());
}

TEST_F(CheckpointBlocks, SavingStopsAtTheFirstErrorOfTheSink) {
  int calls = 0;
  const Status status = save(*stock.snapshot(seq), [&](ByteSpan) -> Status {
    if (++calls == 3) return fail(ErrorCode::disk_full, "full");
    return {};
  });
  EXPECT_EQ(status.error().code, ErrorCode::disk_full);
  EXPECT_EQ(calls, 3);
}

// — hostile bytes: an error, never a crash, never a Stock that is something else —

void expect_corrupt(const Blocks& blocks, const std::string& what) {
  const auto result = load(blocks);
  ASSERT_FALSE(result.has_value()) << what;
  EXPECT_EQ(result.error().code, ErrorCode::corrupt) << what;
}

TEST_F(CheckpointBlocks, EveryChangedByteIsFound) {
  const Blocks good = saved();
  for (std::size_t block = 0; block < good.size(); ++block) {
    for (std::size_t at = 0; at < good[block].size(); ++at) {
      if (at > 400 && at % 97 != 0) continue;  // the long texts: a sample
      for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
        Blocks bad = good;
        bad[block][at] ^= static_cast<std::byte>(flip);
        if (block == 0 && at >= 2 && at < 2 + 1) continue;  // the header's seq is a label
        const auto result = load(bad);
        EXPECT_FALSE(result.has_value()) << "block " << block << " byte " << at;
      }
    }
  }
}

TEST_F(CheckpointBlocks, EveryCutIsFound) {
  const Blocks good = saved();
  for (std::size_t block = 0; block < good.size(); ++block) {
    Blocks missing = good;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(block));
    expect_corrupt(missing, "without block " + std::to_string(block));
    Blocks twice = good;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(block), good[block]);
    expect_corrupt(twice, "with block twice " + std::to_string(block));
    for (std::size_t size = 0; size < good[block].size(); size += 1 + size / 50) {
      Blocks cut = good;
      cut[block].resize(size);
      expect_corrupt(cut, "block " + std::to_string(block) + " cut to " + std::to_string(size));
    }
  }
  expect_corrupt({}, "nothing");
}

TEST_F(CheckpointBlocks, BlocksInAnotherOrderAreCorrupt) {
  const Blocks good = saved();
  for (std::size_t block = 0; block + 1 < good.size(); ++block) {
    Blocks swapped = good;
    std::swap(swapped[block], swapped[block + 1]);
    expect_corrupt(swapped, "swapped " + std::to_string(block));
  }
}

TEST_F(CheckpointBlocks, AnErrorSticks) {
  StockLoader loader;
  EXPECT_FALSE(loader.add(as_bytes("\x02")).has_value());
  for (const auto& block : saved()) EXPECT_FALSE(loader.add(block).has_value());
  EXPECT_FALSE(loader.finish().has_value());
}

// A header that promises much must not be believed, and rows that break an invariant are not rows.
TEST(HostileBlocks, CraftedRowsAreCorrupt) {
  const auto header = [](std::initializer_list<std::uint64_t> counts) {
    ByteWriter out;
    out.fixed(static_cast<std::uint8_t>(BlockKind::header));
    out.fixed(block_format_version);
    out.varint(100);
    out.fixed(std::uint64_t{0});
    for (const auto count : counts) out.varint(count);
    return std::vector(out.bytes().begin(), out.bytes().end());
  };
  const auto block = [](BlockKind kind, auto&& write) {
    ByteWriter out;
    out.fixed(static_cast<std::uint8_t>(kind));
    write(out);
    return std::vector(out.bytes().begin(), out.bytes().end());
  };
  const auto text_of = [](std::uint64_t size) {
    return [size](ByteWriter& out) { out.varint(size); };
  };
  constexpr std::uint64_t many = UINT32_MAX;
  const auto many_of_each = header({many, many, many, many, many, many, many, many});
  expect_corrupt({header({many + 1, 0, 0, 0, 0, 0, 0, 0})}, "a count beyond 32 bits");
  expect_corrupt({many_of_each}, "counts without rows");
  expect_corrupt({many_of_each, block(BlockKind::lots, text_of(1ull << 60))}, "a long text");
  expect_corrupt({many_of_each, block(BlockKind::lots, text_of(0))}, "an empty lot name");
  expect_corrupt({many_of_each, block(BlockKind::channels,
                                      [](ByteWriter& out) {
                                        out.varint(1);
                                        out.text("c");
                                        out.text("");
                                        out.fixed<std::uint8_t>(1);
                                        out.fixed<std::uint8_t>(0);
                                        out.varint(1);
                                        out.varint(5);  // no such location
                                      })},
                 "a channel of unknown locations");
  const auto location = block(BlockKind::locations, [](ByteWriter& out) {
    out.varint(1);
    for (const auto* text : {"L", "", "", ""}) out.text(text);
    out.svarint(0);
    out.fixed<std::uint8_t>(1);
  });
  const auto item = block(BlockKind::items, [](ByteWriter& out) {
    out.varint(1);
    for (const auto* text : {"S", "", "", "", "", "", "", ""}) out.text(text);
    out.fixed<std::uint8_t>(0);
    out.svarint(0);
    out.fixed<std::uint8_t>(1);
    out.fixed<std::uint8_t>(0);
    out.fixed<std::uint8_t>(0);
    out.varint(0);
  });
  struct LevelCase {
    std::string what;
    std::int64_t item;
    std::uint64_t location, lot;
    std::int64_t version;
    std::int64_t on_hand, available;
  };
  const LevelCase cases[] = {
      {"no item", 0, 1, 0, 1, 1, 1},
      {"item unknown", 2, 1, 0, 1, 1, 1},
      {"no location", 1, 0, 0, 1, 1, 1},
      {"location unknown", 1, 2, 0, 1, 1, 1},
      {"lot unknown", 1, 1, 1, 1, 1, 1},
      {"later than the snapshot", 1, 1, 0, 101, 1, 1},
      {"not balanced", 1, 1, 0, 1, 2, 1},
      {"below zero", 1, 1, 0, 1, -1, -1},
      {"item overflows", INT64_MIN, 1, 0, 1, 1, 1},
      {"beyond the range", 1, 1, 0, 1, INT64_MAX, INT64_MAX},
  };
  const auto level = [&](const LevelCase& test) {
    return block(BlockKind::levels, [&](ByteWriter& out) {
      out.svarint(test.item);
      out.varint(test.location);
      out.varint(test.lot);
      out.svarint(test.version);
      out.varint(3);
      out.svarint(test.on_hand);
      out.svarint(test.available);
    });
  };
  for (const LevelCase& test : cases) {
    expect_corrupt({many_of_each, item, location, level(test)}, test.what);
  }
  const auto good = level({"good", 1, 1, 0, 1, 1, 1});
  StockLoader loader;
  for (const auto& each : {many_of_each, item, location, good}) {
    EXPECT_TRUE(loader.add(each).has_value());  // so the cases above fail for their own reason
  }
  EXPECT_FALSE(loader.add(good).has_value()) << "a level twice";
}

}  // namespace
}  // namespace holdfast
