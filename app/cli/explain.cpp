// mtok explain: where a figure of a result comes from.
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/capacity_of.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/rerun.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/capacity_report.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/explain_report.hpp"
#include "app/report/sensitivity_report.hpp"
#include "app/report/verification.hpp"
#include "sim/config/reader.hpp"
#include "sim/planner/provenance.hpp"
#include "sim/planner/provenance_studies.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "The scenario of the result is run again; when it no longer gives the same, the verb refuses (exit code "
    "3).\n"
    "\n"
    "Examples:\n"
    "  mtok run chat.yaml --format json -o result.json\n"
    "  mtok explain result.json cost.usd_per_mtok.blended     its formulas, down to prices and data sheets\n"
    "  mtok explain result.json memory.kv_blocks --format json\n"
    "  mtok explain capacity.json options.1.present_value_usd\n"
    "  mtok explain result.json                               the keys that can be explained";

struct Options {
  std::string result{};
  std::optional<std::string> key{};
  Output output{};
};

/// Throws Refusal when the scenario of a result gives another one now.
void require_same(const std::string& file, const std::string& stated, const std::string& again) {
  const report::Verification verification = report::verification_of(file, stated, again);
  if (!verification.differences.empty()) {
    throw Refusal(
        file + " is not what its scenario gives now: " + verification.differences.front().key + " differs",
        "another version of mtok or of its data wrote it, or it was edited; run the scenario again");
  }
}

/// Keys, and what lies below each: of a run or of a study.
struct Figures {
  std::vector<std::string> keys{};
  std::function<std::optional<planner::Explanation>(const std::string&)> explain{};
};

template <class Graph>
Figures figures_of(Graph graph) {
  const auto kept = std::make_shared<const Graph>(std::move(graph));
  return {.keys = kept->keys(), .explain = [kept](const std::string& key) { return kept->explain(key); }};
}

Figures figures_of_run(const Options& options, const Origin& origin, const std::string& stated,
                       const planner::Catalogue& catalogue) {
  const planner::RunResult result =
      run_again(origin, scenario_of(origin, options.result, catalogue, std::nullopt), catalogue, false,
                options.output.quiet);
  if (!result.run.cancelled) {
    require_same(options.result, stated, written_again(result, origin));
  }
  return figures_of(planner::Provenance(result, catalogue));
}

Figures figures_of_capacity(const Options& options, const Origin& origin, const std::string& stated,
                            const planner::Catalogue& catalogue) {
  planner::Capacity plan =
      capacity_of(scenario_file_of(origin, options.result, catalogue), catalogue, options.output.quiet);
  name_as_stated(plan.inputs, origin);
  if (!plan.cancelled) {
    require_same(options.result, stated, report::capacity_text(plan, {.format = report::Format::json}));
  }
  return figures_of(planner::StudyProvenance(plan));
}

Figures figures_of_sensitivity(const Options& options, const Origin& origin, const std::string& stated,
                               const planner::Catalogue& catalogue) {
  ProgressBar bar("runs", options.output.quiet);
  planner::Sensitivity study = planner::sensitivity(
      scenario_of(origin, options.result, catalogue, std::nullopt), catalogue, origin.sensitivity,
      [&](std::int64_t done, std::int64_t expected) { return bar.advance(done, expected); });
  name_as_stated(study.inputs, origin);
  if (!study.cancelled) {
    require_same(options.result, stated,
                 report::sensitivity_text(study, {.format = report::Format::json}, origin.trace));
  }
  return figures_of(planner::StudyProvenance(study));
}

Figures figures_of_result(const Options& options, const planner::Catalogue& catalogue) {
  const report::ResultText stated = report::read_result(options.result);
  const Origin origin = origin_of(options.result, stated.text);
  if (origin.schema == "mtok.run/1") {
    return figures_of_run(options, origin, stated.text, catalogue);
  }
  if (origin.schema == "mtok.capacity/1") {
    return figures_of_capacity(options, origin, stated.text, catalogue);
  }
  if (origin.schema == "mtok.sensitivity/1") {
    return figures_of_sensitivity(options, origin, stated.text, catalogue);
  }
  throw Refusal(options.result + ": no result of mtok run, capacity or sensitivity",
                "write one with 'mtok run SCENARIO.yaml --format json -o result.json'");
}

/// What a run depends on has no formula.
bool has_formula(const std::string& key) {
  return key.find("run.") == std::string::npos && !key.starts_with("study");
}

ExitCode explain(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const Figures figures = figures_of_result(options, catalogue);
  if (interrupted()) {
    return ExitCode::interrupted;
  }
  if (!options.key) {
    std::string list;
    for (const std::string& key : figures.keys) {
      if (has_formula(key)) {
        list += key + "\n";
      }
    }
    options.output.write(list);
    return ExitCode::ok;
  }
  const std::optional<planner::Explanation> explanation = figures.explain(*options.key);
  if (!explanation) {
    const std::string near = config::nearest(*options.key, figures.keys);
    throw Refusal("'" + *options.key + "' is no figure of this result",
                  near.empty() ? "'mtok explain RESULT.json' lists them" : "did you mean '" + near + "'?");
  }
  options.output.write(report::explain_text(*explanation, options.output.form()));
  return ExitCode::ok;
}

}  // namespace

void add_explain(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("explain", "Tell where a figure of a result comes from");
  verb->add_option("result", options->result,
                   "a result of 'mtok run', 'capacity' or 'sensitivity' with --format json")
      ->required()
      ->type_name("RESULT.json");
  verb->add_option("key", options->key, "the figure, as 'cost.total_usd'; without it, all keys")
      ->type_name("KEY");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return explain(*options); }; });
}

}  // namespace mtok::cli
