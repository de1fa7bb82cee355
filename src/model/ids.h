// The numbers by which nouns know each other inside a ledger. Ids of items, locations, channels and
// lots are dense and handed out in order by `fold`, so they index arrays; 0 means "none". People
// and clients see names, never these.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/strong.h"

namespace holdfast {

using ItemId = Strong<struct ItemTag, std::uint32_t>;
using LocationId = Strong<struct LocationTag, std::uint32_t>;
using ChannelId = Strong<struct ChannelTag, std::uint32_t>;
using LotId =
    Strong<struct LotTag, std::uint32_t>;  // 0: the level of an item that is not tracked by lot

// The position of an entry in the ledger, from 1, without gaps. The last seq of a group is the
// snapshot token.
using Seq = Strong<struct SeqTag, std::uint64_t>;
inline constexpr Seq seq_max{~std::uint64_t{0}};

// Raised by one at every start of a writer.
using Epoch = Strong<struct EpochTag, std::uint64_t>;

// A claim's id: a UUID (RFC 9562), version 7 when the server makes it, any when the client chose
// it. All zero: none.
struct ClaimId {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const ClaimId&, const ClaimId&) = default;
  // By words: the default calls memcmp.
  friend bool operator==(const ClaimId& a, const ClaimId& b) { return a.words() == b.words(); }
  [[nodiscard]] bool is_none() const { return *this == ClaimId{}; }
  [[nodiscard]] std::uint64_t hash() const {
    const Words both = words();
    return mix64(both.first, both.second);
  }
  // Lower-case hexadecimal with hyphens, 36 characters.
  [[nodiscard]] std::string text() const;
  void text_to(char* out36) const;
  // With or without hyphens and braces, any case, as PostgreSQL's uuid input; nothing when it is
  // none.
  static std::optional<ClaimId> parse(std::string_view text);
  // Version 7: 48 bits of milliseconds since 1970, then 74 bits of `random` with version and
  // variant set.
  static ClaimId v7(std::int64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low);

 private:
  struct Words {
    std::uint64_t first = 0, second = 0;
    friend constexpr bool operator==(const Words&, const Words&) = default;
  };
  [[nodiscard]] Words words() const { return std::bit_cast<Words>(bytes); }
};

}  // namespace holdfast
