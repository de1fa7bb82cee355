// RepeatableRead: a read that can be done again, and told apart from what it was. A transaction
// that validates its reads keeps one for each, and its COMMIT takes effect only where all of them
// come out as they did: backward validation at commit time (Kung and Robinson, "On Optimistic
// Methods for Concurrency Control", 1981), by value instead of by write set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/ids.h"
#include "model/time.h"
#include "stock/stock.h"

namespace holdfast {

class RepeatableRead {
 public:
  RepeatableRead() = default;
  virtual ~RepeatableRead() = default;
  RepeatableRead(const RepeatableRead&) = delete;
  RepeatableRead& operator=(const RepeatableRead&) = delete;

  struct Look {
    std::uint64_t rows = 0;  // a hash of them: equal when they are
    std::uint32_t work = 0;  // Request::work
  };
  // On the thread that owns the state. committed: Request::committed, as it is then.
  virtual Look look(const Stock& stock, Timestamp now, Seq committed) = 0;
  // Of its keys, in memory.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

}  // namespace holdfast
