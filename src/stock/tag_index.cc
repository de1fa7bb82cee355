// A split reuses the old segment for one half, so nothing is thrown away but the small tables of
// the first doublings.
#include "stock/tag_index.h"

#include <new>

#include "base/check.h"

namespace holdfast {

TagIndex::TagIndex(Arena& arena) : arena_(arena), segments_(arena) {
  directory_.push_back(new_segment(slots_min, 0));
}

TagIndex::Slot* TagIndex::new_slots(std::uint32_t count) {
  auto* slots = reinterpret_cast<Slot*>(arena_.take(sizeof(Slot) * count, 64));
  for (std::uint32_t at = 0; at < count; ++at) new (slots + at) Slot();
  return slots;
}

TagIndex::Segment* TagIndex::new_segment(std::uint32_t slots, std::uint32_t depth) {
  return &segments_.push_back(
      {.slots = new_slots(slots), .mask = slots - 1, .used = 0, .depth = depth});
}

void TagIndex::place(Segment& segment, Slot slot) {
  std::uint32_t at = slot.tag & segment.mask;
  while (segment.slots[at].id != 0) at = (at + 1) & segment.mask;
  segment.slots[at] = slot;
  ++segment.used;
}

void TagIndex::erase(std::uint64_t hash, std::uint32_t id) {
  const std::uint32_t tag = tag_of(hash);
  Segment& segment = *directory_[directory_index(tag)];
  std::uint32_t hole = tag & segment.mask;
  while (segment.slots[hole].id != id) {
    CHECK(segment.slots[hole].id != 0, "id {} is not in the index", id);
    hole = (hole + 1) & segment.mask;
  }
  // Shift back what was pushed past the hole, so no tombstone is needed.
  for (std::uint32_t at = (hole + 1) & segment.mask; segment.slots[at].id != 0;
       at = (at + 1) & segment.mask) {
    const std::uint32_t home = segment.slots[at].tag & segment.mask;
    if (((at - home) & segment.mask) < ((at - hole) & segment.mask)) continue;
    segment.slots[hole] = segment.slots[at];
    hole = at;
  }
  segment.slots[hole] = Slot();
  --segment.used;
  --size_;
}

void TagIndex::make_room(Segment& segment) {
  // Segments of the greatest depth grow instead: only more than 800 million ids or crafted hashes
  // come here.
  if (segment.mask + 1 < slots_max || segment.depth == depth_max) {
    grow(segment);
  } else {
    split(segment);
  }
}

void TagIndex::grow(Segment& segment) {
  const Segment old = segment;
  segment.mask = old.mask * 2 + 1;
  segment.slots = new_slots(segment.mask + 1);
  segment.used = 0;
  for (std::uint32_t at = 0; at <= old.mask; ++at) {
    if (old.slots[at].id != 0) place(segment, old.slots[at]);
  }
}

void TagIndex::split(Segment& segment) {
  if (segment.depth == depth_) {
    std::vector<Segment*> doubled;
    doubled.reserve(directory_.size() * 2);
    for (Segment* entry : directory_) doubled.insert(doubled.end(), 2, entry);
    directory_ = std::move(doubled);
    ++depth_;
  }
  const std::uint32_t bit = 31 - segment.depth;  // the tag bit that tells the halves apart
  Segment* upper = new_segment(segment.mask + 1, segment.depth + 1);
  const std::vector<Slot> slots(segment.slots, segment.slots + segment.mask + 1);
  for (std::uint32_t at = 0; at <= segment.mask; ++at) segment.slots[at] = Slot();
  segment.used = 0;
  ++segment.depth;
  for (const Slot slot : slots) {
    if (slot.id != 0) place(((slot.tag >> bit) & 1) != 0 ? *upper : segment, slot);
  }
  // The entries of the old segment are one run; its second half now belongs to the upper one.
  std::uint32_t tag = 0;
  for (const Slot slot : slots) {
    if (slot.id != 0) tag = slot.tag;
  }
  const std::size_t run = std::size_t{1} << (depth_ - segment.depth);
  const std::size_t first = directory_index(tag) / (run * 2) * (run * 2);
  for (std::size_t entry = first + run; entry < first + run * 2; ++entry) directory_[entry] = upper;
}

}  // namespace holdfast
