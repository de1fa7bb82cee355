// Two signals at once are one wish; a later one ends the process.
#include "node/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace holdfast {
namespace {

TEST(Signals, ALaterOneEndsTheProcess) {
  const auto stop_slowly = [] {
    Signals signals;
    kill(getpid(), SIGTERM);
    signals.wait();
    signals.let_the_next_end_it();
    while (true) kill(getpid(), SIGINT);
  };
  EXPECT_EXIT(stop_slowly(), testing::KilledBySignal(SIGINT), "");
}

TEST(Signals, OnesAtOnceAreOneWish) {
  const auto stop_at_once = [] {
    {
      Signals signals;
      kill(getpid(), SIGTERM);
      signals.wait();
      signals.let_the_next_end_it();
      kill(getpid(), SIGTERM);
      kill(getpid(), SIGINT);
    }
    std::exit(0);
  };
  EXPECT_EXIT(stop_at_once(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace holdfast
