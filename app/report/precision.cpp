// Works out digits from quantiles of residuals.
#include "app/report/precision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mtok::report {
namespace {

/// The farther quartile from 1 of measured over predicted.
double error_of(const planner::ModelError& error) {
  constexpr double kLow = 0.25;
  constexpr double kHigh = 0.75;
  return std::max(std::abs(error.ratio.at(kLow) - 1), std::abs(error.ratio.at(kHigh) - 1));
}

}  // namespace

int digits_for(double error) {
  constexpr double kMost = 6;
  constexpr double kLeast = 2;
  constexpr double kRounding = 1e-9;  // 0.1 and 0.01 are not exact in binary
  const double digits = error > 0 ? 1 + std::floor(-std::log10(error) + kRounding) : kMost;
  return static_cast<int>(std::clamp(digits, kLeast, kMost));
}

Precision precision_of(const planner::ModelErrors& errors, const std::string& family) {
  const planner::ModelError& throughput = errors.of("throughput", family);
  const planner::ModelError& ttft = errors.of("ttft", family);
  const planner::ModelError& tpot = errors.of("tpot", family);
  Precision precision{.rate = digits_for(error_of(throughput)),
                      .ttft = digits_for(error_of(ttft)),
                      .tpot = digits_for(error_of(tpot))};
  const auto words = [](const char* name, const planner::ModelError& error, int digits) {
    return fmt::format("{} {} ({} devices, {:.0f} %)", name, digits, error.family, error_of(error) * 100);
  };
  precision.reason = fmt::format(
      "Significant digits by the error within which half of the measurements lie: {}, {}, {}; at "
      "least two.",
      words("rates", throughput, precision.rate), words("TTFT", ttft, precision.ttft),
      words("TPOT", tpot, precision.tpot));
  return precision;
}

Precision precision_of(const planner::Catalogue& catalogue, const std::string& device) {
  const std::filesystem::path file = catalogue.root() / "hwprofiles/model_error.yaml";
  if (!std::filesystem::exists(file)) {
    return {};
  }
  const planner::ModelErrors errors = planner::ModelErrors::load(file);
  const planner::Catalogue::Lookup known = catalogue.find_device(device, {});
  return precision_of(errors, known.file ? catalogue.device(*known.file).architecture : "all");
}

}  // namespace mtok::report
