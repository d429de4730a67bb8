// A serving framework: its profile from YAML and its rule for the KV budget.
#include "sim/hardware/framework_profile.hpp"

#include <array>

#include "sim/config/reader.hpp"

namespace mtok::hardware {
namespace {

constexpr std::array<config::Choice<FrameworkProfile::BudgetRule>, 2> kRules{
    {{"share_of_total", FrameworkProfile::BudgetRule::share_of_total},
     {"share_of_free", FrameworkProfile::BudgetRule::share_of_free}}};

}  // namespace

FrameworkProfile load_framework(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  FrameworkProfile profile;
  profile.name = root.text("name");
  profile.version = root.text("version");

  config::Reader host = root.mapping("host_time");
  profile.step_overhead = host.quantity<Seconds>("step", config::kNotNegative);
  profile.sequence_overhead = host.quantity<Seconds>("per_sequence", config::kNotNegative);
  profile.host_hidden = host.number("hidden", config::kFraction);
  profile.eager_layer = host.quantity<Seconds>("eager_layer", config::kNotNegative);
  profile.launch_share = host.number("launch_share", config::kFraction);
  profile.request_overhead = host.quantity<Seconds>("request", config::kNotNegative);
  profile.source = "host_time: " + host.text("source");
  host.done();

  config::Reader memory = root.mapping("memory");
  profile.budget_rule = memory.choice<FrameworkProfile::BudgetRule>("rule", kRules);
  profile.memory_fraction = memory.number("fraction", config::kFraction);
  profile.activation_memory = memory.quantity<Bytes>("activations", config::kNotNegative);
  profile.source += "\nmemory: " + memory.text("source");
  memory.done();

  config::Reader limits = root.mapping("limits");
  profile.block_size = limits.integer("block_size", config::kAtLeastOne);
  profile.max_num_seqs = limits.integer("max_num_seqs", config::kAtLeastOne);
  profile.max_num_batched_tokens = limits.integer("max_num_batched_tokens", config::kAtLeastOne);
  profile.output_reserve = limits.number("output_reserve", config::kFraction);
  profile.mixed_batches = limits.flag("mixed_batches");
  profile.source += "\nlimits: " + limits.text("source");
  limits.done();

  root.done();
  document.finish();
  return profile;
}

Bytes activation_bytes(const FrameworkProfile& framework, std::int64_t max_num_batched_tokens) {
  return framework.activation_memory * (static_cast<double>(max_num_batched_tokens) /
                                        static_cast<double>(framework.max_num_batched_tokens));
}

Bytes kv_budget(const FrameworkProfile& framework, double memory_fraction, Bytes memory, Bytes weights,
                Bytes activations) {
  if (framework.budget_rule == FrameworkProfile::BudgetRule::share_of_total) {
    return memory_fraction * memory - weights - activations;
  }
  const Bytes free = memory - weights - activations;
  return free > Bytes{} ? memory_fraction * free : free;
}

}  // namespace mtok::hardware
