// The text of a scenario as a tree that fields can read and change one value at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/value.hpp"

namespace mtok::gui {

/// Holds what a scenario file says, nothing that it leaves out. Paths are those of config::Reader:
/// "engine.max_num_seqs", "fleet.models[0].share". Comments are not kept.
class ScenarioTree {
 public:
  ScenarioTree();
  explicit ScenarioTree(config::Value root) : root_(std::move(root)) {}
  /// Throws config::Error for text that is no YAML. Whether it is a scenario is for the planner to say.
  [[nodiscard]] static ScenarioTree from_yaml(const std::string& text, const std::string& file);

  /// The text of a scalar; nullopt when there is none at the path.
  [[nodiscard]] std::optional<std::string> get(std::string_view path) const;
  [[nodiscard]] bool has(std::string_view path) const;
  /// Sets a scalar, making the mappings on the way; mappings that are in its way are replaced. An item of a
  /// list must exist or be the next one.
  void set(std::string_view path, std::string text);
  /// Takes the value away, and the mappings that become empty by it.
  void erase(std::string_view path);
  /// Puts a whole block, given as YAML, at a top-level key.
  void put(const std::string& key, config::Value block);

  /// Every scalar with its path, in order.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> leaves() const;

  [[nodiscard]] std::string name() const { return get("name").value_or("scenario"); }
  [[nodiscard]] const config::Value& root() const { return root_; }
  /// A scenario file: one block a line where it fits.
  [[nodiscard]] std::string to_yaml() const;

  friend bool operator==(const ScenarioTree& a, const ScenarioTree& b) { return a.to_yaml() == b.to_yaml(); }

 private:
  config::Value root_;
};

/// A value as YAML, its lines indented; scalars are quoted where they must be.
[[nodiscard]] std::string yaml_of(const config::Value& value, int indent);

}  // namespace mtok::gui
