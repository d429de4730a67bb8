// mtok diff: what a change of a scenario does to its bill.
#include <memory>
#include <optional>
#include <string>

#include "app/cli/data_root.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/diff_report.hpp"
#include "sim/planner/diff.hpp"
#include "sim/units/text.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok diff main.yaml branch.yaml                   what changed in the bill, and why\n"
    "  mtok diff main.yaml branch.yaml -o comment.md     for a pull request\n"
    "  mtok diff main.yaml branch.yaml --fail-on-increase 5% --max-usd-per-mtok 1.2\n"
    "Exit code 5: a limit is broken; 4: AFTER is not feasible, or neither is.";

struct Options {
  std::string before{};
  std::string after{};
  std::optional<std::string> increase{};
  std::optional<double> most_per_mtok{};
  Output output{};
};

/// "5%" or "5 %" as 0.05; nullopt when it is no percentage from 0 up.
std::optional<double> share_of(const std::string& text) {
  if (!text.ends_with('%')) {
    return std::nullopt;
  }
  const std::string digits = text.substr(0, text.find_last_not_of(" %") + 1);
  const std::optional<double> percent = units::parse_number(digits);
  return percent && *percent >= 0 && text.size() - digits.size() <= 2 ? std::optional(*percent / 100)
                                                                      : std::nullopt;
}

std::string check_share(const std::string& text) {
  return share_of(text) ? "" : "expected a percentage from 0% up, as 5%, got '" + text + "'";
}

planner::Limits limits_of(const Options& options) {
  planner::Limits limits;
  if (options.increase) {
    limits.increase = share_of(*options.increase);
  }
  if (options.most_per_mtok) {
    limits.per_token = UsdPerToken(*options.most_per_mtok / 1e6);
  }
  return limits;
}

planner::Diff simulate(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Scenario before = planner::load_scenario(options.before, catalogue);
  const planner::Scenario after = planner::load_scenario(options.after, catalogue);
  ProgressBar bar("requests", options.output.quiet);
  const auto progress = [&](std::int64_t ended, std::int64_t expected) {
    return bar.advance(ended, expected);
  };
  planner::RunResult first = planner::run(before, catalogue, progress);
  planner::RunResult second = planner::run(after, catalogue, progress);
  return planner::diff(std::move(first), std::move(second), limits_of(options));
}

ExitCode diff(const Options& options) {
  const planner::Diff diff = simulate(options);
  options.output.write(report::diff_text(diff, options.output.form()));
  if (interrupted()) {
    return ExitCode::interrupted;
  }
  options.output.say("limit broken", diff.broken);
  if (diff.after.infeasible) {
    options.output.say("not feasible", {diff.after.infeasible->reason});
    return ExitCode::nothing_feasible;
  }
  return diff.broken.empty() ? ExitCode::ok : ExitCode::gate_failed;
}

}  // namespace

void add_diff(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("diff", "Tell what changed in the bill, and why");
  verb->add_option("before", options->before, "the scenario as it was")->required()->type_name("BEFORE");
  verb->add_option("after", options->after, "the scenario as it would be")->required()->type_name("AFTER");
  verb->add_option("--fail-on-increase", options->increase,
                   "exit code 5 when the total of the bill grows by more than this, as 5%")
      ->type_name("PERCENT")
      ->check(check_share);
  verb->add_option("--max-usd-per-mtok", options->most_per_mtok,
                   "exit code 5 when a million tokens of AFTER costs more, idle included")
      ->type_name("USD")
      ->check(CLI::NonNegativeNumber);
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return diff(*options); }; });
}

}  // namespace mtok::cli
