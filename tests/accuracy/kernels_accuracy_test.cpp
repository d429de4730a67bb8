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

struct Recorded {
  double median_ape = 0;
  std::int64_t unsupported = 0;
};

/// By family.
std::map<std::string, Recorded> recorded() {
  Table table(MTOK_SOURCE_DIR "/tests/accuracy/recorded_kernels.csv",
              {"family", "rows", "unsupported", "median_ape"});
  std::map<std::string, Recorded> families;
  while (table.next()) {
    families[table.cell("family")] = {.median_ape = table.number("median_ape", 0),
                                      .unsupported = table.integer("unsupported", 0)};
  }
  return families;
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
  const std::map<std::string, Recorded> families = recorded();
  for (const ErrorSummary& summary : summarize(outcomes, std::array{GroupBy::family})) {
    SCOPED_TRACE(summary.family);
    const auto found = families.find(summary.family);
    ASSERT_NE(found, families.end()) << "no recorded error";
    EXPECT_LE(summary.unsupported, found->second.unsupported);
    EXPECT_LE(summary.median_ape, found->second.median_ape * kAllowedGrowth + kNoise);
  }
}

}  // namespace
}  // namespace mtok::validation
