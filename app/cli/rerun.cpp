// Looks for the inputs of a result by name and SHA-256.
#include "app/cli/rerun.hpp"

#include <algorithm>
#include <system_error>

#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/run_report.hpp"
#include "sim/config/reader.hpp"
#include "sim/config/sha256.hpp"
#include "sim/planner/rate_match.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

/// The first file of that name with that content among the places where it may lie.
fs::path find(const planner::InputFile& input, const fs::path& result, const planner::Catalogue& catalogue) {
  const fs::path beside = result.parent_path();
  bool changed = false;
  for (const fs::path& place : {beside / input.path, fs::path(input.path), catalogue.root() / input.path,
                                catalogue.root() / "workloads" / input.path}) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) {
      if (config::sha256_of_file(place) == input.sha256) {
        return place;
      }
      changed = true;
    }
  }
  const std::string where = "beside the result, in this folder and in " + catalogue.root().string();
  throw Refusal(changed ? input.path + " was found, but it has changed: its SHA-256 is not that of the result"
                        : input.path + ", which the result was computed from, was not found " + where,
                "mtok verify takes the scenario by --scenario FILE");
}

planner::SensitivityOptions sensitivity_options(config::Reader& options) {
  planner::SensitivityOptions asked;
  asked.samples = static_cast<std::size_t>(
      options.integer_or("samples", static_cast<std::int64_t>(asked.samples), {.least = 2, .most = 100'000}));
  if (std::optional<config::Reader> ranges = options.find_mapping("ranges")) {
    for (const planner::Input input : planner::kInputs) {
      if (std::optional<config::Reader> range = ranges->find_mapping(planner::name_of(input))) {
        asked.ranges[input] = {.low = range->number("low"), .high = range->number("high")};
      }
    }
  }
  return asked;
}

}  // namespace

Origin origin_of(const std::string& file, const std::string& text) {
  config::Document document = config::Document::from_json(text, file);
  config::Reader root = document.root();
  Origin origin{.schema = root.text("schema")};
  for (config::Reader input : root.mappings("inputs")) {
    origin.inputs.push_back({.path = input.text("path"), .sha256 = input.text("sha256")});
  }
  if (origin.inputs.empty()) {
    root.fail("inputs", "expected at least the scenario file");
  }
  const bool ways_to_pay = origin.schema == "mtok.capacity/1";  // are its "options"
  if (std::optional<config::Reader> options = ways_to_pay ? std::nullopt : root.find_mapping("options")) {
    origin.trace = options->has("trace") && !options->is_null("trace") ? options->text("trace") : "";
    origin.match_pools = options->has("match_pools") && options->flag("match_pools");
    origin.sensitivity = sensitivity_options(*options);
  }
  document.finish();
  return origin;
}

fs::path scenario_file_of(const Origin& origin, const fs::path& result, const planner::Catalogue& catalogue) {
  return find(origin.inputs.front(), result, catalogue);
}

planner::Scenario scenario_of(const Origin& origin, const fs::path& result,
                              const planner::Catalogue& catalogue, const std::optional<fs::path>& given) {
  const fs::path file = given ? *given : scenario_file_of(origin, result, catalogue);
  std::optional<fs::path> trace;
  if (!origin.trace.empty()) {
    const auto named = std::find_if(
        origin.inputs.begin(), origin.inputs.end(),
        [&](const planner::InputFile& input) { return fs::path(input.path).filename() == origin.trace; });
    if (named == origin.inputs.end()) {
      throw Refusal("the result names the trace " + origin.trace + " but not its SHA-256");
    }
    trace = find(*named, result, catalogue);
  }
  return planner::load_scenario(file, catalogue, trace);
}

void name_as_stated(std::vector<planner::InputFile>& inputs, const Origin& origin) {
  for (std::size_t i = 0; i < inputs.size() && i < origin.inputs.size(); ++i) {
    if (inputs[i].sha256 == origin.inputs[i].sha256) {
      inputs[i].path = origin.inputs[i].path;
    }
  }
}

planner::RunResult run_again(const Origin& origin, planner::Scenario scenario,
                             const planner::Catalogue& catalogue, bool keep_requests, bool quiet) {
  if (origin.match_pools) {
    size_pools(scenario, catalogue);
  }
  ProgressBar bar("requests", quiet);
  planner::RunResult result =
      planner::run(scenario, catalogue,
                   [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); },
                   {.keep_requests = keep_requests});
  name_as_stated(result.inputs, origin);
  return result;
}

std::string written_again(const planner::RunResult& result, const Origin& origin) {
  return report::run_json(result, {.trace = origin.trace, .match_pools = origin.match_pools});
}

void size_pools(planner::Scenario& scenario, const planner::Catalogue& catalogue) {
  if (!scenario.disaggregation || scenario.workload.load.kind != engine::Load::Kind::open) {
    throw config::Error({.file = scenario.file.string(),
                         .at = {1, 1},
                         .message = "--match-pools needs 'disaggregation' and open arrivals"});
  }
  const planner::Sized sized = planner::match_pools(scenario, catalogue);
  if (sized.feasible) {
    scenario.replicas = sized.result.scenario.replicas;
    scenario.disaggregation->replicas = sized.result.scenario.disaggregation->replicas;
  }
}

}  // namespace mtok::cli
