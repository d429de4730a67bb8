// Serving systems against published measurements: errors may not grow beyond the recorded ones.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "sim/validation/serving.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

namespace fs = std::filesystem;

/// An error may be a tenth larger than recorded; errors below half a percent are not told apart.
constexpr double kAllowedGrowth = 1.10;
constexpr double kNoise = 0.005;
/// One row in so many is simulated, so that sanitizers do not take minutes. Groups of fewer rows say nothing.
constexpr int kEvery = 7;
constexpr std::int64_t kFewest = 10;

const fs::path kRecorded = MTOK_SOURCE_DIR "/tests/accuracy/recorded_serving.csv";

fs::path measured_file() {
  const char* const set = std::getenv("MTOK_SHARED");
  return fs::path(set != nullptr ? set : MTOK_SOURCE_DIR "/../shared") / "data/measured" /
         "serving_public.csv";
}

fs::path write_sample(const fs::path& file) {
  fs::path sample = fs::path(testing::TempDir()) / "serving_sample.csv";
  std::ifstream in(file);
  std::ofstream out(sample);
  std::string line;
  for (int i = 0; std::getline(in, line); ++i) {
    if (i == 0 || i % kEvery == 1) {
      out << line << '\n';
    }
  }
  return sample;
}

TEST(AccuracyOfServing, IsNoWorseThanRecorded) {
  if (!fs::exists(measured_file())) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  const std::vector<Outcome> outcomes =
      validate_serving(write_sample(measured_file()), planner::Catalogue(MTOK_SOURCE_DIR));
  const std::vector<ErrorSummary> groups = summarize(outcomes, std::array{GroupBy::family, GroupBy::metric});
  if (std::getenv("MTOK_BLESS") != nullptr) {
    std::ofstream out(kRecorded);
    out << "load_mode,metric,rows,unsupported,median_ape\n";
    for (const ErrorSummary& group : groups) {
      if (group.rows - group.unsupported >= kFewest) {
        out << group.family << ',' << group.metric << ',' << group.rows << ',' << group.unsupported << ','
            << std::to_string(group.median_ape) << '\n';
      }
    }
    return;
  }
  std::map<std::string, double> medians;
  Table table(kRecorded, {"load_mode", "metric", "rows", "unsupported", "median_ape"});
  while (table.next()) {
    medians[table.cell("load_mode") + " " + table.cell("metric")] = table.number("median_ape", 0);
  }
  EXPECT_FALSE(medians.empty());
  for (const ErrorSummary& group : groups) {
    const std::string name = group.family + " " + group.metric;
    const auto found = medians.find(name);
    if (found != medians.end()) {
      EXPECT_LE(group.median_ape, found->second * kAllowedGrowth + kNoise) << name;
    }
  }
}

}  // namespace
}  // namespace mtok::validation
