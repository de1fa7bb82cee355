// One write with pwrite64, durable when the descriptor is O_DSYNC, and the rule for short counts
// that files and both kinds of queue share: a short write is repeated as a whole (the same bytes at
// the same place, so repeating is harmless), at most short_writes_max times; it is never taken for
// success, and never continued from an unaligned middle.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

inline constexpr int short_writes_max = 3;

Status durable_write(int descriptor, std::string_view name, std::uint64_t offset, ByteSpan bytes);

[[nodiscard]] Error short_write_error(std::string_view name, std::uint64_t offset,
                                      std::size_t wanted, std::int64_t got);

}  // namespace holdfast
