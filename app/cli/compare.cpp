// mtok compare: scenarios side by side.
#include <memory>
#include <optional>

#include "app/cli/comparison_verb.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/comparison_report.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok compare bf16.yaml fp8.yaml int4.yaml         the first one is the base\n"
    "  mtok compare a.yaml b.yaml --trace monday.csv     both under the same traffic\n"
    "  mtok compare a.yaml b.yaml -o comparison.csv      for a spreadsheet";

struct Options {
  std::vector<std::string> scenarios{};
  std::optional<std::string> trace{};
  Output output{};
};

ExitCode compare(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  std::vector<planner::Scenario> scenarios;
  for (const std::string& file : options.scenarios) {
    scenarios.push_back(planner::load_scenario(file, catalogue, options.trace));
  }
  planner::Comparison comparison;
  {
    ProgressBar bar("requests", options.output.quiet);
    comparison = planner::compare(scenarios, catalogue, [&](std::int64_t ended, std::int64_t expected) {
      return bar.advance(ended, expected);
    });
  }
  return conclude(comparison, report::compare_text(comparison, options.output.form()), options.output);
}

}  // namespace

void add_compare(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("compare", "Put scenarios side by side, the first as the base");
  verb->add_option("scenarios", options->scenarios, "the scenario files")->required()->type_name("SCENARIO");
  verb->add_option("--trace", options->trace, "replay this trace in place of every scenario's workload")
      ->type_name("FILE");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return compare(*options); }; });
}

}  // namespace mtok::cli
