// Puts what a rung ran into a scenario.
#include "app/gui/models/rung_scenario.hpp"

#include <algorithm>
#include <functional>

#include "sim/kernel/number_format.hpp"
#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

/// What a scenario calls a file of the catalogue; the path of any other.
std::string name_of(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return file.parent_path() == folder ? file.stem().string() : file.string();
}

/// What a model of a fleet says of itself, below `at`: "" or "fleet.models[0].".
void put_pool(ScenarioTree& tree, const std::string& at, const planner::Scenario& pool,
              const planner::Catalogue& catalogue) {
  const auto put = [&](const std::string& key, const std::string& text) { tree.set(at + key, text); };
  put("model", name_of(pool.model_file, catalogue.root() / "models"));
  put("hardware.device", name_of(pool.device_file, catalogue.root() / "hwprofiles/devices"));
  put("hardware.count", std::to_string(pool.device_count));
  put("formats.weights", std::string(kernel::name_of(pool.formats.weights)));
  put("formats.activations", std::string(kernel::name_of(pool.formats.activations)));
  put("formats.kv_cache", std::string(kernel::name_of(pool.formats.kv_cache)));
}

/// The drafts of the rung. Rates that differ by position are those that the scenario states itself, and stay.
void put_drafts(ScenarioTree& tree, const planner::Scenario& main, const planner::Catalogue& catalogue) {
  if (!main.speculation) {
    tree.erase("speculative_config");
    return;
  }
  const std::vector<double>& rates = main.speculation->speculation.acceptance;
  if (std::adjacent_find(rates.begin(), rates.end(), std::not_equal_to<>()) != rates.end()) {
    return;
  }
  const std::filesystem::path& draft = main.speculation->draft_file;
  tree.erase("speculative_config");
  tree.set("speculative_config.method", draft.empty() ? "mtp" : "draft_model");
  if (!draft.empty()) {
    tree.set("speculative_config.model", name_of(draft, catalogue.root() / "models"));
  }
  tree.set("speculative_config.num_speculative_tokens", std::to_string(rates.size()));
  tree.set("speculative_config.acceptance_rate", units::shortest(rates.front()));
}

}  // namespace

RungScenario rung_scenario(const ScenarioTree& of, const planner::Row& rung,
                           const planner::Catalogue& catalogue) {
  if (!rung.per_token || rung.pools.empty()) {
    return {.why_not = QStringLiteral("This rung has no fleet that could be opened.")};
  }
  const planner::Scenario& main = rung.pools.front();
  ScenarioTree tree = of;
  tree.set("name", of.name() + ": " + rung.name);
  tree.erase("parallel");
  tree.erase("fleet.models");
  put_pool(tree, "", main, catalogue);
  put_drafts(tree, main, catalogue);
  tree.set("fleet.replicas", std::to_string(main.replicas));
  tree.set("engine.enable_prefix_caching", main.engine.enable_prefix_caching ? "true" : "false");
  if (main.engine.max_num_seqs) {
    tree.set("engine.max_num_seqs", std::to_string(*main.engine.max_num_seqs));
  }
  if (!main.prices.per_device) {
    tree.erase("prices.usd_per_device_hour");  // a price of the scenario was that of its own device
  }
  for (std::size_t i = 1; i < rung.pools.size(); ++i) {
    const planner::Scenario& pool = rung.pools[i];
    const std::string at = "fleet.models[" + std::to_string(i - 1) + "].";
    put_pool(tree, at, pool, catalogue);
    tree.set(at + "replicas", std::to_string(pool.replicas));
    tree.set(at + "share", units::shortest(pool.workload.slice.to - pool.workload.slice.from));
  }
  return {.tree = std::move(tree)};
}

}  // namespace mtok::gui
