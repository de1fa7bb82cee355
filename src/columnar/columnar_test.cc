// DuckDB over rows of ours: what a statement reads, lends and may not do.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "columnar/database.h"

namespace holdfast {
namespace {

// Numbers 0 … count − 1 and a text for each, from a statement's own count.
struct Numbers final : StatementContext {
  std::int64_t count = 10;
  std::int64_t fails_at = -1;
};

class NumberReader final : public TableReader {
 public:
  NumberReader(const Numbers& numbers, std::atomic<std::int64_t>& next,
               std::vector<std::uint32_t> columns)
      : numbers_(numbers), next_(next), columns_(std::move(columns)) {}
  Result<std::size_t> fill(ChunkWriter& out) override {
    const std::int64_t first = next_.fetch_add(chunk_rows);
    if (first >= numbers_.count) return std::size_t{0};
    const auto size =
        static_cast<std::size_t>(std::min<std::int64_t>(chunk_rows, numbers_.count - first));
    if (numbers_.fails_at >= first) return fail(ErrorCode::not_found, "the table broke");
    for (std::size_t index = 0; index < columns_.size(); ++index) {
      if (columns_[index] == 0) {
        for (std::size_t row = 0; row < size; ++row) {
          out.values<std::int64_t>(index)[row] = first + static_cast<std::int64_t>(row);
        }
      } else if (columns_[index] == 1) {
        for (std::size_t row = 0; row < size; ++row) out.values<TextCell>(index)[row] = text_;
        if (first == 0) out.set_null(index, 3);
      } else {
        std::vector<std::uint32_t> indexes(size);
        for (std::size_t row = 0; row < size; ++row)
          indexes[row] = static_cast<std::uint32_t>(row % 3);
        out.set_dictionary(index, names_, indexes);
      }
    }
    return size;
  }

 private:
  const Numbers& numbers_;
  std::atomic<std::int64_t>& next_;
  std::vector<std::uint32_t> columns_;
  TextCell text_{"longer than twelve bytes"};
  TextDictionary names_{std::vector<std::string_view>{"here", "there"}};
};

class NumberScan final : public TableScan {
 public:
  NumberScan(const Numbers& numbers, std::span<const std::uint32_t> columns)
      : numbers_(numbers), columns_(columns.begin(), columns.end()) {}
  std::uint32_t readers_max() const override { return 2; }
  std::unique_ptr<TableReader> reader() override {
    return std::make_unique<NumberReader>(numbers_, next_, columns_);
  }

 private:
  const Numbers& numbers_;
  std::vector<std::uint32_t> columns_;
  std::atomic<std::int64_t> next_{0};
};

class NumberSource final : public TableSource {
 public:
  explicit NumberSource(const Numbers& numbers) : numbers_(numbers) {}
  std::uint64_t row_count() const override { return static_cast<std::uint64_t>(numbers_.count); }
  std::unique_ptr<TableScan> scan(std::span<const std::uint32_t> columns) override {
    return std::make_unique<NumberScan>(numbers_, columns);
  }

 private:
  const Numbers& numbers_;
};

TableFunction numbers_function() {
  return {
      .name = "numbers",
      .columns = {{"n", {.kind = ColumnKind::int64}},
                  {"t", {.kind = ColumnKind::text}},
                  {"place", {.kind = ColumnKind::text}}},
      .argument_count = 1,
      .open = [](StatementContext& context,
                 std::span<const std::int64_t> arguments) -> Result<std::unique_ptr<TableSource>> {
        if (arguments[0] != 7) return fail(ErrorCode::invalid_value, "seven is wanted");
        return std::make_unique<NumberSource>(static_cast<Numbers&>(context));
      }};
}

class ColumnarTest : public ::testing::Test {
 protected:
  ColumnarTest() { open({}); }
  void open(const ColumnarOptions& options) {
    connection_.reset();
    auto database = ColumnarDatabase::open(options);
    ASSERT_TRUE(database.has_value()) << database.error().message;
    database_ = *std::move(database);
    ASSERT_TRUE(database_->add(numbers_function()).has_value());
    ASSERT_TRUE(database_->add(doubled()).has_value());
    ASSERT_TRUE(database_->lock().has_value());
    auto connection = database_->connect();
    ASSERT_TRUE(connection.has_value());
    connection_ = *std::move(connection);
  }
  static ScalarFunction doubled() {
    return {.name = "doubled",
            .arguments = {{.kind = ColumnKind::int64}},
            .result = {.kind = ColumnKind::int64},
            .run = [](const ScalarFunction::Call& call) -> Status {
              for (std::size_t row = 0; row < call.row_count; ++row) {
                call.result.values<std::int64_t>(0)[row] =
                    2 * call.arguments.column(0).at<std::int64_t>(row);
              }
              return {};
            }};
  }

