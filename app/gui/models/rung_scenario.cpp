// Puts what a rung says into a scenario.
#include "app/gui/models/rung_scenario.hpp"

#include <sstream>

namespace mtok::gui {

RungScenario rung_scenario(const ScenarioTree& of, const planner::Row& rung) {
  if (!rung.per_token || rung.replicas < 1) {
    return {.why_not = QStringLiteral("This rung has no fleet that could be opened.")};
  }
  if (rung.model.find(" + ") != std::string::npos) {
    return {.why_not = QStringLiteral("This rung has two models; open the next one, or add small-model "
                                      "routing to a scenario.")};
  }
  ScenarioTree tree = of;
  tree.set("name", of.name() + ": " + rung.name);
  tree.set("model", rung.model);
  tree.set("hardware.device", rung.device);
  tree.set("hardware.count", std::to_string(rung.devices / rung.replicas));
  tree.erase("parallel");
  tree.set("fleet.replicas", std::to_string(rung.replicas));
  tree.erase("fleet.models");
  std::istringstream words(rung.formats);  // "W fp8 A fp8 KV fp8"
  for (std::string role, format; words >> role >> format;) {
    const std::string key = role == "W" ? "weights" : role == "A" ? "activations" : "kv_cache";
    tree.set("formats." + key, format);
  }
  if (rung.name == "naive") {
    tree.set("engine.max_num_seqs", "1");
    tree.set("engine.enable_prefix_caching", "false");
  }
  return {.tree = std::move(tree)};
}

}  // namespace mtok::gui
