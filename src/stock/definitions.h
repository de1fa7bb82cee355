// Definitions<Record>: the versions of items, locations or channels that are in force, by id. A
// definition is an immutable block on the heap; redefining replaces the pointer and retires the
// block, so a snapshot keeps its own.
#pragma once

#include <cstdint>
#include <optional>

#include "base/check.h"
#include "stock/digest.h"
#include "stock/pages.h"
#include "stock/record_codec.h"

namespace holdfast {

template <class Record>
struct Defined {
  Seq version;
  Record record;
  std::uint64_t digest_share = 0;
  std::uint64_t born = 0;  // the epoch
};

// Of one definition, from its content alone.
template <class Record>
std::uint64_t digest_share_of(DigestKind kind, std::uint32_t id, const Record& record, Seq version,
                              ByteWriter& scratch) {
  scratch.clear();
  encode(scratch, record);
  return key_factor(kind, 0, id) *
         (weighted(hash64(scratch.bytes()), 0) + weighted(version.value(), 1));
}

template <class Id, class Record, DigestKind kind>
class Definitions {
 public:
  using Page = PointerPage<Defined<Record>>;

  Definitions(Arena& arena, Epochs& epochs) : epochs_(epochs), table_(arena, epochs) {
    table_.append();
  }
  ~Definitions() {
    for (std::uint32_t row = 1; row < table_.size(); ++row) recycler_.recycle(at(row));
  }
  Definitions(const Definitions&) = delete;
  Definitions& operator=(const Definitions&) = delete;

  [[nodiscard]] Id last() const { return Id(table_.size() - 1); }
  [[nodiscard]] const Defined<Record>& get(Id id) const {
    CHECK(id.value() != 0 && id <= last(), "id {} was not handed out", id.value());
    return *at(id.value());
  }
  // Returns the change of the digest. REQUIRES: 1 ≤ id ≤ last().next().
  std::uint64_t define(Id id, const Record& record, Seq version) {
    CHECK(id.value() != 0 && id <= last().next(), "id {} is out of order", id.value());
    auto* defined =
        new Defined<Record>{.version = version, .record = record, .born = epochs_.now()};
    defined->digest_share = digest_share_of(kind, id.value(), record, version, scratch_);
    owned_bytes_ += bytes_of(*defined);
    std::uint64_t change = defined->digest_share;
    if (id > last()) {
      table_.append();
    } else {
      Defined<Record>* before = at(id.value());
      change -= before->digest_share;
      owned_bytes_ -= bytes_of(*before);
      epochs_.retire(before->born, before, recycler_);
    }
    table_.writable(id.value()).at[table_.in_page(id.value())] = defined;
    return change;
  }
  // What a definition replaces.
  struct Before {
    Id id;
    std::optional<Record> record;  // none: it is the first of its id
    Seq version;
  };
  [[nodiscard]] Before before_definition(Id id) const {
    if (id > last()) return {.id = id, .record = std::nullopt, .version = {}};
    return {.id = id, .record = get(id).record, .version = get(id).version};
  }
  void restore(const Before& before) {
    if (before.record) {
      define(before.id, *before.record, before.version);
      return;
    }
    Defined<Record>* dropped = at(last().value());
    owned_bytes_ -= bytes_of(*dropped);
    recycler_.recycle(dropped);
    table_.drop_last();
  }
  [[nodiscard]] std::uint64_t recomputed_digest() const {
    std::uint64_t sum = 0;
    ByteWriter scratch;
    for (std::uint32_t row = 1; row < table_.size(); ++row) {
      sum += digest_share_of(kind, row, at(row)->record, at(row)->version, scratch);
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t heap_bytes() const { return owned_bytes_; }
  [[nodiscard]] TableView<Page> view() const { return table_.view(); }

 private:
  class HeapRecycler final : public Recycler {
   public:
    void recycle(void* block) override { delete static_cast<Defined<Record>*>(block); }
    [[nodiscard]] std::size_t block_bytes() const override { return sizeof(Defined<Record>); }
  };
  static std::size_t bytes_of(const Defined<Record>& defined) {
    return sizeof(Defined<Record>) + sizeof(void*) + owned_bytes(defined.record);
  }
  [[nodiscard]] Defined<Record>* at(std::uint32_t row) const {
    return const_cast<Defined<Record>*>(table_.page_of(row).at[table_.in_page(row)]);
  }

  Epochs& epochs_;
  PagedTable<Page> table_;
  HeapRecycler recycler_;
  ByteWriter scratch_;
  std::uint64_t owned_bytes_ = 0;
};

using ItemDefinitions = Definitions<ItemId, ItemRecord, DigestKind::item>;
using LocationDefinitions = Definitions<LocationId, LocationRecord, DigestKind::location>;
using ChannelDefinitions = Definitions<ChannelId, ChannelRecord, DigestKind::channel>;

}  // namespace holdfast
