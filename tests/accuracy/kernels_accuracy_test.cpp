// Kernel predictions against published measurements: errors may not grow beyond the recorded ones.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "sim/validation/kernel_rows.hpp"

namespace mtok::validation {
namespace {

namespace fs = std::filesystem;

/// An error may be a tenth larger than recorded.
constexpr double kAllowedGrowth = 1.10;
/// Medians below half a percent are not told apart.
constexpr double kNoise = 0.005;

fs::path measured_folder() {
  const char* const set = std::getenv("MTOK_SHARED");
  return fs::path(set != nullptr ? set : MTOK_SOURCE_DIR "/../shared") / "data/measured";
}

/// Family -> recorded median error.
std::map<std::string, double> recorded() {
  Table table(MTOK_SOURCE_DIR "/tests/accuracy/recorded_kernels.csv", {"family", "rows", "median_ape"});
  std::map<std::string, double> medians;
  while (table.next()) {
    medians[table.cell("family")] = table.number("median_ape", 0);
  }
  return medians;
}

TEST(AccuracyOfKernels, IsNoWorseThanRecorded) {
  const fs::path folder = measured_folder();
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  const planner::Catalogue catalogue(MTOK_SOURCE_DIR);
  KernelPredictor predictor(catalogue);
  std::vector<Outcome> outcomes;
  for (const char* name :
       {"kernels_gemm.csv", "kernels_attention.csv", "kernels_moe.csv", "collectives.csv"}) {
    KernelFile file(folder / name, catalogue);
    while (std::optional<KernelRow> row = file.next()) {
      outcomes.push_back(predictor.predicted(std::move(*row)));
    }
  }
  const std::map<std::string, double> medians = recorded();
  for (const ErrorSummary& summary : summarize(outcomes, std::array{GroupBy::family})) {
    SCOPED_TRACE(summary.family);
    const auto found = medians.find(summary.family);
    ASSERT_NE(found, medians.end()) << "no recorded error";
    EXPECT_EQ(summary.unsupported, 0);
    EXPECT_LE(summary.median_ape, found->second * kAllowedGrowth + kNoise);
  }
}

}  // namespace
}  // namespace mtok::validation
