// Fits the scenario of the window to benchmarks of its user, and keeps what was fitted.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/validation/bench_fit.hpp"

namespace mtok::gui {

/// What a fit to some benchmarks brought.
struct Calibration {
  validation::BenchFit fit{};
  std::vector<std::string> notes{};  ///< how the words of the tools were read
  std::string data{};                ///< names of the benchmarks
};

/// As `mtok calibrate BENCH.json... --scenario` does. Throws config::Error for files that cannot be used, and
/// for a scenario that cannot be calibrated.
[[nodiscard]] Calibration calibrate(const std::string& yaml, const std::filesystem::path& file,
                                    const std::vector<std::filesystem::path>& benchmarks,
                                    const planner::Catalogue& catalogue);

/// Where fitted profiles were written.
struct WrittenProfiles {
  std::filesystem::path framework{};
  std::filesystem::path device{};
  std::string problem{};  ///< why they could not be; empty: they were
};

/// Writes the fitted profiles of framework and device into the folder, as `--write` does.
[[nodiscard]] WrittenProfiles write_profiles(const Calibration& calibration,
                                             const std::filesystem::path& folder,
                                             const planner::Catalogue& catalogue);

}  // namespace mtok::gui
