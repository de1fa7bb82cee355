// AbandonedBlocks: the transactions whose sessions are gone, until the engine has rolled them back.
// Nobody listens to that.
//
// Threads: leave() from any; the engine's callbacks from whoever drives it. The engine is done with
// all of them, or gone, before this is destroyed.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "engine/engine.h"

namespace holdfast {

class AbandonedBlocks {
 public:
  void leave(Engine& engine, std::shared_ptr<Transaction> transaction);

 private:
  class Rollback final : public Request {
   public:
    Rollback(AbandonedBlocks& home, std::shared_ptr<Transaction> left);
    Result<Seq> read(const Stock&, Timestamp) override { return Seq(); }
    void released(Seq) override { home_.forget(*this); }
    void failed(const Error&) override { home_.forget(*this); }

   private:
    AbandonedBlocks& home_;
    std::shared_ptr<Transaction> left_;
  };
  void forget(const Rollback& done);

  std::mutex mutex_;
  std::list<std::unique_ptr<Rollback>> waiting_;
};

}  // namespace holdfast
