// A list in order of use and an index into it, under one mutex: the lock is held for a hash look-up
// and a splice.
#include "service/statement.h"

namespace holdfast {

// One byte that says what follows, the declared types, a separator that no type has, the text.
std::string PlanCache::bytes_of(const Key& key) {
  std::string out;
  out.reserve(key.sql.size() + key.declared.size() + 2);
  out += key.is_simple ? 's' : 'p';
  for (const SqlType type : key.declared) out += static_cast<char>(type);
  out += '\xff';
  out += key.sql;
  return out;
}

std::optional<std::vector<StatementPtr>> PlanCache::find(const Key& key) {
  if (key.sql.size() > text_bytes_max) return {};
  const std::string bytes = bytes_of(key);
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(bytes);
  if (found == by_key_.end()) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->statements;
}

void PlanCache::add(const Key& key, const std::vector<StatementPtr>& statements) {
  if (key.sql.size() > text_bytes_max) return;
  std::string bytes = bytes_of(key);
  const std::scoped_lock lock(mutex_);
  if (by_key_.contains(bytes)) return;
  if (entries_.size() == entries_max) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({std::move(bytes), statements});
  by_key_.emplace(entries_.front().key, entries_.begin());
}

std::size_t PlanCache::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace holdfast
