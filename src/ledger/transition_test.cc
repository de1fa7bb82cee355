// Tables for what becomes of a claim: extend, confirm, reclaim, release, cancel, expire, fulfil,
// amend.
#include <gtest/gtest.h>

#include "ledger/test_script.h"

namespace holdfast {
namespace {

// At expires_at the units are there for the next request, a microsecond earlier they are not
// (domain, invariant 5).
TEST(Expiry, IsExact) {
  TestScript::run(R"(
    item A
    receive 1 A
    time 10:00
    claim c1 1 A hold=10m     -> granted expires=10:10:00
    time 10:10 -1us
    claim c2 1 A              -> short_of_stock
    time 10:10
    claim c2 1 A              -> granted
    lines c1                  -> 1:A@main expired=1
    extend c1 10m             -> claim_expired state=expired
    confirm c1                -> claim_expired state=expired
    release c1                -> claim_expired
    cancel c1                 -> claim_expired
    fulfil c1                 -> claim_expired
    amend c1 1 A              -> claim_expired
  )");
}

TEST(Expiry, LeavesWhatWasConfirmed) {
  TestScript::run(R"(
    item A
    receive 5 A
    time 10:00
    claim c1 3 A hold=10m
    confirm c1 1 A            -> done state=held 1:A@main=1
    time 10:10
    lines c1                  -> 1:A@main committed=1 expired=2
    level A                   -> on_hand=5 available=4 committed=1
    extend c1 10m             -> wrong_state
    confirm c1                -> claim_expired state=committed
    fulfil c1                 -> done state=fulfilled
    fulfil c1                 -> already
  )");
}

TEST(Extend, MovesTheEndLaterUpToTheItemsMaximum) {
  TestScript::run(R"(
    item A hold_max=30m
    receive 2 A
    time 10:00
    claim c1 1 A hold=10m
    extend c1 10m             -> already expires=10:10:00 entries=0
    extend c1 5m              -> already
    time 10:05
    extend c1 10m             -> done expires=10:15:00 entries=1
    time 10:10
    extend c1 21m             -> limit_exceeded requested=1860 limit=1800
    extend c1 20m             -> done expires=10:30:00
    time 10:30
    extend c1 1m              -> claim_expired
    claim c2 1 A
    extend c2 1m              -> wrong_state state=committed
    extend nope 1m            -> claim_unknown
    release c2
    extend c2 1m              -> wrong_state state=released
  )");
}

TEST(Confirm, TurnsHeldIntoCommittedWholeOrInParts) {
  TestScript::run(R"(
    item A
    item B
    receive 9 A
    receive 9 B
    time 10:00
    claim c1 3 A + 2 B hold=10m
    confirm c1 1 A                  -> done state=held expires=10:10:00 1:A@main=1
    confirm c1 3 A                  -> quantity_invalid requested=3 available=2
    confirm c1 2 A + 1 A            -> quantity_invalid requested=1 available=0
    confirm c1 1 #3                 -> quantity_invalid requested=1 available=0
    confirm c1 1 A@main + 1 #2      -> done state=held
    confirm c1 1 #1 + all #3        -> quantity_invalid requested=0 limit=2 :quantity_invalid=0/0
    confirm c1 1 nope               -> item_unknown nope:item_unknown=1/0
    confirm c1 1 A@nope             -> location_unknown A@nope:location_unknown=1/0
    lines c1                        -> 1:A@main held=1 committed=2 2:B@main held=1 committed=1
    confirm c1 all #2 release_rest  -> done state=committed
    lines c1                        -> 1:A@main committed=2 released=1 2:B@main committed=2
    confirm c1                      -> already state=committed entries=0
    confirm c1 1 A                  -> already
    confirm c1 all A + all #7       -> quantity_invalid limit=2 state=committed entries=0
    level A                         -> on_hand=9 available=7 committed=2
    release c1                      -> done state=released
    confirm c1                      -> wrong_state state=released
    confirm nope                    -> claim_unknown
  )");
}

TEST(Confirm, ReclaimsExpiredUnitsOrSaysHowManyThereAre) {
  TestScript::run(R"(
    item A
    item B
    receive 3 A
    receive 1 B
    time 10:00
    claim c1 2 A + 1 B hold=10m
    time 10:10
    claim c2 2 A hold=10m
    confirm c1 reclaim           -> short_of_stock requested=2 available=1 state=expired
    confirm c1 reclaim           -> short_of_stock A@main:short_of_stock=2/1
    level A                      -> on_hand=3 available=1 held=2
    level B                      -> on_hand=1 available=1
    release c2
    confirm c1 reclaim           -> granted state=committed 1:A@main=2 2:B@main=1
    lines c1                     -> 1:A@main committed=2 2:B@main committed=1
    level A                      -> on_hand=3 available=1 committed=2
    confirm c1 reclaim           -> already
    cancel c1                    -> done state=cancelled
    confirm c1 reclaim           -> wrong_state
  )");
}

// Two expired lines at one level are one demand.
TEST(Confirm, SumsTheDemandOfAReclaim) {
  TestScript::run(R"(
    item A
    receive 4 A
    time 10:00
    claim c1 2 A + 2 A hold=10m
    time 10:10
    claim c2 1 A
    confirm c1 reclaim           -> short_of_stock requested=2 available=1
    confirm c1 2 #1 reclaim      -> granted
    lines c1                     -> 1:A@main committed=2 2:A@main expired=2
  )");
}

TEST(Release, GivesEverythingBackOnce) {
  TestScript::run(R"(
    item A
    receive 5 A
    time 10:00
    claim c1 3 A hold=10m
    confirm c1 1 A
    release c1          -> done state=released 1:A@main=3
    release c1          -> already entries=0
    cancel c1           -> wrong_state
    fulfil c1           -> wrong_state
    amend c1 1 A        -> wrong_state
    level A             -> on_hand=5 available=5
    claim c2 1 A
    fulfil c2           -> done state=fulfilled
    release c2          -> wrong_state state=fulfilled
    cancel c2           -> wrong_state
    release nope        -> claim_unknown
  )");
}

TEST(Cancel, GivesBackTheLinesItNames) {
  TestScript::run(R"(
    item A
    receive 9 A
    claim c1 4 A + 2 A
    cancel c1 1 #1      -> done state=committed 1:A@main=1
    cancel c1 4 #1      -> quantity_invalid requested=4 available=3
    # By sku: over the lines in their order.
    cancel c1 4 A       -> done 1:A@main=3 2:A@main=1
    lines c1            -> 1:A@main cancelled=4 2:A@main committed=1 cancelled=1
    cancel c1 all #1    -> already
    cancel c1 all #3    -> quantity_invalid requested=0 available=0 limit=2
    cancel c1 all B     -> item_unknown
    cancel c1           -> done state=cancelled
    cancel c1           -> already
    level A             -> on_hand=9 available=9
  )");
}

TEST(Fulfil, ShipsWhatIsCommitted) {
  TestScript::run(R"(
    item A
    receive 9 A
    time 10:00
    claim c1 4 A hold=1h
    fulfil c1           -> wrong_state state=held
    confirm c1 3 A
    fulfil c1 1 A       -> done state=held 1:A@main=1
    fulfil c1 3 A       -> quantity_invalid requested=3 available=2
    fulfil c1           -> done state=held
    fulfil c1           -> wrong_state state=held
    level A             -> on_hand=6 available=5 held=1
    release c1          -> done state=fulfilled
    fulfil c1           -> already
    confirm c1          -> already
  )");
}

// A client that names what the claim does not have must not believe that it was shipped.
TEST(Fulfil, KnowsOnlyTheLinesOfItsClaim) {
  TestScript::run(R"(
    item A
    item B
    location BER 1
    receive 9 A
    receive 9 B
    claim c1 2 A
    fulfil c1 all #7            -> quantity_invalid requested=0 limit=1 state=committed entries=0
    fulfil c1 all B             -> quantity_invalid B:quantity_invalid=0/0 limit=1
    fulfil c1 all A@BER         -> quantity_invalid A@BER:quantity_invalid=0/0
    fulfil c1 all #1 + all #2   -> quantity_invalid limit=1
    fulfil c1 9 #1              -> quantity_invalid A@main:quantity_invalid=9/2 limit=0
    level A                     -> on_hand=9 available=7 committed=2
    fulfil c1 all #1            -> done
    fulfil c1 all #1            -> already
    fulfil c1 all #2            -> quantity_invalid state=fulfilled
    release c1                  -> wrong_state
    cancel c1 all #2            -> wrong_state
  )");
}

// Only units that exist can be fulfilled.
TEST(Fulfil, CannotShipWhatAFactTook) {
  TestScript::run(R"(
    item A
    receive 3 A
    claim c1 3 A
    sale 2 A
    level A             -> on_hand=1 committed=3 shortage=2
    fulfil c1           -> short_of_stock requested=3 available=1 A@main:short_of_stock=3/1
    fulfil c1 1 A       -> done
    level A             -> committed=2 shortage=2
    receive 2 A
    level A             -> on_hand=2 committed=2
    fulfil c1           -> done state=fulfilled
    level A             ->
  )");
}

TEST(Amend, CountsItsOwnUnitsAsFree) {
  TestScript::run(R"(
    item A
    item B
    receive 5 A
    receive 5 B
    time 10:00
    claim c1 3 A hold=10m
    amend c1 6 A               -> short_of_stock requested=6 available=5 state=held
    level A                    -> on_hand=5 available=2 held=3
    amend c1 5 A               -> done state=held expires=10:10:00 available=0 entries=1
    amend c1 5 A               -> already entries=0
    amend c1 2 A + 1 B         -> done entries=2
    level A                    -> on_hand=5 available=3 held=2
    lines c1                   -> 1:A@main held=2 released=3 2:B@main held=1
    amend c1 9 A + 9 B partial -> partially_granted 1:A@main=5 2:B@main=5
    amend c1 1 nope            -> item_unknown
    amend nope 1 A             -> claim_unknown
    amend nope 1 nope          -> item_unknown
    amend c1 0 A               -> quantity_invalid
    confirm c1
    amend c1 1 B               -> done state=committed
    level A                    -> on_hand=5 available=5
    fulfil c1
    amend c1 1 B               -> wrong_state state=fulfilled
  )");
}

TEST(Amend, SumsItsDemandAndKeepsWhatWasFulfilled) {
  TestScript::run(R"(
    item A
    receive 4 A
    claim c1 2 A + 1 A
    fulfil c1 1 #1
    amend c1 2 A + 2 A         -> short_of_stock requested=2 available=1
    amend c1 2 A + 1 A         -> done
    lines c1                   -> 1:A@main committed=2 fulfilled=1 2:A@main committed=1
    level A                    -> on_hand=3 committed=3
  )");
}

// Promised units that are missing stay promised: an amendment keeps them, and gives them up to the
// shortage.
TEST(Amend, NeverBlocksItself) {
  TestScript::run(R"(
    item A
    receive 3 A
    claim c1 3 A
    sale 2 A
    amend c1 3 A               -> already
    amend c1 2 A               -> done available=0
    level A                    -> on_hand=1 committed=2 shortage=1
  )");
}

}  // namespace
}  // namespace holdfast
