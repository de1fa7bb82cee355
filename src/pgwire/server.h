// PgServer: Database offered over the PostgreSQL protocol on one address. The assembler gives it a
// database, an access policy and loops; everything else is inside.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "access/access.h"
#include "base/result.h"
#include "net/listener.h"
#include "net/loop.h"
#include "pgwire/limits.h"
#include "service/database.h"

namespace holdfast {

struct PgServerOptions {
  ListenOptions listen{.address = "127.0.0.1:5433"};
  std::size_t message_bytes_max = message_bytes_default;
  Duration authentication_time_max = holdfast::authentication_time_max;
};

struct PgServerStats {
  std::size_t connections = 0;  // open now
  std::uint64_t sessions = 0;   // opened so far
  std::uint64_t statements = 0, errors = 0, authentication_failures = 0;
};

class PgServer {
 public:
  // Listens at once; connections are served while their loops run. Database, access and loops
  // outlive the server; the heartbeat of the loops must drive the engine.
  static Result<std::unique_ptr<PgServer>> open(Database& database, const Access& access,
                                                std::span<Loop* const> loops,
                                                const PgServerOptions& options);
  // REQUIRES: drained, or its loops stopped.
  ~PgServer();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string address() const;
  [[nodiscard]] PgServerStats stats() const;

  // Accepts no more, lets every session finish what it has in flight and ends it with 57P01; what
  // has not ended within `patience` is closed. Not on a loop's thread. True: nobody was cut off.
  bool drain(Duration patience);

 private:
  struct Parts;
  explicit PgServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
