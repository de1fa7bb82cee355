// The only place that reads errno values into codes.
#include "world/linux/system_error.h"

#include <cerrno>
#include <system_error>

namespace holdfast {
namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::disk_full;
    case EFBIG:
      return ErrorCode::limit_exceeded;
    default:
      return ErrorCode::io_error;
  }
}

}  // namespace

Error system_error(std::string_view operation, std::string_view name, int number) {
  return {.code = code_of(number),
          .message = fmt::format("cannot {} \"{}\": {}", operation, name,
                                 std::generic_category().message(number)),
          .detail = {},
          .hint = {}};
}

}  // namespace holdfast
