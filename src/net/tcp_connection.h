// TcpConnection: a Connection over a socket. Bytes move by plain recv and send on the non-blocking
// descriptor, and the loop's ReadySet tells when, so a request costs one recv and one send.
//
// It deletes itself when it is closed and its handler knows.
#pragma once

#include <memory>
#include <string>

#include "net/parts.h"
#include "world/linux/descriptor.h"

namespace holdfast {

class TcpConnection final : public Connection {
 public:
  struct Peer {
    std::string name;
    bool is_loopback = false;
  };
  // What the socket can do now. The end has come when the client sends no more, or all is over: a
  // read will say which.
  struct Ready {
    bool to_read = false;
    bool to_write = false;
    bool is_ending = false;
  };

  // Takes the socket, which is non-blocking; counts itself out through `on_gone` at the end. Lives
  // on `loop`.
  TcpConnection(Loop& loop, Descriptor socket, Peer peer, std::function<void()> on_gone);
  ~TcpConnection();
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  void set_handler(ConnectionHandler& handler) override { handler_ = &handler; }
  ByteWriter& output() override;
  void flush_soon() override;
  [[nodiscard]] std::size_t unsent() const override { return output_.size() - sent_; }
  [[nodiscard]] bool congested() const override;
  void tell_when_sent() override { tells_sent_ = true; }
  void pause() override { paused_ = true; }
  void resume() override;
  void close_after_flush() override;
  void close() override;
  void set_deadline(Duration from_now) override;
  void clear_deadline() override;
  [[nodiscard]] bool peer_is_loopback() const override { return peer_.is_loopback; }
  [[nodiscard]] std::string_view peer() const override { return peer_.name; }
  [[nodiscard]] Loop& loop() override { return loop_; }

  // By the loop.
  void begin();  // after the acceptor
  void on_ready(Ready ready);
  void flush();           // at the end of a batch
  void feed_again();      // after resume(), or when what waited is sent
  void finish_closing();  // tells the handler and deletes this
  void tick(SteadyTime now);

 private:
  void receive();
  void feed(ByteSpan fresh);
  void tell_end();
  void note_stall();
  [[nodiscard]] bool wants_input() const {
    return !paused_ && !closing_ && !last_words_ && !held_back_;
  }
  void update_timed();
  void come_again();

  Loop& loop_;
  Descriptor socket_;
  Peer peer_;
  std::function<void()> on_gone_;
  ConnectionHandler* handler_ = nullptr;
  std::vector<std::byte> input_;  // what the handler left unread
  ByteWriter output_;
  std::size_t sent_ = 0;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime stalled_at_ = SteadyTime::max();  // when a reader that takes nothing is given up
  bool has_buffer_ = false;
  bool can_read_ = false;   // as far as is known: since an edge, until a read finds nothing more
  bool is_ending_ = false;  // no edge comes any more
  bool is_stuck_ = false;   // the kernel took no more; an edge will come
  bool dirty_ = false;
  bool resumed_ = false;
  bool tells_sent_ = false;  // the handler wants to hear of it …
  bool is_sent_ = false;     // … and is about to
  bool paused_ = false;
  bool held_back_ = false;   // too much unsent: no input until it has drained
  bool last_words_ = false;  // close once everything is sent
  bool ended_ = false;       // the client sends no more
  bool end_told_ = false;    // and the handler knows
  bool closing_ = false;
};

}  // namespace holdfast
