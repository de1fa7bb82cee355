// One request per abandoned transaction, kept until the engine has answered it.
#include "service/abandoned_blocks.h"

namespace holdfast {

AbandonedBlocks::Rollback::Rollback(AbandonedBlocks& home, std::shared_ptr<Transaction> left)
    : home_(home), left_(std::move(left)) {
  kind = Kind::transact;
  request_class = RequestClass::freeing;
  verb = TransactionVerb::rollback;
  transaction = left_.get();
}

void AbandonedBlocks::leave(Engine& engine, std::shared_ptr<Transaction> transaction) {
  auto rollback = std::make_unique<Rollback>(*this, std::move(transaction));
  Rollback& request = *rollback;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(rollback));
  }
  engine.submit(request);  // it may be failed, and forgotten, before this returns
}

void AbandonedBlocks::forget(const Rollback& done) {
  const std::scoped_lock lock(mutex_);
  waiting_.remove_if([&done](const auto& one) { return one.get() == &done; });
}

}  // namespace holdfast
