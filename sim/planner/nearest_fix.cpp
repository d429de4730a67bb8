// What would make a candidate keep its promises: the nearest feasible neighbour in a plan.
#include <algorithm>
#include <string>
#include <tuple>

#include "sim/planner/plan.hpp"

namespace mtok::planner {
namespace {

struct Change {
  int weight = 0;      ///< how far the neighbour is
  std::string text{};  ///< "device h200-sxm, tensor_parallel_size 4"

  void add(int by, const std::string& what) {
    weight += by;
    text += (text.empty() ? "" : ", ") + what;
  }
};

std::string text_of(const kernel::Formats& formats) {
  return "formats " + std::string(kernel::name_of(formats.weights)) + "/" +
         std::string(kernel::name_of(formats.activations)) + "/" +
         std::string(kernel::name_of(formats.kv_cache));
}

bool same_drafts(const Scenario& a, const Scenario& b) {
  const std::optional<SpeculationChoice>& one = a.speculation;
  const std::optional<SpeculationChoice>& other = b.speculation;
  return one && other ? one->draft_file == other->draft_file &&
                            one->speculation.acceptance == other->speculation.acceptance
                      : one.has_value() == other.has_value();
}

Change from(const Scenario& a, const Scenario& b) {
  constexpr int kOtherModel = 100;
  Change change;
  if (a.model_file != b.model_file) {
    change.add(kOtherModel, "model " + b.model_file.stem().string());
  }
  if (a.device_file != b.device_file) {
    change.add(1, "device " + b.device_file.stem().string());
  }
  if (a.formats != b.formats) {
    change.add(1, text_of(b.formats));
  }
  const auto ranks = [&](std::int64_t was, std::int64_t is, const char* key) {
    if (was != is) {
      change.add(1, std::string(key) + " " + std::to_string(is));
    }
  };
  ranks(a.sharding.tensor, b.sharding.tensor, "tensor_parallel_size");
  ranks(a.sharding.pipeline, b.sharding.pipeline, "pipeline_parallel_size");
  ranks(a.sharding.expert, b.sharding.expert, "expert_parallel_size");
  if (a.engine != b.engine) {
    EngineChoice same = a.engine;
    same.enable_prefix_caching = b.engine.enable_prefix_caching;
    const char* const prefixes = b.engine.enable_prefix_caching ? "prefix_cache" : "no prefix_cache";
    change.add(1, same == b.engine ? prefixes : "engine options of " + b.engine.framework);
  }
  if (!same_drafts(a, b)) {
    change.add(1, b.speculation ? "another speculative_config" : "no speculative_config");
  }
  if (a.prices.tier != b.prices.tier) {
    change.add(1, std::string(cost::name_of(b.prices.tier)));
  }
  // What is left is the number of replicas, where the plan gives it.
  return change.weight > 0 ? change : Change{.weight = 1, .text = std::to_string(b.replicas) + " replicas"};
}

}  // namespace

void find_fixes(std::vector<PlanRow>& rows) {
  const auto first_out =
      std::find_if(rows.begin(), rows.end(), [](const PlanRow& row) { return !row.row.feasible; });
  for (auto row = first_out; row != rows.end(); ++row) {
    if (row->nearest_miss.empty()) {
      continue;
    }
    Change nearest;
    for (auto kept = rows.begin(); kept != first_out; ++kept) {  // cheapest first, so ties stay
      const Change change = from(row->deployment, kept->deployment);
      if (row->fix.empty() || change.weight < nearest.weight) {
        nearest = change;
        row->fix = kept->row.name;
      }
    }
    if (!row->fix.empty()) {
      row->nearest_miss += "; cheapest fix: " + nearest.text;
    }
  }
}

}  // namespace mtok::planner