  // Every cell as text, a row a line; or "code: message".
  std::string run(const std::string& sql, std::span<const ColumnValue> values = {}) {
    auto result = connection_->run(sql, values, numbers_);
    if (!result) return told(result.error());
    std::string out;
    for (;;) {
      auto chunk = (*result)->next();
      if (!chunk) return told(chunk.error());
      if (*chunk == nullptr) return out;
      for (std::size_t row = 0; row < (*chunk)->row_count(); ++row) {
        for (std::size_t column = 0; column < (*chunk)->column_count(); ++column) {
          out += column == 0 ? "" : "|";
          out += cell((*chunk)->column(column), row);
        }
        out += '\n';
      }
    }
  }
  static std::string told(const Error& error) {
    last_code = error.code;
    return error.message;
  }
  static std::string cell(const Chunk::Column& column, std::size_t row) {
    if (column.is_null(row)) return "NULL";
    switch (column.type.kind) {
      case ColumnKind::int32:
        return std::to_string(column.at<std::int32_t>(row));
      case ColumnKind::int64:
        return std::to_string(column.at<std::int64_t>(row));
      case ColumnKind::int128:
      case ColumnKind::decimal:
        return std::to_string(static_cast<std::int64_t>(column.wide(row).low));
      case ColumnKind::text:
        return std::string(column.text(row));
      default:
        return "?";
    }
  }

