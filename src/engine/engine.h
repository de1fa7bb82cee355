// Engine: the heartbeat of one ledger. It puts requests in one order, stamps time once per turn,
// expires what is due, decides, folds, appends to the journal and lets replies go when everything
// they saw is durable.
//
// Invariants
//   1. One turn at a time; `now` is read once per turn and grows strictly (domain: expiry is
//   decided by logged time).
//   2. No reply, refusal or read is released before its gate is durable; replies of one batch leave
//   in order.
//   3. Everything due at `now` is expired before the first request of the turn is decided.
//   4. After a journal error nothing is acknowledged any more: what waits fails as unknown_result,
//   and failure() says why.
//   5. Every queue is bounded; what does not fit is refused at once as overloaded, never dropped.
//   Requests that free
//      stock have room that claims and reads cannot take.
//
// Threads: submit() and drive() from any thread. Whoever drives owns the state for that long; if
// somebody else drives already, that one takes over the new work and drive() returns at once (flat
// combining, Hendler et al., SPAA 2010).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/request.h"
#include "engine/turn_times.h"
#include "journal/file_journal.h"
#include "ledger/law.h"
#include "model/ids.h"
#include "model/time.h"
#include "stock/stock.h"
#include "world/world.h"

namespace holdfast {

struct EngineOptions {
  FileJournalOptions journal;
  std::size_t queue_max = 65'536;      // requests waiting for their turn
  std::size_t queue_reserved = 4'096;  // of them, only for requests that free stock
  std::uint64_t checkpoint_every_bytes = 256 * 1024 * 1024;  // of journal
  Duration seal_after = Duration::ms(50);  // idle time until an empty batch proves the last one
  Duration outage_extension_max = Duration::minutes(15);
  bool accept_clock = false;  // start although the clock is over 24 h away from the newest entry
};

// What opening found and did.
struct EngineReport {
  JournalReport journal;
  Seq checkpoint;             // replay began behind this seq; 0: from the start
  std::uint64_t entries = 0;  // replayed
  Duration outage;  // since the last batch; holds were extended by at most outage_extension_max
  Duration took;
  bool fresh = false;  // a new ledger was made
};

struct EngineStats {
  std::uint64_t commands = 0, refusals = 0, reads = 0, expired = 0, overloaded = 0;
  std::uint64_t batches = 0, journal_bytes = 0, checkpoints = 0;
  Seq live;
  Seq durable;
  std::uint64_t levels = 0, claims = 0, memory_bytes = 0;
  TurnTimes turns;                    // while no checkpoint was being written
  TurnTimes turns_beside_checkpoint;  // while one was
  // Between turns: from when a checkpoint was wanted until its snapshot was taken. No turn begins
  // meanwhile, and the journal runs dry.
  TurnTimes waits_for_checkpoint;
};

class Engine {
 public:
  // Locks the directory, loads the newest valid checkpoint, replays the journal's tail, compares
  // digests, raises the epoch, resumes holds and returns ready to serve. `world` outlives the
  // engine.
  static Result<std::unique_ptr<Engine>> open(World& world, const EngineOptions& options,
                                              const Progress& progress);
  // A fresh ledger on a journal of the caller's making, empty and not started. No lock, and no
  // checkpoint is looked for.
  static Result<std::unique_ptr<Engine>> open_on(World& world, const EngineOptions& options,
                                                 std::unique_ptr<Journal> journal);
  ~Engine();

  [[nodiscard]] const EngineReport& report() const;

  // Queues a request; it may be failed before submit() returns. Somebody must drive() afterwards.
  void submit(Request& request);
  // Queues requests, each without a transaction, that take effect together: in one batch, with
  // nobody else's in between, all or none. None: the queue is full, the disk is full, a read fails,
  // or they are larger than transaction_bytes_max or transaction_work_max.
  void submit_together(std::span<Request* const> requests);
  // Does all that can be done now: takes note of what became durable, releases replies, runs turns
  // while there is work and room in the journal. Never waits for the disk.
  void drive();
  // How long until drive() has something to do by itself: an expiry, a seal. Zero: now.
  [[nodiscard]] Duration wake_after();

  // Refuses new requests as shutting_down, finishes what is queued, seals; blocks for the disk.
  // Then writes a checkpoint. Nothing can be driven afterwards.
  Status shut_down();
  // Writes a checkpoint now and waits for it.
  Status checkpoint();

  // Set once, after a journal error; the process should exit.
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] Error failure() const;

  [[nodiscard]] Seq durable() const;
  [[nodiscard]] EngineStats stats();

  // The state, for tests and the simulation. REQUIRES: nobody else drives.
  [[nodiscard]] const Stock& stock() const;

 private:
  struct Parts;

 public:
  explicit Engine(std::unique_ptr<Parts> parts);  // for open() and open_on(): Parts is private

 private:
  std::unique_ptr<Parts> parts_;
};

// The whole proof, read-only, on the files of a stopped ledger: the chain of every batch, every
// group decoded, the ledger's digests recomputed, every balance equal to the sum of its entries
// (kept apart from Stock), claim lines equal to held, committed and backordered, and every
// checkpoint equal to the fold at its seq.
struct VerifyReport {
  JournalReport journal;
  std::uint64_t groups = 0, entries = 0, levels = 0, claims = 0, checkpoints = 0;
  std::uint64_t digest = 0;
  std::uint64_t oversold =
      0;  // groups after which an available was below zero, from the entries alone
  std::vector<std::string> problems;  // empty: clean
};
Result<VerifyReport> verify_ledger(Directory& disk, const Progress& progress);

}  // namespace holdfast
