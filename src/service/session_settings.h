// The settings of one session: what differs from the initial values, and what RESET goes back to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/settings.h"

namespace holdfast {

class SessionSettings {
 public:
  [[nodiscard]] std::string_view value(const SettingInfo& setting) const;
  [[nodiscard]] std::string_view value_at_start(const SettingInfo& setting) const;
  // As the start-up message said: the value that RESET restores.
  void start_with(const SettingInfo& setting, std::string_view value);
  // Each returns whether the value is another one now.
  bool set(const SettingInfo& setting, std::string_view value);
  bool reset(const SettingInfo& setting);
  // The settings that reset_all would change.
  [[nodiscard]] std::vector<const SettingInfo*> changed() const;

 private:
  struct Override {
    const SettingInfo* setting;
    std::string value;
  };
  static const std::string* find(const std::vector<Override>& from, const SettingInfo& setting);
  static void put(std::vector<Override>& into, const SettingInfo& setting, std::string_view value);

  std::vector<Override> start_;  // both are short: most sessions set two or three
  std::vector<Override> current_;
};

}  // namespace holdfast
