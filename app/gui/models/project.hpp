// A project file: the scenarios of one question, in one readable YAML text with a version.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/gui/models/scenario_tree.hpp"

namespace mtok::gui {

/// The version that is written. Files of every earlier version are read: 0 is a plain scenario file.
inline constexpr int kProjectVersion = 1;

struct Project {
  std::vector<ScenarioTree> scenarios{};  ///< at least one
  std::size_t base = 0;                   ///< which of them the others are set against
};

/// `mtok_project: 1`, `base`, `scenarios`: each as it would stand in a scenario file.
[[nodiscard]] std::string to_yaml(const Project& project);

/// Reads a project, or a scenario file as a project of one. Throws config::Error, also for the file of a
/// newer mtok; what a scenario says is not checked here.
[[nodiscard]] Project project_from_yaml(const std::string& text, const std::string& file);
/// Throws config::Error, also when the file cannot be read.
[[nodiscard]] Project load_project(const std::filesystem::path& file);

/// Paths of the scenarios that are relative to one folder, written anew so that they mean the same files from
/// another one: relative where they lie below it, else absolute.
void move_paths(Project& project, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace mtok::gui
