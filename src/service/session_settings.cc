// Overrides in two short lists, searched in order: current, start, initial.
#include "service/session_settings.h"

namespace holdfast {

const std::string* SessionSettings::find(const std::vector<Override>& from,
                                         const SettingInfo& setting) {
  for (const Override& entry : from) {
    if (entry.setting == &setting) return &entry.value;
  }
  return nullptr;
}

void SessionSettings::put(std::vector<Override>& into, const SettingInfo& setting,
                          std::string_view value) {
  for (Override& entry : into) {
    if (entry.setting != &setting) continue;
    entry.value = value;
    return;
  }
  into.push_back({&setting, std::string(value)});
}

std::string_view SessionSettings::value(const SettingInfo& setting) const {
  if (const std::string* found = find(current_, setting)) return *found;
  return value_at_start(setting);
}

std::string_view SessionSettings::value_at_start(const SettingInfo& setting) const {
  if (const std::string* found = find(start_, setting)) return *found;
  return setting.initial;
}

void SessionSettings::start_with(const SettingInfo& setting, std::string_view value) {
  put(start_, setting, value);
}

bool SessionSettings::set(const SettingInfo& setting, std::string_view value) {
  const bool changes = this->value(setting) != value;
  if (changes) put(current_, setting, value);
  return changes;
}

bool SessionSettings::reset(const SettingInfo& setting) {
  const std::string before(value(setting));
  std::erase_if(current_, [&](const Override& entry) { return entry.setting == &setting; });
  return value(setting) != before;
}

std::vector<const SettingInfo*> SessionSettings::changed() const {
  std::vector<const SettingInfo*> out;
  for (const Override& entry : current_) out.push_back(entry.setting);
  return out;
}

}  // namespace holdfast
