// Accepting on the first loop, handing each socket to the next loop in turn.
#include "net/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <utility>

#include "base/text.h"
#include "net/parts.h"
#include "net/tcp_connection.h"

namespace holdfast {
namespace {

using asio::ip::tcp;

constexpr int keepalive_idle_s = 60;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_count = 6;

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostPort> split(std::string_view address) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid_value, "address must be HOST:PORT, got {}", quoted(address));
  };
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return bad();
  }
  HostPort result{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error == std::errc::result_out_of_range) {
    return fail(ErrorCode::invalid_value, "port must be 0 to 65535, got {}", port);
  }
  if (host.empty() || error != std::errc() || end != port.data() + port.size()) return bad();
  return result;
}

Result<std::vector<tcp::endpoint>> resolve(std::string_view address) {
  ASSIGN(const HostPort parts, split(address));
  asio::io_context context;
  error_code error;
  const auto found = tcp::resolver(context).resolve(parts.host, std::to_string(parts.port),
                                                    tcp::resolver::passive, error);
  if (error) {
    return fail(ErrorCode::io_error, "cannot resolve {}: {}", quoted(address), error.message());
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  return endpoints;
}

void set_option(int descriptor, int level, int name, int value) {
  // Best effort: an old kernel without one of them still serves.
  [[maybe_unused]] const int result = ::setsockopt(descriptor, level, name, &value, sizeof value);
}

TcpConnection::Peer peer_of(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return {.name = fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"),
                              address.to_string(), endpoint.port()),
          .is_loopback = address.is_loopback()};
}

}  // namespace

struct Listener::Parts : std::enable_shared_from_this<Listener::Parts> {
  Parts(std::span<Loop* const> loops_given, const ListenOptions& options_given, Acceptor& given)
      : loops(loops_given.begin(), loops_given.end()),
        options(options_given),
        acceptor(given),
        listening(loops.front()->parts().context),
        rest(loops.front()->parts().context) {}

  void accept();
  void admit(tcp::socket socket);
  void start_connection(Loop& loop, Descriptor socket, TcpConnection::Peer peer);

  std::vector<Loop*> loops;
  ListenOptions options;
  Acceptor& acceptor;
  tcp::acceptor listening;
  asio::steady_timer rest;
  tcp::endpoint bound;
  std::size_t turn = 0;
  std::atomic<std::size_t> open = 0;
  std::atomic<bool> stopped = false;
};

void Listener::Parts::accept() {
  listening.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    if (self->stopped) return;
    if (!error) {
      self->admit(std::move(socket));
      return self->accept();
    }
    if (error == asio::error::operation_aborted) return;
    // Out of descriptors or memory: the queue of the kernel holds the rest meanwhile.
    self->rest.expires_after(std::chrono::microseconds(accept_rest.us()));
    self->rest.async_wait([self](const error_code& cancelled) {
      if (!cancelled && !self->stopped) self->accept();
    });
  });
}

void Listener::Parts::admit(tcp::socket socket) {
  if (open.load() >= options.connections_max + options.refusals_max) return;  // closed unheard
  const int descriptor = socket.native_handle();
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive_count);
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
             static_cast<int>(options.unacknowledged_max.us() / 1'000));
  error_code error;
  socket.native_non_blocking(true, error);
  TcpConnection::Peer peer = peer_of(socket);
  const int own = socket.release(error);
  if (error) return;
  Loop& loop = *loops[turn++ % loops.size()];
  open.fetch_add(1);
  if (loop.is_current()) return start_connection(loop, Descriptor(own), std::move(peer));
  loop.post([self = shared_from_this(), &loop, own, peer = std::move(peer)] {
    self->start_connection(loop, Descriptor(own), peer);
  });
}

void Listener::Parts::start_connection(Loop& loop, Descriptor socket, TcpConnection::Peer peer) {
  const bool refused = open.load() > options.connections_max;
  // Deletes itself, see tcp_connection.h.
  auto connection =
      std::make_unique<TcpConnection>(loop, std::move(socket), std::move(peer),
                                      [self = shared_from_this()] { self->open.fetch_sub(1); });
  TcpConnection* raw = connection.release();
  acceptor.on_connection(*raw, refused);
  raw->begin();
}

Result<std::unique_ptr<Listener>> Listener::open(std::span<Loop* const> loops,
                                                 const ListenOptions& options, Acceptor& acceptor) {
  CHECK(!loops.empty());
  ASSIGN(const auto endpoints, resolve(options.address));
  auto parts = std::make_shared<Parts>(loops, options, acceptor);
  error_code error;
  const auto failed = [&](std::string_view what) {
    return fail(ErrorCode::io_error, "cannot {} {}: {}", what, quoted(options.address),
                error.message());
  };
  const tcp::endpoint& endpoint = endpoints.front();
  if (parts->listening.open(endpoint.protocol(), error)) return failed("open a socket for");
  parts->listening.set_option(tcp::acceptor::reuse_address(true), error);
  if (parts->listening.bind(endpoint, error)) return failed("bind to");
  if (parts->listening.listen(4096, error)) return failed("listen on");
  parts->bound = parts->listening.local_endpoint(error);
  loops.front()->post([parts] { parts->accept(); });
  return std::unique_ptr<Listener>(new Listener(std::move(parts)));
}

Listener::Listener(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}

Listener::~Listener() { stop(); }

std::uint16_t Listener::port() const { return parts_->bound.port(); }

std::string Listener::address() const {
  const auto address = parts_->bound.address();
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(),
                     parts_->bound.port());
}

std::size_t Listener::connections() const { return parts_->open.load(); }

void Listener::stop() {
  if (parts_->stopped.exchange(true)) return;
  parts_->loops.front()->post([parts = parts_] {
    error_code ignored;
    parts->listening.close(ignored);
    parts->rest.cancel();
  });
}

Result<bool> is_loopback_address(std::string_view address) {
  ASSIGN(const auto endpoints, resolve(address));
  for (const auto& endpoint : endpoints) {
    if (!endpoint.address().is_loopback()) return false;
  }
  return true;
}

}  // namespace holdfast
