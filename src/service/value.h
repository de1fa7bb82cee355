// The types and values that cross from a protocol into the database and back: parameters in, cells
// out. A protocol decodes its own bytes into Values and encodes cells in its own formats; nothing
// here knows either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/time.h"
#include "sql/types.h"

namespace holdfast {

// Where a statement's rows go, cell by cell, in column order. Implemented by a protocol; called on
// the thread that answers (for a read: in its turn), never concurrently for one sink. Views are
// good during the call.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void begin_row(std::size_t cells) = 0;
  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  virtual void integer(std::int64_t value) = 0;   // int2, int4, int8 by the column's type
  virtual void text(std::string_view value) = 0;  // text; also jsonb
  virtual void uuid(const ClaimId& value) = 0;
  virtual void timestamp(Timestamp value) = 0;
  virtual void end_row() = 0;
  // It keeps nothing more: who still has rows may stop, and the statement fails as overflow() says.
  [[nodiscard]] virtual bool is_full() const { return false; }
  [[nodiscard]] virtual Error overflow() const {
    return {.code = ErrorCode::limit_exceeded,
            .message = "the statement has too many rows",
            .detail = {},
            .hint = {}};
  }
};

}  // namespace holdfast
