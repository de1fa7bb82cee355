// TagIndex: from the hash of a name or key to the row that has it. Extendible hashing (Fagin et
// al., TODS 1979): a directory of segments, each an open-addressed table of {32 bits of hash, id}.
// The caller compares the real key, so a look-up costs one cache miss here and one in the row.
//
// Invariants
//   1. Slots never leave their segment unless it splits, and a split touches one segment of at most
//   32 KiB: an insert
//      costs microseconds at the worst, at any size (no rehash of everything).
//   2. A segment's directory entries agree with its slots in their first `depth` tag bits.
//   3. At most three quarters of a segment's slots are used, so every probe ends.
//
// Ids are at least 1. Keys with equal tags only make probes longer; nothing trusts a hash.
#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "stock/arena.h"
#include "stock/chunked.h"

namespace holdfast {

class TagIndex {
 public:
  explicit TagIndex(Arena& arena);

  // The id for which `is_same(id)` holds among those inserted with this hash; 0 when there is none.
  template <class IsSame>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, IsSame&& is_same) const {
    const std::uint32_t tag = tag_of(hash);
    const Segment& segment = *directory_[directory_index(tag)];
    for (std::uint32_t at = tag & segment.mask;; at = (at + 1) & segment.mask) {
      const Slot slot = segment.slots[at];
      if (slot.id == 0) return 0;
      if (slot.tag == tag && is_same(slot.id)) return slot.id;
    }
  }
  // The first id with the hash's tag, most likely the right one; 0 when there is none.
  [[nodiscard]] std::uint32_t guess(std::uint64_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }
  // REQUIRES: id is not 0 and not yet there with this hash.
  void insert(std::uint64_t hash, std::uint32_t id) {
    find_or_insert(hash, id, [](std::uint32_t) { return false; });
  }
  // As find(); when there is none, inserts `id` and returns 0. One probe for both.
  template <class IsSame>
  std::uint32_t find_or_insert(std::uint64_t hash, std::uint32_t id, IsSame&& is_same) {
    CHECK(id != 0);
    const std::uint32_t tag = tag_of(hash);
    Segment& segment = segment_with_room(tag);
    for (std::uint32_t at = tag & segment.mask;; at = (at + 1) & segment.mask) {
      const Slot slot = segment.slots[at];
      if (slot.id == 0) {
        segment.slots[at] = {.tag = tag, .id = id};
        ++segment.used;
        ++size_;
        return 0;
      }
      if (slot.tag == tag && is_same(slot.id)) return slot.id;
    }
  }
  // REQUIRES: it is there.
  void erase(std::uint64_t hash, std::uint32_t id);
  // Brings the slot of a hash towards the cache.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t tag = tag_of(hash);
    const Segment& segment = *directory_[directory_index(tag)];
    __builtin_prefetch(&segment.slots[tag & segment.mask], 1);
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id = 0;  // 0: empty
  };
  struct Segment {
    Slot* slots = nullptr;
    std::uint32_t mask = 0;
    std::uint32_t used = 0;
    std::uint32_t depth = 0;  // how many leading tag bits its slots share
  };
  static constexpr std::uint32_t slots_min = 64;
  static constexpr std::uint32_t slots_max = 4096;  // of a segment that can still split
  static constexpr std::uint32_t depth_max = 18;

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  [[nodiscard]] std::size_t directory_index(std::uint32_t tag) const {
    return static_cast<std::size_t>(std::uint64_t{tag} >> (32 - depth_));
  }
  [[nodiscard]] Segment& segment_with_room(std::uint32_t tag) {
    for (;;) {
      Segment& segment = *directory_[directory_index(tag)];
      if (segment.used < (segment.mask + 1) / 4 * 3) [[likely]]
        return segment;
      make_room(segment);
    }
  }
  [[nodiscard]] Slot* new_slots(std::uint32_t count);
  Segment* new_segment(std::uint32_t slots, std::uint32_t depth);
  static void place(Segment& segment, Slot slot);
  void make_room(Segment& segment);
  void grow(Segment& segment);
  void split(Segment& segment);

  Arena& arena_;
  Chunked<Segment, 6> segments_;  // close together: every look reads one
  std::vector<Segment*> directory_;
  std::uint32_t depth_ = 0;  // the directory has 2^depth_ entries, chosen by the tag's leading bits
  std::uint64_t size_ = 0;
};

}  // namespace holdfast
