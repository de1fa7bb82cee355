// A batch is decoded a few groups at a time; a group may hold one entry or thousands, so what is
// ahead is counted in entries.
#include "engine/replay.h"

#include <algorithm>

#include "ledger/law.h"

namespace holdfast {

Status Replay::batch(const BatchHeader& header, ByteSpan payload) {
  ByteReader in(payload);
  next_ = header.info.first;
  while (!in.at_end()) {
    const bool is_whole = decode_some(in, header.info.at);
    fold_coming();
    if (is_whole) continue;
    return fail(ErrorCode::corrupt, "the batch of seq {} holds bytes that are no group, at byte {}",
                header.info.first.value(), in.position());
  }
  if (next_ != header.info.last.next()) {
    return fail(ErrorCode::corrupt,
                "the batch of seq {} says it ends at {} but holds entries up to {}",
                header.info.first.value(), header.info.last.value(), next_.value() - 1);
  }
  if (stock_.digest() != header.info.digest) {
    return fail(ErrorCode::corrupt,
                "the state after seq {} has digest {:016x}, the journal says {:016x}",
                header.info.last.value(), stock_.digest(), header.info.digest);
  }
  return {};
}

bool Replay::decode_some(ByteReader& in, Timestamp turn) {
  if (decoded_.empty()) decoded_.resize(ahead_max);  // a group has an entry or more
  coming_.clear();
  for (std::size_t at = 0; coming_.size() < ahead_max && !in.at_end(); ++at) {
    DecodedGroup& group = decoded_[at];
    if (!decode_group(in, group)) return false;
    group.context.at = turn;
    for (const Entry& entry : group.entries) coming_.push_back({.group = &group, .entry = &entry});
    coming_.back().is_last = true;
  }
  return true;
}

void Replay::fold_coming() {
  for (std::size_t at = 0; at < coming_.size(); ++at) {
    if (at % ahead_max == 0) foresee(at);
    fold_one(coming_[at]);
  }
}

void Replay::foresee(std::size_t from) const {
  const std::size_t end = std::min(from + ahead_max, coming_.size());
  for (std::uint32_t step = 0; step < Stock::change_foresight_steps; ++step) {
    for (std::size_t at = from; at < end; ++at) foresee_fold(stock_, *coming_[at].entry, step);
  }
}

void Replay::fold_one(const Coming& coming) {
  fold(stock_, coming.group->context, *coming.entry, next_);
  ++entries_;
  if (coming.is_last) {
    ++groups_;
    if (after_group) after_group(*coming.group, next_);
  }
  next_ = next_.next();
}

}  // namespace holdfast
