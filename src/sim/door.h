// Door: how a simulated client reaches the ledger. Two of them: the engine's own (what every
// protocol ends at), and SQL through a session of the service. One operation may be sent through
// one and repeated through the other; it is the same operation.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "service/database.h"
#include "sim/operation.h"
#include "sim/reply.h"

namespace holdfast {

class ReplyTaker {
 public:
  virtual ~ReplyTaker() = default;
  // `shows_gate`: reply.seq is where a refusal was decided.
  virtual void replied(std::size_t attempt, Reply reply, bool shows_gate) = 0;
};

class Door {
 public:
  virtual ~Door() = default;
  // The reply may come before this returns.
  virtual void send(const Operation& operation, std::size_t attempt) = 0;
  // A statement about the session; the reply's message is its tag. Only where SQL is spoken.
  virtual void say(std::string_view sql, std::size_t attempt) = 0;
  // Frees what has been answered. Not from within a reply.
  virtual void reap() = 0;
  [[nodiscard]] virtual std::size_t under_way() const = 0;
};

// `locations`: all codes a level may be at, so that a read can say which are absent. The engine and
// the taker outlive the door; so does the database.
std::unique_ptr<Door> engine_door(Engine& engine, ReplyTaker& taker,
                                  std::vector<std::string> locations);
std::unique_ptr<Door> sql_door(Database& database, ReplyTaker& taker,
                               std::vector<std::string> locations);

}  // namespace holdfast
