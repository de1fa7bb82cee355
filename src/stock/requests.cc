// An answer that stays is packed into the arena; a refusal's block comes from a pool of its size
// and goes back there.
#include "stock/requests.h"

#include <cstring>
#include <new>

#include "base/check.h"
#include "stock/digest.h"

namespace holdfast {
namespace {

constexpr int dropped_per_remember_max = 4;

Hash128 key_of(std::string_view actor, std::string_view request_id) {
  const Hash128 actor_hash = hash128(as_bytes(actor));
  const Hash128 id_hash = hash128(as_bytes(request_id), actor_hash.low);
  return {.low = id_hash.low, .high = id_hash.high ^ actor_hash.high};
}

std::uint64_t digest_share_of(const RememberedRequest& request) {
  const Hash128 key = key_of(request.actor(), request.request_id());
  return key_factor(DigestKind::request, key.high, key.low) *
         (weighted(request.fingerprint.low, 0) + weighted(request.fingerprint.high, 1) +
          weighted(request.seq.value(), 2) +
          weighted(static_cast<std::uint64_t>(request.at.us()), 3) +
          weighted(request.refused ? 1 : 0, 4) + weighted(hash64(as_bytes(request.answer())), 5));
}

}  // namespace

Requests::Requests(Arena& arena, Epochs& epochs, TextBlocks& texts)
    : texts_(texts),
      epochs_(epochs),
      table_(arena, epochs),
      by_key_(arena),
      links_(arena),
      pools_(arena) {
  table_.append();
  links_.push_back(Links());
}

std::uint32_t Requests::find_row(std::string_view actor, std::string_view request_id,
                                 std::uint64_t hash) const {
  return by_key_.find(hash, [&](std::uint32_t row) {
    return at(row)->actor() == actor && at(row)->request_id() == request_id;
  });
}

std::optional<RememberedAnswer> Requests::find(std::string_view actor, std::string_view request_id,
                                               Timestamp now) const {
  const std::uint32_t row = find_row(actor, request_id, key_of(actor, request_id).low);
  if (row == 0) return std::nullopt;
  const RememberedRequest& request = *at(row);
  if (request.is_forgotten(now)) return std::nullopt;
  return RememberedAnswer{.fingerprint = request.fingerprint,
                          .answer = request.answer(),
                          .seq = request.seq,
                          .at = request.at,
                          .refused = request.refused};
}

bool Requests::contains(std::string_view actor, std::string_view request_id) const {
  return find_row(actor, request_id, key_of(actor, request_id).low) != 0;
}

const RememberedRequest* Requests::make_block(const GroupContext& context,
                                              const RequestRemembered& entry, Seq seq) {
  const RememberedRequest header{
      .fingerprint = entry.fingerprint,
      .seq = seq,
      .at = context.at,
      .actor_size = static_cast<std::uint32_t>(context.actor.size()),
      .request_id_size = static_cast<std::uint32_t>(context.request_id.size()),
      .answer_size = static_cast<std::uint32_t>(entry.answer.size()),
      .refused = entry.refused,
      .born = epochs_.now()};
  const std::size_t bytes = header.bytes_in_all();
  std::byte* memory = entry.refused ? pools_.of(bytes).take() : texts_.take(bytes);
  const auto* block = new (memory) RememberedRequest(header);
  std::byte* to = memory + sizeof(RememberedRequest);
  for (const std::string_view text : {context.actor, context.request_id, entry.answer}) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
  }
  return block;
}

std::uint32_t Requests::take_row() {
  if (free_ == 0) {
    links_.push_back(Links());
    return table_.append();
  }
  const std::uint32_t row = free_;
  free_ = links_[row].next;
  links_[row] = Links();
  return row;
}

std::uint64_t Requests::drop(std::uint32_t row) {
  const RememberedRequest& request = *at(row);
  by_key_.erase(key_of(request.actor(), request.request_id()).low, row);
  table_.writable(row).at[Table::in_page(row)] = nullptr;
  const Links links = links_[row];
  if (request.refused) unlink(links);
  free_row(row);
  const std::uint64_t share = digest_share_of(request);
  if (changes_ == nullptr) {
    retire(request);
  } else {
    changes_->push_back({.row = row, .dropped = &request, .links = links, .is_new_row = false});
  }
  return 0 - share;
}

