// How far the simulator is off, by metric and family of devices: hwprofiles/model_error.yaml.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/spread.hpp"

namespace mtok::planner {

/// Measured over predicted, of one metric on one family of devices.
struct ModelError {
  std::string family{};  ///< architecture of the devices, or "all"
  std::string metric{};  ///< ttft, tpot, throughput
  std::int64_t rows = 0;
  Spread ratio = Spread::uniform(1, 1);
};

/// Quantiles of the residuals behind docs/accuracy.md.
class ModelErrors {
 public:
  /// Throws config::Error.
  [[nodiscard]] static ModelErrors load(const std::filesystem::path& file);
  /// Of the family, or of all devices where the family has too few rows to be in the file.
  [[nodiscard]] const ModelError& of(std::string_view metric, std::string_view family) const;
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  std::vector<ModelError> errors_;
  std::string source_;
};

}  // namespace mtok::planner
