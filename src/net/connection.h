// Connection: one byte stream with a client, owned by its Loop; it knows no protocol.
//
// Invariants
//   1. Memory is bounded: input is kept only as far as the handler left it unread, output only
//   until it is sent, and
//      both give their buffers back when empty, so an idle connection holds none.
//   2. Back-pressure: nothing is read while the handler is paused, or while more than
//   output_high_bytes wait to be
//      sent. A handler that checks congested() between messages therefore never outruns a slow
//      reader by more than one reply.
//   3. on_closed() is the handler's last call, exactly once, whoever closed; never from inside
//   another call to it.
//
// Threads: the loop's own.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "model/time.h"

namespace holdfast {

class Loop;

inline constexpr std::size_t read_chunk_bytes =
    64 * 1024;  // one read, shared by all connections of a loop
inline constexpr std::size_t output_high_bytes = 256 * 1024;  // above: stop reading
inline constexpr std::size_t output_low_bytes = 64 * 1024;    // below: go on
inline constexpr Duration write_stall_max =
    Duration::seconds(60);  // no byte accepted for so long: closed

class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  // Bytes in order, beginning with those not consumed before. Returns how many it consumed. To stop
  // being called, it pauses the connection; otherwise it is called again when more have arrived.
  virtual std::size_t on_bytes(ByteSpan bytes) = 0;
  // The client will send no more, and everything it sent has been fed. What it asked for it may
  // still want to hear (shutdown(SHUT_WR)): the handler closes when that is said.
  virtual void on_end() = 0;
  // All that was in output() is sent, once for each tell_when_sent(); never inside another call.
  virtual void on_sent() {}
  // The deadline passed. The connection stays as it is; usually the handler says why and closes.
  virtual void on_deadline() = 0;
  // Gone. The handler must not touch the connection any more.
  virtual void on_closed() = 0;
};

class Connection {
 public:
  // Once, in the acceptor. The handler outlives its on_closed().
  virtual void set_handler(ConnectionHandler& handler) = 0;

  // What is appended here is sent after flush_soon(), at the end of the batch.
  virtual ByteWriter& output() = 0;
  virtual void flush_soon() = 0;
  // Bytes in output() that the kernel has not taken yet.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  [[nodiscard]] virtual bool congested() const = 0;
  // Who has more to say than a buffer should hold says a portion, flushes it, and goes on in
  // on_sent(): other connections are served in between.
  virtual void tell_when_sent() = 0;

  virtual void pause() = 0;
  // Feeds what was left unread soon, never inside this call.
  virtual void resume() = 0;

  // Sends what is in output(), then closes; nothing is read any more.
  virtual void close_after_flush() = 0;
  virtual void close() = 0;

  // Replaces an earlier one. Coarse: within a quarter of a second.
  virtual void set_deadline(Duration from_now) = 0;
  virtual void clear_deadline() = 0;

  [[nodiscard]] virtual bool peer_is_loopback() const = 0;
  [[nodiscard]] virtual std::string_view peer() const = 0;  // "127.0.0.1:50312"
  [[nodiscard]] virtual Loop& loop() = 0;

 protected:
  ~Connection() = default;
};

}  // namespace holdfast
