// Served: what became of one request in its turn.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/ids.h"

namespace holdfast {

struct Served {
  Status status;  // failed: what the request is told
  Seq gate;       // the highest version that its answer rests on; 0: it need not wait
  std::uint64_t work = 1;
  bool is_failure = false;  // it was refused, which fails what it belongs to
};

}  // namespace holdfast
