// CHECK: an assertion that is always on. A false condition is a bug in Holdfast, never bad input,
// so it stops the process with file, line and the numbers at hand: a ledger that is wrong must not
// answer.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace holdfast {

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               std::string_view detail);

}  // namespace holdfast

// CHECK(x > 0) or CHECK(x > 0, "sku {} has {}", sku, x).
#define CHECK(condition, ...)                                                                  \
  do {                                                                                         \
    if (!(condition)) [[unlikely]] {                                                           \
      ::holdfast::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
    }                                                                                          \
  } while (false)
