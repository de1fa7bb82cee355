// Cells in text or binary (PostgreSQL's *send functions).
#include "pgwire/row_encoder.h"

#include <charconv>

#include "model/timestamp_text.h"
#include "pgwire/limits.h"

namespace holdfast {
namespace {

constexpr std::uint32_t null_length = ~0u;
constexpr std::size_t row_header_bytes = 7;  // 'D', length, number of cells

std::uint16_t big(std::uint16_t value) { return __builtin_bswap16(value); }
std::uint32_t big(std::uint32_t value) { return __builtin_bswap32(value); }
std::uint64_t big(std::uint64_t value) { return __builtin_bswap64(value); }

}  // namespace

RowEncoder::Cell RowEncoder::cell_of(SqlType type, std::uint16_t format) {
  if (format == 0) return Cell::text;
  switch (type) {
    case SqlType::boolean:
      return Cell::boolean;
    case SqlType::int2:
      return Cell::int2;
    case SqlType::int4:
    case SqlType::oid:
      return Cell::int4;
    case SqlType::int8:
      return Cell::int8;
    case SqlType::uuid:
      return Cell::uuid;
    case SqlType::timestamptz:
      return Cell::timestamp;
    case SqlType::jsonb:
      return Cell::jsonb;
    default:
      break;
  }
  return Cell::raw;
}

void RowEncoder::start(std::span<const Column> columns, ByteSpan formats, RowLimit limit) {
  limit_ = limit;
  bytes_.clear();
  cells_.clear();
  rows_ = 0;
  is_full_ = false;
  for (std::size_t index = 0; index < columns.size(); ++index) {
    cells_.push_back(cell_of(columns[index].type, format_code(formats, index)));
  }
}

void RowEncoder::begin_row(std::size_t cells) {
  CHECK(cells == cells_.size(), "a row of {} cells for {} columns", cells, cells_.size());
  cell_ = 0;
  row_start_ = bytes_.size();
  bytes_.fixed('D');
  bytes_.fixed(std::uint32_t{0});
  bytes_.fixed(big(static_cast<std::uint16_t>(cells)));
}

void RowEncoder::end_row() {
  CHECK(cell_ == cells_.size(), "{} cells written for {} columns", cell_, cells_.size());
  if (is_full_ || bytes_.size() > limit_.bytes) {
    is_full_ = true;
    bytes_.truncate(row_start_);
    return;
  }
  bytes_.patch(row_start_ + 1, big(static_cast<std::uint32_t>(bytes_.size() - row_start_ - 1)));
  ++rows_;
}

Error RowEncoder::overflow() const {
  return {.code = ErrorCode::limit_exceeded,
          .message = fmt::format("{} at most {} bytes", limit_.what, limit_.bytes),
          .detail = {},
          .hint = {}};
}

RowEncoder::Cell RowEncoder::next_cell() {
  CHECK(cell_ < cells_.size());
  return cells_[cell_++];
}

void RowEncoder::cell(std::string_view bytes) {
  bytes_.fixed(big(static_cast<std::uint32_t>(bytes.size())));
  bytes_.raw(as_bytes(bytes));
}

template <class Int>
void RowEncoder::big_endian(Int value) {
  bytes_.fixed(big(static_cast<std::uint32_t>(sizeof value)));
  bytes_.fixed(big(value));
}

void RowEncoder::null() {
  next_cell();
  bytes_.fixed(null_length);
}

void RowEncoder::boolean(bool value) {
  const Cell kind = next_cell();
  if (kind == Cell::boolean) return cell(std::string_view(value ? "\1" : "\0", 1));
  CHECK(kind == Cell::text || kind == Cell::raw);
  cell(value ? "t" : "f");
}

void RowEncoder::integer(std::int64_t value) {
  switch (next_cell()) {
    case Cell::int2:
      return big_endian(static_cast<std::uint16_t>(value));
    case Cell::int4:
      return big_endian(static_cast<std::uint32_t>(value));
    case Cell::int8:
      return big_endian(static_cast<std::uint64_t>(value));
    case Cell::text:
    case Cell::raw:
      break;
    default:
      CHECK(false, "an integer in a column of another type");
  }
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  cell({digits, static_cast<std::size_t>(end - digits)});
}

void RowEncoder::text(std::string_view value) {
  const Cell kind = next_cell();
  if (kind == Cell::jsonb) {
    bytes_.fixed(big(static_cast<std::uint32_t>(value.size() + 1)));
    bytes_.fixed(std::uint8_t{1});  // the version of jsonb's binary form
    bytes_.raw(as_bytes(value));
    return;
  }
  CHECK(kind == Cell::text || kind == Cell::raw, "text in a binary column of another type");
  cell(value);
}

void RowEncoder::uuid(const ClaimId& value) {
  const Cell kind = next_cell();
  if (kind == Cell::uuid) {
    return cell({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  }
  CHECK(kind == Cell::text || kind == Cell::raw);
  char characters[36];
  value.text_to(characters);
  cell({characters, sizeof characters});
}

void RowEncoder::timestamp(Timestamp value) {
  const Cell kind = next_cell();
  if (kind == Cell::timestamp) {
    // never() is PostgreSQL's infinity as it stands: the largest int64.
    const std::int64_t us = value.is_never() ? value.us() : value.us() - postgres_epoch_us;
    return big_endian(static_cast<std::uint64_t>(us));
  }
  CHECK(kind == Cell::text || kind == Cell::raw);
  TimestampText space;
  cell(timestamp_text(value, space));
}

std::size_t size_of_rows(ByteSpan messages, std::uint64_t rows) {
  std::size_t at = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    CHECK(at + row_header_bytes <= messages.size());
    at += 1 + WireReader(messages.subspan(at + 1)).int32();
  }
  return at;
}

}  // namespace holdfast
