// Answer: what a command gets back, and what a repeated request_id gets back again. It owns its
// text in one string, so a pooled answer stops allocating; a remembered one is stored in the ledger
// in the form of encode()/decode().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/claim.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/quantity.h"
#include "model/time.h"

namespace holdfast {

// The numbers of a refusal about time are whole seconds: a demand rounded up, a limit down.
constexpr Quantity seconds_up(Duration time) { return Quantity((time.us() + 999'999) / 1'000'000); }
constexpr Quantity seconds_down(Duration time) { return Quantity(time.us() / 1'000'000); }

// One line as it was decided. A line that was split over locations has one of these per location.
struct AnswerLine {
  std::uint32_t line = 0;                  // the claim's line number, 0 when nothing was taken
  std::uint32_t sku_at = 0, sku_size = 0;  // in Answer::names
  std::uint32_t location_at = 0,
                location_size = 0;  // empty when nothing was taken and none was asked for
  std::uint32_t lot_at = 0, lot_size = 0;
  Outcome outcome = Outcome::done;
  Quantity requested;
  Quantity granted;    // units this line took, or moved for confirm, cancel, fulfil …
  Quantity available;  // what could be taken there when it was decided, before (refused) or after
                       // (taken)
};

// Answer::limit of channel_unknown when there is such a channel, but it is not active.
inline constexpr Quantity inactive_channel{1};

struct Answer {
  Outcome outcome = Outcome::done;
  bool replayed = false;
  ClaimState state = ClaimState::committed;
  Seq seq;        // the group's last entry; for a refusal without entry, the gate it was decided at
  ClaimId claim;  // none when the command has no claim, or none was opened
  Timestamp expires_at;  // 0: not held
  Quantity requested;    // the numbers of a refusal: what was asked …
  Quantity available;    // … what there was (after a grant of one line: what is left)
  Quantity limit;        // … and the limit it broke, 0 when none. Of a selection that is no line
                         // of the claim: how many lines there are
  std::vector<AnswerLine> lines;
  std::string names;

  void clear();
  [[nodiscard]] std::string_view sku_of(const AnswerLine& line) const {
    return std::string_view(names).substr(line.sku_at, line.sku_size);
  }
  [[nodiscard]] std::string_view location_of(const AnswerLine& line) const {
    return std::string_view(names).substr(line.location_at, line.location_size);
  }
  [[nodiscard]] std::string_view lot_of(const AnswerLine& line) const {
    return std::string_view(names).substr(line.lot_at, line.lot_size);
  }
  // Appends a line with its names. Returns it, valid until the next call.
  AnswerLine& add_line(std::string_view sku, std::string_view location, std::string_view lot);

  // Everything but `replayed` and `seq` (docs/format/entries.md, "answer"): seq is that of the
  // entry that carries it.
  void encode(ByteWriter& out) const;
  // False when the bytes are not an answer; *this is then unspecified.
  [[nodiscard]] bool decode(ByteReader& in);
};

}  // namespace holdfast
