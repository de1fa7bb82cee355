// holdfast-sim: runs seeds until one of them breaks a promise, and says how to run it again.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "sim/simulation.h"

int main(int argc, char** argv) {
  CLI::App app("Runs Holdfast on simulated machines and audits every promise.", "holdfast-sim");
  holdfast::SimulationOptions options;
  std::uint64_t seeds = 1;
  app.add_option("--seed", options.seed, "the first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "how many, one after the other")->capture_default_str();
  app.add_option("--steps", options.steps, "of each run")->capture_default_str();
  app.add_flag("--verbose", options.verbose, "every event of a run");
  CLI11_PARSE(app, argc, argv);

  holdfast::Probes probes;
  for (const std::uint64_t first = options.seed; options.seed < first + seeds; ++options.seed) {
    const holdfast::SimulationReport report = holdfast::Simulation(options).run();
    fmt::print("seed {}: {:016x}, {} operations, {} answers, {} entries, {} lives\n", options.seed,
               report.hash, report.operations, report.answers, report.entries, report.lives);
    if (!report.wrong.empty()) {
      fmt::print("WRONG: {}\nagain: holdfast-sim --seed {} --steps {} --verbose\n", report.wrong,
                 options.seed, options.steps);
      return 1;
    }
    probes += report.probes;
  }
  for (std::size_t index = 0; index < holdfast::probe_count; ++index) {
    const auto probe = static_cast<holdfast::Probe>(index);
    fmt::print("{:>10}  {}\n", probes.count(probe), name_of(probe));
  }
  return 0;
}
