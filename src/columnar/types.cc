// Types and values, to DuckDB and back.
#include "base/check.h"
#include "columnar/duck.h"

namespace holdfast {
namespace {

struct Pair {
  ColumnKind ours;
  duckdb_type theirs;
};
constexpr Pair pairs[] = {
    {ColumnKind::boolean, DUCKDB_TYPE_BOOLEAN},     {ColumnKind::int16, DUCKDB_TYPE_SMALLINT},
    {ColumnKind::int32, DUCKDB_TYPE_INTEGER},       {ColumnKind::int64, DUCKDB_TYPE_BIGINT},
    {ColumnKind::int128, DUCKDB_TYPE_HUGEINT},      {ColumnKind::float32, DUCKDB_TYPE_FLOAT},
    {ColumnKind::float64, DUCKDB_TYPE_DOUBLE},      {ColumnKind::decimal, DUCKDB_TYPE_DECIMAL},
    {ColumnKind::text, DUCKDB_TYPE_VARCHAR},        {ColumnKind::blob, DUCKDB_TYPE_BLOB},
    {ColumnKind::date, DUCKDB_TYPE_DATE},           {ColumnKind::time, DUCKDB_TYPE_TIME},
    {ColumnKind::timestamp, DUCKDB_TYPE_TIMESTAMP}, {ColumnKind::interval, DUCKDB_TYPE_INTERVAL},
    {ColumnKind::uuid, DUCKDB_TYPE_UUID},           {ColumnKind::list, DUCKDB_TYPE_LIST},
};

duckdb_value scalar(const ColumnValue& value) {
  switch (value.type.kind) {
    case ColumnKind::boolean:
      return duckdb_create_bool(value.boolean);
    case ColumnKind::int16:
      return duckdb_create_int16(static_cast<std::int16_t>(value.integer));
    case ColumnKind::int32:
      return duckdb_create_int32(static_cast<std::int32_t>(value.integer));
    case ColumnKind::int64:
      return duckdb_create_int64(value.integer);
    case ColumnKind::int128:
      return duckdb_create_hugeint({value.wide.low, value.wide.high});
    case ColumnKind::float32:
      return duckdb_create_float(static_cast<float>(value.real));
    case ColumnKind::float64:
      return duckdb_create_double(value.real);
    case ColumnKind::decimal:
      return duckdb_create_decimal({.width = decimal_width,
                                    .scale = value.type.scale,
                                    .value = {value.wide.low, value.wide.high}});
    case ColumnKind::text:
      return duckdb_create_varchar_length(value.text.data(), value.text.size());
    case ColumnKind::blob:
      return duckdb_create_blob(reinterpret_cast<const std::uint8_t*>(value.text.data()),
                                value.text.size());
    case ColumnKind::date:
      return duckdb_create_date({static_cast<std::int32_t>(value.integer)});
    case ColumnKind::time:
      return duckdb_create_time({value.integer});
    case ColumnKind::timestamp:
      return duckdb_create_timestamp({value.integer});
    case ColumnKind::interval:
      return duckdb_create_interval(
          {value.interval.months, value.interval.days, value.interval.us});
    case ColumnKind::uuid:
      return duckdb_create_uuid({value.uuid.low, value.uuid.high});
    case ColumnKind::list:
      break;
  }
  CHECK(false, "a list is no scalar");
}

}  // namespace

DuckType duck_type_of(const ColumnType& type) {
  if (type.kind == ColumnKind::decimal) {
    return DuckType(duckdb_create_decimal_type(decimal_width, type.scale));
  }
  if (type.kind == ColumnKind::list) {
    const DuckType element = duck_type_of({.kind = type.element, .scale = type.scale});
    return DuckType(duckdb_create_list_type(element.get()));
  }
  for (const Pair& pair : pairs) {
    if (pair.ours == type.kind) return DuckType(duckdb_create_logical_type(pair.theirs));
  }
  CHECK(false, "a kind of column without a type of DuckDB");
}

Result<ColumnType> column_type_of(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_LIST) {
    const DuckType child(duckdb_list_type_child_type(type));
    ASSIGN(const ColumnType element, column_type_of(child.get()));
    if (element.kind != ColumnKind::list) {
      return ColumnType{.kind = ColumnKind::list, .scale = element.scale, .element = element.kind};
    }
    return fail(ErrorCode::not_supported, "an array of arrays as a result is not supported");
  }
  for (const Pair& pair : pairs) {
    if (pair.theirs != id) continue;
    ColumnType out{.kind = pair.ours};
    if (id == DUCKDB_TYPE_DECIMAL) out.scale = duckdb_decimal_scale(type);
    return out;
  }
  return fail(ErrorCode::internal, "a result of DuckDB's type {} has no counterpart",
              static_cast<int>(id));
}

DuckValue duck_value_of(const ColumnValue& value) {
  if (value.is_null) return DuckValue(duckdb_create_null_value());
  if (value.type.kind != ColumnKind::list) return DuckValue(scalar(value));
  const DuckType element = duck_type_of({.kind = value.type.element, .scale = value.type.scale});
  std::vector<DuckValue> owners;
  std::vector<duckdb_value> values;
  for (const ColumnValue& one : value.elements) {
    owners.push_back(duck_value_of(one));
    values.push_back(owners.back().get());
  }
  return DuckValue(duckdb_create_list_value(element.get(), values.data(), values.size()));
}

}  // namespace holdfast
