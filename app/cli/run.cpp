// mtok run: what one scenario costs.
#include <filesystem>
#include <memory>
#include <optional>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/rerun.hpp"
#include "app/cli/today.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/requests_csv.hpp"
#include "app/report/run_report.hpp"
#include "app/report/timeline.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/run.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok run workloads/chat.yaml\n"
    "  mtok run chat.yaml --trace monday.csv.gz\n"
    "  mtok run chat.yaml --format json -o result.json\n"
    "  mtok run chat.yaml --requests requests.csv        times and cost of every request\n"
    "  mtok run chat.yaml --timeline timeline.json       what each replica did when";

struct Options {
  std::string scenario{};
  std::optional<std::string> trace{};
  std::optional<std::string> requests{};
  std::optional<std::string> timeline{};
  std::string engine = "leaping";
  bool match_pools = false;
  Output output{};
};

planner::RunResult simulate(const Options& options, report::Timeline& timeline) {
  const planner::Catalogue catalogue = find_catalogue();
  planner::Scenario scenario = planner::load_scenario(options.scenario, catalogue, options.trace);
  if (options.match_pools) {
    size_pools(scenario, catalogue);
  }
  ProgressBar bar("requests", options.output.quiet);
  return planner::run(
      scenario, catalogue,
      [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); },
      {.engine = options.engine == "stepwise" ? planner::Engine::stepwise : planner::Engine::leaping,
       .keep_requests = options.requests.has_value(),
       .observer = options.timeline ? &timeline : nullptr});
}

ExitCode run(const Options& options) {
  report::Timeline timeline;
  const planner::RunResult result = simulate(options, timeline);
  const report::RunFlags flags{
      .trace = options.trace ? std::filesystem::path(*options.trace).filename().string() : "",
      .match_pools = options.match_pools};
  options.output.write(report::run_text(result, options.output.form(), flags));
  options.output.say("warning", result.warnings);
  if (!result.scenario.prices.as_of) {
    options.output.say("warning", planner::old_prices(result, today()));
  }
  if (result.infeasible) {
    options.output.say("not feasible", {result.infeasible->reason});
    return ExitCode::nothing_feasible;
  }
  if (options.requests) {
    replace_file(*options.requests, [&](std::ostream& out) { report::write_requests_csv(result, out); });
  }
  if (options.timeline) {
    replace_file(*options.timeline, [&](std::ostream& out) { timeline.write(result, out); });
  }
  if (result.run.cancelled) {
    return ExitCode::interrupted;
  }
  const bool served = result.metrics.completed > 0 || result.metrics.rejected == 0;
  return served ? ExitCode::ok : ExitCode::nothing_feasible;
}

}  // namespace

void add_run(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("run", "Simulate one scenario and price it");
  verb->add_option("scenario", options->scenario, "the scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--trace", options->trace, "replay this trace in place of the scenario's workload")
      ->type_name("FILE");
  verb->add_option("--requests", options->requests, "write one row a request to this CSV file")
      ->type_name("FILE");
  verb->add_option("--timeline", options->timeline,
                   "write steps, KV cache and queues over time to this file; open it in ui.perfetto.dev")
      ->type_name("FILE");
  verb->add_option("--engine", options->engine,
                   "leaping, or stepwise: the reference, which walks through every step to the same result")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"leaping", "stepwise"}));
  verb->add_flag("--match-pools", options->match_pools,
                 "with disaggregation: first find the fewest prefill and decode replicas that keep the SLO");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return run(*options); }; });
}

}  // namespace mtok::cli
