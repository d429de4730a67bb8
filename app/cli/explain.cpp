// mtok explain: where a figure of a result comes from.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "app/cli/data_root.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/rerun.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/explain_report.hpp"
#include "app/report/verification.hpp"
#include "sim/config/reader.hpp"
#include "sim/planner/provenance.hpp"

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
    "  mtok explain result.json                               the keys that can be explained";

struct Options {
  std::string result{};
  std::optional<std::string> key{};
  Output output{};
};

/// The run of a result. Throws Refusal when its scenario gives another one now.
planner::RunResult run_of(const Options& options, const planner::Catalogue& catalogue) {
  const report::ResultText stated = report::read_result(options.result);
  const Origin origin = origin_of(options.result, stated.text);
  if (origin.schema != "mtok.run/1") {
    throw Refusal(options.result + ": no result of mtok run",
                  "write one with 'mtok run SCENARIO.yaml --format json -o result.json'");
  }
  planner::RunResult result = run_again(origin, scenario_of(origin, options.result, catalogue, std::nullopt),
                                        catalogue, false, options.output.quiet);
  const report::Verification verification =
      report::verification_of(options.result, stated.text, written_again(result, origin));
  if (!verification.differences.empty() && !result.run.cancelled) {
    throw Refusal(
        options.result + " is not what its scenario gives now: " + verification.differences.front().key +
            " differs",
        "another version of mtok or of its data wrote it, or it was edited; run the scenario again");
  }
  return result;
}

ExitCode explain(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::RunResult result = run_of(options, catalogue);
  if (interrupted()) {
    return ExitCode::interrupted;
  }
  const planner::Provenance provenance(result, catalogue);
  if (!options.key) {
    std::string list;
    for (const std::string& key : provenance.keys()) {
      if (key.find("run.") == std::string::npos) {  // what a run depends on has no formula
        list += key + "\n";
      }
    }
    options.output.write(list);
    return ExitCode::ok;
  }
  const std::optional<planner::Explanation> explanation = provenance.explain(*options.key);
  if (!explanation) {
    const std::string near = config::nearest(*options.key, provenance.keys());
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
  verb->add_option("result", options->result, "a result of 'mtok run --format json'")
      ->required()
      ->type_name("RESULT.json");
  verb->add_option("key", options->key, "the figure, as 'cost.total_usd'; without it, all keys")
      ->type_name("KEY");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return explain(*options); }; });
}

}  // namespace mtok::cli
