// Null server: answers the PostgreSQL protocol without doing anything. It is the ceiling of client,
// kernel and wire on a machine, so that a budget can be stated as a share of what is possible there
// (docs/benchmarks.md).
//
//   null_server --port 0 [--shape claim|read] [--sync-file FILE]
//
// Every Parse, Bind, Describe, Execute, Close, Sync and Query gets the answer a real server would
// give, with one canned row: `claim` has the columns of claim(), `read` one bigint. With
// --sync-file one 4 KiB block is appended and synced before the replies of one round leave: the
// crudest server that is durable before it answers.
//
// Frozen: figures of different months are comparable only while this file stays as it is. It is a
// peer, not a part of Holdfast, so it calls the operating system directly and handles no more of
// the protocol than its clients send.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

void append_int16(std::string& out, int value) {
  out.push_back(static_cast<char>((value >> 8) & 0xff));
  out.push_back(static_cast<char>(value & 0xff));
}

void append_int32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint32_t read_int32(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return ntohl(value);
}

std::string message(char type, std::string_view body) {
  std::string out(1, type);
  append_int32(out, static_cast<std::uint32_t>(body.size() + 4));
  out.append(body);
  return out;
}

struct CannedColumn {
  std::string_view name;
  std::uint32_t type_oid;
  int type_size;
  std::string_view text;  // empty: NULL
};

// The columns of claim() and of a point read, with values as long as real ones.
constexpr std::array<CannedColumn, 9> claim_columns = {{
    {"granted", 16, 1, "t"},
    {"outcome", 25, -1, "granted"},
    {"claim_id", 2950, 16, "01939f5e-7b0a-7c31-9d52-2f6b8c1d4e7f"},
    {"state", 25, -1, "committed"},
    {"expires_at", 1184, 8, ""},
    {"available", 20, 8, "123456789"},
    {"seq", 20, 8, "987654321"},
    {"replayed", 16, 1, "f"},
    {"lines", 3802, -1, ""},
}};
constexpr std::array<CannedColumn, 1> read_columns = {{{"available", 20, 8, "123456789"}}};

// Every reply the server ever gives, made once.
struct CannedReplies {
  std::string welcome, row_description, parameters, execution, query, ready;

  template <std::size_t Count>
  explicit CannedReplies(const std::array<CannedColumn, Count>& columns) {
    std::string description;
    std::string row;
    append_int16(description, static_cast<int>(Count));
    append_int16(row, static_cast<int>(Count));
    for (const CannedColumn& column : columns) {
      description.append(column.name).push_back('\0');
      append_int32(description, 0);
      append_int16(description, 0);
      append_int32(description, column.type_oid);
      append_int16(description, column.type_size);
      append_int32(description, static_cast<std::uint32_t>(-1));
      append_int16(description, 0);
      append_int32(row, static_cast<std::uint32_t>(
                            column.text.empty() ? -1 : static_cast<int>(column.text.size())));
      row.append(column.text);
    }
    using namespace std::string_view_literals;
    ready = message('Z', "I");
    row_description = message('T', description);
    parameters = message('t', "\0\0"sv);
    execution = message('D', row) + message('C', "SELECT 1\0"sv);
    query = row_description + execution + ready;
    welcome = message('R', "\0\0\0\0"sv) + message('S', "server_version\00015.0 (null)\0"sv) +
              message('S', "client_encoding\0UTF8\0"sv) + message('S', "DateStyle\0ISO, MDY\0"sv) +
              message('S', "integer_datetimes\0on\0"sv) +
              message('S', "standard_conforming_strings\0on\0"sv) +
              message('K', "\0\0\0\1\0\0\0\1"sv) + ready;
  }
};

constexpr std::uint32_t code_protocol_3 = 196608;
constexpr std::uint32_t code_ssl = 80877103;
constexpr std::uint32_t code_gss = 80877104;

struct Connection {
  int descriptor = -1;
  bool started = false;
  std::string in;
  std::string out;

  // False: close it.
  bool answer(const CannedReplies& replies) {
    std::size_t at = 0;
    while (true) {
      const std::size_t head = started ? 5 : 4;
      if (in.size() - at < head) break;
      const std::uint32_t length = read_int32(in.data() + at + head - 4);
      if (length < 4 || length > (1U << 26)) return false;
      const std::size_t total = length + (started ? 1 : 0);
      if (in.size() - at < total) break;
      if (!answer_one(in.data() + at, replies)) return false;
      at += total;
    }
    in.erase(0, at);
    return true;
  }

