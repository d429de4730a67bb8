// mtok capacity: the fleet month by month, and how to pay for it.
#include <memory>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/capacity_report.hpp"
#include "sim/config/reader.hpp"
#include "sim/planner/plan_capacity.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "The demand of the scenario grows by its block 'capacity'; each month's peak is replayed for the fewest "
    "replicas\n"
    "that keep the promises. Renting, committing, owning and buying tokens are priced over all months.\n"
    "Of a plan, the cheapest candidate that keeps the promises is found first, and its fleet is planned.\n"
    "\n"
    "Examples:\n"
    "  mtok capacity workloads/plan_day.yaml\n"
    "  mtok capacity workloads/capacity_chat.yaml\n"
    "  mtok capacity chat.yaml --format csv -o months.csv";

struct Options {
  std::string scenario{};
  Output output{};
};

/// A plan has candidates, a scenario has none.
bool is_plan(const std::string& file) {
  config::Document document = config::Document::load(file);
  return document.root().has("candidates");
}

planner::Capacity capacity_of(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const bool plan = is_plan(options.scenario);
  ProgressBar bar(plan ? "candidates and levels of demand" : "levels of demand", options.output.quiet);
  const planner::Progress progress = [&](std::int64_t done, std::int64_t expected) {
    return bar.advance(done, expected);
  };
  return plan ? planner::plan_capacity(planner::load_plan(options.scenario, catalogue), catalogue, progress)
              : planner::plan_capacity(planner::load_scenario(options.scenario, catalogue), catalogue,
                                       progress);
}

ExitCode capacity(const Options& options) {
  const planner::Capacity result = capacity_of(options);
  if (result.cancelled) {
    return ExitCode::interrupted;
  }
  options.output.write(report::capacity_text(result, options.output.form()));
  options.output.say("warning", result.warnings);
  if (!result.feasible) {
    options.output.say("not feasible", {result.reason});
  }
  return result.feasible ? ExitCode::ok : ExitCode::nothing_feasible;
}

}  // namespace

void add_capacity(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("capacity", "Plan the fleet by month: rent, commit, own or buy tokens");
  verb->add_option("scenario", options->scenario, "the scenario or plan file, with a block 'capacity'")
      ->required()
      ->type_name("SCENARIO");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return capacity(*options); }; });
}

}  // namespace mtok::cli
