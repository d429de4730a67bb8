// mtok sensitivity: what a result depends on, and what would make a target.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/data_root.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/sensitivity_report.hpp"
#include "sim/units/text.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Errors of the simulator come from its residuals against public measurements, prices from the price "
    "book;\n"
    "volume and lengths move by 20 % unless --range says otherwise. The fleet stays as it is.\n"
    "\n"
    "Examples:\n"
    "  mtok sensitivity workloads/chat.yaml\n"
    "  mtok sensitivity chat.yaml --range price=2:3.5 --range volume=0.5:1.5 --svg tornado.svg\n"
    "  mtok sensitivity chat.yaml --solve-for price --target-usd-per-mtok 0.20\n"
    "  mtok sensitivity chat.yaml --solve-for utilization --target-usd-per-mtok 0.20";

struct Options {
  std::string scenario{};
  std::optional<std::string> trace{};
  std::size_t samples = 64;
  std::vector<std::string> ranges{};
  std::optional<std::string> solve_for{};
  std::optional<double> target{};
  std::optional<std::string> svg{};
  Output output{};
};

/// Utilisation follows from the volume; the answer shows both.
std::optional<planner::Input> input_called(const std::string& name) {
  return planner::input_named(name == "utilization" || name == "utilisation" ? "volume" : name);
}

std::string input_names() {
  std::string names;
  for (const planner::Input input : planner::kInputs) {
    names += (names.empty() ? "" : ", ") + std::string(planner::name_of(input));
  }
  return names;
}

std::string check_input(const std::string& name) {
  return input_called(name) ? "" : "expected utilization, " + input_names() + ", got '" + name + "'";
}

struct NamedRange {
  planner::Input input{};
  planner::InputRange range{};
};

/// "price=2:3.5".
std::optional<NamedRange> range_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.find(':', equals == std::string::npos ? text.size() : equals);
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  const std::optional<planner::Input> input = input_called(text.substr(0, equals));
  const std::optional<double> low = units::parse_number(text.substr(equals + 1, colon - equals - 1));
  const std::optional<double> high = units::parse_number(text.substr(colon + 1));
  const bool share = input == planner::Input::hit_rate;
  if (!input || !low || !high || *low > *high || *low < 0 || (!share && *low <= 0) || (share && *high > 1)) {
    return std::nullopt;
  }
  return NamedRange{.input = *input, .range = {.low = *low, .high = *high}};
}

std::string check_range(const std::string& text) {
  return range_of(text) ? "" : "expected KEY=LOW:HIGH, as price=2:3.5, with one of " + input_names();
}

ExitCode solve(const Options& options, const planner::Scenario& scenario,
               const planner::Catalogue& catalogue) {
  const planner::Input input = *input_called(*options.solve_for);
  if (!planner::WhatIf(scenario, catalogue).movable(input)) {
    throw Refusal(
        "'" + *options.solve_for + "' cannot be moved in this scenario",
        "an offline load has no volume, without prefix caching there is no hit rate, and only owned "
        "devices pay for energy beside their price");
  }
  ProgressBar bar("runs", options.output.quiet);
  const planner::Solution solution = planner::solve_for(
      scenario, catalogue, input, UsdPerToken(*options.target / 1e6),
      [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); });
  options.output.write(report::solution_text(solution, options.output.form()));
  if (interrupted()) {
    return ExitCode::interrupted;
  }
  return solution.infeasible || !solution.value ? ExitCode::nothing_feasible : ExitCode::ok;
}

ExitCode study(const Options& options, const planner::Scenario& scenario,
               const planner::Catalogue& catalogue) {
  planner::SensitivityOptions wanted{.samples = options.samples};
  for (const std::string& text : options.ranges) {
    const NamedRange named = *range_of(text);
    wanted.ranges[named.input] = named.range;
  }
  ProgressBar bar("runs", options.output.quiet);
  const planner::Sensitivity result = planner::sensitivity(
      scenario, catalogue, wanted,
      [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); });
  const std::string trace = options.trace ? std::filesystem::path(*options.trace).filename().string() : "";
  options.output.write(report::sensitivity_text(result, options.output.form(), trace));
  options.output.say("warning", result.warnings);
  if (options.svg) {
    replace_file(*options.svg, [&](std::ostream& out) { out << report::sensitivity_svg(result); });
  }
  if (result.infeasible) {
    return ExitCode::nothing_feasible;
  }
  return result.cancelled ? ExitCode::interrupted : ExitCode::ok;
}

ExitCode sensitivity(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Scenario scenario = planner::load_scenario(options.scenario, catalogue, options.trace);
  return options.solve_for ? solve(options, scenario, catalogue) : study(options, scenario, catalogue);
}

}  // namespace

void add_sensitivity(CLI::App& app, Command& command) {
  constexpr std::size_t kMostSamples = 100'000;
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("sensitivity", "Tell what a result depends on, and how sure it is");
  verb->add_option("scenario", options->scenario, "the scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--trace", options->trace, "replay this trace in place of the scenario's workload")
      ->type_name("FILE");
  verb->add_option("--samples", options->samples, "runs with all inputs drawn at once (64)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{2}, kMostSamples));
  verb->add_option("--range", options->ranges, "where an input may lie; may be repeated")
      ->type_name("KEY=LOW:HIGH")
      ->check(check_range);
  CLI::Option* const key =
      verb->add_option("--solve-for", options->solve_for, "the input whose value is sought for the target")
          ->type_name("KEY")
          ->check(check_input);
  CLI::Option* const target =
      verb->add_option("--target-usd-per-mtok", options->target, "dollars per million tokens, idle included")
          ->type_name("USD")
          ->check(CLI::PositiveNumber);
  key->needs(target);
  target->needs(key);
  verb->add_option("--svg", options->svg, "draw the tornado into this file")
      ->type_name("FILE")
      ->excludes(key);
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return sensitivity(*options); }; });
}

}  // namespace mtok::cli
