// simdjson's DOM: it keeps its tapes, as large as the longest text so far, and strings come out
// unescaped and valid UTF-8.
#include "sql/lines.h"

#include <simdjson.h>

#include <optional>

#include "base/text.h"

namespace holdfast {
namespace {

namespace dom = simdjson::dom;

// One of the fields that an object may have; a bit per field tells a repeated key.
struct Fields {
  std::optional<std::string_view> sku, location, lot;
  std::optional<std::int64_t> quantity, line;
};

std::string field_of(std::size_t line, std::string_view key) {
  return fmt::format("line {}: {}", line, key);
}

Status read_text(std::size_t line, std::string_view key, const dom::element& value,
                 std::optional<std::string_view>& out) {
  if (value.is_null()) return {};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return fail(ErrorCode::wrong_type, "{} must be a string", field_of(line, key));
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_encoding, "{} must not contain a NUL byte", field_of(line, key));
  }
  out = text;
  return {};
}

Status read_integer(std::size_t line, std::string_view key, const dom::element& value,
                    std::optional<std::int64_t>& out) {
  if (value.is_null()) return {};
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    out = number;
    return {};
  }
  if (value.is_uint64()) {
    return fail(ErrorCode::out_of_range, "{} is out of range for type bigint", field_of(line, key));
  }
  return fail(ErrorCode::wrong_type, "{} must be a whole number", field_of(line, key));
}

class LineReader {
 public:
  LineReader(std::size_t line, bool is_selection) : line_(line), is_selection_(is_selection) {}

  Result<Fields> read(const dom::element& element) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      return fail(ErrorCode::wrong_type, "line {} must be an object", line_);
    }
    for (const dom::key_value_pair& pair : object) TRY(read_field(pair.key, pair.value));
    return fields_;
  }

 private:
  Status read_field(std::string_view key, const dom::element& value) {
    unsigned bit = 0;
    Status status;
    if (key == "sku") {
      bit = 1;
      status = read_text(line_, key, value, fields_.sku);
    } else if (key == "quantity") {
      bit = 2;
      status = read_integer(line_, key, value, fields_.quantity);
    } else if (key == "location") {
      bit = 4;
      status = read_text(line_, key, value, fields_.location);
      if (status.has_value() && fields_.location && fields_.location->empty()) {
        return fail(ErrorCode::invalid_value, "{} must not be empty", field_of(line_, key));
      }
    } else if (key == "lot" && !is_selection_) {
      bit = 8;
      status = read_text(line_, key, value, fields_.lot);
    } else if (key == "line" && is_selection_) {
      bit = 16;
      status = read_integer(line_, key, value, fields_.line);
    } else {
      return fail(ErrorCode::invalid_value, "line {} has the unknown key {}, known are {}", line_,
                  quoted(key),
                  is_selection_ ? "line, sku, location, quantity" : "sku, quantity, location, lot");
    }
    if ((seen_ & bit) != 0) {
      return fail(ErrorCode::invalid_value, "line {} has the key {} twice", line_, quoted(key));
    }
    seen_ |= bit;
    return status;
  }

  std::size_t line_;
  bool is_selection_;
  unsigned seen_ = 0;
  Fields fields_;
};

}  // namespace

struct LinesParser::Parts {
  dom::parser parser{lines_json_bytes_max};

  Result<dom::array> array(std::string_view field, std::string_view json, std::size_t count_max) {
    if (json.size() > lines_json_bytes_max) {
      return fail(ErrorCode::limit_exceeded, "{} must be at most {} bytes, got {}", field,
                  lines_json_bytes_max, json.size());
    }
    dom::element root;
    if (const auto failed = parser.parse(json.data(), json.size()).get(root)) {
      if (failed == simdjson::DEPTH_ERROR) {
        return fail(ErrorCode::limit_exceeded, "{} is nested too deeply", field);
      }
      if (failed == simdjson::UTF8_ERROR) {
        return fail(ErrorCode::invalid_encoding, "{} is not valid UTF-8", field);
      }
      return fail(Error{
          .code = ErrorCode::invalid_text,
          .message = fmt::format("{}: invalid input syntax for type json: {}", field, quoted(json)),
          .detail = simdjson::error_message(failed),
          .hint = "Send one JSON text: JSON.stringify the array."});
    }
    dom::array out;
    if (root.get(out) != simdjson::SUCCESS) {
      return fail(ErrorCode::wrong_type, "{} must be a JSON array", field);
    }
    if (out.size() > count_max) {
      return fail(ErrorCode::limit_exceeded, "{} must be at most {}, got {}", field, count_max,
                  out.size());
    }
    return out;
  }
};

LinesParser::LinesParser() : parts_(std::make_unique<Parts>()) {}
LinesParser::~LinesParser() = default;

Status LinesParser::line_requests(std::string_view json, std::vector<LineRequest>& out) {
  ASSIGN(const dom::array lines, parts_->array("lines", json, claim_lines_max));
  std::size_t number = 0;
  for (const dom::element& element : lines) {
    ++number;
    ASSIGN(const Fields fields, LineReader(number, false).read(element));
    if (!fields.sku) return fail(ErrorCode::null_not_allowed, "line {}: sku is missing", number);
    if (!fields.quantity) {
      return fail(ErrorCode::null_not_allowed, "line {}: quantity is missing", number);
    }
    out.push_back({.sku = *fields.sku,
                   .quantity = Quantity(*fields.quantity),
                   .location = fields.location.value_or(""),
                   .lot = fields.lot.value_or("")});
  }
  return {};
}

Status LinesParser::line_selections(std::string_view json, std::vector<LineSelection>& out) {
  ASSIGN(const dom::array lines, parts_->array("lines", json, claim_lines_max));
  // No selection stands for "everything" in a command, so a client's own empty list must not pass
  // for it.
  if (lines.size() == 0) return fail(ErrorCode::invalid_value, "lines must not be empty");
  std::size_t number = 0;
  for (const dom::element& element : lines) {
    ++number;
    ASSIGN(const Fields fields, LineReader(number, true).read(element));
    const std::int64_t line = fields.line.value_or(0);
    if (line < 0 || line > std::numeric_limits<std::int32_t>::max()) {
      return fail(ErrorCode::invalid_value, "line {}: line must be at least 1, got {}", number,
                  line);
    }
    // 0 stands for "all of it" in a selection, so a client's own 0 must not pass for it.
    if (fields.quantity && *fields.quantity < 1) {
      return fail(ErrorCode::invalid_value, "line {}: quantity must be at least 1, got {}", number,
                  *fields.quantity);
    }
    out.push_back({.line = static_cast<std::uint32_t>(line),
                   .sku = fields.sku.value_or(""),
                   .location = fields.location.value_or(""),
                   .quantity = Quantity(fields.quantity.value_or(0))});
  }
  return {};
}

Status LinesParser::texts(std::string_view field, std::string_view json, std::size_t count_max,
                          std::vector<std::string_view>& out) {
  ASSIGN(const dom::array values, parts_->array(field, json, count_max));
  for (const dom::element& value : values) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return fail(ErrorCode::wrong_type, "{} must be an array of strings", field);
    }
    out.push_back(text);
  }
  return {};
}

}  // namespace holdfast
