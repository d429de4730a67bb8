// mtok sweep: one deployment under many request rates.
#include <algorithm>
#include <memory>
#include <vector>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/sweep_report.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "The requests of the scenario arrive at each of the rates in turn, on the same devices: what idle time "
    "costs.\n"
    "\n"
    "Examples:\n"
    "  mtok sweep workloads/utilisation.yaml\n"
    "  mtok sweep chat.yaml --rates 1,2,4,8 --format csv -o curve.csv";

struct Options {
  std::string scenario{};
  std::vector<double> rates{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 40, 50};
  Output output{};
};

ExitCode sweep(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Scenario scenario = planner::load_scenario(options.scenario, catalogue);
  std::vector<planner::RatePoint> points;
  {
    ProgressBar bar("rates", options.output.quiet);
    points = planner::sweep_rates(
        scenario, catalogue, options.rates,
        [&](std::int64_t done, std::int64_t expected) { return bar.advance(done, expected); });
  }
  if (points.empty()) {
    return ExitCode::interrupted;
  }
  const planner::RunResult& first = points.front().result;
  if (first.infeasible) {
    options.output.say("not feasible", {first.infeasible->reason});
    return ExitCode::nothing_feasible;
  }
  options.output.write(report::sweep_text(points, options.output.form()));
  options.output.say("warning", first.warnings);
  return ExitCode::ok;
}

}  // namespace

void add_sweep(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("sweep", "Run one scenario under many request rates");
  verb->add_option("scenario", options->scenario, "the scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--rates", options->rates, "mean requests per second, separated by commas")
      ->delimiter(',')
      ->type_name("RATES")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return sweep(*options); }; });
}

}  // namespace mtok::cli
