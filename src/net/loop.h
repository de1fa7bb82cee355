// Loop: one thread that owns connections and works in batches. A batch is everything that is ready
// now: bytes that arrived, tasks posted from elsewhere, a signalled descriptor. Behind it runs the
// heartbeat (the engine's turn), then every connection that has something to say writes once. So
// requests that arrive together are decided together, and their replies leave in as few system
// calls as there are connections. A batch of much is beaten and written in portions: the clients of
// the first pipelines read their replies while the last ones are still decided.
//
//   ready: read → handler.on_bytes() …  │ heartbeat │ write each dirty connection once │ feed the
//   resumed │ sleep
//
// Invariants
//   1. Handlers, tasks and the heartbeat run on the loop's own thread, one after the other.
//   2. A batch ends only when nothing is left to do now: a connection resumed by the heartbeat is
//   fed, and the heartbeat
//      runs again, before the loop sleeps.
//   3. A task posted before stop() runs.
//
// Asio does the waiting, behind Parts: no header of this room shows it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "model/time.h"

namespace holdfast {

// Work for a loop, posted from any thread without allocating: derive from it and post it again only
// after it has run.
class Task {
 public:
  virtual ~Task() = default;
  virtual void run_task() = 0;

 private:
  friend class Loop;
  Task* next_task_ = nullptr;
};

class Loop {
 public:
  Loop();
  ~Loop();  // REQUIRES: never started, or stopped
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Before start(). `beat` runs at the end of every batch and between its portions; `wake_after`
  // says how long the loop may sleep at most.
  void set_heartbeat(std::function<void()> beat, std::function<Duration()> wake_after);
  // Before start(). Wakes the loop, and so its heartbeat, whenever this eventfd is readable; the
  // loop reads it.
  void watch(int descriptor);

  void start();
  // Closes every connection, runs what was posted, and joins. From another thread. Nothing to do
  // for a loop that does not run.
  void stop();

  // From any thread. The task is borrowed until it has run.
  void post(Task& task);
  void post(std::function<void()> job);
  [[nodiscard]] bool is_current() const;

  struct Parts;  // for this room's own .cc files
  [[nodiscard]] Parts& parts() { return *parts_; }

 private:
  void run();
  void end_of_batch();
  void drain_inbox();
  void arm_wake();
  void arm_watch();
  void arm_timer();

  std::unique_ptr<Parts> parts_;
  std::atomic<Task*> inbox_{nullptr};  // newest first
};

// How many loops suit this machine: connections are cheap beside the engine, so one on two cores or
// fewer.
[[nodiscard]] unsigned loops_for(unsigned cores);

}  // namespace holdfast
