// Whole runs. A failure prints the seed and the command that replays it.
#include "sim/simulation.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

constexpr std::uint64_t shards = 2;
constexpr std::uint64_t seeds_per_shard = 100;
constexpr std::uint64_t steps = 1'000;

std::string replay_of(const SimulationOptions& options) {
  return fmt::format("holdfast-sim --seed {} --steps {} --verbose", options.seed, options.steps);
}

TEST(Simulation, OneSeedIsOneRun) {
  for (std::uint64_t seed = 1'000; seed < 1'003; ++seed) {
    const SimulationOptions options{.seed = seed, .steps = 400};
    const SimulationReport first = Simulation(options).run();
    const SimulationReport second = Simulation(options).run();
    EXPECT_EQ(first.hash, second.hash) << replay_of(options);
    EXPECT_EQ(first.answers, second.answers) << replay_of(options);
    EXPECT_GT(first.answers, 50u) << replay_of(options);
  }
}

TEST(Simulation, OtherSeedsAreOtherRuns) {
  const SimulationReport first = Simulation({.seed = 1'000, .steps = 200}).run();
  const SimulationReport second = Simulation({.seed = 1'001, .steps = 200}).run();
  EXPECT_NE(first.hash, second.hash);
}

// The auditor can see: a disk that says "durable" too early loses what was answered, and it says
// so.
TEST(Simulation, ADiskThatAcknowledgesTooEarlyIsFoundOut) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SimulationReport report =
        Simulation({.seed = seed, .steps = steps, .disk_acknowledges_early = true}).run();
    found += report.wrong.empty() ? 0 : 1;
  }
  EXPECT_GE(found, 3);
}

class Seeds : public testing::TestWithParam<std::uint64_t> {};

// Every shard has to take every rare path: a probe that is never hit means that the simulation has
// stopped testing something.
TEST_P(Seeds, KeepEveryPromise) {
  Probes probes;
  for (std::uint64_t index = 0; index < seeds_per_shard; ++index) {
    const SimulationOptions options{.seed = GetParam() * seeds_per_shard + index + 1,
                                    .steps = steps};
    const SimulationReport report = Simulation(options).run();
    ASSERT_EQ(report.wrong, "") << "again: " << replay_of(options);
    probes += report.probes;
  }
  for (std::size_t index = 0; index < probe_count; ++index) {
    const auto probe = static_cast<Probe>(index);
    EXPECT_GT(probes.count(probe), 0u) << name_of(probe) << " was never reached";
  }
}

INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, testing::Range<std::uint64_t>(0, shards));

}  // namespace
}  // namespace holdfast
