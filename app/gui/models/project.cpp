// Reads and writes project files, and brings old ones up to date.
#include "app/gui/models/project.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

namespace fs = std::filesystem;
using config::Value;
using Kind = config::Value::Kind;

[[noreturn]] void fail(const std::string& file, config::Position at, std::string message,
                       std::string hint = {}) {
  throw config::Error({.file = file, .at = at, .message = std::move(message), .hint = std::move(hint)});
}

const Value* member(const Value& root, std::string_view key) {
  const auto found = std::find_if(root.entries.begin(), root.entries.end(),
                                  [&](const Value::Entry& entry) { return entry.key == key; });
  return found == root.entries.end() ? nullptr : &found->value;
}

/// From version 0 to 1: a scenario file becomes the only scenario of a project.
Value from_scenario_file(const Value& root) {
  Value list(Kind::list, {});
  list.items.push_back(root);
  Value project(Kind::mapping, {});
  project.entries.push_back({.key = "mtok_project", .value = Value(Kind::plain, {}, "1")});
  project.entries.push_back({.key = "scenarios", .value = std::move(list)});
  return project;
}

/// Each step brings a file of version i to version i + 1.
constexpr std::array<Value (*)(const Value&), kProjectVersion> kMigrations{from_scenario_file};

std::size_t version_of(const Value& root, const std::string& file) {
  const Value* const stated = member(root, "mtok_project");
  if (stated == nullptr) {
    if (member(root, "mtok") == nullptr) {
      fail(file, {1, 1}, "this is neither an mtok project nor a scenario",
           "a project begins with 'mtok_project: 1', a scenario with 'mtok: 1'");
    }
    return 0;
  }
  const auto version = units::parse_integer(stated->text);
  if (!version || *version < 1) {
    fail(file, stated->at, "mtok_project: expected a version such as 1, got '" + stated->text + "'");
  }
  if (*version > kProjectVersion) {
    fail(file, stated->at,
         "mtok_project: this file was written by a newer mtok (version " + stated->text +
             " of the format; this program knows " + std::to_string(kProjectVersion) + ")",
         "open it with a newer mtok");
  }
  return static_cast<std::size_t>(*version);
}

constexpr std::array<std::string_view, 10> kPaths{"workload.trace",      "model",
                                                  "hardware.device",     "prices.book",
                                                  "engine.framework",    "ladder.moe_model",
                                                  "ladder.small_model",  "ladder.student_model",
                                                  "ladder.newer_device", "speculative_config.model"};

/// A name of the catalogue has neither a slash nor one of these endings.
bool is_path(std::string_view key, const std::string& text) {
  const std::string ending = fs::path(text).extension().string();
  return key == "workload.trace" || text.find('/') != std::string::npos || ending == ".yaml" ||
         ending == ".yml" || ending == ".json";
}

}  // namespace

std::string to_yaml(const Project& project) {
  std::string text =
      "# An mtok project: open it with mtok-gui. Each scenario is a scenario file of its own.\n";
  text += "mtok_project: " + std::to_string(kProjectVersion) + "\n";
  text += "base: " + std::to_string(project.base + 1) + "\nscenarios:\n";
  for (const ScenarioTree& scenario : project.scenarios) {
    std::string block = yaml_of(scenario.root(), 4);
    block.replace(0, 4, "  - ");
    text += block;
  }
  return text;
}

Project project_from_yaml(const std::string& text, const std::string& file) {
  Value root = config::parse_yaml(text, file);
  for (std::size_t version = version_of(root, file); version < kProjectVersion; ++version) {
    root = kMigrations[version](root);
  }
  Project project;
  const Value* const scenarios = member(root, "scenarios");
  if (scenarios == nullptr || scenarios->kind != Kind::list || scenarios->items.empty()) {
    fail(file, scenarios == nullptr ? config::Position{1, 1} : scenarios->at,
         "scenarios: expected a list of at least one scenario");
  }
  for (const Value& item : scenarios->items) {
    if (item.kind != Kind::mapping) {
      fail(file, item.at, "scenarios: expected a scenario, with 'mtok: 1' as its first line");
    }
    project.scenarios.emplace_back(item);
  }
  for (const Value::Entry& entry : root.entries) {
    if (entry.key != "mtok_project" && entry.key != "scenarios" && entry.key != "base") {
      fail(file, entry.at, entry.key + ": unknown key");
    }
  }
  if (const Value* const base = member(root, "base")) {
    const auto number = units::parse_integer(base->text);
    if (!number || *number < 1 || static_cast<std::size_t>(*number) > project.scenarios.size()) {
      fail(
          file, base->at,
          "base: expected the position of a scenario, from 1 to " + std::to_string(project.scenarios.size()));
    }
    project.base = static_cast<std::size_t>(*number - 1);
  }
  return project;
}

Project load_project(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    fail(file.string(), {}, "no such file");
  }
  if (fs::file_size(file, error) > config::kMaxYamlBytes) {
    fail(file.string(), {}, "too large for a project");
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) {
    fail(file.string(), {}, "cannot be read");
  }
  return project_from_yaml(text, file.string());
}

void move_paths(Project& project, const fs::path& from, const fs::path& to) {
  for (ScenarioTree& scenario : project.scenarios) {
    for (const std::string_view key : kPaths) {
      const std::optional<std::string> text = scenario.get(key);
      if (!text || !is_path(key, *text)) {
        continue;
      }
      const fs::path absolute = (fs::absolute(from) / *text).lexically_normal();
      const fs::path relative = absolute.lexically_relative(fs::absolute(to).lexically_normal());
      const bool below = !relative.empty() && *relative.begin() != "..";
      scenario.set(key, below ? relative.string() : absolute.string());
    }
  }
}

}  // namespace mtok::gui
