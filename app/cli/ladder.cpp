// mtok ladder: what each technique saves, one after the other.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/comparison_verb.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/comparison_report.hpp"
#include "sim/planner/ladder.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "From one request at a time in 16 bits: batching, 8-bit weights, 8-bit KV cache, prefix cache, drafts, "
    "Mixture "
    "of\n"
    "Experts, small models, newer hardware. Every rung is sized to keep the promises of the scenario.\n"
    "\n"
    "Examples:\n"
    "  mtok ladder workloads/chat.yaml\n"
    "  mtok ladder chat.yaml --trace monday.csv.gz\n"
    "  mtok ladder chat.yaml --order batching,moe,weights,kv_cache\n"
    "  mtok ladder chat.yaml --svg ladder.svg            a waterfall\n"
    "  mtok ladder chat.yaml --format md -o ladder.md";

struct Options {
  std::string scenario{};
  std::optional<std::string> trace{};
  std::vector<std::string> order{};
  std::optional<std::string> svg{};
  Output output{};
};

std::string technique_names() {
  std::string names;
  for (const std::string_view key : planner::ladder_techniques()) {
    names += (names.empty() ? "" : ", ") + std::string(key);
  }
  return names;
}

std::string check_technique(const std::string& key) {
  const auto known = planner::ladder_techniques();
  const bool found = std::find(known.begin(), known.end(), key) != known.end();
  return found ? "" : "expected some of " + technique_names() + ", got '" + key + "'";
}

/// Each technique at most once.
void refuse_repeats(const std::vector<std::string>& order) {
  for (auto key = order.begin(); key != order.end(); ++key) {
    if (std::find(order.begin(), key, *key) != key) {
      throw CLI::ValidationError("--order", "'" + *key + "' stands there twice");
    }
  }
}

ExitCode ladder(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Scenario scenario = planner::load_scenario(options.scenario, catalogue, options.trace);
  planner::Comparison comparison;
  {
    ProgressBar bar("fleets", options.output.quiet);
    comparison = planner::ladder(
        scenario, catalogue,
        [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); },
        options.order);
  }
  if (options.svg) {
    replace_file(*options.svg, [&](std::ostream& out) { out << report::ladder_svg(comparison); });
  }
  return conclude(comparison, report::ladder_text(comparison, options.output.form()), options.output);
}

}  // namespace

void add_ladder(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("ladder", "Show what each technique saves, one on top of the other");
  verb->add_option("scenario", options->scenario, "the scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--trace", options->trace, "replay this trace in place of the scenario's workload")
      ->type_name("FILE");
  verb->add_option("--order", options->order, "which techniques, in which order: " + technique_names())
      ->delimiter(',')
      ->check(check_technique)
      ->type_name("KEY,...");
  verb->add_option("--svg", options->svg, "draw the ladder as a waterfall into this file")->type_name("FILE");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] {
    refuse_repeats(options->order);
    command = [options] { return ladder(*options); };
  });
}

}  // namespace mtok::cli
