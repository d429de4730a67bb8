// Reads a result, finds its scenario, runs it, and compares what comes out.
#include "app/cli/result_file.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/run_report.hpp"
#include "sim/config/sha256.hpp"
#include "sim/config/value.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

std::string text_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    throw Refusal(file.string() + ": there is no such file");
  }
  if (fs::file_size(file, error) > kMostBytes) {
    throw Refusal(file.string() + ": too large for a result of mtok run");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The document, checked for what is needed of it below. The strict reader comes first: its errors name
/// lines.
Json read_result(const fs::path& file) {
  const std::string text = text_of(file);
  static_cast<void>(config::parse_json(text, file.string()));
  Json json = Json::parse(text, nullptr, false);
  const bool run = json.is_object() && json.value("schema", Json()) == Json("mtok.run/1") &&
                   json.value("inputs", Json()).is_array();
  if (!run) {
    throw Refusal(file.string() + ": no result of mtok run",
                  "write one with 'mtok run SCENARIO.yaml --format json -o result.json'");
  }
  for (const Json& input : json["inputs"]) {
    const bool named = input.is_object() && input.value("path", Json()).is_string() &&
                       input.value("sha256", Json()).is_string();
    if (!named) {
      throw Refusal(file.string() + ": inputs: expected a list of {path, sha256}");
    }
  }
  return json;
}

/// The files that a result depends on, as it names them.
class Inputs {
 public:
  Inputs(const Json& result, const fs::path& file, const planner::Catalogue& catalogue)
      : result_(result), folders_{catalogue.root(), file.parent_path(), fs::current_path()} {}

  /// Where an input lies; one with the right contents first. Throws Refusal when there is none.
  [[nodiscard]] fs::path find(const Json& input) const {
    const auto path = input["path"].get<std::string>();
    const auto sha256 = input["sha256"].get<std::string>();
    std::optional<fs::path> changed;
    for (const fs::path& folder : folders_) {
      const fs::path candidate = folder / path;
      std::error_code error;
      if (fs::is_regular_file(candidate, error)) {
        if (config::sha256_of_file(candidate) == sha256) {
          return candidate;
        }
        changed = changed ? changed : candidate;
      }
    }
    if (changed) {
      throw Refusal(changed->string() + " has changed since the result was written",
                    "run the scenario again, and explain the new result");
    }
    throw Refusal(path + ", on which the result depends, is not found",
                  "it is looked for under the data of mtok, beside the result and in the current folder");
  }

  [[nodiscard]] planner::Scenario scenario(const planner::Catalogue& catalogue) const {
    const Json& inputs = result_["inputs"];
    if (inputs.empty()) {
      throw Refusal("the result names no scenario file");
    }
    for (const Json& input : inputs) {
      static_cast<void>(find(input));
    }
    const fs::path file = find(inputs.front());
    planner::Scenario scenario = planner::load_scenario(file, catalogue);
    const auto names = [&](const fs::path& wanted) {
      return std::any_of(inputs.begin(), inputs.end(), [&](const Json& input) {
        return input["path"].get<std::string>() == catalogue.shown(wanted);
      });
    };
    const bool other_trace = scenario.workload.trace && !names(*scenario.workload.trace);
    const bool added_trace = !scenario.workload.trace && inputs.size() > 1 && !names(scenario.model_file) &&
                             scenario.workload.synthetic;
    if ((other_trace || added_trace) && inputs.size() > 1) {
      scenario = planner::load_scenario(file, catalogue, find(inputs[1]));  // it was given with --trace
    }
    return scenario;
  }

 private:
  const Json& result_;
  std::vector<fs::path> folders_;
};

/// Replicas that `mtok run --match-pools` chose.
void take_replicas(const Json& result, planner::Scenario& scenario) {
  const Json deployment = result.value("deployment", Json::object());
  if (deployment.value("replicas", Json()).is_number_integer()) {
    scenario.replicas = std::max<std::int64_t>(1, deployment["replicas"].get<std::int64_t>());
  }
  const Json split = result.value("disaggregation", Json::object()).value("decode", Json::object());
  if (scenario.disaggregation && split.value("replicas", Json()).is_number_integer()) {
    scenario.disaggregation->replicas = std::max<std::int64_t>(1, split["replicas"].get<std::int64_t>());
  }
}

/// The first key whose value differs; empty when all are alike.
std::string first_difference(const Json& before, const Json& after) {
  const Json flat_before = before.flatten();
  const Json flat_after = after.flatten();
  for (const auto& [key, value] : flat_before.items()) {
    if (!flat_after.contains(key) || flat_after[key] != value) {
      return key;
    }
  }
  return flat_before.size() == flat_after.size() ? "" : "/";
}

}  // namespace

planner::RunResult run_again(const fs::path& result, const planner::Catalogue& catalogue, bool quiet) {
  const Json before = read_result(result);
  planner::Scenario scenario = Inputs(before, result, catalogue).scenario(catalogue);
  take_replicas(before, scenario);
  ProgressBar bar("requests", quiet);
  planner::RunResult again =
      planner::run(scenario, catalogue,
                   [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); });
  const Json after = Json::parse(report::run_json(again));
  const std::string difference = first_difference(before, after);
  if (!difference.empty() && !again.run.cancelled) {
    throw Refusal(
        result.string() + " is not what its scenario gives now: " + difference + " differs",
        "another version of mtok or of its data wrote it, or it was edited; run the scenario again");
  }
  return again;
}

}  // namespace mtok::cli
