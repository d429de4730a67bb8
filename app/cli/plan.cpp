// mtok plan: the cheapest deployment of many that keeps the promises.
#include <algorithm>
#include <memory>
#include <optional>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/plan_report.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Every candidate of the cross product is screened by what its devices can do at best; those that are "
    "left\n"
    "replay the whole demand with queueing, each sized to the fewest replicas that keep the promises.\n"
    "\n"
    "Examples:\n"
    "  mtok plan workloads/plan_chat.yaml\n"
    "  mtok plan plan.yaml --ttft 1000 --tpot 40 --top-n 5\n"
    "  mtok plan plan.yaml --target-request-rate 50 --strict-sla --format csv -o plan.csv";

struct Options {
  std::string plan{};
  std::int64_t top_n = 0;
  std::optional<double> ttft_ms{};
  std::optional<double> tpot_ms{};
  std::optional<double> requests_per_s{};
  bool strict = false;
  Output output{};
};

std::optional<Seconds> from_ms(std::optional<double> ms) {
  return ms ? std::optional(Seconds(*ms * 1e-3)) : std::nullopt;
}

planner::PlanResult search(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Plan plan = planner::load_plan(options.plan, catalogue);
  ProgressBar bar("candidates", options.output.quiet);
  return planner::search(
      plan, catalogue,
      {.top_n = options.top_n,
       .ttft = from_ms(options.ttft_ms),
       .tpot = from_ms(options.tpot_ms),
       .requests_per_s = options.requests_per_s},
      [&](std::int64_t done, std::int64_t expected) { return bar.advance(done, expected); });
}

ExitCode plan(const Options& options) {
  planner::PlanResult result = search(options);
  const bool any = !result.rows.empty() && result.rows.front().row.feasible;
  if (options.strict) {
    std::erase_if(result.rows, [](const planner::PlanRow& row) { return !row.row.feasible; });
  }
  options.output.write(report::plan_text(result, options.output.form()));
  options.output.say("warning", result.warnings);
  if (result.cancelled) {
    return ExitCode::interrupted;
  }
  return any ? ExitCode::ok : ExitCode::nothing_feasible;
}

}  // namespace

void add_plan(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("plan", "Find the cheapest deployment that keeps the promises");
  verb->add_option("plan", options->plan, "the plan file")->required()->type_name("PLAN");
  verb->add_option("--top-n", options->top_n,
                   "look for the so many cheapest only; others are simulated as far as needed to be sure")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--ttft", options->ttft_ms, "promise for TTFT p99, in place of the file's")
      ->type_name("MS")
      ->check(CLI::PositiveNumber);
  verb->add_option("--tpot", options->tpot_ms, "promise for TPOT p99, in place of the file's")
      ->type_name("MS")
      ->check(CLI::PositiveNumber);
  verb->add_option("--target-request-rate", options->requests_per_s,
                   "stretch or squeeze the arrivals to this mean number of requests a second")
      ->type_name("RATE")
      ->check(CLI::PositiveNumber);
  verb->add_flag("--strict-sla", options->strict, "show only candidates that keep every promise");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return plan(*options); }; });
}

}  // namespace mtok::cli
