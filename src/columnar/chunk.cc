// Vectors of DuckDB as spans of ours.
#include "columnar/chunk.h"

#include <algorithm>

#include "base/check.h"
#include "columnar/duck.h"

namespace holdfast {

static_assert(sizeof(TextCell) == sizeof(duckdb_string_t));
static_assert(sizeof(IntervalValue) == sizeof(duckdb_interval));
static_assert(sizeof(UuidColumn) == sizeof(duckdb_hugeint));
static_assert(sizeof(Chunk::List) == sizeof(duckdb_list_entry));
static_assert(sizeof(sel_t) == sizeof(std::uint32_t));

struct TextDictionary::Parts {
  DuckOwner<duckdb_vector, duckdb_destroy_vector> texts;
};

TextDictionary::TextDictionary(std::span<const std::string_view> texts)
    : parts_(std::make_unique<Parts>()), null_index_(static_cast<std::uint32_t>(texts.size())) {
  const DuckType type = duck_type_of({.kind = ColumnKind::text});
  duckdb_vector vector = duckdb_create_vector(type.get(), texts.size() + 1);
  parts_->texts.reset(vector);
  for (std::size_t index = 0; index < texts.size(); ++index) {
    duckdb_vector_assign_string_element_len(vector, index, texts[index].data(),
                                            texts[index].size());
  }
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), texts.size());
}
TextDictionary::~TextDictionary() = default;

ChunkWriter::ChunkWriter(duckdb_data_chunk chunk) {
  columns_.resize(duckdb_data_chunk_get_column_count(chunk));
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    Target& column = columns_[index];
    column.vector = duckdb_data_chunk_get_vector(chunk, index);
    column.data = duckdb_vector_get_data(column.vector);
  }
}

ChunkWriter::ChunkWriter(duckdb_vector vector)
    : columns_{{.vector = vector, .data = duckdb_vector_get_data(vector)}} {}

void ChunkWriter::set_null(std::size_t column, std::size_t row) {
  Target& target = columns_[column];
  if (target.validity == nullptr) {
    duckdb_vector_ensure_validity_writable(target.vector);
    target.validity = duckdb_vector_get_validity(target.vector);
  }
  target.validity[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

void ChunkWriter::copy_text(std::size_t column, std::size_t row, std::string_view text) {
  duckdb_vector_assign_string_element_len(columns_[column].vector, row, text.data(), text.size());
}

// The selection counts its users itself.
void ChunkWriter::set_dictionary(std::size_t column, const TextDictionary& dictionary,
                                 std::span<const std::uint32_t> indexes) {
  duckdb_selection_vector selection = duckdb_create_selection_vector(indexes.size());
  std::ranges::copy(indexes, duckdb_selection_vector_get_data_ptr(selection));
  duckdb_vector vector = columns_[column].vector;
  duckdb_vector_reference_vector(vector, dictionary.parts_->texts.get());
  duckdb_slice_vector(vector, selection, indexes.size());
  duckdb_destroy_selection_vector(selection);
}

namespace {

Chunk::Column column_of(duckdb_vector vector, const ColumnType& type) {
  Chunk::Column column{.type = type, .vector = vector};
  column.data = duckdb_vector_get_data(vector);
  column.validity = duckdb_vector_get_validity(vector);
  if (type.kind == ColumnKind::decimal) {
    const DuckType theirs(duckdb_vector_get_column_type(vector));
    column.width = duckdb_decimal_width(theirs.get());
  }
  return column;
}

}  // namespace

Chunk::Chunk(duckdb_data_chunk chunk, std::span<const ColumnType> types, bool is_lent)
    : chunk_(chunk), is_lent_(is_lent), row_count_(duckdb_data_chunk_get_size(chunk)) {
  CHECK(types.size() == duckdb_data_chunk_get_column_count(chunk));
  for (std::size_t index = 0; index < types.size(); ++index) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, index);
    columns_.push_back(column_of(vector, types[index]));
    if (types[index].kind == ColumnKind::list) {
      elements_.push_back(column_of(duckdb_list_vector_get_child(vector),
                                    {.kind = types[index].element, .scale = types[index].scale}));
    } else {
      elements_.emplace_back();
    }
  }
}

Chunk::~Chunk() {
  if (!is_lent_) duckdb_destroy_data_chunk(&chunk_);
}

// DuckDB keeps a decimal in the shortest integer that has its digits.
Int128 Chunk::Column::wide(std::size_t row) const {
  const auto extended = [](std::int64_t value) {
    return Int128{.low = static_cast<std::uint64_t>(value), .high = value < 0 ? -1 : 0};
  };
  if (type.kind == ColumnKind::decimal) {
    if (width <= 4) return extended(at<std::int16_t>(row));
    if (width <= 9) return extended(at<std::int32_t>(row));
    if (width <= 18) return extended(at<std::int64_t>(row));
  }
  return at<Int128>(row);
}

}  // namespace holdfast
