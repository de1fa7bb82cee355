// Where a failed CHECK ends: one line on standard error, then abort (a core dump is wanted here).
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

void check_failed(const char* file, int line, const char* condition, std::string_view detail) {
  std::fprintf(stderr, "holdfast: bug: CHECK(%s) failed at %s:%d%s%.*s\n", condition, file, line,
               detail.empty() ? "" : ": ", static_cast<int>(detail.size()), detail.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace holdfast
