// What one execution costs between protocol and engine: binding values to a plan; and what a plan
// costs to make.
#include <benchmark/benchmark.h>

#include "sql/bind.h"
#include "sql/planner.h"

namespace holdfast {
namespace {

PlanPtr plan_of(std::string_view sql) { return plan_statement(sql, {}).value(); }

void bind_loop(benchmark::State& state, std::string_view sql, std::span<const Value> values) {
  const PlanPtr plan = plan_of(sql);
  CommandStorage storage;
  Command command;
  for (auto _ : state) {
    const Status status = bind_command(
        *plan, 0, {.values = values, .rules = {}, .actor = "holdfast"}, storage, command);
    if (!status.has_value()) state.SkipWithError(status.error().message.c_str());
    benchmark::DoNotOptimize(command);
  }
}

Value text_value(std::string_view text) {
  return {.type = SqlType::unknown, .is_null = false, .text = text, .uuid = {}};
}

void bind_claim_text(benchmark::State& state) {
  const Value values[] = {text_value("SKU-0000001234"), text_value("1")};
  bind_loop(state, "SELECT * FROM claim($1, $2)", values);
}
BENCHMARK(bind_claim_text);

void bind_claim_binary(benchmark::State& state) {
  Value sku = text_value("SKU-0000001234");
  sku.type = SqlType::text;
  const Value values[] = {
      sku, {.type = SqlType::int8, .is_null = false, .integer = 1, .text = {}, .uuid = {}}};
  bind_loop(state, "SELECT * FROM claim($1, $2)", values);
}
BENCHMARK(bind_claim_binary);

void bind_claim_cart(benchmark::State& state) {
  const Value values[] = {
      text_value(R"([{"sku":"A","quantity":1},{"sku":"B","quantity":2},{"sku":"C","quantity":1},)"
                 R"({"sku":"D","quantity":1},{"sku":"E","quantity":3}])")};
  bind_loop(state, "SELECT * FROM claim(lines => $1)", values);
}
BENCHMARK(bind_claim_cart);

void check_claim(benchmark::State& state) {
  const PlanPtr plan = plan_of("SELECT * FROM claim('SKU-0000001234', 1)");
  CommandStorage storage;
  Command command;
  (void)bind_command(*plan, 0, {.values = {}, .rules = {}, .actor = "holdfast"}, storage, command);
  for (auto _ : state) benchmark::DoNotOptimize(check_command(command).has_value());
}
BENCHMARK(check_claim);

void plan_claim(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan_statement("SELECT * FROM claim('SKU-0000001234', 1)", {}));
  }
}
BENCHMARK(plan_claim);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
