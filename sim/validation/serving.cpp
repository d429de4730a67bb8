// Simulates the operating points of a serving file, all cores at once.
#include "sim/validation/serving.hpp"

#include <algorithm>

#include "sim/planner/parallel.hpp"
#include "sim/planner/run.hpp"
#include "sim/validation/serving_point.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

const std::vector<std::string> kColumns{"row_id",     "model",      "gpu",       "n_gpus", "framework",
                                        "isl_tokens", "osl_tokens", "load_mode", "metric", "value"};

/// An operating point with the rows that measured it.
struct Job {
  ServingPoint point{};
  std::vector<std::size_t> rows{};
  std::int64_t devices = 1;
};

double per_second(const planner::RunResult& result, std::int64_t tokens) {
  const double seconds = between(SimTime{}, result.run.makespan).base();
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

/// The value of a metric in the unit of the file; nullopt when the metric is not known.
std::optional<double> value_of(const std::string& metric, const planner::RunResult& result, double devices) {
  const engine::Metrics& m = result.metrics;
  const double output = per_second(result, m.output_tokens);
  constexpr double kMs = 1e3;
  if (metric == "output_tokens_per_s") {
    return output;
  }
  if (metric == "output_tokens_per_s_per_gpu") {
    return output / devices;
  }
  if (metric == "total_tokens_per_s_per_gpu") {
    return per_second(result, m.output_tokens + m.input_tokens) / devices;
  }
  if (metric == "requests_per_s" || metric == "samples_per_s") {
    return per_second(result, m.completed);
  }
  if (metric == "ttft_ms" || metric == "ttft_ms_mean" || metric == "first_token_latency_ms") {
    return m.ttft.mean.base() * kMs;
  }
  if (metric == "ttft_ms_median") {
    return m.ttft.p50.base() * kMs;
  }
  if (metric == "ttft_ms_p99") {
    return m.ttft.p99.base() * kMs;
  }
  if (metric == "tpot_ms" || metric == "tpot_ms_mean") {
    return m.tpot.mean.base() * kMs;
  }
  if (metric == "tpot_ms_median") {
    return m.tpot.p50.base() * kMs;
  }
  if (metric == "tpot_ms_p99") {
    return m.tpot.p99.base() * kMs;
  }
  if (metric == "e2e_latency_ms_mean") {
    return m.e2e.mean.base() * kMs;
  }
  if (metric == "e2e_latency_ms_p99") {
    return m.e2e.p99.base() * kMs;
  }
  if (metric == "decode_tokens_per_s_per_user" && m.tpot.mean > Seconds{}) {
    return 1 / m.tpot.mean.base();
  }
  return std::nullopt;
}

/// Reads all rows; points that are equal become one job.
std::vector<Job> read_jobs(const std::filesystem::path& file, std::vector<Outcome>& outcomes) {
  Table table(file, kColumns);
  std::vector<Job> jobs;
  while (table.next()) {
    const ServingPoint point = read_point(table);
    outcomes.push_back({.row_id = table.cell("row_id"),
                        .metric = table.cell("metric"),
                        .unit = table.cell("unit"),
                        .device = point.gpu,
                        .family = point.load_mode,
                        .quality = table.cell("spec_quality"),
                        .series = point.model + " on " + point.gpu,
                        .measured = table.number("value", 0)});
    auto job =
        std::find_if(jobs.rbegin(), jobs.rend(), [&](const Job& other) { return other.point == point; });
    if (job == jobs.rend()) {
      jobs.push_back({.point = point, .devices = std::max<std::int64_t>(1, point.n_gpus)});
      job = jobs.rbegin();
    }
    job->rows.push_back(outcomes.size() - 1);
  }
  return jobs;
}

void judge(const Job& job, const planner::Catalogue& catalogue, std::vector<Outcome>& outcomes) {
  const PointScenario point = scenario_of(job.point, catalogue);
  std::string unsupported = point.unsupported;
  planner::RunResult result;
  if (point.scenario) {
    result = planner::run(*point.scenario, catalogue);
    if (result.infeasible) {
      unsupported = "does not fit: " + result.infeasible->reason;
    } else if (result.metrics.completed == 0) {
      unsupported = "no request fits the KV cache";
    }
  }
  for (const std::size_t row : job.rows) {
    Outcome& outcome = outcomes[row];
    outcome.unsupported = unsupported;
    if (unsupported.empty()) {
      outcome.predicted = value_of(outcome.metric, result, static_cast<double>(job.devices));
      outcome.unsupported = outcome.predicted ? "" : "metric '" + outcome.metric + "'";
    }
  }
}

}  // namespace

std::vector<Outcome> validate_serving(const std::filesystem::path& file,
                                      const planner::Catalogue& catalogue) {
  std::vector<Outcome> outcomes;
  const std::vector<Job> jobs = read_jobs(file, outcomes);
  planner::for_each_in_parallel(jobs.size(), [&](std::size_t i) { judge(jobs[i], catalogue, outcomes); });
  return outcomes;
}

}  // namespace mtok::validation
