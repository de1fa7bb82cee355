// Listener: accepts on one address and spreads the connections round-robin over the loops.
//
// Past `connections_max` a connection still reaches its acceptor, marked refused, so the protocol
// can say why in its own words; past `refusals_max` of those at once they are closed unheard. When
// the process has no descriptor left, the listener rests for accept_rest and tries again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/connection.h"
#include "net/loop.h"

namespace holdfast {

inline constexpr Duration accept_rest = Duration::ms(100);

struct ListenOptions {
  std::string address = "127.0.0.1:0";  // HOST:PORT, [V6]:PORT; port 0 picks a free one
  std::size_t connections_max = 20'000;
  std::size_t refusals_max = 256;
  Duration unacknowledged_max =
      Duration::seconds(30);  // TCP_USER_TIMEOUT: a half-open peer is given up
};

class Acceptor {
 public:
  virtual ~Acceptor() = default;
  // On the connection's loop; must set a handler. `refused`: there are too many; say so and close.
  virtual void on_connection(Connection& connection, bool refused) = 0;
};

class Listener {
 public:
  // Loops may be running or not. Acceptor and loops outlive the listener and its connections; a
  // loop that is stopped closes them.
  static Result<std::unique_ptr<Listener>> open(std::span<Loop* const> loops,
                                                const ListenOptions& options, Acceptor& acceptor);
  ~Listener();  // stops

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string address() const;      // as bound, "127.0.0.1:5433"
  [[nodiscard]] std::size_t connections() const;  // open now, the refused included

  // Accepts no more; open connections stay. From any thread.
  void stop();

  struct Parts;

 private:
  explicit Listener(std::shared_ptr<Parts> parts);
  // Shared with every connection, which counts itself out when it goes, perhaps after the listener.
  std::shared_ptr<Parts> parts_;
};

// Whether every address that `host` resolves to is a loopback one. REQUIRES: "HOST:PORT" form as in
// ListenOptions.
Result<bool> is_loopback_address(std::string_view address);

}  // namespace holdfast
