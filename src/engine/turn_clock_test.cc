// Logged time: monotone, and deaf to a clock that jumps.
#include "engine/turn_clock.h"

#include <gtest/gtest.h>

#include "world/hand_clock_for_test.h"

namespace holdfast {
namespace {

TEST(TurnClock, FollowsTheWallClock) {
  HandClock clock;
  TurnClock turn(clock, Timestamp());
  clock.pass(Duration::seconds(3));
  EXPECT_EQ(turn.next(), clock.wall());
}

TEST(TurnClock, GrowsStrictlyWhenTheClockStandsStill) {
  HandClock clock;
  TurnClock turn(clock, Timestamp());
  const Timestamp first = turn.next();
  EXPECT_EQ(turn.next(), first + Duration::us(1));
}

TEST(TurnClock, AForwardJumpDoesNotPassTime) {
  HandClock clock;
  TurnClock turn(clock, Timestamp());
  const Timestamp before = turn.next();
  clock.jump(Duration::hours(10));
  clock.pass(Duration::seconds(1));
  EXPECT_LE(turn.next() - before,
            Duration::ms(1'051));  // a second, and at most a twentieth of it worn off
  EXPECT_EQ(turn.jumps(), 1u);
}

TEST(TurnClock, ABackwardJumpDoesNotStopTime) {
  HandClock clock;
  TurnClock turn(clock, Timestamp());
  const Timestamp before = turn.next();
  clock.jump(Duration() - Duration::hours(10));
  clock.pass(Duration::seconds(1));
  EXPECT_GE(turn.next() - before, Duration::ms(950));
}

TEST(TurnClock, WearsAJumpOff) {
  HandClock clock;
  TurnClock turn(clock, Timestamp());
  turn.next();
  clock.jump(Duration::seconds(10));
  turn.next();
  for (int second = 0; second < 201; ++second) {
    clock.pass(Duration::seconds(1));
    turn.next();
  }
  EXPECT_EQ(turn.correction(), Duration());
  EXPECT_EQ(turn.peek(), clock.wall());
}

TEST(TurnClock, GoesOnBehindAJournalThatIsAhead) {
  HandClock clock;
  const Timestamp last = clock.wall() + Duration::seconds(5);
  TurnClock turn(clock, last);
  EXPECT_GT(turn.next(), last);
  clock.pass(Duration::seconds(1));
  EXPECT_GT(turn.next(), last + Duration::ms(900));
}

}  // namespace
}  // namespace holdfast
