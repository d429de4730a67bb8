// The sample workloads are what their specifications make, and near the statistics they are shaped after.
#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <sstream>

#include "sim/workload/trace_writer.hpp"
#include "sim/workload/workload_spec.hpp"
#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

/// Published figures of the trace that a sample is shaped after; the sources stand in the specifications.
struct Target {
  const char* name = "";
  double input_tokens = 0;
  double output_tokens = 0;
  double rate_per_s = 0;
  double reused_blocks = 0;  ///< share found by an unbounded prefix cache; 0: no target
};
constexpr Target kTargets[] = {
    {.name = "chat", .input_tokens = 1154.7, .output_tokens = 211.1, .rate_per_s = 5.53},
    {.name = "code", .input_tokens = 2047.8, .output_tokens = 27.9, .rate_per_s = 2.57},
    {.name = "rag",
     .input_tokens = 12035.1,
     .output_tokens = 342.6,
     .rate_per_s = 3.40,
     .reused_blocks = 0.3664},
    {.name = "batch", .input_tokens = 2588.1, .output_tokens = 291.4, .rate_per_s = 1000}};

class SampleWorkload : public testing::TestWithParam<Target> {
 protected:
  [[nodiscard]] static std::filesystem::path folder() {
    return std::filesystem::path(MTOK_SOURCE_DIR) / "workloads";
  }
  [[nodiscard]] static WorkloadSpec spec() {
    return load_workload_spec(folder() / "specs" / (std::string(GetParam().name) + ".yaml"));
  }
  [[nodiscard]] static std::filesystem::path trace() {
    return folder() / (std::string(GetParam().name) + ".csv");
  }
};

TEST_P(SampleWorkload, IsByteForByteWhatItsSpecificationMakes) {
  const WorkloadSpec wanted = spec();
  EXPECT_EQ(wanted.name, GetParam().name);
  std::ostringstream made;
  write_mtok_csv(*make_synthetic(wanted.synthetic, wanted.seed), made);
  std::ifstream in(trace(), std::ios::binary);
  const std::string shipped(std::istreambuf_iterator<char>(in), {});
  EXPECT_TRUE(made.str() == shipped) << "made " << made.str().size() << " bytes, shipped " << shipped.size();
}

TEST_P(SampleWorkload, ReadsBackAsTheRequestsThatWereMade) {
  const WorkloadSpec wanted = spec();
  const TraceOptions options{.hash_block_size = wanted.synthetic.hash_block_size};
  EXPECT_EQ(testing_files::read_all(trace(), options),
            testing_files::all_of(*make_synthetic(wanted.synthetic, wanted.seed)));
}

// A sample of n has its means within a few standard errors cv / sqrt(n) of the law's, and clamping moves the
// law's a little: 4 % covers both for all four. The rate has cv / sqrt(n) too: 5 / sqrt(16000) = 4 % for
// code's bursts.
TEST_P(SampleWorkload, IsNearTheStatisticsItIsShapedAfter) {
  constexpr double kNear = 0.04;
  const Target& target = GetParam();
  const TraceSummary s = summarize(trace(), {.hash_block_size = spec().synthetic.hash_block_size});
  const auto n = static_cast<double>(s.requests);
  EXPECT_GE(s.requests, 5000);
  EXPECT_NEAR(static_cast<double>(s.input_tokens) / n / target.input_tokens, 1, kNear);
  EXPECT_NEAR(static_cast<double>(s.output_tokens) / n / target.output_tokens, 1, kNear);
  EXPECT_NEAR(n / (static_cast<double>(s.last_arrival_ns) * 1e-9) / target.rate_per_s, 1, kNear);
  if (target.reused_blocks > 0) {
    const double reused = static_cast<double>(s.unbounded_prefix_hits) / static_cast<double>(s.hash_blocks);
    EXPECT_NEAR(reused / target.reused_blocks, 1, 0.05);
  }
}

TEST_P(SampleWorkload, IsSmall) {
  EXPECT_LT(std::filesystem::file_size(trace()), 1'500'000U);
}

INSTANTIATE_TEST_SUITE_P(Shipped, SampleWorkload, testing::ValuesIn(kTargets),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace mtok::workload
