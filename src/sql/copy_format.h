// How the rows of a COPY are written (PostgreSQL 15 documentation, COPY, "File Formats").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

struct CopyFormat {
  enum class Kind : std::uint8_t { text, csv, binary };
  Kind kind = Kind::text;
  char delimiter = '\t';
  std::string null = "\\N";
  bool has_header = false;  // text, csv: the first line is none of the rows
  char quote = '"';
  char escape = '"';
  std::vector<bool> quoted;  // csv, of COPY TO: these columns always are, if not NULL; empty: none
};

}  // namespace holdfast
