// Strong<Tag, Rep>: an integer that mixes with no other, so an ItemId never stands where a
// LocationId belongs.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <type_traits>

namespace holdfast {

template <class Tag, class Rep>
class Strong {
  static_assert(std::is_integral_v<Rep>);

 public:
  using rep = Rep;
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}
  [[nodiscard]] constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(Strong, Strong) = default;
  // The one after this one: ids are handed out densely, in order.
  [[nodiscard]] constexpr Strong next() const { return Strong(static_cast<Rep>(value_ + 1)); }

 private:
  Rep value_ = 0;
};

}  // namespace holdfast

template <class Tag, class Rep>
struct std::hash<holdfast::Strong<Tag, Rep>> {
  std::size_t operator()(holdfast::Strong<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
