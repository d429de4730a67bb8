// mtok capacity: the fleet month by month, and how to pay for it.
#include <memory>

#include "app/cli/capacity_of.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/capacity_report.hpp"

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

ExitCode capacity(const Options& options) {
  const planner::Capacity result = capacity_of(options.scenario, find_catalogue(), options.output.quiet);
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
