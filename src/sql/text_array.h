// A PostgreSQL array in its text form, {a,"b \"c\"",NULL}, which is how a Value carries one: of one
// dimension, and not longer than array_elements_max.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/types.h"

namespace holdfast {

inline constexpr std::size_t array_elements_max = 1'000;

// nullopt: NULL.
using ArrayElements = std::vector<std::optional<std::string_view>>;

// The elements; they point into `storage`, which is overwritten. Errors name the field:
// invalid_text, not_supported (more dimensions than one, bounds), limit_exceeded.
Result<ArrayElements> parse_array(std::string_view field, std::string_view text,
                                  std::string& storage);

// Besides, each element is of that type. REQUIRES: `element` is an element_of() an array.
Status check_array(std::string_view field, std::string_view text, SqlType element);

// Adds an element to an array that is being written: "" becomes {a, then {a,b; the caller closes
// it.
void append_array_element(std::string& array, std::optional<std::string_view> element);

// "sku has 1 001 elements, at most 1 000", for whoever counts them before there is a text.
[[nodiscard]] Error too_many_elements(std::string_view field, std::size_t count);

}  // namespace holdfast
