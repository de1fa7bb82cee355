// JSON arguments: the lines of a claim, selections of lines, lists of names. Strict: unknown or
// repeated keys, fractions and anything that is not of its field's type are refused with the line
// and the field; counts are bounded.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/command.h"

namespace holdfast {

inline constexpr std::size_t lines_json_bytes_max = 128 * 1024;

// Keeps its memory from text to text. What it hands out points into it and is good until the next
// call.
class LinesParser {
 public:
  LinesParser();
  ~LinesParser();

  // [{"sku": "A", "quantity": 2, "location": "BER", "lot": "L1"}, …], at most claim_lines_max.
  Status line_requests(std::string_view json, std::vector<LineRequest>& out);
  // [{"line": 1, "quantity": 2}, {"sku": "A", "location": "BER"}, …]: without a quantity, all of
  // it.
  Status line_selections(std::string_view json, std::vector<LineSelection>& out);
  // ["BER", "MUC"]; `field` names it in errors.
  Status texts(std::string_view field, std::string_view json, std::size_t count_max,
               std::vector<std::string_view>& out);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
