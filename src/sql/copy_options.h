// The options of a COPY: (FORMAT csv, HEADER), or as they were written before there were brackets.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/copy_format.h"
#include "sql/planning.h"

namespace holdfast {

struct CopyOptions {
  CopyFormat format;
  // FORCE_QUOTE: of columns by name, which point into the statement's tree, or of all.
  std::vector<std::string_view> quoted;
  bool quotes_all = false;
};

// Errors as PostgreSQL's: syntax_error, not_supported, invalid_value.
Result<CopyOptions> read_copy_options(const Planning& planning, const PgQuery__CopyStmt& copy);

}  // namespace holdfast
