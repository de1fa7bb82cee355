// Tables for claims: what is taken, from where, and why not.
#include <gtest/gtest.h>

#include "ledger/test_script.h"

namespace holdfast {
namespace {

TEST(Claim, TakesWhatIsThereAndNeverMore) {
  TestScript::run(R"(
    item A
    receive 5 A               -> done available=5 0:A@main=5 entries=1
    claim c1 3 A              -> granted available=2 state=committed 1:A@main=3 entries=2
    claim c2 3 A              -> short_of_stock requested=3 available=2 entries=0
    claim c3 2 A@main         -> granted available=0
    claim c4 1 A              -> short_of_stock requested=1 available=0
    level A                   -> on_hand=5 committed=5
    lines c1                  -> 1:A@main committed=3
  )");
}

TEST(Claim, IsCheckedInTheOrderOfTheOutcomes) {
  TestScript::run(R"(
    item A
    item B hold_max=10m
    location BER 2
    channel web BER
    receive 1 A
    claim x 1 A channel=nope                  -> channel_unknown
    claim x 1 A@nope + 1 nope                 -> item_unknown requested=1 nope:item_unknown=1/0
    claim x 1 A@nope + 0 A                    -> location_unknown
    claim x 1 A@main channel=web              -> location_unknown
    claim ok 1 A id=00000000-0000-7000-8000-000000000001 -> granted
    claim x 9 A id=00000000-0000-7000-8000-000000000001  -> claim_exists entries=0
    claim x 0 A + 9 B hold=20m                -> quantity_invalid requested=0
    claim x -3 A                              -> quantity_invalid requested=-3
    claim x 9007199254740991 A + 1 A          -> quantity_invalid limit=9007199254740991
    claim x 9 B hold=11m                      -> limit_exceeded requested=660 limit=600
    claim x 9 B hold=10m                      -> short_of_stock requested=9 available=0
  )");
}

// Two lines of one sku are one demand, in whatever form they come (domain, invariant 7).
TEST(Claim, SumsItsDemandPerLevel) {
  TestScript::run(R"(
    item A
    receive 5 A
    claim c1 3 A + 3 A           -> short_of_stock A:granted=3/5 A:short_of_stock=3/2
    claim c1 3 A + 3 A@main      -> short_of_stock requested=3 available=2
    claim c1 3 A@main + 3 A@main -> short_of_stock
    level A                      -> on_hand=5 available=5
    claim c1 3 A + 2 A@main      -> granted 1:A@main=3 2:A@main=2
    level A                      -> on_hand=5 committed=5
    lines c1                     -> 1:A@main committed=3 2:A@main committed=2
  )");
}

TEST(Claim, IsSourcedByTheChannelsOrder) {
  TestScript::run(R"(
    item A
    location BER 1
    location MUC 2
    location HAM 3 inactive
    channel web MUC BER
    receive 3 A@BER
    receive 5 A@MUC
    receive 9 A@HAM
    # MUC comes first in web, BER in the default channel; one that covers the line is preferred.
    claim c1 2 A channel=web       -> granted 1:A@MUC=2 available=6
    claim c2 1 A                   -> granted 1:A@BER=1
    claim c3 3 A                   -> granted 1:A@MUC=3
    # None covers two: BER has two, MUC has none.
    receive 1 A@MUC
    claim c4 3 A                   -> granted 1:A@BER=2 2:A@MUC=1 available=0
    claim c5 1 A@HAM               -> location_unknown
    claim c5 1 A                   -> short_of_stock requested=1 available=0
    channel web inactive
    claim c5 1 A channel=web       -> channel_unknown limit=1
    claim c5 1 A@MUC channel=web   -> channel_unknown limit=1
    claim c5 1 A channel=nope      -> channel_unknown limit=0
    amend c1 1 A                   -> channel_unknown limit=1 state=committed
    sale 1 A channel=web           -> done
    channel shut HAM
    claim c5 1 A channel=shut      -> location_unknown
  )");
}

// A sourced line does not starve the explicit one beside it.
TEST(Claim, ServesParticularLinesFirst) {
  TestScript::run(R"(
    item A
    location BER 1
    location MUC 2
    receive 2 A@BER
    receive 2 A@MUC
    claim c1 2 A + 2 A@BER         -> granted 1:A@MUC=2 2:A@BER=2
  )");
}

TEST(Claim, TakesWhatThereIsWhenPartial) {
  TestScript::run(R"(
    item A
    item B
    location BER 1
    receive 2 A@main
    receive 1 A@BER
    claim c1 5 A + 1 B partial  -> partially_granted 1:A@BER=1 2:A@main=2 B:short_of_stock=1/0
    claim c2 5 A + 1 B partial     -> short_of_stock requested=5 available=0 entries=0
    receive 5 B
    claim c3 5 A + 1 B partial     -> partially_granted 1:B@main=1
    claim c4 1 B + 1 nope partial  -> item_unknown
    claim c5 2 B partial           -> granted
  )");
}

TEST(Claim, TakesLotsInTheOrderOfTheirArrival) {
  TestScript::run(R"(
    item A tracking=lot
    receive 2 A/L2                 -> done 0:A@main/L2=2 entries=2
    receive 2 A/L1
    receive 1 A/L3
    claim c1 4 A                   -> granted 1:A@main/L2=2 2:A@main/L1=2 available=1
    claim c2 1 A/L2                -> short_of_stock requested=1 available=0
    claim c2 1 A/L9                -> short_of_stock requested=1 available=0
    claim c2 1 A/L3                -> granted 1:A@main/L3=1
    level A/L1                     -> on_hand=2 committed=2
  )");
}

TEST(Claim, OfAnUntrackedItemIsAlwaysGranted) {
  TestScript::run(R"(
    item S tracking=none
    claim c1 7 S                   -> granted requested=7 available=0 1:S@main=7
    claim c2 1 S hold=10m          -> granted
    level S                        -> held=1 committed=7 backordered=8
    fulfil c1 2 S                  -> done state=committed
    level S                        -> held=1 committed=5 backordered=6
    cancel c1                      -> done
    release c2                     -> done state=released
    level S                        ->
    claim c3 9007199254740991 S    -> granted
    claim c4 1 S                   -> quantity_invalid requested=1 limit=9007199254740991
    item S tracking=quantity       -> wrong_state
    release c3
    item S tracking=quantity       -> done
    claim c5 1 S                   -> short_of_stock
  )");
}

TEST(Claim, HoldsForAsLongAsItsItemsSay) {
  TestScript::run(R"(
    item A hold_for=20m hold_max=30m
    item B hold_for=5m
    item C
    receive 9 A
    receive 9 B
    receive 9 C
    time 10:00
    claim c1 1 A hold=10m            -> granted state=held expires=10:10:00
    claim c2 1 A + 1 B hold=policy   -> granted expires=10:05:00
    claim c3 1 A hold=policy         -> granted expires=10:20:00
    claim c4 1 C hold=policy         -> granted expires=10:15:00
    claim c5 1 A hold=1801s          -> limit_exceeded requested=1801 limit=1800
    claim c5 1 A hold=30m            -> granted expires=10:30:00
    level A                          -> on_hand=9 available=5 held=4
  )");
}

}  // namespace
}  // namespace holdfast
