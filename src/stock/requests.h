// Requests: the remembered answers, by (actor, request_id). Those that changed stock stay; a
// refusal is forgotten 24 hours of logged time later: find() ignores it from that moment on, and
// every remember() drops a few of the oldest, so a wave of refusals costs no pause a day later.
//
// An answer is one immutable block in a row of a paged table; rows of dropped refusals are used
// again, last freed first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/entry.h"
#include "stock/chunked.h"
#include "stock/pages.h"
#include "stock/stock.h"
#include "stock/tag_index.h"
#include "stock/text_blocks.h"

namespace holdfast {

inline constexpr Duration refusal_remembered_for = Duration::hours(24);

// This header, then the bytes of actor, request_id and answer.
struct RememberedRequest {
  Hash128 fingerprint;
  Seq seq;
  Timestamp at;
  std::uint32_t actor_size = 0;
  std::uint32_t request_id_size = 0;
  std::uint32_t answer_size = 0;
  bool refused = false;
  std::uint64_t born = 0;  // epoch, of the block

  [[nodiscard]] std::string_view actor() const { return {bytes(), actor_size}; }
  [[nodiscard]] std::string_view request_id() const {
    return {bytes() + actor_size, request_id_size};
  }
  [[nodiscard]] std::string_view answer() const {
    return {bytes() + actor_size + request_id_size, answer_size};
  }
  [[nodiscard]] std::size_t bytes_in_all() const {
    return sizeof(RememberedRequest) + actor_size + request_id_size + answer_size;
  }
  [[nodiscard]] bool is_forgotten(Timestamp now) const {
    return refused && now - at >= refusal_remembered_for;
  }

 private:
  [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

class Requests {
 public:
  using Page = PointerPage<RememberedRequest>;
  using Table = PagedTable<Page>;

  Requests(Arena& arena, Epochs& epochs, TextBlocks& texts);

  [[nodiscard]] std::optional<RememberedAnswer> find(std::string_view actor,
                                                     std::string_view request_id,
                                                     Timestamp now) const;
  // Even if it is a refusal that find() no longer sees.
  [[nodiscard]] bool contains(std::string_view actor, std::string_view request_id) const;
  // A row that was dropped, or kept, and how it stood.
  struct Links {  // of refusals, in the order in which they are forgotten; of free rows, `next`
                  // only
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };
  struct Before {
    std::uint32_t row = 0;
    const RememberedRequest* dropped = nullptr;  // null: an answer was kept in the row
    Links links;                                 // of the dropped one
    bool is_new_row = false;                     // of the kept one
  };
  // Drops what is due, a few at a time, then keeps the answer, in place of any older one. Returns
  // the digest's change. With `changes`, what it did is added there, to be settled or restored,
  // newest first.
  std::uint64_t remember(const GroupContext& context, const RequestRemembered& entry, Seq seq,
                         std::vector<Before>* changes = nullptr);
  void restore(const Before& before);
  void settle(const Before& before);
  // Keeps it and drops nothing: how a checkpoint is loaded.
  std::uint64_t insert(const GroupContext& context, const RequestRemembered& entry, Seq seq);

  [[nodiscard]] std::uint64_t recomputed_digest() const;
  [[nodiscard]] TableView<Page> view() const { return table_.view(); }

 private:
  [[nodiscard]] const RememberedRequest* at(std::uint32_t row) const {
    return table_.page_of(row).at[Table::in_page(row)];
  }
  [[nodiscard]] std::uint32_t find_row(std::string_view actor, std::string_view request_id,
                                       std::uint64_t hash) const;
  const RememberedRequest* make_block(const GroupContext& context, const RequestRemembered& entry,
                                      Seq seq);
  std::uint32_t take_row();
  std::uint64_t drop(std::uint32_t row);
  std::uint64_t drop_due(Timestamp now);
  void unlink(const Links& links);
  void free_row(std::uint32_t row);
  void retire(const RememberedRequest& request);

  TextBlocks& texts_;
  Epochs& epochs_;
  Table table_;
  TagIndex by_key_;
  Chunked<Links> links_;
  std::uint32_t free_ = 0;
  std::uint32_t oldest_refusal_ = 0;
  std::uint32_t newest_refusal_ = 0;
  SizedPools pools_;                        // blocks of refusals
  std::vector<Before>* changes_ = nullptr;  // of the remember() under way
};

}  // namespace holdfast
