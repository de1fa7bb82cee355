// What the .cc files of this room share, Asio included: the inside of a Loop, and the connection it
// drives.
#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "net/connection.h"
#include "net/loop.h"
#include "net/ready_set.h"

namespace holdfast {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;

class TcpConnection;

// Only the loop's thread touches this once the loop runs (so Asio's own locks are off); others come
// through post().
struct Loop::Parts {
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  asio::posix::stream_descriptor wake{context};  // written by post()
  asio::posix::stream_descriptor watched{context};
  ReadySet ready{context};
  asio::steady_timer timer{context};
  SteadyTime timer_at = SteadyTime::max();  // when it is armed to fire
  asio::steady_timer tick{context};         // deadlines
  bool tick_armed = false;
  std::function<void()> beat;
  std::function<Duration()> wake_after;
  std::thread thread;
  std::atomic<std::thread::id> thread_id;
  std::atomic<bool> stop_wanted = false;
  bool stopping = false;
  bool batch_open = false;
  std::size_t bytes_fed = 0;  // since the last heartbeat
  int wake_descriptor = -1;   // the eventfd inside `wake`, for other threads

  std::vector<TcpConnection*> dirty;
  std::vector<TcpConnection*> resumed;
  std::vector<TcpConnection*> closing;
  std::unordered_set<TcpConnection*> connections;
  std::unordered_set<TcpConnection*> timed;  // those with a deadline
  std::vector<ByteWriter> buffers;           // empty ones, for the next that has something to say
  std::vector<TcpConnection*> scratch;
  std::unique_ptr<std::array<std::byte, read_chunk_bytes>> chunk =
      std::make_unique<std::array<std::byte, read_chunk_bytes>>();

  // Something became ready: the batch ends (end_of_batch) behind everything that is ready with it.
  void open_batch(Loop& loop);
  // The engine's turn, then what the connections have to say. Closes none of them: a closing one is
  // only noted, so this may run between two connections of a ready set.
  void beat_and_flush();
  // The same, once a portion was fed since the last time.
  void beat_if_much();
  void arm_tick();
  ByteWriter take_buffer();
  void give_buffer(ByteWriter&& buffer);
};

}  // namespace holdfast
