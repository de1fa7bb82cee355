// ReadySet: which connections of a loop have something to read, or room to write. Each is
// registered once, edge-triggered, so waiting again costs no system call per request; the set
// itself is one descriptor that Asio waits for.
//
// An edge is told once (epoll(7)): a connection keeps in mind that it may read until a read has
// found nothing more, and that the end has come.
#pragma once

#include <cstdint>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace holdfast {

class TcpConnection;

class ReadySet {
 public:
  explicit ReadySet(boost::asio::io_context& context);

  // Calls the connection's on_ready() from now on, until the descriptor is closed; once soon, as
  // what it can do already is an edge too. False: the kernel keeps no more of them.
  [[nodiscard]] bool add(int descriptor, TcpConnection& connection);

  // Each time something is ready: first `before`, then all that are, `between` behind each.
  void wait(std::function<void()> before, std::function<void()> between);

 private:
  void wait_again();
  void tell_ready();

  boost::asio::posix::stream_descriptor set_;
  std::function<void()> before_;
  std::function<void()> between_;
};

}  // namespace holdfast
