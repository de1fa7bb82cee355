// A planned statement as protocols see it, and the cache that lets a repeated text find its plan
// again.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/database.h"
#include "sql/plan.h"

namespace holdfast {

class PlannedStatement final : public Statement {
 public:
  explicit PlannedStatement(PlanPtr plan) : plan_(std::move(plan)) {}
  [[nodiscard]] std::span<const SqlType> parameters() const override { return plan_->parameters; }
  [[nodiscard]] std::span<const Column> columns() const override { return plan_->columns; }
  [[nodiscard]] bool is_empty() const override {
    return std::holds_alternative<EmptyPlan>(plan_->body);
  }
  [[nodiscard]] Copy copy() const override {
    const auto* change = std::get_if<ChangePlan>(&plan_->body);
    if (change == nullptr || !change->copy) return {};
    return {.format = &*change->copy, .relation = info_of(change->relation).name};
  }
  [[nodiscard]] const CopyFormat* copy_to() const override {
    return plan_->copy_to ? &*plan_->copy_to : nullptr;
  }
  [[nodiscard]] std::string_view deallocates() const override {
    if (std::holds_alternative<DiscardAllPlan>(plan_->body)) return all_statements;
    const auto* plan = std::get_if<DeallocatePlan>(&plan_->body);
    if (plan == nullptr) return {};
    return plan->name.empty() ? all_statements : std::string_view(plan->name);
  }
  [[nodiscard]] const Plan& plan() const { return *plan_; }

 private:
  PlanPtr plan_;
};

// Texts and their statements, the least recently used forgotten first. Any thread.
class PlanCache {
 public:
  static constexpr std::size_t entries_max = 1'024;
  static constexpr std::size_t text_bytes_max = 8 * 1024;  // longer texts are planned every time

  // `declared` is part of the key; a simple query has none and is told apart by `is_simple`.
  struct Key {
    std::string_view sql;
    std::span<const SqlType> declared;
    bool is_simple = false;
  };
  std::optional<std::vector<StatementPtr>> find(const Key& key);
  void add(const Key& key, const std::vector<StatementPtr>& statements);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    std::vector<StatementPtr> statements;
  };
  static std::string bytes_of(const Key& key);

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

}  // namespace holdfast
