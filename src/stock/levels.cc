// A move touches only the columns it changes: a claim's are available, held or committed, and the
// version.
#include "stock/levels.h"

#include <bit>

#include "base/check.h"

namespace holdfast {

LevelRef Levels::open(const LevelKey& key) {
  const LevelRef level{table_.append()};
  LevelPage& page = table_.writable(level.row);
  const std::uint32_t row = Table::in_page(level.row);
  page.item[row] = key.item;
  page.location[row] = key.location;
  page.lot[row] = key.lot;
  items_.insert(key, level);
  return level;
}

std::uint64_t Levels::move(const LevelKey& key, const Quantities& delta, Seq seq) {
  LevelRef level = items_.find(key);
  std::uint64_t change = 0;
  if (!level.exists()) [[unlikely]] {
    level = open(key);
    change = weighted(1, level_exists_column);
  }
  LevelPage& page = table_.writable(level.row);
  const std::uint32_t row = Table::in_page(level.row);
  bool valid = true;
  for (std::uint32_t left = delta.nonzero_terms(); left != 0; left &= left - 1) {
    const auto index = static_cast<std::size_t>(std::countr_zero(left));
    const auto term = static_cast<Term>(index);
    const Quantity after = value_in(page, row, index) + delta[term];
    valid = valid && after.in_range() && (term == Term::on_hand || after >= Quantity());
    if (index < hot_terms) {
      page.hot[index][row] = after;
    } else {
      table_.set_cold(page, index - hot_terms, level.row, after);
    }
    change += weighted(delta[term], index);
  }
  CHECK(valid, "item {} at location {}, lot {}: a term left its range at seq {}", key.item.value(),
        key.location.value(), key.lot.value(), seq.value());
  change += weighted(seq.value() - page.version[row].value(), level_version_column);
  page.version[row] = seq;
  return key_factor(key) * change;
}

Levels::Before Levels::before_move(const LevelKey& key) const {
  const LevelRef ref = items_.find(key);
  if (!ref.exists()) return {.key = key, .level = ref, .quantities = {}, .version = {}};
  const Level now = level(ref);
  return {.key = key, .level = ref, .quantities = now.quantities, .version = now.version};
}

void Levels::restore(const Before& before) {
  if (!before.level.exists()) {
    items_.erase(before.key);
    return table_.drop_last();
  }
  LevelPage& page = table_.writable(before.level.row);
  const std::uint32_t row = Table::in_page(before.level.row);
  for (std::size_t index = 0; index < term_count; ++index) {
    const Quantity value = before.quantities[static_cast<Term>(index)];
    if (index < hot_terms) {
      page.hot[index][row] = value;
    } else {
      table_.set_cold(page, index - hot_terms, before.level.row, value);
    }
  }
  page.version[row] = before.version;
}

Level level_in(const LevelPage& page, std::uint32_t row) {
  Level out;
  out.key = {.item = page.item[row], .location = page.location[row], .lot = page.lot[row]};
  out.version = page.version[row];
  for (std::size_t index = 0; index < term_count; ++index) {
    out.quantities[static_cast<Term>(index)] = value_in(page, row, index);
  }
  return out;
}

std::uint64_t digest_share_of(const Level& level) {
  std::uint64_t sum = weighted(1, level_exists_column);
  for (std::size_t index = 0; index < term_count; ++index) {
    sum += weighted(level.quantities[static_cast<Term>(index)], index);
  }
  sum += weighted(level.version.value(), level_version_column);
  return key_factor(level.key) * sum;
}

Level Levels::level(LevelRef level) const {
  CHECK(level.exists());
  return level_in(table_.page_of(level.row), Table::in_page(level.row));
}

std::uint64_t Levels::recomputed_digest() const {
  std::uint64_t sum = 0;
  for (std::uint32_t row = 1; row < table_.size(); ++row) {
    sum += digest_share_of(level_in(table_.page_of(row), Table::in_page(row)));
  }
  return sum;
}

}  // namespace holdfast
