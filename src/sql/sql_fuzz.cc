// Any bytes: the gate, the parser and the planner answer with a plan or an error; what binds is
// bound to hostile values.
#include <cstdint>
#include <string_view>
#include <vector>

#include "sql/bind.h"
#include "sql/planner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)plan_statements(text);
  const auto plan = plan_statement(text, {});
  if (!plan.has_value() || !std::holds_alternative<CommandPlan>((*plan)->body)) return 0;
  const Value value{.type = SqlType::unknown, .is_null = false, .text = text, .uuid = {}};
  const std::vector<Value> values((*plan)->parameters.size(), value);
  CommandStorage storage;
  Command command;
  if (bind_command(**plan, 0, {.values = values, .rules = {}, .actor = "fuzz"}, storage, command)
          .has_value()) {
    (void)check_command(command);
  }
  return 0;
}
