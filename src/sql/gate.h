// Gate: what a text must satisfy before PostgreSQL's parser may see it. libpg_query recurses once
// or more per nesting level and per chained operator ("not not not …", "1+1+1…", "a::b::b…") and
// has no limit of its own, so hostile text would overflow the stack. One cheap scan bounds it:
//
//   1. The text is at most statement_bytes_max bytes of valid UTF-8 without NUL.
//   2. Brackets, quotes and comments nest at most nesting_max deep.
//   3. No statement has more than tokens_max tokens. A tree is never deeper than its tokens, so the
//   stack that parsing
//      takes is at most tokens × stack_bytes_per_token (syntax.cc provides it; a test measures it).
//
// The scan knows quotes ('', E'', U&'', ""), dollar quotes and nested comments as PostgreSQL's
// lexer does; where it is unsure it counts more tokens, never fewer.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace holdfast {

inline constexpr std::size_t statement_bytes_max = 1024 * 1024;
inline constexpr std::size_t nesting_max = 200;
inline constexpr std::size_t tokens_max = 8 * 1024;

struct GateReport {
  std::size_t tokens = 0;   // of the longest statement
  bool has_tokens = false;  // false: nothing but blanks, comments and semicolons
};

Result<GateReport> pass_gate(std::string_view text);

// The 1-based character (not byte) at this byte offset: what clients draw their marker under.
[[nodiscard]] int character_position(std::string_view text, std::size_t offset);

}  // namespace holdfast
