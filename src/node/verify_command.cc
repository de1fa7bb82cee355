// Prints what was proved, so that "clean" says how much was looked at.
#include "node/verify_command.h"

#include <cstdio>
#include <filesystem>

#include "engine/engine.h"
#include "node/terminal.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

void print_report(const VerifyReport& report) {
  fmt::print("ledger       {}\n", report.journal.ledger_id);
  fmt::print("journal      {} batches, {} bytes, epoch {}, chain unbroken up to seq {}{}\n",
             with_thousands(report.journal.batches), with_thousands(report.journal.bytes),
             report.journal.epoch.value(), report.journal.end.seq.value(),
             report.journal.torn ? ", then a torn tail that was never acknowledged" : "");
  fmt::print("entries      {} in {} groups\n", with_thousands(report.entries),
             with_thousands(report.groups));
  fmt::print(
      "levels       {}, each equal to the sum of its entries, the equation holds after every "
      "group\n",
      with_thousands(report.levels));
  fmt::print("claims       {}, their lines add up to held, committed and backordered\n",
             with_thousands(report.claims));
  if (report.checkpoints == 0) {
    fmt::print("checkpoints  none yet\n");
  } else {
    fmt::print("checkpoints  {}, equal to the fold of the ledger\n", report.checkpoints);
  }
  fmt::print("digest       {:016x}, equal in every batch\n", report.digest);
  fmt::print("oversold     {}\n", report.oversold);
}

}  // namespace

int run_verify(const VerifyOptions& options) {
  if (!std::filesystem::is_directory(options.data_dir)) {
    fmt::print(stderr, "holdfast: there is no ledger at {}\n", options.data_dir);
    return 2;
  }
  auto world = LinuxWorld::open(options.data_dir);
  if (!world.has_value()) {
    print_error(world.error());
    return 2;
  }
  ProgressLine line("Verifying");
  Clock& clock = (*world)->world().clock;
  auto report = verify_ledger((*world)->world().disk, [&](std::uint64_t done, std::uint64_t total) {
    line.show(done, total, clock.boot());
  });
  line.finish();
  if (!report.has_value()) {
    print_error(report.error());
    return 2;
  }
  if (report->problems.empty() && report->oversold == 0) {
    print_report(*report);
    fmt::print("verify: clean\n");
    return 0;
  }
  for (const auto& problem : report->problems) fmt::print("problem      {}\n", problem);
  fmt::print("oversold     {}\nverify: NOT clean\n", report->oversold);
  return 1;
}

}  // namespace holdfast
