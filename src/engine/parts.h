// What an Engine is made of, and what is done with it: turn.cc serves, engine.cc is what surrounds
// it. Owned by whoever drives, but for what is shared at its end.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/checkpointer.h"
#include "engine/engine.h"
#include "engine/held_replies.h"
#include "engine/intake.h"
#include "engine/lone_client.h"
#include "engine/lookahead.h"
#include "engine/open_batch.h"
#include "engine/recovery.h"
#include "engine/served.h"
#include "engine/transactions.h"
#include "engine/turn_clock.h"

namespace holdfast {

// A batch is closed once it is this long: large enough that its sync is shared by thousands, small
// enough that the disk starts early. A group always fits behind it (batch_payload_bytes_max −
// group_bytes_max), and so do a transaction and what is submitted together, one group of which may
// be too much for it.
inline constexpr std::size_t batch_payload_bytes_wanted = 256 * 1024;
static_assert(batch_payload_bytes_wanted + transaction_bytes_max + group_bytes_max <=
              batch_payload_bytes_max);

// What one turn may look at (Request::work), and one call of drive(): about a millisecond. Behind
// it time moves on, what is due expires, and the network is read, however much is queued.
inline constexpr std::uint64_t turn_work_max = 20'000;

struct Engine::Parts {
  Parts(World& the_world, const EngineOptions& the_options, std::unique_ptr<FileLock> the_lock,
        Recovered recovered)
      : world(the_world),
        options(the_options),
        lock(std::move(the_lock)),
        stock(std::move(recovered.stock)),
        journal(std::move(recovered.journal)),
        report(std::move(recovered.report)),
        clock(the_world.clock, report.journal.at),
        checkpointer(the_world, the_options.checkpoint_every_bytes, report.journal.bytes),
        intake(the_options.queue_max, the_options.queue_reserved),
        waiting(*stock, the_world.random.next()),
        batch(*stock, report.journal.end.seq),
        transactions(*stock, batch),
        last_at(report.journal.at) {}

  // — the turn (turn.cc) —
  std::uint64_t timed_turn(bool has_room);
  std::uint64_t turn();
  std::uint64_t turn_without_space();
  bool do_what_is_due(Timestamp now);
  bool make_place(Timestamp now);
  std::uint64_t serve(const NextRequest& next, Timestamp now);
  std::uint64_t serve_together(const NextRequest& first, Timestamp now);
  Served serve_now(const NextRequest& next, Timestamp now);
  [[nodiscard]] bool is_too_late(const Request& request) const;
  Served serve_read(Request& request, Timestamp now);
  Served serve_snapshot(Request& request);
  Served serve_command(const NextRequest& next, Timestamp now);
  void look_behind(Request& request, Timestamp now, Served& served) const;
  Served serve_without_space(const NextRequest& next, Timestamp now, bool is_current);
  void reply(Request& request, const Status& status, Seq gate);
  void close_batch(Timestamp now);

  // — around it (engine.cc) —
  [[nodiscard]] Error refusal(Intake::Put put) const;
  void work();
  bool take_note();
  void checkpoint_if_wanted();
  void seal_if_idle();
  void seal();
  Status make_room();
  void publish(bool is_unfinished);
  void become_driver();
  Status finish_queue();
  void stop(const Error& error);
  Status resume();
  Status define_defaults(Timestamp now);

  World& world;
  const EngineOptions options;
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<Stock> stock;
  std::unique_ptr<Journal> journal;
  EngineReport report;
  TurnClock clock;
  Checkpointer checkpointer;
  Intake intake;
  Lookahead waiting;  // taken from intake, not served yet
  HeldReplies held;
  LoneClient lone_client;

  Decision decision;  // reused
  OpenBatch batch;
  Transactions transactions;
  struct Together {
    Request* request = nullptr;
    Seq gate;
  };
  std::vector<Together> together;  // reused
  Timestamp last_at;               // of the newest batch
  Epoch epoch;
  bool sealed = true;   // the newest batch is a seal, or there is none
  Duration last_batch;  // boot time at which it was closed
  // Boot time; from then on no turn begins, until a checkpoint has.
  std::optional<Duration> checkpoint_wanted_at;

  EngineStats stats;

  // — shared with other threads —
  std::atomic<unsigned> demands{0};  // drive() calls not yet answered
  std::atomic<std::uint64_t> durable{0};
  std::atomic<std::int64_t> wake_at_us{0};  // boot time
  std::atomic<bool> failed{false};
  std::mutex published_mutex;
  Error failure;
  EngineStats published;
};

}  // namespace holdfast
