// Switches techniques on and off.
#include "sim/planner/techniques.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "sim/hardware/device.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

using kernel::NumberFormat;

std::string name_of_format(NumberFormat format) {
  return std::string(kernel::name_of(format));
}

std::string batch(Scenario& scenario, const Catalogue& /*catalogue*/) {
  return scenario.engine.max_num_seqs ? "max_num_seqs " + std::to_string(*scenario.engine.max_num_seqs)
                                      : "max_num_seqs of the framework";
}

/// FP8 where the device multiplies it, else INT8, else INT8 weights only.
std::string narrow_weights(Scenario& scenario, const Catalogue& catalogue) {
  const auto device = hardware::make_device(catalogue.device(scenario.device_file));
  NumberFormat weights = NumberFormat::int8;
  NumberFormat activations = NumberFormat::bf16;
  for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::int8}) {
    if (device->native(format)) {
      weights = format;
      activations = format;
      break;
    }
  }
  scenario.formats.weights = weights;
  scenario.formats.activations = activations;
  return "weights " + name_of_format(weights) + ", activations " + name_of_format(activations);
}

std::string narrow_cache(Scenario& scenario, const Catalogue& /*catalogue*/) {
  scenario.formats.kv_cache = NumberFormat::fp8;
  return "kv_cache fp8";
}

std::string share_prefixes(Scenario& scenario, const Catalogue& /*catalogue*/) {
  scenario.engine.enable_prefix_caching = true;
  return "enable_prefix_caching";
}

constexpr std::array<Technique, 4> kTechniques{
    {{.key = "batching",
      .switch_on = batch,
      .switch_off = [](Scenario& scenario) { scenario.engine.max_num_seqs = 1; }},
     {.key = "weights",
      .switch_on = narrow_weights,
      .switch_off =
          [](Scenario& scenario) {
            scenario.formats.weights = NumberFormat::bf16;
            scenario.formats.activations = NumberFormat::bf16;
          }},
     {.key = "kv_cache",
      .switch_on = narrow_cache,
      .switch_off = [](Scenario& scenario) { scenario.formats.kv_cache = NumberFormat::bf16; }},
     {.key = "prefix_cache", .switch_on = share_prefixes, .switch_off = [](Scenario& scenario) {
        scenario.engine.enable_prefix_caching = false;
      }}}};

}  // namespace

std::span<const Technique> deployment_techniques() {
  return kTechniques;
}

const Technique& deployment_technique(std::string_view key) {
  const auto* const found = std::find_if(kTechniques.begin(), kTechniques.end(),
                                         [&](const Technique& technique) { return technique.key == key; });
  assert(found != kTechniques.end());
  return *found;
}

std::string prefix_cache_obstacle(const Scenario& scenario) {
  return open_workload(scenario)->hash_block_size() == 0
             ? "the workload tells no content ids, so nothing can be shared"
             : "";
}

std::string draft_obstacle(const SpeculationChoice& choice, const Scenario& scenario,
                           const Catalogue& catalogue) {
  constexpr double kPadding = 0.01;  // sizes of one family's vocabulary are padded apart by so much
  if (scenario.sharding.pipeline > 1) {
    return "drafts over pipeline stages are not modelled";
  }
  if (choice.draft_file.empty()) {
    return "";
  }
  const model::Architecture draft = catalogue.model(choice.draft_file);
  const model::Architecture target = catalogue.model(scenario.model_file);
  const auto words = [](const model::Architecture& network) {
    return static_cast<double>(network.vocab_size);
  };
  if (std::abs(words(draft) - words(target)) > kPadding * words(target)) {
    return "draft model " + draft.name + " has another vocabulary than " + target.name + " (" +
           std::to_string(draft.vocab_size) + " tokens, not " + std::to_string(target.vocab_size) + ")";
  }
  const std::string spread = model::sharding_obstacle(draft, {.tensor = scenario.sharding.tensor});
  return spread.empty() ? "" : "draft model " + draft.name + ": " + spread;
}

}  // namespace mtok::planner
