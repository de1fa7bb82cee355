// How an operation is said in SQL: one statement with parameters, so that it is planned once per
// shape and run many times, as a driver's prepared statement is.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sim/operation.h"
#include "sql/types.h"

namespace holdfast {

struct SqlText {
  std::string text;
  std::vector<SqlType> types;
  std::vector<Value> values;  // texts point into `texts`
  std::deque<std::string> texts;
};
[[nodiscard]] SqlText sql_of(const Operation& operation);

}  // namespace holdfast
