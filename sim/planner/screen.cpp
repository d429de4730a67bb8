// Bounds of a deployment from peaks alone.
#include "sim/planner/screen.hpp"

#include <algorithm>

#include "sim/hardware/device.hpp"
#include "sim/planner/compiled_deployment.hpp"
#include "sim/planner/steady_state.hpp"

namespace mtok::planner {
namespace {

double parameters_without_head(const RunResult& fitted) {
  const model::Architecture& architecture = fitted.architecture;
  return static_cast<double>(model::count_parameters(architecture).active -
                             architecture.vocab_size * architecture.hidden_size);
}

/// The narrowest format in which any matrix is stored, so that counting all in it never counts too much.
Bytes narrowest_value(const RunResult& fitted) {
  const model::MatrixFormats formats =
      model::matrix_formats(fitted.architecture, fitted.scenario.formats.weights);
  return std::min({kernel::bytes_per_value(formats.attention),
                   kernel::bytes_per_value(formats.attention_output), kernel::bytes_per_value(formats.dense),
                   kernel::bytes_per_value(formats.experts)});
}

Seconds least_tpot(const RunResult& fitted) {
  const Bytes read = narrowest_value(fitted) * parameters_without_head(fitted);
  const std::optional<engine::Speculation>& drafts = fitted.scheduler.speculation;
  const std::int64_t drafted = drafts ? drafts->draft_tokens() : 0;
  return read / static_cast<double>(fitted.scenario.sharding.tensor) / fitted.device.memory_bandwidth /
         static_cast<double>(1 + drafted);
}

/// Of all devices together.
Seconds least_device_time(const RunResult& fitted, const WorkloadFacts& facts) {
  const auto device = hardware::make_device(fitted.device);
  const kernel::Formats& formats = fitted.scenario.formats;
  const auto peak = fitted.device.peak.find(device->multiply_format(formats.weights, formats.activations));
  if (peak == fitted.device.peak.end()) {
    return {};
  }
  const std::int64_t cached =
      fitted.scheduler.prefix_hash_block_size > 0 ? facts.unbounded_prefix_hits * facts.hash_block_size : 0;
  // The first token of an answer comes out of its prompt; each further one goes in again.
  const std::int64_t computed =
      std::max<std::int64_t>(0, facts.input_tokens - cached) + facts.output_tokens - facts.requests;
  return Flops(2 * parameters_without_head(fitted) * static_cast<double>(computed)) / peak->second;
}

}  // namespace

Screened screen_by_step_times(PreparedRun& prepared) {
  // Percentiles of long runs are read off a histogram, and tiles make step times uneven by some per mille.
  constexpr double kSurely = 1.01;
  const RunResult& loaded = prepared.loaded();
  const std::shared_ptr<CompiledDeployment> compiled = prepared.compiled();
  const WorkloadFacts& facts = prepared.facts();
  if (loaded.draft || facts.input_p99 == 0) {
    return {};
  }
  const engine::Slo& slo = loaded.scenario.slo;
  const auto judge = [](const char* what, Seconds least, const std::optional<Seconds>& promised) -> Screened {
    if (!promised || least <= *promised * kSurely) {
      return {};
    }
    return {.obstacle = std::string("even on an idle replica ") + what + " p99 is " + units::to_text(least) +
                        ", above " + units::to_text(*promised),
            .nearest_miss =
                std::string("misses ") + what + " p99 by at least " + units::to_text(least - *promised)};
  };
  Screened tpot = judge("TPOT", least_tpot_p99(*compiled->timer, facts), slo.tpot_p99);
  if (!tpot.obstacle.empty() || loaded.scheduler.prefix_hash_block_size > 0) {
    return tpot;
  }
  return judge("TTFT",
               least_ttft_p99(*compiled->timer, loaded.scheduler, facts, loaded.framework.request_overhead),
               slo.ttft_p99);
}

Screened screen(const RunResult& fitted, const Demand& demand) {
  const Scenario& scenario = fitted.scenario;
  if (fitted.infeasible) {
    const Bytes lacks = fitted.infeasible->need_per_device - fitted.infeasible->have_per_device;
    return {.obstacle = fitted.infeasible->reason,
            .nearest_miss = "misses memory by " + units::to_text(lacks) + " on each device"};
  }
  const UsdPerSecond replica = fitted.price.per_device * static_cast<double>(scenario.device_count);
  Screened screened{.least_bill = replica * demand.last_arrival};
  if (fitted.device.kind == hardware::DeviceKind::cpu) {
    return screened;
  }
  screened.least_bill =
      std::max(screened.least_bill, fitted.price.per_device * least_device_time(fitted, demand.facts));
  const Seconds tpot = least_tpot(fitted);
  const std::optional<Seconds>& promised = scenario.slo.tpot_p99;
  if (promised && tpot > *promised && demand.facts.output_tokens > demand.facts.requests) {
    screened.obstacle = "reading the weights alone takes " + units::to_text(tpot) + " a token, above " +
                        units::to_text(*promised);
    screened.nearest_miss = "misses TPOT p99 by at least " + units::to_text(tpot - *promised);
  }
  return screened;
}

}  // namespace mtok::planner
