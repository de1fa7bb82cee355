// CopyOut: the COPY … TO STDOUT whose rows a session is sending.
#pragma once

#include <memory>

#include "pgwire/copy_writer.h"
#include "service/database.h"

namespace holdfast {

struct CopyOut {
  CopyOut(StatementPtr the_statement, std::size_t bytes_max)
      : statement(std::move(the_statement)),
        writer(*statement->copy_to(), statement->columns(), bytes_max) {}

  StatementPtr statement;
  CopyWriter writer;
  std::unique_ptr<RowStream> stream;  // of a whole relation, when its turn has come
  bool is_begun = false;              // its execution has ended
  bool is_canceled = false;
  bool is_unheard = false;  // the session ends: nothing more is said of it
};

}  // namespace holdfast
