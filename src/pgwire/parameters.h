// A Bind's parameters as Values. What has a binary form is decoded by its type; text goes on as
// text where only the database knows the input rules (times, intervals, JSON), and is converted
// here where clients expect the error at Bind.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pgwire/frontend.h"
#include "pgwire/wire_error.h"
#include "service/value.h"

namespace holdfast {

// `parameters`: the bytes of BindMessage::parameters, which the values borrow, and `arrays`, what
// comes out of binary arrays. `types`: one per parameter, the declared type or else the inferred
// one. REQUIRES: as many types as parameters; 0, 1 or that many formats.
std::optional<WireError> decode_parameters(ByteSpan parameters, ByteSpan formats,
                                           std::span<const SqlType> types,
                                           std::vector<Value>& values,
                                           std::deque<std::string>& arrays);

}  // namespace holdfast
