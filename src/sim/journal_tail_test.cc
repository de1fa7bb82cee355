// Torn tail or corruption: one row per kind of damage, and what opening makes of it.
//
// The ledger of every row, in segments of 64 KiB (a batch takes 8 KiB):
//
//   segment 1:  [header][1][2][3][4][5][6][7]     segment 2:  [header][8]      segment 3:  [header]
//   1–5 were appended one after the other, each when the one before was durable; 6, 7 and 8 were in
//   flight together, so none of them says more than that seq 5 was durable.
#include <gtest/gtest.h>

#include <functional>

#include "journal/batch_format.h"
#include "journal/journal_for_test.h"
#include "sim/background.h"
#include "sim/disk.h"
#include "sim/rng.h"

namespace holdfast {
namespace {

constexpr FileJournalOptions small = {.segment_bytes = 64 * 1024,
                                      .first_segment_bytes = 64 * 1024,
                                      .in_flight_max = 4,
                                      .reserve_bytes = 0,
                                      .accept_loss_after = {}};
constexpr std::size_t payload_bytes = 6'000;
constexpr std::uint64_t batch_bytes = batch_space(payload_bytes);
const std::string segment_1 = segment_name(1);
const std::string segment_2 = segment_name(2);
const std::string segment_3 = segment_name(3);

struct Ledger {
  Ledger() { write(); }

  SimClock clock;
  SimRandom random{3};
  SimDirectory disk{clock, 3};
  SimBackground background;
  World world{.clock = clock, .random = random, .disk = disk, .background = background};
  LedgerId id;
  JournalPosition end;

