// CopyIn: the COPY … FROM STDIN whose rows a session is taking.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "pgwire/copy_reader.h"
#include "service/database.h"

namespace holdfast {

struct CopyIn {
  explicit CopyIn(StatementPtr the_statement)
      : statement(std::move(the_statement)),
        copy(statement->copy()),
        reader(*copy.format, statement->parameters()) {}

  StatementPtr statement;
  Statement::Copy copy;
  CopyReader reader;
  std::vector<Value> values;  // of the chunk that is being read
  std::size_t rows = 0;       // in it
  std::uint64_t first_line = 0;
  std::vector<std::uint64_t> lines;          // of its rows
  std::vector<std::uint64_t> running_lines;  // of the chunk that runs
  std::uint64_t done = 0;                    // rows that took effect
  bool is_ended = false;                     // no more rows come
  std::optional<WireError> wrong;            // … because of this, said behind the chunk that runs
  bool is_alone = false;                     // not in a transaction: what took effect stays
};

}  // namespace holdfast
