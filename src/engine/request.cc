// What a request without space for it is told.
#include "engine/request.h"

namespace holdfast {

Error no_space() {
  return {.code = ErrorCode::disk_full,
          .message = "the disk of the journal is full: the command was not executed",
          .detail = "Commands that free stock are accepted until the reserve is used up.",
          .hint = "Free space under the data directory."};
}

}  // namespace holdfast
