// Replay: the entries of the journal, folded again in their order. The visitor of recovery and of
// verify.
//
// What an entry changes lies anywhere among millions of rows. So some entries are read before the
// first of them is folded, and what they will touch is asked for, step by step for all of them
// (group prefetching, Chen et al., ICDE 2004). Hints have no effect on the state: it is what `fold`
// makes of one entry after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "journal/journal.h"
#include "model/entry.h"
#include "stock/stock.h"

namespace holdfast {

class Replay {
 public:
  explicit Replay(Stock& stock) : stock_(stock) {}
  // Folds one batch's groups, from info.first on; `corrupt` when the payload is not whole groups or
  // the digest differs.
  Status batch(const BatchHeader& header, ByteSpan payload);
  // After each group, before the next: what verify hangs its checks on.
  std::function<void(const DecodedGroup& group, Seq last)> after_group;
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }

 private:
  // Enough that what one step asks for has come when the next begins, few enough that all of it is
  // still in the second cache when it is folded.
  static constexpr std::size_t ahead_max = 128;

  struct Coming {
    const DecodedGroup* group = nullptr;
    const Entry* entry = nullptr;
    bool is_last = false;  // of its group
  };
  // Groups of ahead_max entries or more, unless the batch ends; false at bytes that are no group.
  bool decode_some(ByteReader& in, Timestamp turn);
  void fold_coming();
  void foresee(std::size_t from) const;  // ahead_max of those coming
  void fold_one(const Coming& coming);

  Stock& stock_;
  std::vector<DecodedGroup> decoded_;  // what coming_ points to
  std::vector<Coming> coming_;         // not folded yet
  Seq next_;
  std::uint64_t entries_ = 0;
  std::uint64_t groups_ = 0;
};

}  // namespace holdfast
