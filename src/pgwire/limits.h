// Every limit of the PostgreSQL wire, named once; docs/wire.md lists them. What exceeds one gets an
// error that names it; the connection survives wherever the frame's end is still known.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/time.h"

namespace holdfast {

inline constexpr std::size_t startup_bytes_max = 10'000;  // PostgreSQL's own
inline constexpr std::size_t authentication_bytes_max =
    16 * 1024;  // one message before the session is open
inline constexpr std::size_t frame_bytes_max =
    0x3fffffff;  // longer is taken for garbage, not for a message
inline constexpr std::size_t message_bytes_default = 1024 * 1024;
inline constexpr std::size_t reply_bytes_max = 64 * 1024 * 1024;  // the rows of one execution
inline constexpr std::size_t wire_name_bytes_max = 256;        // of a prepared statement or portal
inline constexpr std::size_t prepared_statements_max = 1'000;  // named, per session
inline constexpr std::size_t prepared_bytes_max = 8 * 1024 * 1024;  // of their text, per session
inline constexpr std::size_t portals_max = 100;                     // named, per session
inline constexpr std::size_t portal_bytes_max =
    16 * 1024 * 1024;  // parameters and unread rows, per session
// A session starts with few executions in flight; each that was light allows one more, a heavy one
// (many rows, many levels, a long reply) leaves only one. So no client's backlog costs the others
// more than a few heavy statements, in time or memory (as TCP: Jacobson, SIGCOMM 1988).
inline constexpr std::size_t in_flight_start = 8;
inline constexpr std::uint32_t heavy_weight = 1'000;
inline constexpr std::size_t heavy_reply_bytes = 64 * 1024;
inline constexpr std::size_t in_flight_max = 1'024;  // executions per session; then input waits
inline constexpr Duration authentication_time_max = Duration::seconds(60);

}  // namespace holdfast
