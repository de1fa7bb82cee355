// Names and ranges are those of the flags: there is no second list.
#include "node/config_options.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "node/config_file.h"

namespace holdfast {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.good() || std::filesystem::is_directory(path)) {
    return fail(ErrorCode::io_error, "{}: cannot be read", path);
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "; did you mean data-dir?", or what else helps.
std::string meant(std::string_view word, std::span<const std::string> names,
                  std::string_view otherwise) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view name = nearest(word, views);
  return name.empty() ? std::string(otherwise) : fmt::format("; did you mean {}?", name);
}

Result<CLI::App*> section_of(CLI::App& app, const ConfigLine& line) {
  if (line.section.empty()) {
    return fail(ErrorCode::invalid_value,
                "{} stands in no section; write [serve] or [verify] above it", quoted(line.name));
  }
  std::vector<std::string> names;
  for (CLI::App* section : app.get_subcommands([](CLI::App*) { return true; })) {
    if (section->get_name() == line.section) return section;
    names.push_back(section->get_name());
  }
  return fail(ErrorCode::invalid_value, "unknown section [{}]{}", line.section,
              meant(line.section, names, "; there are [serve] and [verify]"));
}

Result<CLI::Option*> option_of(CLI::App& section, const ConfigLine& line) {
  std::vector<std::string> names;
  for (CLI::Option* option : section.get_options()) {
    if (option == section.get_help_ptr()) continue;
    if (option->get_lnames().front() == line.name) return option;
    names.push_back(option->get_lnames().front());
  }
  const std::string list = fmt::format("; holdfast {} --help lists them", line.section);
  return fail(ErrorCode::invalid_value, "unknown option {} in [{}]{}", quoted(line.name),
              line.section, meant(line.name, names, list));
}

// A flag that was given wins.
Status take_line(CLI::App& app, const ConfigLine& line) {
  ASSIGN(auto* const section, section_of(app, line));
  if (line.name.empty()) return {};
  ASSIGN(auto* const option, option_of(*section, line));
  if (!option->empty()) return {};
  try {
    option->add_result(std::string(line.value));
    option->run_callback();
  } catch (const CLI::Error&) {
    const std::string kind = option->get_type_name();
    return fail(ErrorCode::invalid_value, "{} must be {}, got {}", line.name,
                kind.empty() ? "true or false" : kind, quoted(line.value));
  }
  return {};
}

}  // namespace

Status take_config(CLI::App& app, const std::string& path) {
  ASSIGN(const std::string text, read_file(path));
  const auto lines = parse_config(text);
  if (!lines.has_value()) {
    return fail(lines.error().code, "{}:{}", path, lines.error().message);
  }
  for (const ConfigLine& line : *lines) {
    if (const Status taken = take_line(app, line); !taken.has_value()) {
      return fail(taken.error().code, "{}:{}: {}", path, line.number, taken.error().message);
    }
  }
  return {};
}

}  // namespace holdfast
