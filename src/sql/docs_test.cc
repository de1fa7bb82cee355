// docs/sql.md lists every function with all its arguments, and every relation with all its columns,
// in their order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "sql/functions.h"
#include "sql/relations.h"

namespace holdfast {
namespace {

std::string page() {
  const auto path =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs/sql.md";
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Docs, ListEveryFunction) {
  const std::string text = page();
  for (std::size_t index = 0; index < function_count; ++index) {
    const FunctionInfo& function = info_of(static_cast<Function>(index));
    std::string row = fmt::format("| {} | ", function.name);
    for (const Argument argument : function.arguments) {
      if (!row.ends_with("| ")) row += ", ";
      row += info_of(argument).name;
    }
    EXPECT_NE(text.find(row + " |"), std::string::npos) << row;
    std::string columns = "| ";
    for (const AnswerColumn column : function.columns) {
      if (columns.size() > 2) columns += ", ";
      columns += column_of(column).name;
    }
    EXPECT_NE(text.find(columns + " |"), std::string::npos) << function.name << columns;
  }
}

TEST(Docs, ListEveryRelation) {
  const std::string text = page();
  for (std::size_t index = 0; index < relation_count; ++index) {
    const RelationInfo& relation = info_of(static_cast<Relation>(index));
    std::string columns = "| ";
    for (const Column& column : relation.columns) {
      if (columns.size() > 2) columns += ", ";
      columns += column.name;
    }
    EXPECT_NE(text.find(columns + " |"), std::string::npos) << relation.name << columns;
  }
}

}  // namespace
}  // namespace holdfast
