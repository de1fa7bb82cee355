// Verdict: the first thing that was wrong in a run. Later findings are usually its consequences,
// so only the first is kept; the run stops at the next step.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace holdfast {

class Verdict {
 public:
  template <class... Args>
  void wrong(fmt::format_string<Args...> format, Args&&... args) {
    if (text_.empty()) text_ = fmt::format(format, std::forward<Args>(args)...);
  }
  [[nodiscard]] bool is_clean() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace holdfast
