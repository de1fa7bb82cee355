// Syntax: one text parsed by PostgreSQL's own grammar (libpg_query 15) into its tree. The tree is
// PostgreSQL's; only this room knows it.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace holdfast {

// What parsing may take per token of the longest chain, measured at 1 924 for x86-64 ("not not …"),
// rounded up.
inline constexpr std::size_t stack_bytes_per_token = 3 * 1024;

// The statements of one text, in order; none when it is empty.
using SyntaxVisitor = std::function<Status(std::span<PgQuery__RawStmt* const> statements)>;

// Passes the gate, parses, and lets `visit` look at the tree: on the calling thread when the
// statements are short, else on one with a stack that the gate's bound proves sufficient, so
// whatever walks the tree may recurse too. Errors: those of the gate and of `visit`; syntax_error
// with position.
Status parse_sql(std::string_view text, const SyntaxVisitor& visit);

}  // namespace holdfast
