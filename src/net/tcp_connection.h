// TcpConnection: a Connection over an Asio socket, used only for waiting: bytes move by plain recv
// and send, so a request costs one wait, one recv and one send.
//
// It deletes itself when it is closed, its handler knows, and no wait is pending.
#pragma once

#include <memory>
#include <string>

#include "net/parts.h"

namespace holdfast {

class TcpConnection final : public Connection {
 public:
  // Takes the socket; counts itself out through `on_gone` at the end. Lives on `loop`.
  TcpConnection(Loop& loop, asio::ip::tcp::socket socket, std::function<void()> on_gone);
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
  [[nodiscard]] bool peer_is_loopback() const override { return peer_is_loopback_; }
  [[nodiscard]] std::string_view peer() const override { return peer_; }
  [[nodiscard]] Loop& loop() override { return loop_; }

  // By the loop.
  void begin();           // after the acceptor
  void flush();           // at the end of a batch
  void feed_again();      // after resume(), or when what waited is sent
  void finish_closing();  // tells the handler; may delete this
  void tick(SteadyTime now);

 private:
  void arm_read();
  void on_readable();
  void feed(ByteSpan fresh);
  void tell_end();
  void arm_write();
  void after_wait();
  [[nodiscard]] bool wants_input() const {
    return !paused_ && !closing_ && !last_words_ && !held_back_;
  }
  void update_timed();
  void come_again();

  Loop& loop_;
  asio::ip::tcp::socket socket_;
  std::function<void()> on_gone_;
  ConnectionHandler* handler_ = nullptr;
  std::vector<std::byte> input_;  // what the handler left unread
  ByteWriter output_;
  std::size_t sent_ = 0;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime stalled_at_ = SteadyTime::max();  // when a reader that takes nothing is given up
  bool has_buffer_ = false;
  bool read_armed_ = false;
  bool write_armed_ = false;
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
  bool told_ = false;  // the handler had its on_closed()
  bool peer_is_loopback_ = false;
  std::string peer_;
};

}  // namespace holdfast
