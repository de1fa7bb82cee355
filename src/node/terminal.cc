// Plain ANSI; nothing is drawn where nobody looks.
#include "node/terminal.h"

#include <unistd.h>

#include <cstdio>

namespace holdfast {

void ProgressLine::show(std::uint64_t done, std::uint64_t total, Duration now) {
  constexpr Duration redraw_after = Duration::ms(100);
  if (isatty(STDERR_FILENO) == 0 || (is_shown_ && now - shown_at_ < redraw_after)) return;
  shown_at_ = now;
  is_shown_ = true;
  const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
  fmt::print(stderr, "\r\033[K{} {}% ({} of {} MiB)", label_, percent, done >> 20, total >> 20);
  std::fflush(stderr);
}

void ProgressLine::finish() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
  is_shown_ = false;
}

void print_error(const Error& error) {
  fmt::print(stderr, "holdfast: {}\n", error.message);
  if (!error.detail.empty()) fmt::print(stderr, "  {}\n", error.detail);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
}

std::string with_thousands(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, " ");
  }
  return digits;
}

}  // namespace holdfast
