// A request takes its steps at fixed distances from its turn, so a step costs a turn of the ring
// and no bookkeeping.
#include "engine/lookahead.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "base/check.h"
#include "base/prefetch.h"

namespace holdfast {
namespace {

// What a command names; most are claims.
struct Named {
  ClaimId claim;  // none: a fresh one, or no claim at all
  std::span<const LineRequest> lines;
};

Named named_by(const CommandBody& body) {
  if (const auto* claim = std::get_if<ClaimUnits>(&body)) return {claim->claim, claim->lines};
  if (const auto* amend = std::get_if<Amend>(&body)) return {amend->claim, amend->lines};
  return std::visit(
      [](const auto& operation) -> Named {
        if constexpr (requires { operation.claim; }) {
          return {.claim = operation.claim, .lines = {}};
        } else {
          return {};
        }
      },
      body);
}

}  // namespace

NextRequest Lookahead::pop(Timestamp now) {
  while (near_count_ < near_max && !far_.empty()) come_near(now);
  for (std::size_t place = stride; place < near_count_; place += stride) look_further(near(place));
  const Near& first = near(0);
  first_ = (first_ + 1) % ring_size;
  --near_count_;
  return {.request = *first.request, .fresh_claim = first.fresh_claim};
}

// The memory of a request is asked for when it is the first of the far ones, one pop before.
void Lookahead::come_near(Timestamp now) {
  Near& one = near(near_count_++);
  one.request = &far_.pop();
  if (!far_.empty()) prefetch(&far_.front(), sizeof(Request));
  one.fresh_claim = fresh_claim(now);
  one.step = 0;
  look_at(one);
}

void Lookahead::look_at(Near& one) const {
  one.lines = {};
  one.skus = {};
  if (one.request->kind == Request::Kind::read) {
    one.skus = one.request->skus();
    one.skus = one.skus.first(std::min(one.skus.size(), lines_max));
  }
  if (one.request->kind != Request::Kind::command) return;
  const Named named = named_by(one.request->command.body);
  stock_.foresee(named.claim.is_none() ? one.fresh_claim : named.claim);
  one.lines = named.lines.first(std::min(named.lines.size(), lines_max));
  __builtin_prefetch(one.lines.data());
  const Answer& answer = one.request->answer;
  __builtin_prefetch(answer.lines.data(), 1);
  __builtin_prefetch(answer.names.data(), 1);
}

void Lookahead::look_further(Near& one) const {
  Foresight* ahead = one.ahead.data();
  if (one.step++ > 0) {
    const Foresight* end = ahead + one.lines.size() + one.skus.size();
    for (; ahead != end; ++ahead) stock_.foresee(*ahead);
    return;
  }
  for (const std::string_view sku : one.skus) *ahead++ = {.sku = sku, .is_read = true};
  for (const LineRequest& line : one.lines) {
    __builtin_prefetch(line.sku.data());
    *ahead++ = {.sku = line.sku};
  }
}

ClaimId Lookahead::fresh_claim(Timestamp now) {
  const std::uint64_t count = ++claims_made_;
  return ClaimId::v7(now.us() / 1'000, count, mix64(claim_seed_, count));
}

}  // namespace holdfast