  bool answer_one(const char* bytes, const CannedReplies& replies) {
    using namespace std::string_view_literals;
    if (!started) {
      const std::uint32_t code = read_int32(bytes + 4);
      if (code == code_ssl || code == code_gss) {
        out.push_back('N');
        return true;
      }
      started = code == code_protocol_3;
      out.append(replies.welcome);
      return started;
    }
    switch (bytes[0]) {
      case 'P':
        out.append("1\0\0\0\4"sv);
        return true;
      case 'B':
        out.append("2\0\0\0\4"sv);
        return true;
      case 'C':
        out.append("3\0\0\0\4"sv);
        return true;
      case 'D':
        if (bytes[5] == 'S') out.append(replies.parameters);
        out.append(replies.row_description);
        return true;
      case 'E':
        out.append(replies.execution);
        return true;
      case 'S':
        out.append(replies.ready);
        return true;
      case 'Q':
        out.append(replies.query);
        return true;
      case 'H':
        return true;
      default:
        return false;  // Terminate, or what no client of ours sends
    }
  }

  // False: close it.
  bool write_out() {
    while (!out.empty()) {
      const ssize_t written = ::send(descriptor, out.data(), out.size(), MSG_NOSIGNAL);
      if (written < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
      out.erase(0, static_cast<std::size_t>(written));
    }
    return true;
  }
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

class NullServer {
 public:
  NullServer(int port, const CannedReplies& replies, int sync_descriptor)
      : replies_(replies), sync_descriptor_(sync_descriptor) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 1024) != 0) die("bind");
    ::getsockname(listener_, generic, &size);
    std::printf("null server listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 1024> events{};
    std::vector<int> answered;
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      answered.clear();
      for (int index = 0; index < count; ++index) {
        const int descriptor = events[static_cast<std::size_t>(index)].data.fd;
        if (descriptor == listener_) {
          accept_all();
        } else if (read_and_answer(descriptor)) {
          if (sync_descriptor_ >= 0) {
            answered.push_back(descriptor);
          } else {
            flush(descriptor);
          }
        }
      }
      if (!answered.empty()) {
        make_durable();
        for (const int descriptor : answered) flush(descriptor);
      }
    }
  }

 private:
  void watch(int operation, int descriptor, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void accept_all() {
    while (true) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor < 0) return;
      const int on = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto connection = std::make_unique<Connection>();
      connection->descriptor = descriptor;
      connections_[descriptor] = std::move(connection);
      watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
  }

  bool read_and_answer(int descriptor) {
    Connection& connection = *connections_.at(descriptor);
    const ssize_t size = ::recv(descriptor, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;  // writable again
    if (size > 0) connection.in.append(buffer_.data(), static_cast<std::size_t>(size));
    if (size <= 0 || !connection.answer(replies_)) {
      close(descriptor);
      return false;
    }
    return true;
  }

  void flush(int descriptor) {
    Connection& connection = *connections_.at(descriptor);
    if (!connection.write_out()) {
      close(descriptor);
    } else {
      const bool waits = !connection.out.empty();
      if (waits || blocked_) watch(EPOLL_CTL_MOD, descriptor, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
      blocked_ = blocked_ || waits;
    }
  }

  void make_durable() const {
    static constexpr std::array<char, 4096> block{};
    if (::write(sync_descriptor_, block.data(), block.size()) !=
            static_cast<ssize_t>(block.size()) ||
        ::fdatasync(sync_descriptor_) != 0) {
      die("sync");
    }
  }

  void close(int descriptor) {
    connections_.erase(descriptor);
    ::close(descriptor);
  }

  const CannedReplies& replies_;
  int sync_descriptor_;
  int listener_ = -1;
  int epoll_ = -1;
  bool blocked_ = false;  // some connection was ever slow to read: EPOLLOUT is in use
  std::array<char, 256 * 1024> buffer_{};
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  int sync_descriptor = -1;
  std::string_view shape = "claim";
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string_view flag = argv[index];
    const char* value = argv[index + 1];
    if (flag == "--port") port = std::atoi(value);
    if (flag == "--shape") shape = value;
    if (flag == "--sync-file")
      sync_descriptor = ::open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  std::signal(SIGPIPE, SIG_IGN);
  const CannedReplies replies =
      shape == "read" ? CannedReplies(read_columns) : CannedReplies(claim_columns);
  const auto server = std::make_unique<NullServer>(port, replies, sync_descriptor);
  server->run();
}