// Its neighbours become each other's.
void Requests::unlink(const Links& links) {
  (links.previous == 0 ? oldest_refusal_ : links_[links.previous].next) = links.next;
  (links.next == 0 ? newest_refusal_ : links_[links.next].previous) = links.previous;
}

void Requests::free_row(std::uint32_t row) {
  links_[row] = {.previous = 0, .next = free_};
  free_ = row;
}

void Requests::retire(const RememberedRequest& request) {
  if (!request.refused) return;
  epochs_.retire(request.born, const_cast<RememberedRequest*>(&request),
                 pools_.of(request.bytes_in_all()));
}

void Requests::settle(const Before& before) {
  if (before.dropped != nullptr) retire(*before.dropped);
}

void Requests::restore(const Before& before) {
  const std::uint32_t row = before.row;
  if (before.dropped != nullptr) {
    const RememberedRequest& request = *before.dropped;
    free_ = links_[row].next;
    links_[row] = before.links;
    if (request.refused) {
      (before.links.previous == 0 ? oldest_refusal_ : links_[before.links.previous].next) = row;
      (before.links.next == 0 ? newest_refusal_ : links_[before.links.next].previous) = row;
    }
    table_.writable(row).at[Table::in_page(row)] = &request;
    return by_key_.insert(key_of(request.actor(), request.request_id()).low, row);
  }
  const RememberedRequest& request = *at(row);
  by_key_.erase(key_of(request.actor(), request.request_id()).low, row);
  if (request.refused) {
    unlink(links_[row]);
    pools_.of(request.bytes_in_all()).give(const_cast<RememberedRequest*>(&request));
  }
  if (before.is_new_row) {
    table_.drop_last();
    return links_.pop_back();
  }
  table_.writable(row).at[Table::in_page(row)] = nullptr;
  free_row(row);
}

std::uint64_t Requests::drop_due(Timestamp now) {
  std::uint64_t change = 0;
  for (int dropped = 0; dropped < dropped_per_remember_max; ++dropped) {
    if (oldest_refusal_ == 0 || !at(oldest_refusal_)->is_forgotten(now)) break;
    change += drop(oldest_refusal_);
  }
  return change;
}

std::uint64_t Requests::remember(const GroupContext& context, const RequestRemembered& entry,
                                 Seq seq, std::vector<Before>* changes) {
  changes_ = changes;
  std::uint64_t change = drop_due(context.at);
  change += insert(context, entry, seq);
  changes_ = nullptr;
  return change;
}

std::uint64_t Requests::insert(const GroupContext& context, const RequestRemembered& entry,
                               Seq seq) {
  const std::uint64_t hash = key_of(context.actor, context.request_id).low;
  std::uint64_t change = 0;
  if (const std::uint32_t before = find_row(context.actor, context.request_id, hash)) {
    change += drop(before);
  }
  const bool is_new_row = free_ == 0;
  const std::uint32_t row = take_row();
  const RememberedRequest* block = make_block(context, entry, seq);
  if (changes_ != nullptr) {
    changes_->push_back({.row = row, .dropped = nullptr, .links = {}, .is_new_row = is_new_row});
  }
  table_.writable(row).at[Table::in_page(row)] = block;
  by_key_.insert(hash, row);
  if (entry.refused) {
    links_[row] = {.previous = newest_refusal_, .next = 0};
    (newest_refusal_ == 0 ? oldest_refusal_ : links_[newest_refusal_].next) = row;
    newest_refusal_ = row;
  }
  return change + digest_share_of(*block);
}

std::uint64_t Requests::recomputed_digest() const {
  std::uint64_t digest = 0;
  for (std::uint32_t row = 1; row < table_.size(); ++row) {
    if (at(row) != nullptr) digest += digest_share_of(*at(row));
  }
  return digest;
}

}  // namespace holdfast
