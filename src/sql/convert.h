// Input conversion by PostgreSQL's rules: from the text or the typed value that a client sent to
// what its place needs. Errors name the field and the value, with PostgreSQL's words and codes:
// invalid_text (22P02), out_of_range (22003), invalid_encoding (22021), wrong_type (42804).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/ids.h"
#include "sql/type_table.h"
#include "sql/types.h"

namespace holdfast {

// What of a session changes the meaning of a text.
struct InputRules {
  bool time_zone_is_utc = true;  // else a timestamp without offset is refused, never guessed
};

// True when a value of type `from` may stand where `to` is needed: the same type, any text, a
// shorter integer.
[[nodiscard]] bool can_convert(SqlType from, SqlType to);

// The value as type `to`; a null stays null. Text is borrowed. REQUIRES: `to` is not unknown.
Result<Value> convert(std::string_view field, const Value& value, SqlType to,
                      const InputRules& rules);

// Valid UTF-8 without NUL.
Status check_text(std::string_view field, std::string_view text);

Result<bool> parse_boolean(std::string_view field, std::string_view text);
Result<ClaimId> parse_uuid(std::string_view field, std::string_view text);

}  // namespace holdfast
