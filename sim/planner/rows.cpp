// Rows of a comparison: sums over pools, the worst latency, the published quality.
#include "sim/planner/rows.hpp"

#include <algorithm>

namespace mtok::planner {
namespace {

std::string format_text(const kernel::Formats& formats) {
  return "W " + std::string(kernel::name_of(formats.weights)) + " A " +
         std::string(kernel::name_of(formats.activations)) + " KV " +
         std::string(kernel::name_of(formats.kv_cache));
}

void append(std::string& list, const std::string& item) {
  if (list.find(item) == std::string::npos) {
    list += (list.empty() ? "" : " + ") + item;
  }
}

double share_of(const RunResult& result) {
  return result.scenario.workload.slice.to - result.scenario.workload.slice.from;
}

/// The price of a device when the fleet has one price, else the fleet's price by its devices.
std::optional<UsdPerSecond> mean_price(const std::vector<const RunResult*>& pools) {
  UsdPerSecond sum;
  std::int64_t devices = 0;
  bool one_price = true;
  for (const RunResult* pool : pools) {
    one_price = one_price && pool->price.per_device == pools.front()->price.per_device &&
                pool->pools.empty() && !pool->decode_pool;
    devices += devices_of(pool->scenario);
    sum = sum + UsdPerSecond(pool->bill.per_month.base() / (cost::kHoursPerMonth * 3600));
  }
  if (one_price) {
    return pools.front()->price.per_device;
  }
  return devices > 0 ? std::optional(sum / static_cast<double>(devices)) : std::nullopt;
}

void add_description(Row& row, const RunResult& pool) {
  append(row.model, pool.architecture.name);
  append(row.device, pool.device.name);
  append(row.formats, format_text(pool.scenario.formats));
  row.replicas += pool.scenario.replicas;
  row.devices += devices_of(pool.scenario);
}

/// Adds what was simulated of a pool: sums, and the worst latency. The columns are there.
void add_figures(Row& row, const RunResult& pool) {
  const engine::Metrics& metrics = pool.metrics;
  const Seconds makespan = between(SimTime{}, pool.run.makespan);
  *row.total += pool.bill.total;
  row.parts += pool.bill.parts;
  row.energy_parts += pool.bill.energy_parts;
  *row.per_month += pool.bill.per_month;
  row.input_tokens += metrics.input_tokens;
  row.cached_input_tokens += metrics.cached_input_tokens;
  row.output_tokens += metrics.output_tokens;
  row.completed += metrics.completed;
  row.makespan = std::max(*row.makespan, makespan);
  *row.output_tokens_per_s +=
      makespan > Seconds{} ? static_cast<double>(metrics.output_tokens) / makespan.base() : 0;
  row.ttft_p99 = std::max(*row.ttft_p99, metrics.ttft.p99);
  row.tpot_p99 = std::max(*row.tpot_p99, metrics.tpot.p99);
  if (!metrics.slo_met && row.reason.empty()) {
    row.reason =
        metrics.rejected > 0 ? std::to_string(metrics.rejected) + " requests rejected" : "the SLO is broken";
  }
}

/// The columns of a fleet all of whose pools were simulated.
void set_figures(Row& row, const std::vector<const RunResult*>& pools) {
  row.total.emplace();
  row.per_month.emplace();
  row.makespan.emplace();
  row.output_tokens_per_s.emplace();
  row.ttft_p99.emplace();
  row.tpot_p99.emplace();
  double busy = 0;
  double wall = 0;
  for (const RunResult* pool : pools) {
    add_figures(row, *pool);
    busy += static_cast<double>(pool->run.phases().busy_ns());
    wall += static_cast<double>(pool->run.wall_ns());
  }
  if (const std::int64_t tokens = row.input_tokens + row.output_tokens; tokens > 0) {
    row.per_token = row.total->usd() / Tokens(static_cast<double>(tokens));
  }
  row.per_device = mean_price(pools);
  row.busy = wall > 0 ? busy / wall : 0;
}

/// Published scores only: of the single model, or the mix of all pools on one benchmark.
void set_quality(Row& row, const std::vector<const RunResult*>& pools) {
  row.quality = "unknown";
  double mix = 0;
  for (const RunResult* pool : pools) {
    const std::optional<cost::Score>& score = pool->quality;
    if (!score || score->benchmark != pools.front()->quality->benchmark) {
      return;
    }
    mix += score->value * share_of(*pool);
    append(row.quality_source, score->source);
  }
  row.quality = pools.front()->quality->benchmark + " " + units::fixed(mix, 1);
  if (pools.size() > 1) {
    row.quality += " (mix by share, random split)";
  } else if (const auto& recovery = pools.front()->recovery) {
    row.quality += ", " + recovery->variant + " keeps " + units::fixed(recovery->percent, 1) + " %";
    append(row.quality_source, recovery->source);
  } else if (pools.front()->scenario.formats.weights != kernel::NumberFormat::bf16) {
    row.quality += " in 16 bits";
  }
}

/// The whole fleet in the columns that speak of one model.
void name_models(Row& row, const RunResult& result) {
  row.model.clear();
  row.device.clear();
  row.formats.clear();
  row.replicas = 0;
  row.devices = 0;
  for (const RunResult& pool : result.pools) {
    append(row.model, pool.architecture.name);
    append(row.device, pool.device.name);
    append(row.formats, format_text(pool.scenario.formats));
    row.replicas += pool.scenario.replicas;
    row.devices += devices_of(pool.scenario);
  }
  if (result.quality) {
    row.quality = result.quality->benchmark + " " + units::fixed(result.quality->value, 1) + " (" +
                  result.quality->setting + ")";
    row.quality_source = result.quality->source;
  } else {
    row.quality = "unknown";
    row.quality_source.clear();
  }
}

}  // namespace

Row row_of(const RunResult& result) {
  Row row = row_of(std::vector<const RunResult*>{&result});
  if (!result.pools.empty()) {
    name_models(row, result);
  }
  return row;
}

Row row_of(const std::vector<const RunResult*>& pools) {
  Row row{.name = pools.front()->scenario.name, .feasible = true};
  for (const RunResult* pool : pools) {
    add_description(row, *pool);
    if (pool->infeasible && row.feasible) {
      row.feasible = false;
      row.reason = pool->infeasible->reason;
    }
  }
  set_quality(row, pools);
  if (row.feasible) {
    set_figures(row, pools);
  }
  return row;
}

void set_marginal(Row& row, const std::vector<Row>& before) {
  const auto last = std::find_if(before.rbegin(), before.rend(),
                                 [](const Row& earlier) { return earlier.feasible && earlier.per_token; });
  if (row.feasible && row.per_token && last != before.rend()) {
    row.marginal_per_token = *row.per_token - *last->per_token;
  }
}

void merge_evidence(Comparison& comparison, const RunResult& result) {
  merge_evidence(comparison.inputs, comparison.assumptions, comparison.warnings, result);
}

void merge_evidence(std::vector<InputFile>& inputs, std::vector<Assumption>& assumptions,
                    std::vector<std::string>& warnings, const RunResult& result) {
  const auto add = [](auto& list, const auto& item, const auto& same) {
    if (std::none_of(list.begin(), list.end(), same)) {
      list.push_back(item);
    }
  };
  for (const InputFile& input : result.inputs) {
    add(inputs, input, [&](const InputFile& other) { return other.path == input.path; });
  }
  for (const Assumption& assumption : result.assumptions) {
    add(assumptions, assumption, [&](const Assumption& other) {
      return other.key == assumption.key && other.value == assumption.value &&
             other.source == assumption.source;
    });
  }
  for (const std::string& warning : result.warnings) {
    add(warnings, warning, [&](const std::string& other) { return other == warning; });
  }
}

}  // namespace mtok::planner
