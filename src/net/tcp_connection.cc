// Reading and writing one socket. A read that does not fill the loop's chunk has emptied the
// socket: what comes later is another edge. Not so when the end has come, which is read for until
// it shows.
#include "net/tcp_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast {
namespace {

constexpr std::size_t kept_input_bytes_max =
    16 * 1024;  // an emptied input buffer larger than this is freed

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace

TcpConnection::TcpConnection(Loop& loop, Descriptor socket, Peer peer,
                             std::function<void()> on_gone)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      on_gone_(std::move(on_gone)) {
  loop_.parts().connections.insert(this);
}

TcpConnection::~TcpConnection() {
  Loop::Parts& parts = loop_.parts();
  parts.connections.erase(this);
  parts.timed.erase(this);
  if (dirty_) std::erase(parts.dirty, this);
  if (resumed_) std::erase(parts.resumed, this);
  on_gone_();
}

void TcpConnection::begin() {
  CHECK(handler_ != nullptr, "the acceptor must set a handler");
  if (loop_.parts().stopping || closing_) return close();
  if (!loop_.parts().ready.add(socket_.number(), *this)) close();
}

void TcpConnection::on_ready(Ready ready) {
  if (closing_) return;
  can_read_ |= ready.to_read;
  is_ending_ |= ready.is_ending;
  if (ready.to_write && std::exchange(is_stuck_, false)) flush();
  receive();
}

// ---- input

// One read, so that others come to theirs; the rest in the next batch.
void TcpConnection::receive() {
  if (!can_read_ || ended_ || !wants_input()) return;
  auto& chunk = *loop_.parts().chunk;
  const ssize_t got = ::recv(socket_.number(), chunk.data(), chunk.size(), 0);
  if (got == 0) {
    ended_ = true;
    return tell_end();
  }
  if (got < 0 && errno != EAGAIN && errno != EINTR) return close();
  if (got < 0 && errno == EAGAIN) can_read_ = false;
  if (got > 0) {
    const auto count = static_cast<std::size_t>(got);
    can_read_ = count == chunk.size() || is_ending_;
    loop_.parts().bytes_fed += count;
    feed({chunk.data(), count});
  }
  if (can_read_ && wants_input()) come_again();
}

void TcpConnection::tell_end() {
  if (!ended_ || end_told_ || !wants_input()) return;
  end_told_ = true;
  handler_->on_end();
}

// Straight from the loop's chunk when nothing was left over; only what the handler leaves is
// copied.
void TcpConnection::feed(ByteSpan fresh) {
  if (input_.empty()) {
    const std::size_t consumed = handler_->on_bytes(fresh);
    CHECK(consumed <= fresh.size());
    const ByteSpan rest = fresh.subspan(consumed);
    input_.assign(rest.begin(), rest.end());
  } else {
    input_.insert(input_.end(), fresh.begin(), fresh.end());
    const std::size_t consumed = handler_->on_bytes(input_);
    CHECK(consumed <= input_.size());
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(consumed));
  }
  if (input_.empty() && input_.capacity() > kept_input_bytes_max) input_ = {};
  if (congested()) held_back_ = true;
}

void TcpConnection::resume() {
  if (!paused_ || closing_) return;
  paused_ = false;
  come_again();
}

// At the end of the batch: feed_again().
void TcpConnection::come_again() {
  if (resumed_) return;
  resumed_ = true;
  loop_.parts().resumed.push_back(this);
  loop_.parts().open_batch(loop_);
}

void TcpConnection::feed_again() {
  resumed_ = false;
  if (std::exchange(is_sent_, false) && !closing_) handler_->on_sent();
  if (!wants_input()) return;
  if (!input_.empty()) feed({});
  receive();
  tell_end();
}

// ---- output

ByteWriter& TcpConnection::output() {
  if (!has_buffer_) {
    output_ = loop_.parts().take_buffer();
    has_buffer_ = true;
  }
  return output_;
}

bool TcpConnection::congested() const { return unsent() > output_high_bytes; }

void TcpConnection::flush_soon() {
  if (dirty_ || closing_) return;
  dirty_ = true;
  loop_.parts().dirty.push_back(this);
  loop_.parts().open_batch(loop_);
}

void TcpConnection::flush() {
  dirty_ = false;
  if (closing_) return;
  while (unsent() > 0) {
    const ByteSpan rest = output_.bytes().subspan(sent_);
    const ssize_t put = ::send(socket_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return close();
      note_stall();
      break;
    }
    sent_ += static_cast<std::size_t>(put);
    stalled_at_ = SteadyTime::max();
  }
  if (unsent() == 0 && has_buffer_) {
    loop_.parts().give_buffer(std::move(output_));
    output_ = {};
    sent_ = 0;
    has_buffer_ = false;
    if (last_words_) return close();
  }
  if (held_back_ && unsent() <= output_low_bytes) {
    held_back_ = false;
    come_again();
  }
  if (unsent() == 0 && std::exchange(tells_sent_, false)) {
    is_sent_ = true;
    come_again();
  }
  update_timed();
}

void TcpConnection::note_stall() {
  is_stuck_ = true;
  if (stalled_at_ == SteadyTime::max()) {
    stalled_at_ = steady_now() + std::chrono::microseconds(write_stall_max.us());
  }
}

// ---- the end

void TcpConnection::close_after_flush() {
  last_words_ = true;
  if (unsent() == 0) return close();
  flush_soon();
}

void TcpConnection::close() {
  if (closing_) return;
  closing_ = true;
  // Unread input would turn the close into a reset, and the last words would be lost with it.
  if (last_words_) {
    ::shutdown(socket_.number(), SHUT_WR);
    auto& chunk = *loop_.parts().chunk;
    while (::recv(socket_.number(), chunk.data(), chunk.size(), MSG_DONTWAIT) > 0) {
    }
  }
  socket_ = Descriptor();
  loop_.parts().closing.push_back(this);
  loop_.parts().open_batch(loop_);
}

void TcpConnection::finish_closing() {
  handler_->on_closed();
  delete this;  // tidy: allow new: the connection owns itself until its handler knows
}

// ---- deadlines

void TcpConnection::set_deadline(Duration from_now) {
  deadline_ = steady_now() + std::chrono::microseconds(from_now.us());
  update_timed();
}

void TcpConnection::clear_deadline() {
  deadline_ = SteadyTime::max();
  update_timed();
}

void TcpConnection::update_timed() {
  Loop::Parts& parts = loop_.parts();
  const bool wanted = deadline_ != SteadyTime::max() || stalled_at_ != SteadyTime::max();
  if (!wanted) {
    if (!parts.timed.empty()) parts.timed.erase(this);
    return;
  }
  parts.timed.insert(this);
  parts.arm_tick();
}

void TcpConnection::tick(SteadyTime now) {
  if (closing_) return;
  if (now >= stalled_at_) return close();
  if (now < deadline_) return;
  deadline_ = SteadyTime::max();
  update_timed();
  loop_.parts().open_batch(loop_);
  handler_->on_deadline();
}

}  // namespace holdfast
