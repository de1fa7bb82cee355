// Recycler: who takes back what no snapshot can see any more (stock/epochs.h).
#pragma once

#include <cstddef>

namespace holdfast {

class Recycler {
 public:
  virtual ~Recycler() = default;
  virtual void recycle(void* block) = 0;
  [[nodiscard]] virtual std::size_t block_bytes() const = 0;
};

}  // namespace holdfast
