// Lists what a run takes for granted.
#include "sim/planner/run_assumptions.hpp"

#include <fmt/format.h>

#include <utility>

#include "sim/planner/pricing.hpp"

namespace mtok::planner {
namespace {

/// The line of a profile's source that speaks of one group of its numbers: "limits: ..." without the name.
std::string section_of(const std::string& source, const std::string& section) {
  const std::size_t start = source.find(section + ": ");
  if (start == std::string::npos) {
    return source;
  }
  const std::size_t text = start + section.size() + 2;
  return source.substr(text, source.find('\n', text) - text);
}

}  // namespace

std::vector<Assumption> assumptions_of(const RunResult& result, Seconds request_overhead, double routing_skew,
                                       const cost::CostTerms& terms) {
  const Scenario& scenario = result.scenario;
  const hardware::FrameworkProfile& framework = result.framework;
  std::vector<Assumption> list = scenario.defaults;
  const std::string framework_name = framework.name + " " + framework.version + ": ";
  const auto source_of = [&](const std::string& section) {
    return framework_name + section_of(framework.source, section);
  };
  const auto engine_default = [&](bool given, const std::string& key, std::int64_t value) {
    if (!given) {
      list.push_back({"engine." + key, std::to_string(value), source_of("limits"), ""});
    }
  };
  engine_default(scenario.engine.max_num_seqs.has_value(), "max_num_seqs", framework.max_num_seqs);
  engine_default(scenario.engine.max_num_batched_tokens.has_value(), "max_num_batched_tokens",
                 framework.max_num_batched_tokens);
  engine_default(scenario.engine.block_size.has_value(), "block_size", framework.block_size);
  if (!scenario.engine.max_model_len) {
    list.push_back({"engine.max_model_len", std::to_string(result.scheduler.max_model_len),
                    "max_position_embeddings of the model", ""});
  }
  if (!scenario.engine.gpu_memory_utilization) {
    list.push_back({"engine.gpu_memory_utilization", units::shortest(framework.memory_fraction),
                    source_of("memory"), ""});
  }
  const auto fact = [&](const std::string& key, std::string value, const std::string& section) {
    list.push_back({"framework." + key, std::move(value), source_of(section), ""});
  };
  fact("step_overhead", units::to_text(framework.step_overhead), "host_time");
  fact("sequence_overhead", units::to_text(framework.sequence_overhead), "host_time");
  fact("request_overhead", units::to_text(request_overhead), "host_time");
  fact("eager_layer", units::to_text(framework.eager_layer), "host_time");
  if (framework.eager_kernel > Seconds{}) {
    fact("eager_kernel", units::to_text(framework.eager_kernel), "host_time");
  }
  fact("launch_share", units::shortest(framework.launch_share), "host_time");
  fact("output_reserve", units::shortest(framework.output_reserve), "limits");
  fact("host_hidden", units::shortest(framework.host_hidden), "host_time");
  fact("mixed_batches", framework.mixed_batches ? "true" : "false", "limits");
  if (framework.schedules_ahead) {
    fact("schedules_ahead", "true", "limits");
  }
  fact("activation_memory", units::to_text(result.memory.reserved_per_device), "memory");
  if (routing_skew > 0 && !scenario.engine.moe_routing_skew) {
    list.push_back({"engine.moe_routing_skew", units::shortest(routing_skew),
                    "power law of expert loads: 1.01 DeepSeek-V3/R1, 1.2 typical "
                    "(ai-dynamo/aiconfigurator, workload distributions of its MoE tables)",
                    ""});
  }
  list.push_back({"device", result.device.name, result.device.source, result.device.released});
  const hardware::Efficiency& efficiency = result.device.efficiency;
  const std::optional<hardware::Fit>& fitted = result.device.fitted;
  const std::string efficiency_source =
      fitted ? fmt::format("fitted to {} measured kernels ({}), median error of {} {} %", fitted->rows,
                           fitted->data, fitted->judged_error ? "kernels of other shapes" : "these kernels",
                           units::fixed(fitted->judged_error.value_or(fitted->error) * 100, 1))
             : "hwprofiles/efficiency.yaml, not calibrated";
  const auto bf16 = efficiency.peak_fraction_of.find(kernel::NumberFormat::bf16);
  const double peak_fraction =
      bf16 != efficiency.peak_fraction_of.end() ? bf16->second : efficiency.peak_fraction;
  list.push_back({"efficiency.peak_fraction", units::shortest(peak_fraction), efficiency_source, ""});
  list.push_back({"efficiency.bandwidth_fraction", units::shortest(efficiency.bandwidth_fraction),
                  efficiency_source, ""});
  const std::vector<Assumption> prices = price_assumptions(result.price, terms);
  list.insert(list.end(), prices.begin(), prices.end());
  return list;
}

void warn_of(RunResult& result, const hardware::Device& device) {
  const kernel::Formats& formats = result.scenario.formats;
  if (!device.native(formats.activations)) {
    const kernel::NumberFormat used = device.multiply_format(formats.weights, formats.activations);
    result.warnings.push_back(result.device.name + " does not multiply " +
                              std::string(kernel::name_of(formats.activations)) + "; products run in " +
                              std::string(kernel::name_of(used)));
  }
  if (result.skipped.failed > 0) {
    result.warnings.push_back(std::to_string(result.skipped.failed) +
                              " rows of the trace have no output tokens (failed requests) and were left out");
  }
  if (result.scenario.workload.trace && result.scenario.workload.trace->is_absolute() &&
      !result.scenario.file.is_absolute()) {
    result.warnings.emplace_back("the trace lies outside the folder of the scenario");
  }
}

}  // namespace mtok::planner
