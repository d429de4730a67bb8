// mtok calibrate BENCH.json: fits a deployment's constants to a user's own benchmarks.
#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/calibrate_verb.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/bench_report.hpp"
#include "sim/validation/bench_fit.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> files{};
  std::optional<std::string> scenario{};
  std::optional<std::string> folder{};
  Output output{};
};

validation::BenchFile read_all(const std::vector<std::string>& files) {
  validation::BenchFile all;
  for (const std::string& file : files) {
    const validation::BenchFile one = validation::read_bench(file);
    all.points.insert(all.points.end(), one.points.begin(), one.points.end());
    for (const std::string& note : one.notes) {
      if (std::find(all.notes.begin(), all.notes.end(), note) == all.notes.end()) {
        all.notes.push_back(note);
      }
    }
  }
  return all;
}

std::string text_of(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Writes both profiles; returns what a scenario names them by.
std::vector<std::string> write_profiles(const fs::path& folder, const validation::BenchFit& fit,
                                        const std::string& data, const planner::Catalogue& catalogue) {
  std::error_code error;
  fs::create_directories(folder, error);
  const planner::Scenario& scenario = fit.deployment.scenario;
  const auto framework = catalogue.find_framework(scenario.engine.framework, scenario.file.parent_path());
  const fs::path framework_to = folder / (fit.framework.name + "-calibrated.yaml");
  const fs::path device_to = folder / (fit.device.name + "-calibrated.yaml");
  const std::string framework_text = validation::fitted_framework_text(text_of(*framework.file), fit, data);
  const std::string device_text = validation::fitted_device_text(text_of(scenario.device_file), fit, data);
  replace_file(framework_to, [&](std::ostream& out) { out << framework_text; });
  replace_file(device_to, [&](std::ostream& out) { out << device_text; });
  return {"engine: {framework: " + framework_to.string() + "}",
          "hardware: {device: " + device_to.string() + "}"};
}

ExitCode calibrate_bench(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const validation::BenchFile bench = read_all(options.files);
  const planner::Scenario scenario = planner::load_scenario(*options.scenario, catalogue);
  if (const std::string obstacle = validation::calibration_obstacle(scenario); !obstacle.empty()) {
    throw Refusal(*options.scenario + ": a scenario with " + obstacle +
                  " cannot be calibrated to a benchmark");
  }
  const validation::BenchFit fit = validation::fit_bench(scenario, bench.points, catalogue);
  if (fit.deployment.infeasible) {
    options.output.say("not feasible", {fit.deployment.infeasible->reason});
    return ExitCode::nothing_feasible;
  }
  std::string data;
  for (const std::string& file : options.files) {
    data += (data.empty() ? "" : ", ") + fs::path(file).filename().string();
  }
  std::vector<std::string> written;
  if (options.folder) {
    written = write_profiles(*options.folder, fit, data, catalogue);
  }
  options.output.write(report::bench_text(fit, bench.notes, written, options.output.form()));
  options.output.say("warning", fit.warnings);
  return ExitCode::ok;
}

}  // namespace

void add_calibrate_bench(CLI::App& calibrate, Command& command) {
  const auto options = std::make_shared<Options>();
  calibrate
      .add_option("bench", options->files,
                  "benchmarks of vllm bench serve, SGLang bench_serving, GuideLLM, AIPerf or GenAI-Perf")
      ->type_name("BENCH.json");
  calibrate
      .add_option(
          "--scenario", options->scenario,
          "what was benchmarked: model, devices, formats, layout and engine; its workload does not matter")
      ->type_name("SCENARIO");
  calibrate
      .add_option("--write", options->folder,
                  "write the fitted profiles of framework and device into this folder")
      ->type_name("FOLDER");
  options->output.add_to(calibrate);
  calibrate.callback([options, &calibrate, &command] {
    if (!calibrate.get_subcommands().empty()) {
      return;
    }
    if (options->files.empty()) {
      throw CLI::RequiredError("kernels, host, or BENCH.json");
    }
    if (!options->scenario) {
      throw CLI::RequiredError("--scenario");
    }
    command = [options] { return calibrate_bench(*options); };
  });
}

}  // namespace mtok::cli
