// The job owns its snapshot; the engine frees the copied pages at its next reclaim().
#include "engine/checkpointer.h"

#include <utility>

#include "stock/snapshot.h"

namespace holdfast {
namespace {

Status write(World& world, const Snapshot& snapshot, const CheckpointHeader& header) {
  ASSIGN(auto writer, write_checkpoint(world.disk, header));
  TRY(save(snapshot, [&](ByteSpan block) { return writer->add(block); }));
  return writer->finish();
}

}  // namespace

void Checkpointer::begin(Stock& stock, CheckpointHeader header, std::uint64_t journal_bytes) {
  CHECK(!is_running());
  last_bytes_ = journal_bytes;
  behind_ = 0;
  asked_ = false;
  running_.store(true, std::memory_order_release);
  std::shared_ptr<const Snapshot> snapshot = stock.snapshot(header.position.seq);
  world_.background.post(
      [this, header = std::move(header), snapshot = std::move(snapshot)]() mutable {
        Status status = write(world_, *snapshot, header);
        snapshot.reset();
        {
          const std::scoped_lock lock(mutex_);
          error_.reset();
          if (!status.has_value()) error_ = std::move(status).error();
        }
        written_.fetch_add(1, std::memory_order_relaxed);
        running_.store(false, std::memory_order_release);
      });
}

Status Checkpointer::last_status() const {
  const std::scoped_lock lock(mutex_);
  if (error_.has_value()) return fail(*error_);
  return {};
}

}  // namespace holdfast
