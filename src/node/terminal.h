// What a person at a terminal sees: progress of long work, errors, numbers with thousands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/time.h"

namespace holdfast {

// A line on standard error that is redrawn at most ten times a second, and only on a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::string_view label) : label_(label) {}
  ~ProgressLine() { finish(); }
  void show(std::uint64_t done, std::uint64_t total, Duration now);
  void finish();

 private:
  std::string label_;
  Duration shown_at_;
  bool is_shown_ = false;
};

// message, then detail and hint on lines of their own, on standard error.
void print_error(const Error& error);

[[nodiscard]] std::string with_thousands(std::uint64_t value);  // 1 234 567

}  // namespace holdfast