  Numbers numbers_;
  std::unique_ptr<ColumnarDatabase> database_;
  std::unique_ptr<ColumnarConnection> connection_;
  static inline std::optional<ErrorCode> last_code;
};

TEST_F(ColumnarTest, ReadsOurRowsAndOnlyTheColumnsThatAreWanted) {
  numbers_.count = 5'000;
  EXPECT_EQ(run("SELECT count(*), sum(n) FROM numbers(7)"), "5000|12497500\n");
  EXPECT_EQ(run("SELECT n, t FROM numbers(7) WHERE n BETWEEN 2 AND 3"),
            "2|longer than twelve bytes\n3|NULL\n");
  EXPECT_EQ(run("SELECT place, count(*) FROM numbers(7) GROUP BY 1 ORDER BY 1"),
            "here|1668\nthere|1667\nNULL|1665\n");
  EXPECT_EQ(run("SELECT a.n FROM numbers(7) a JOIN numbers(7) b ON a.n = b.n + 4998"),
            "4998\n4999\n");
}

TEST_F(ColumnarTest, TakesValuesOfEveryKind) {
  std::vector<ColumnValue> values;
  values.push_back({.type = {.kind = ColumnKind::int64}, .is_null = false, .integer = 41});
  values.push_back(
      {.type = {.kind = ColumnKind::text}, .is_null = false, .text = "a 'quoted' one"});
  values.push_back({.type = {.kind = ColumnKind::text}});
  ColumnValue list{.type = {.kind = ColumnKind::list, .element = ColumnKind::int64},
                   .is_null = false};
  list.elements = {values[0], values[0]};
  values.push_back(list);
  EXPECT_EQ(run("SELECT $1::BIGINT + 1, $2::VARCHAR, $3::VARCHAR, len($4::BIGINT[])", values),
            "42|a 'quoted' one|NULL|2\n");
}

TEST_F(ColumnarTest, CallsOurFunctionsAndKeepsNulls) {
  EXPECT_EQ(run("SELECT doubled(n) FROM numbers(7) WHERE n = 4"), "8\n");
  EXPECT_EQ(run("SELECT doubled(NULL)"), "NULL\n");
}

TEST_F(ColumnarTest, ErrorsOfATableArriveAsTheyWere) {
  EXPECT_EQ(run("SELECT * FROM numbers(8)"), "seven is wanted");
  EXPECT_EQ(last_code, ErrorCode::invalid_value);
  Numbers fresh;
  numbers_.count = 10'000;
  numbers_.fails_at = 5'000;
  auto result = connection_->run("SELECT n FROM numbers(7)", {}, numbers_);
  EXPECT_EQ(run("SELECT sum(n) FROM numbers(7)"), "seven is wanted");  // the context's first error
}

TEST_F(ColumnarTest, ErrorsAreThoseOfPostgres) {
  EXPECT_EQ(run("SELECT 9223372036854775807 + n FROM numbers(7)"), "bigint out of range");
  EXPECT_EQ(last_code, ErrorCode::out_of_range);
  EXPECT_EQ(run("SELECT t::INTEGER FROM numbers(7)"),
            "invalid input syntax for type integer: \"longer than twelve bytes\"");
  EXPECT_EQ(last_code, ErrorCode::invalid_text);
  EXPECT_EQ(run("SELECT (n + 3000000000)::INTEGER FROM numbers(7)"), "integer out of range");
  EXPECT_EQ(last_code, ErrorCode::out_of_range);
  EXPECT_EQ(run("SELECT error('22012 division by zero') FROM numbers(7)"), "division by zero");
  EXPECT_EQ(last_code, ErrorCode::division_by_zero);
  EXPECT_EQ(run("SELECT (SELECT n FROM numbers(7))"),
            "more than one row returned by a subquery used as an expression");
  EXPECT_EQ(last_code, ErrorCode::cardinality_violation);
}

TEST_F(ColumnarTest, IsLockedDown) {
  for (const char* statement :
       {"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')", "COPY (SELECT 1) TO '/tmp/holdfast-columnar-test'",
        "ATTACH '/tmp/holdfast-columnar-test.db' AS x", "INSTALL httpfs", "LOAD httpfs",
        "SET memory_limit = '10GB'", "SET enable_external_access = true",
        "SET allowed_directories = ['/']"}) {
    last_code.reset();
    run(statement);
    EXPECT_TRUE(last_code.has_value()) << statement;
  }
}

TEST_F(ColumnarTest, StopsAtItsMemory) {
  open({.memory_bytes_max = 64 << 20});
  numbers_.count = 20'000'000;
  EXPECT_EQ(run("SELECT n, count(*) FROM numbers(7) GROUP BY n ORDER BY 2"),
            "the statement needs more memory than statements may have");
  EXPECT_EQ(last_code, ErrorCode::out_of_memory);
  EXPECT_EQ(run("SELECT 1 AS one"), "1\n");  // the next one is served
  EXPECT_FALSE(database_->is_broken());
}

TEST_F(ColumnarTest, IsInterruptedFromAnotherThread) {
  numbers_.count = std::int64_t{1} << 60;
  auto result = connection_->run("SELECT sum(n) FROM numbers(7)", {}, numbers_);
  ASSERT_TRUE(result.has_value());
  std::thread other([&] { connection_->interrupt(); });
  const auto chunk = (*result)->next();
  other.join();
  ASSERT_FALSE(chunk.has_value());
  EXPECT_EQ(chunk.error().code, ErrorCode::canceled);
  result->reset();
  numbers_.count = 1;
  EXPECT_EQ(run("SELECT n FROM numbers(7)"), "0\n");
}

TEST_F(ColumnarTest, RowsComeAsTheyAreWanted) {
  numbers_.count = std::int64_t{1} << 60;
  auto result = connection_->run("SELECT n FROM numbers(7)", {}, numbers_);
  ASSERT_TRUE(result.has_value());
  const auto chunk = (*result)->next();
  ASSERT_TRUE(chunk.has_value());
  EXPECT_EQ((*chunk)->row_count(), chunk_rows);
}

TEST_F(ColumnarTest, OthersMayHelp) {
  open({.threads = 2});
  std::thread helper([&] { database_->help(); });
  numbers_.count = 1'000'000;
  EXPECT_EQ(run("SELECT count(*), sum(n) FROM numbers(7)"), "1000000|499999500000\n");
  database_->stop_helping();
  helper.join();
}

}  // namespace
}  // namespace holdfast
