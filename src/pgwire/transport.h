// What a PgSession needs from the connection that carries it. Implemented over net by PgServer, and
// by tests in memory.
#pragma once

#include "base/bytes.h"
#include "net/loop.h"

namespace holdfast {

class Transport {
 public:
  virtual ~Transport() = default;
  // Bytes for the client; they leave soon after flush_soon().
  virtual ByteWriter& output() = 0;
  virtual void flush_soon() = 0;
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  // Too much waits to be sent: the session stops taking input, and is fed again by itself when that
  // has drained.
  [[nodiscard]] virtual bool congested() const = 0;
  // Calls PgSession::output_sent() when all that was said is sent, not inside this call.
  virtual void tell_when_sent() = 0;
  // After feed() left waits() true: feed again, soon, not inside this call.
  virtual void resume() = 0;
  // Once the output is sent.
  virtual void close() = 0;
  // The handshake is over; its deadline does not count any more.
  virtual void opened(std::uint32_t process) = 0;
  // Calls PgSession::deadline_passed() then, about; zero: not any more.
  virtual void set_deadline(Duration from_now) = 0;
  // The connection is gone and nothing of its session is in flight any more: the session may be
  // destroyed, later.
  virtual void settled() = 0;
  // Executions may end on another thread; they come home through here.
  [[nodiscard]] virtual bool on_own_thread() const = 0;
  virtual void post(Task& task) = 0;
};

}  // namespace holdfast
