// BlockClient: a simulated client that wraps its operations in BEGIN … COMMIT, one statement after
// the other over an SQL session of its own: savepoints, rollbacks, leases that end, connections
// that are cut, and whatever happens to the machine meanwhile. What it was promised, the auditor
// judges.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/auditor.h"
#include "sim/door.h"
#include "sim/rng.h"
#include "sim/workload.h"

namespace holdfast {

class BlockClient final : public ReplyTaker {
 public:
  // What all clients share; it outlives them.
  struct Home {
    Database& database;
    Auditor& auditor;
    Workload& workload;
    ReplyTaker& taker;  // hears the replies of operations
    std::vector<std::string> locations;
    // An operation is about to be sent in a block: its attempt.
    std::function<std::size_t(const Operation& operation, std::size_t block)> announce;
  };
  BlockClient(const Home& home, Rng rng, Verdict& verdict);

  // Says the next thing, unless it waits for an answer.
  void step();
  void reap() { door_->reap(); }
  // The connection goes, if it does not wait for an answer.
  void leave();
  // The process is gone: nobody hears it any more.
  void bury();

  void replied(std::size_t attempt, Reply reply, bool shows_gate) override;

 private:
  enum class Phase { idle, open, failed, buried };
  enum class Said { nothing, begin, operation, savepoint, rollback_to, commit, rollback };

  void connect();
  void cut();
  void say(Said what, std::string_view sql);
  void say_operation();
  void step_open();
  void step_failed();
  void heard(const Reply& reply);
  void heard_end(const Reply& reply);
  void end(BlockEnd how);

  const Home& home_;
  Rng rng_;
  Verdict& verdict_;
  std::unique_ptr<Door> door_;
  Phase phase_ = Phase::idle;
  Said said_ = Said::nothing;  // … and not answered yet
  bool is_serializable_ = false;
  std::size_t block_ = 0;
  std::optional<std::size_t> savepoint_;  // how many operations there were
};

}  // namespace holdfast
