// Simulation: one run of the whole ledger up to the service, on a simulated machine, from one seed.
//
//   seed ──▶ knobs, workload, faults ──▶ doors ──▶ service ──▶ engine ──▶ journal ──▶ SimDirectory
//                                          │                                             │
//                                          └──── replies ────▶ Auditor ◀──── journal ────┘
//
// A run is a sequence of lives: the engine is opened on the disk as the last life left it, serves,
// and ends by a crash of the machine, a journal error or an orderly stop. Everything runs on one
// thread; equal seeds give equal hashes.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "sim/auditor.h"
#include "sim/background.h"
#include "sim/clock.h"
#include "sim/disk.h"
#include "sim/door.h"
#include "sim/knobs.h"
#include "sim/probes.h"
#include "sim/verdict.h"
#include "sim/workload.h"

namespace holdfast {

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 600;
  bool verbose = false;  // one line per event on standard error
  // A fault that nobody could survive, to see that the auditor sees it.
  bool disk_acknowledges_early = false;
};

struct SimulationReport {
  std::string wrong;  // empty: every promise was kept
  // Of everything observable: replies in their order, the journal's bytes, the final digest.
  std::uint64_t hash = 0;
  std::uint64_t operations = 0, answers = 0, entries = 0, lives = 0;
  Probes probes;
};

class Simulation final : public ReplyTaker {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation() override;

  // Once.
  SimulationReport run();

  void replied(std::size_t attempt, Reply reply, bool shows_gate) override;

 private:
  class Watch;
  struct Life;

  // — the run —
  void run_opening();
  void step();
  void traffic();
  void end();

  // — a life —
  bool start();  // false: the run is over
  Status try_to_open();
  bool survives(const Error& error);
  void look_around();
  bool compare_with_journal();
  void ask_again();
  void crash();
  void die();
  void bury();
  void stop_in_order();
  void restart_after_outage();
  [[nodiscard]] bool is_dead() const;
  bool settle();
  bool give_blocks_up();

  // — what a step may do —
  void send(const Operation& operation);
  void send_through(Door& door, const Operation& operation);
  std::size_t announce(const Operation& operation, std::optional<std::size_t> block);
  void drive();
  void burst();
  void checkpoint();
  void background();
  void jump();
  void pause();
  void plan_crash();
  void plan_io_error();
  void fill_disk();
  void free_disk();
  void rot();
  void audit();

  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args);

  const SimulationOptions options_;
  Rng rng_;
  Knobs knobs_;
  Verdict verdict_;
  Probes probes_;
  SimClock clock_;
  SimRandom random_;
  SimDirectory disk_;
  SimBackground background_;
  World world_;
  Workload workload_;
  Auditor auditor_;
  std::vector<std::string> locations_;
  std::unique_ptr<Life> life_;
  std::list<std::size_t> under_way_;          // attempts
  std::vector<std::uint64_t> sent_at_drive_;  // by attempt
  std::uint64_t hash_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t lives_ = 0;
  std::uint64_t drives_ = 0;
  std::uint64_t disk_full_steps_ = 0;  // left; 0: there is space
  bool is_over_ = false;
  bool accept_clock_ = false;
  bool takes_replies_ = true;
  bool expects_trouble_ = false;  // a fault is planned or has happened in this life
  bool journal_rots_ = false;     // bytes that were acknowledged were changed
  bool checkpoint_rots_ = false;  // since the last start
  bool has_rotted_ = false;
  bool crashed_before_ = false;
};

}  // namespace holdfast
