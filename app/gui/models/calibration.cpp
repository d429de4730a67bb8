// Reads benchmarks, fits, writes profiles.
#include "app/gui/models/calibration.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/gui/models/project_files.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

Calibration calibrate(const std::string& yaml, const fs::path& file, const std::vector<fs::path>& benchmarks,
                      const planner::Catalogue& catalogue) {
  Calibration result;
  std::vector<validation::BenchPoint> points;
  for (const fs::path& path : benchmarks) {
    const validation::BenchFile bench = validation::read_bench(path);
    points.insert(points.end(), bench.points.begin(), bench.points.end());
    for (const std::string& note : bench.notes) {
      if (std::find(result.notes.begin(), result.notes.end(), note) == result.notes.end()) {
        result.notes.push_back(note);
      }
    }
    result.data += (result.data.empty() ? "" : ", ") + path.filename().string();
  }
  const planner::Scenario scenario = planner::scenario_from_text(yaml, file, catalogue);
  if (const std::string obstacle = validation::calibration_obstacle(scenario); !obstacle.empty()) {
    throw config::Error({.message = "a scenario with " + obstacle + " cannot be calibrated to a benchmark"});
  }
  result.fit = validation::fit_bench(scenario, points, catalogue);
  return result;
}

WrittenProfiles write_profiles(const Calibration& calibration, const fs::path& folder,
                               const planner::Catalogue& catalogue) {
  const validation::BenchFit& fit = calibration.fit;
  const planner::Scenario& scenario = fit.deployment.scenario;
  const auto framework = catalogue.find_framework(scenario.engine.framework, scenario.file.parent_path());
  const std::string framework_text =
      validation::fitted_framework_text(text_of(*framework.file), fit, calibration.data);
  const std::string device_text =
      validation::fitted_device_text(text_of(scenario.device_file), fit, calibration.data);
  const fs::path to = fs::absolute(folder);
  WrittenProfiles written{.framework = to / (fit.framework.name + "-calibrated.yaml"),
                          .device = to / (fit.device.name + "-calibrated.yaml")};
  for (const auto& [file, text] :
       {std::pair(written.framework, framework_text), std::pair(written.device, device_text)}) {
    const QString problem = save_text(QString::fromStdString(file.string()), QString::fromStdString(text));
    if (!problem.isEmpty()) {
      written.problem = file.string() + ": " + problem.toStdString();
      break;
    }
  }
  return written;
}

}  // namespace mtok::gui
