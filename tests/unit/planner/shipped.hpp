// Scenarios on the shipped data for planner tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/planner/scenario.hpp"

namespace mtok::planner::testing {

inline Catalogue catalogue() {
  return Catalogue(std::filesystem::path(MTOK_SOURCE_DIR));
}

/// Llama-3.1-8B in FP8 on one H100, `requests` generated requests of 512 / 64 tokens at `rate` per second.
inline Scenario small_scenario(std::int64_t requests, double rate) {
  Scenario scenario{.name = "small"};
  const Catalogue data = catalogue();
  scenario.model_file = *data.find_model("llama-3.1-8b", {}).file;
  scenario.device_file = *data.find_device("h100-sxm", {}).file;
  scenario.formats = {.weights = kernel::NumberFormat::fp8, .activations = kernel::NumberFormat::fp8};
  scenario.prices.per_device = usd_per_hour(3.6);
  workload::SyntheticSpec spec{.requests = requests,
                               .arrivals = {.rate_per_s = rate},
                               .input_tokens = {.mean = 512},
                               .output_tokens = {.mean = 64}};
  scenario.workload.synthetic = spec;
  return scenario;
}

/// A scenario file of this text in a fresh folder of its own; the folder goes when the object does.
class ScenarioFile {
 public:
  explicit ScenarioFile(const std::string& text)
      : folder_(std::filesystem::temp_directory_path() /
                ("mtok-planner-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(path()) << text;
  }
  ScenarioFile(const ScenarioFile&) = delete;
  ScenarioFile& operator=(const ScenarioFile&) = delete;
  ~ScenarioFile() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "scenario.yaml"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace mtok::planner::testing
