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
  // Of text and csv: whether the first line is none of the rows, and must name the columns.
  enum class Header : std::uint8_t { none, line, match };
  Header header = Header::none;
  char quote = '"';
  char escape = '"';
  std::vector<bool> quoted;  // csv, of COPY TO: these columns always are, if not NULL; empty: none
  std::vector<std::string> names;  // of COPY FROM: the columns that a line has
};

}  // namespace holdfast
