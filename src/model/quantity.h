// Quantity: units of an item in its smallest unit, an integer within ±(2^53 − 1) so that every JSON
// reader in the world reads it exactly. The sum of two quantities in range always fits the
// representation, so arithmetic is plain and the result is checked with in_range() before it is
// kept.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace holdfast {

class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t units) : units_(units) {}
  static constexpr Quantity max() { return Quantity((std::int64_t{1} << 53) - 1); }
  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  [[nodiscard]] constexpr bool in_range() const { return *this <= max() && *this >= -max(); }
  [[nodiscard]] constexpr bool is_zero() const { return units_ == 0; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.units_ + b.units_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.units_ - b.units_);
  }
  constexpr Quantity operator-() const { return Quantity(-units_); }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
  constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }

 private:
  std::int64_t units_ = 0;
};

// The quantities of a level, in the order of the ledger's columns. `incoming` stands outside the
// equation.
enum class Term : std::uint8_t {
  on_hand,
  available,
  held,
  committed,
  backordered,
  damaged,
  quality_control,
  safety_stock,
  shortage,
  incoming,
};
inline constexpr std::size_t term_count = 10;
// The column names in SQL, JSON and console.
inline constexpr std::array<const char*, term_count> term_names = {
    "on_hand", "available",       "held",         "committed", "backordered",
    "damaged", "quality_control", "safety_stock", "shortage",  "incoming"};

// One value per term: the balances of a level, or the deltas of an entry.
class Quantities {
 public:
  constexpr Quantity& operator[](Term term) { return values_[static_cast<std::size_t>(term)]; }
  constexpr Quantity operator[](Term term) const { return values_[static_cast<std::size_t>(term)]; }
  friend constexpr bool operator==(const Quantities&, const Quantities&) = default;

  // on_hand = available + held + committed + damaged + quality_control + safety_stock − backordered
  // − shortage. Linear, so it holds for balances and for the deltas of a group alike (domain,
  // invariant 1).
  [[nodiscard]] constexpr bool balanced() const {
    const auto& q = *this;
    return q[Term::on_hand] == q[Term::available] + q[Term::held] + q[Term::committed] +
                                   q[Term::damaged] + q[Term::quality_control] +
                                   q[Term::safety_stock] - q[Term::backordered] - q[Term::shortage];
  }
  // Every term is in range and, but for on_hand, at least zero.
  [[nodiscard]] constexpr bool valid() const {
    if (!(*this)[Term::on_hand].in_range()) return false;
    for (std::size_t index = 1; index < term_count; ++index) {
      if (values_[index] < Quantity() || !values_[index].in_range()) return false;
    }
    return true;
  }
  constexpr Quantities& operator+=(const Quantities& other) {
    for (std::size_t index = 0; index < term_count; ++index) values_[index] += other.values_[index];
    return *this;
  }
  [[nodiscard]] constexpr bool is_zero() const { return *this == Quantities{}; }
  // The terms that are not zero, one bit each, by Term.
  [[nodiscard]] constexpr std::uint32_t nonzero_terms() const {
    return [this]<std::size_t... index>(std::index_sequence<index...>) {
      return (... | (static_cast<std::uint32_t>(!values_[index].is_zero()) << index));
    }
    (std::make_index_sequence<term_count>());
  }

 private:
  std::array<Quantity, term_count> values_{};
};

}  // namespace holdfast
