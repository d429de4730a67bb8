// mtok verify: tells whether a result comes out of its inputs again, bit for bit.
#include <memory>
#include <optional>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/rerun.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/comparison_report.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/verification.hpp"
#include "sim/planner/ladder.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Looks for the scenario beside the result, in this folder and in the shipped data, by name and SHA-256;\n"
    "runs it again, and compares every value. Exit code 5 when anything differs.\n"
    "\n"
    "Examples:\n"
    "  mtok verify result.json\n"
    "  mtok verify result.json --scenario ../plans/chat.yaml";

struct Options {
  std::string result{};
  std::optional<std::string> scenario{};
  Output output{};
};

/// Rows of requests are kept, to add them up, unless that would take more than a gigabyte.
constexpr std::int64_t kMostKept = 5'000'000;

report::Verification verify_run(const Options& options, const report::ResultText& stated,
                                const Origin& origin, const planner::Catalogue& catalogue,
                                const planner::Scenario& scenario) {
  const report::Dossier dossier = report::read_dossier({stated});
  const bool keep = dossier.run.completed <= kMostKept;
  const planner::RunResult result = run_again(origin, scenario, catalogue, keep, options.output.quiet);
  report::Verification verification =
      report::verification_of(options.result, stated.text, written_again(result, origin));
  if (!result.infeasible) {
    Money requests = result.bill.parts.idle;
    for (const Money cost : result.bill.per_request) {
      requests += cost;
    }
    const bool kept = keep && !result.bill.per_request.empty();
    verification.sums = report::control_sums(dossier, kept ? std::optional(requests) : std::nullopt);
  }
  return verification;
}

ExitCode verify(const Options& options) {
  const report::ResultText stated = report::read_result(options.result);
  const Origin origin = origin_of(options.result, stated.text);
  const planner::Catalogue catalogue = find_catalogue();
  const std::optional<std::filesystem::path> given =
      options.scenario ? std::optional<std::filesystem::path>(*options.scenario) : std::nullopt;
  report::Verification verification;
  if (origin.schema == "mtok.run/1") {
    verification =
        verify_run(options, stated, origin, catalogue, scenario_of(origin, options.result, catalogue, given));
  } else if (origin.schema == "mtok.ladder/1") {
    const planner::Scenario scenario = scenario_of(origin, options.result, catalogue, given);
    ProgressBar bar("fleets", options.output.quiet);
    planner::Comparison ladder = planner::ladder(
        scenario, catalogue,
        [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); });
    name_as_stated(ladder.inputs, origin);
    verification = report::verification_of(options.result, stated.text, report::ladder_json(ladder));
  } else {
    throw Refusal("only runs and ladders can be verified, and " + options.result + " is a " + origin.schema,
                  "write a result with: mtok run SCENARIO.yaml --format json -o RESULT.json");
  }
  options.output.write(report::verification_text(verification, options.output.form()));
  return verification.holds() ? ExitCode::ok : ExitCode::gate_failed;
}

}  // namespace

void add_verify(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("verify", "Compute a result again from its inputs and compare it bit for bit");
  verb->add_option("result", options->result, "JSON of mtok run or mtok ladder")
      ->required()
      ->type_name("RESULT.json");
  verb->add_option("--scenario", options->scenario, "the scenario file, where it is not found by itself")
      ->type_name("FILE");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return verify(*options); }; });
}

}  // namespace mtok::cli