  using Files = std::map<std::string, std::vector<std::byte>>;
  Files files() {
    Files out;
    const std::vector<std::string> names = *disk.list();
    for (const std::string& name : names) out[name] = disk.contents(name);
    return out;
  }
  // Where batch n stands.
  static std::string segment_of(int n) { return n == 8 ? segment_2 : segment_1; }
  static std::uint64_t offset_of(int n) {
    return segment_first_offset + (n == 8 ? 0 : static_cast<std::uint64_t>(n - 1) * batch_bytes);
  }
  void blank(int n, std::uint64_t from = 0, std::uint64_t bytes = batch_bytes) {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(bytes));
    disk.overwrite(segment_of(n), offset_of(n) + from, zeros);
  }
  void flip(int n, std::uint64_t at) { disk.flip_bit(segment_of(n), offset_of(n) + at, 3); }
  // Copies the bytes of batch n over the place in segment 2 that stands this many batches behind
  // batch 8.
  void copy(int n, std::string_view to, std::uint64_t offset) {
    const std::vector<std::byte> segment = disk.contents(segment_of(n));
    disk.overwrite(to, offset, ByteSpan(segment).subspan(offset_of(n), batch_bytes));
  }
  // The batch that would rightly stand behind batch 8.
  [[nodiscard]] BatchRecord next() const {
    BatchRecord record;
    record.header = {
        .info = {.first = Seq(9), .last = Seq(9), .at = Timestamp::us(1'000), .digest = 9},
        .epoch = Epoch(1),
        .durable = Seq(8),
        .previous = end.hash,
        .hash = {}};
    record.ledger = id;
    record.segment = end.segment;
    record.offset = end.offset;
    record.payload_bytes = payload_bytes;
    return record;
  }
  void write_batch(const BatchRecord& record) {
    std::vector<std::byte> bytes(batch_header_bytes + record.payload_bytes);
    const auto payload = payload_of(record.header.info.first, record.payload_bytes);
    std::copy(payload.begin(), payload.end(), bytes.begin() + batch_header_bytes);
    encode_batch_header(record, bytes);
    disk.overwrite(segment_name(end.segment), end.offset, bytes);
  }

 private:
  void write() {
    auto opened = open_for_test(world, {.options = small, .from = {}, .witness = {}});
    CHECK(opened.has_value());
    background.drain();
    for (int n = 1; n <= 5; ++n) CHECK(opened->append_durably(payload_bytes).has_value());
    for (int n = 6; n <= 8; ++n) opened->append(payload_bytes);
    CHECK(opened->flush().has_value() && opened->last == Seq(8));
    background.drain();
    id = *LedgerId::parse(opened->report.ledger_id);
    end = opened->journal->position();
  }
};

// What opening says.
struct Verdict {
  enum class Kind { whole, torn, corrupt } kind;
  std::uint64_t last = 0;  // seq that the journal ends with
  std::string says;        // part of the message of a corrupt one
};
Verdict whole(std::uint64_t last) { return {Verdict::Kind::whole, last, {}}; }
Verdict torn(std::uint64_t last) { return {Verdict::Kind::torn, last, {}}; }
Verdict corrupt(std::string says) { return {Verdict::Kind::corrupt, 0, std::move(says)}; }

struct Row {
  std::string name;
  std::function<void(Ledger&)> damage;
  Verdict verdict;
  std::uint64_t witness = 0;
};

void change_next(Ledger& ledger, const std::function<void(BatchRecord&)>& change) {
  BatchRecord record = ledger.next();
  change(record);
  ledger.write_batch(record);
}

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"nothing_is_wrong", [](Ledger&) {}, whole(8)},
      // Tears of the last batch.
      {"its_header_is_missing", [](Ledger& on) { on.blank(8, 0, 512); }, torn(7)},
      {"its_header_is_garbled", [](Ledger& on) { on.flip(8, 40); }, torn(7)},
      {"its_payload_is_cut", [](Ledger& on) { on.blank(8, 4096, 4096); }, torn(7)},
      {"its_payload_is_garbled", [](Ledger& on) { on.flip(8, 3'000); }, torn(7)},
      {"its_padding_is_garbled", [](Ledger& on) { on.flip(8, batch_bytes - 1); }, whole(8)},
      {"it_never_arrived", [](Ledger& on) { on.blank(8); }, whole(7)},
      {"only_its_end_arrived", [](Ledger& on) { on.blank(8, 0, 4096); }, torn(7)},
      // Holes: later batches are whole.
      {"hole_and_later_batches_do_not_claim_it", [](Ledger& on) { on.blank(6); }, torn(5)},
      {"hole_before_a_batch_in_the_next_segment", [](Ledger& on) { on.blank(7); }, torn(6)},
      {"torn_batch_before_whole_ones", [](Ledger& on) { on.flip(6, 2'000); }, torn(5)},
      {"hole_and_a_later_batch_claims_it", [](Ledger& on) { on.blank(5); },
       corrupt("proves that seq 5 was durable")},
      {"only_the_claiming_header_is_left",
       [](Ledger& on) {
         for (const int n : {5, 7, 8}) on.blank(n);
         on.blank(6, 512, batch_bytes - 512);
       },
       corrupt("proves that seq 5 was durable")},
      // Damage in the middle.
      {"bit_flip_in_a_payload", [](Ledger& on) { on.flip(3, 1'000); },
       corrupt("\"journal-000001.seg\" at offset 20480: the payload is damaged, behind seq 2")},
      {"bit_flip_in_a_header", [](Ledger& on) { on.flip(3, 90); },
       corrupt("at offset 20480: the header is damaged, behind seq 2")},
      {"bit_flip_in_the_first_batch", [](Ledger& on) { on.flip(1, 0); }, corrupt("behind seq 0")},
      {"misdirected_block_in_the_middle",
       [](Ledger& on) { on.copy(2, segment_1, Ledger::offset_of(4)); },
       corrupt("the batch belongs to another place, behind seq 3")},
      {"lost_write_in_the_middle", [](Ledger& on) { on.blank(2); }, corrupt("the block is blank")},
      // Strange things behind the end.
      {"misdirected_block_behind_the_end", [](Ledger& on) { on.copy(4, segment_2, on.end.offset); },
       torn(8)},
      {"the_right_next_batch", [](Ledger& on) { change_next(on, [](BatchRecord&) {}); }, whole(9)},
      {"stale_batch_of_another_chain_in_its_place",
       [](Ledger& on) { change_next(on, [](BatchRecord& it) { it.header.previous.low ^= 1; }); },
       torn(8)},
      {"stale_batch_that_claims_more",
       [](Ledger& on) {
         change_next(on, [](BatchRecord& it) {
           it.header.previous.low ^= 1;
           it.header.durable = Seq(9);
         });
       },
       corrupt("proves that seq 9 was durable")},
      {"batch_of_an_older_epoch",
       [](Ledger& on) { change_next(on, [](BatchRecord& it) { it.header.epoch = Epoch(0); }); },
       torn(8)},
      {"batch_that_leaves_a_seq_out",
       [](Ledger& on) {
         change_next(on,
                     [](BatchRecord& it) { it.header.info.first = it.header.info.last = Seq(10); });
       },
       torn(8)},
      {"batch_from_before_its_time",
       [](Ledger& on) {
         change_next(on, [](BatchRecord& it) { it.header.info.at = Timestamp::us(2); });
       },
       torn(8)},
      {"batch_of_another_ledger",
       [](Ledger& on) { change_next(on, [](BatchRecord& it) { it.ledger.bytes[0] ^= 1; }); },
       torn(8)},
      {"batch_of_another_segment",
       [](Ledger& on) { change_next(on, [](BatchRecord& it) { it.segment = 9; }); }, torn(8)},
      {"batch_longer_than_the_segment",
       [](Ledger& on) {
         BatchRecord record = on.next();
         record.payload_bytes = 60'000;
         std::vector<std::byte> bytes(batch_header_bytes + record.payload_bytes);
         encode_batch_header(record, bytes);
         on.disk.overwrite(segment_2, on.end.offset, ByteSpan(bytes).first(4096));
       },
       torn(8)},
      {"noise_two_segments_on",
       [](Ledger& on) {
         on.blank(7);
         on.disk.overwrite(segment_3, 8192, as_bytes("noise"));
       },
       corrupt("more than was ever in flight")},
      {"noise_in_the_prepared_segment",
       [](Ledger& on) { on.disk.overwrite(segment_3, 4096, as_bytes("noise")); }, torn(8)},
      // Witnesses.
      {"a_witness_of_the_last_batch", [](Ledger&) {}, whole(8), 8},
      {"a_witness_beyond_the_end", [](Ledger&) {}, corrupt("a checkpoint proves that seq 9"), 9},
      {"a_witness_of_the_torn_batch", [](Ledger& on) { on.flip(8, 3'000); },
       corrupt("a checkpoint proves that seq 8"), 8},
      {"a_witness_before_the_torn_batch", [](Ledger& on) { on.flip(8, 3'000); }, torn(7), 7},
      // Files.
      {"the_first_segment_is_missing", [](Ledger& on) { on.disk.take_away(segment_1); },
       corrupt("\"journal-000001.seg\" is missing")},
      {"a_middle_segment_is_missing", [](Ledger& on) { on.disk.take_away(segment_2); },
       corrupt("\"journal-000002.seg\" is missing, but \"journal-000003.seg\" is there")},
      {"the_prepared_segment_is_missing", [](Ledger& on) { on.disk.take_away(segment_3); },
       whole(8)},
      {"two_segments_are_swapped", [](Ledger& on) { on.disk.swap(segment_1, segment_2); },
       corrupt("this is segment 2")},
      {"later_segments_are_swapped", [](Ledger& on) { on.disk.swap(segment_2, segment_3); },
       corrupt("this is segment 3")},
      {"a_segment_of_another_ledger",
       [](Ledger& on) {
         ByteWriter header;
         LedgerId other = on.id;
         other.bytes[3] ^= 1;
         encode_segment_header({.ledger = other, .number = 2, .bytes = 64 * 1024}, header);
         on.disk.overwrite(segment_2, 0, header.bytes());
       },
       corrupt("the segment belongs to ledger")},
      {"a_segment_header_is_damaged", [](Ledger& on) { on.disk.flip_bit(segment_2, 20, 0); },
       corrupt("\"journal-000002.seg\" at offset 0: the segment's header is damaged")},
      {"a_segment_is_cut_short", [](Ledger& on) { on.disk.truncate(segment_1, 40'000); },
       corrupt("\"journal-000001.seg\" at offset 40000")},
      {"the_last_segment_is_cut_short", [](Ledger& on) { on.disk.truncate(segment_2, 8192); },
       corrupt("\"journal-000002.seg\" at offset 8192")},
      {"a_segment_is_empty", [](Ledger& on) { on.disk.truncate(segment_2, 0); },
       corrupt("\"journal-000002.seg\" at offset 0")},
      {"the_identity_is_missing", [](Ledger& on) { on.disk.take_away(identity_name); },
       corrupt("\"journal.id\" is missing")},
      {"the_identity_is_damaged", [](Ledger& on) { on.disk.flip_bit(identity_name, 18, 1); },
       corrupt("\"journal.id\" at offset 0")},
      {"the_identity_is_anothers",
       [](Ledger& on) {
         LedgerId other = on.id;
         other.bytes[3] ^= 1;
         ByteWriter bytes;
         encode_identity(other, bytes);
         on.disk.overwrite(identity_name, 0, bytes.bytes());
       },
       corrupt("the segment belongs to ledger")},
  };
  return table;
}

class JournalTail : public testing::TestWithParam<Row> {};

TEST_P(JournalTail, IsJudged) {
  const Row& row = GetParam();
  Ledger ledger;
  row.damage(ledger);
  const Ledger::Files before = ledger.files();
  const TestOpening opening = {
      .options = small, .from = {}, .witness = Seq(row.witness), .start = false};
  auto opened = open_for_test(ledger.world, opening);
  if (row.verdict.kind == Verdict::Kind::corrupt) {
    ASSERT_FALSE(opened.has_value()) << "ends with seq " << opened->last.value();
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
    EXPECT_NE(opened.error().message.find(row.verdict.says), std::string::npos)
        << opened.error().message;
    EXPECT_EQ(ledger.files(), before) << "a refusal changed something";
    return;
  }
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->last.value(), row.verdict.last);
  EXPECT_EQ(opened->report.torn, row.verdict.kind == Verdict::Kind::torn);
  expect_whole(*opened);
  // What was cut is gone, durably, even before a new epoch begins.
  opened->journal.reset();
  ledger.disk.restart(CrashFate::drop);
  opened = open_for_test(ledger.world, opening);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->last.value(), row.verdict.last);
  EXPECT_FALSE(opened->report.torn);
  // It goes on from there, and what was cut never comes back.
  ASSERT_TRUE(opened->journal->start(Epoch(opened->report.epoch.value() + 1)).has_value());
  ledger.background.drain();
  ASSERT_TRUE(opened->append_durably(100).has_value());
  opened->journal.reset();
  ledger.disk.restart(CrashFate::drop);
  const auto again = open_for_test(ledger.world, opening);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->last.value(), row.verdict.last + 1);
  EXPECT_FALSE(again->report.torn);
  expect_whole(*again);
}

// A look tells the same and never changes a byte.
TEST_P(JournalTail, IsToldByALook) {
  const Row& row = GetParam();
  Ledger ledger;
  row.damage(ledger);
  const Ledger::Files before = ledger.files();
  const std::uint64_t ios = ledger.disk.io_count();
  const auto report =
      read_file_journal(ledger.disk, {}, [](const BatchHeader&, ByteSpan) { return Status(); }, {});
  EXPECT_EQ(ledger.disk.io_count(), ios);
  EXPECT_EQ(ledger.files(), before);
  if (row.name == "the_identity_is_missing") {
    EXPECT_FALSE(report.has_value());
  } else if (row.witness == 0) {  // a look asks no witness
    EXPECT_EQ(report.has_value(), row.verdict.kind != Verdict::Kind::corrupt);
    if (report) {
      EXPECT_EQ(report->end.seq.value(), row.verdict.last);
      EXPECT_EQ(report->torn, row.verdict.kind == Verdict::Kind::torn);
    }
  }
}

std::string name_of_row(const testing::TestParamInfo<Row>& row) { return row.param.name; }
INSTANTIATE_TEST_SUITE_P(Rows, JournalTail, testing::ValuesIn(rows()), name_of_row);

TEST(JournalTornTail, ItsBytesAreKept) {
  Ledger ledger;
  ledger.flip(6, 2'000);
  const Ledger::Files before = ledger.files();
  const auto opened = open_for_test(ledger.world, {.options = small, .from = {}, .witness = {}});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  ledger.disk.restart(CrashFate::drop);  // they are durable
  ASSERT_EQ(opened->report.torn_saved_as, "torn-000001-000000045056,torn-000002-000000004096");
  const std::vector<std::byte>& segment = before.at(segment_1);
  EXPECT_EQ(ledger.disk.contents("torn-000001-000000045056"),
            (std::vector<std::byte>(segment.begin() + 45056, segment.begin() + 61440)));
  const std::vector<std::byte>& next = before.at(segment_2);
  EXPECT_EQ(ledger.disk.contents("torn-000002-000000004096"),
            (std::vector<std::byte>(next.begin() + 4096, next.begin() + 12288)));
}

TEST(JournalTornTail, FartherThanTheInFlightWindowIsCorruption) {
  for (const bool within : {true, false}) {
    SimClock clock;
    SimRandom random(1);
    SimDirectory disk(clock, 1);
    SimBackground background;
    World world{.clock = clock, .random = random, .disk = disk, .background = background};
    FileJournalOptions large = small;
    large.segment_bytes = large.first_segment_bytes = 16 * 1024 * 1024;
    JournalPosition end;
    {
      auto opened = open_for_test(world, {.options = large, .from = {}, .witness = {}});
      ASSERT_TRUE(opened.has_value() && opened->append_durably(100).has_value());
      end = opened->journal->position();
    }
    disk.overwrite(segment_1, end.offset + in_flight_window_bytes - (within ? 1 : 0),
                   as_bytes("x"));
    const auto opened = open_for_test(world, {.options = large, .from = {}, .witness = {}});
    EXPECT_EQ(opened.has_value(), within);
    if (opened) {
      EXPECT_TRUE(opened->report.torn);
    }
  }
}

// An operator's word lets corruption be cut, with everything kept beside it; not a seq earlier than
// the word says.
TEST(JournalAcceptedLoss, CutsBehindTheLastGoodBatchAndKeepsAll) {
  for (const Row& row : rows()) {
    if (row.verdict.kind != Verdict::Kind::corrupt) continue;
    SCOPED_TRACE(row.name);
    Ledger ledger;
    row.damage(ledger);
    const auto open_with = [&](std::uint64_t accepted) {
      TestOpening opening = {.options = small, .from = {}, .witness = Seq(row.witness)};
      opening.options.accept_loss_after = Seq(accepted);
      return open_for_test(ledger.world, opening);
    };
    const Ledger::Files before = ledger.files();
    auto opened = open_with(9);
    EXPECT_FALSE(opened.has_value());
    EXPECT_EQ(ledger.files(), before);
    opened = open_with(2);
    if (!opened) {  // nothing trustworthy up to seq 2 is left: no word helps
      EXPECT_EQ(ledger.files(), before);
      continue;
    }
    EXPECT_TRUE(opened->report.torn);
    EXPECT_GE(opened->last.value(), 2u);
    expect_whole(*opened);
    ledger.background.drain();
    ASSERT_TRUE(opened->append_durably(100).has_value());
    const Seq last = opened->last;
    opened->journal.reset();
    const auto again = open_for_test(ledger.world, {.options = small, .from = {}, .witness = {}});
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->last, last);
  }
}

}  // namespace
}  // namespace holdfast
