// Replays of recorded requests of real engines: errors may not grow beyond the recorded ones.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "sim/validation/serving.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

namespace fs = std::filesystem;

/// An error may be a tenth larger than recorded; errors below half a percent are not told apart.
constexpr double kAllowedGrowth = 1.10;
constexpr double kNoise = 0.005;

TEST(AccuracyOfTraces, IsNoWorseThanRecorded) {
  const char* const set = std::getenv("MTOK_SHARED");
  const fs::path file = fs::path(set != nullptr ? set : MTOK_SOURCE_DIR "/../shared") / "data/measured" /
                        "request_traces_public.csv";
  if (!fs::exists(file)) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  std::map<std::string, double> recorded;
  Table table(MTOK_SOURCE_DIR "/tests/accuracy/recorded_traces.csv", {"device", "metric", "ape"});
  while (table.next()) {
    recorded[table.cell("device") + " " + table.cell("metric")] = table.number("ape", 0);
  }
  const std::vector<Outcome> outcomes = validate_trace(file, planner::Catalogue(MTOK_SOURCE_DIR));
  for (const ErrorSummary& summary : summarize(outcomes, std::array{GroupBy::device, GroupBy::metric})) {
    const auto found = recorded.find(summary.device + " " + summary.metric);
    ASSERT_NE(found, recorded.end()) << "no recorded error of " << summary.device << " " << summary.metric;
    EXPECT_LE(summary.median_ape, found->second * kAllowedGrowth + kNoise)
        << summary.device << " " << summary.metric;
  }
}

}  // namespace
}  // namespace mtok::validation
