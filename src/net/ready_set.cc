// epoll. A connection told here is still there: those that close go at the end of the batch, and a
// closed descriptor has no events.
#include "net/ready_set.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/tcp_connection.h"

namespace holdfast {
namespace {

constexpr std::size_t events_max = 256;

int make_set() {
  const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
  CHECK(descriptor >= 0, "epoll_create1: errno {}", errno);
  return descriptor;
}

TcpConnection::Ready ready_of(std::uint32_t events) {
  const bool is_ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  return {.to_read = is_ending || (events & EPOLLIN) != 0,
          .to_write = (events & EPOLLOUT) != 0,
          .is_ending = is_ending};
}

}  // namespace

ReadySet::ReadySet(asio::io_context& context) : set_(context, make_set()) {}

bool ReadySet::add(int descriptor, TcpConnection& connection) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &connection;
  return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void ReadySet::wait(std::function<void()> before, std::function<void()> between) {
  before_ = std::move(before);
  between_ = std::move(between);
  wait_again();
}

void ReadySet::wait_again() {
  set_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
    if (error) return;
    before_();
    tell_ready();
    wait_again();
  });
}

void ReadySet::tell_ready() {
  std::array<epoll_event, events_max> events;
  int count = 0;
  do {
    count = ::epoll_wait(set_.native_handle(), events.data(), events_max, 0);
    for (int index = 0; index < count; ++index) {
      const epoll_event& event = events[static_cast<std::size_t>(index)];
      static_cast<TcpConnection*>(event.data.ptr)->on_ready(ready_of(event.events));
      between_();
    }
  } while (count == static_cast<int>(events_max));
}

}  // namespace holdfast
