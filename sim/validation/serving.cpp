// Simulates the operating points of a serving file, all cores at once.
#include "sim/validation/serving.hpp"

#include <algorithm>
#include <map>

#include "sim/planner/parallel.hpp"
#include "sim/validation/serving_point.hpp"
#include "sim/validation/serving_run.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

const std::vector<std::string> kColumns{"row_id",     "model",      "gpu",       "n_gpus", "framework",
                                        "isl_tokens", "osl_tokens", "load_mode", "metric", "value"};

/// An operating point with the rows that measured it.
struct Job {
  ServingPoint point{};
  std::vector<std::size_t> rows{};
};

/// The value of a metric in the unit of the file; nullopt when the metric is not known.
std::optional<double> value_of(const std::string& metric, const PointResult& result, double devices) {
  const engine::Metrics& m = result.metrics;
  constexpr double kMs = 1e3;
  if (metric == "output_tokens_per_s") {
    return result.output_tokens_per_s * devices;
  }
  if (metric == "output_tokens_per_s_per_gpu") {
    return result.output_tokens_per_s;
  }
  if (metric == "total_tokens_per_s") {
    return result.total_tokens_per_s * devices;
  }
  if (metric == "total_tokens_per_s_per_gpu") {
    return result.total_tokens_per_s;
  }
  if (metric == "requests_per_s" || metric == "samples_per_s") {
    return result.samples_per_s * devices;
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
                        .family = point.disaggregated ? point.load_mode + ", disaggregated" : point.load_mode,
                        .quality = table.cell("spec_quality"),
                        .series = point.model + " on " + point.gpu,
                        .measured = table.number("value", 0)});
    auto job =
        std::find_if(jobs.rbegin(), jobs.rend(), [&](const Job& other) { return other.point == point; });
    if (job == jobs.rend()) {
      jobs.push_back({.point = point});
      job = jobs.rbegin();
    }
    job->rows.push_back(outcomes.size() - 1);
  }
  return jobs;
}

void judge(const Job& job, const PointResult& result, std::vector<Outcome>& outcomes) {
  for (const std::size_t row : job.rows) {
    Outcome& outcome = outcomes[row];
    outcome.unsupported = result.unsupported;
    if (result.unsupported.empty()) {
      outcome.predicted = value_of(outcome.metric, result, static_cast<double>(job.point.n_gpus));
      outcome.unsupported = outcome.predicted ? "" : "metric '" + outcome.metric + "'";
    }
  }
}

/// For each point the first one that is simulated like it.
std::vector<std::size_t> first_alike(const std::vector<PointScenario>& points) {
  std::map<std::string, std::size_t> first;
  std::vector<std::size_t> like(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    like[i] = points[i].alike.empty() ? i : first.try_emplace(points[i].alike, i).first->second;
  }
  return like;
}

}  // namespace

std::vector<Outcome> validate_serving(const std::filesystem::path& file,
                                      const planner::Catalogue& catalogue) {
  std::vector<Outcome> outcomes;
  const std::vector<Job> jobs = read_jobs(file, outcomes);
  const KnownWorkloads known{.benchmarks = load_benchmarks(catalogue.root() / "workloads/benchmarks.yaml"),
                             .recipes = load_recipes(catalogue.root() / "workloads/recipes.yaml"),
                             .recorded = recorded_runs_beside(file)};
  std::vector<PointScenario> points(jobs.size());
  planner::for_each_in_parallel(
      jobs.size(), [&](std::size_t i) { points[i] = scenario_of(jobs[i].point, catalogue, known); });
  const std::vector<std::size_t> like = first_alike(points);
  std::vector<PointResult> results(jobs.size());
  planner::for_each_in_parallel(jobs.size(), [&](std::size_t i) {
    if (!points[i].scenario) {
      results[i].unsupported = points[i].unsupported;
    } else if (like[i] == i) {
      results[i] = run_point(points[i], catalogue);
    }
  });
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    judge(jobs[i], results[like[i]], outcomes);
  }
  return outcomes;
}

}  // namespace mtok::validation
