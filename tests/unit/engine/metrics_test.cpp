// Percentiles, rates and promises on numbers small enough to check by hand.
#include "sim/engine/metrics.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "sim/engine/histogram.hpp"

namespace mtok::engine {
namespace {

RequestRecord completed(double arrival, double first, double last, std::int64_t output) {
  const auto at = [](double s) { return SimTime{static_cast<std::int64_t>(s * 1e9)}; };
  return {.outcome = Outcome::completed,
          .arrival = at(arrival),
          .scheduled = at(arrival),
          .first_token = at(first),
          .last_token = at(last),
          .input_tokens = 10,
          .output_tokens = output};
}

DurationSummary summary_of(std::int64_t least, std::int64_t most) {
  DurationSummary summary;
  for (std::int64_t value = most; value >= least; --value) {
    summary.add(value * 1'000'000'000);
  }
  return summary;
}

// 1..5: mean 3, median 3; rank of p90 is 0.9 * 4 = 3.6, so 4 + 0.6 = 4.6, as numpy gives.
TEST(DurationSummary, InterpolatesBetweenRanks) {
  const Distribution d = summary_of(1, 5).distribution();
  EXPECT_DOUBLE_EQ(d.mean.base(), 3);
  EXPECT_DOUBLE_EQ(d.p50.base(), 3);
  EXPECT_DOUBLE_EQ(d.p90.base(), 4.6);
  EXPECT_DOUBLE_EQ(d.max.base(), 5);
}

TEST(DurationSummary, OfNothingIsZero) {
  EXPECT_EQ(DurationSummary().distribution().max, Seconds{});
}

// 1..40000 s are more than are kept: percentiles are those of the histogram, within 0.2 %; mean and maximum
// stay exact. In two halves that are merged the same comes out.
TEST(DurationSummary, GoesOverToAHistogramWhenThereAreMany) {
  const Distribution whole = summary_of(1, 40'000).distribution();
  EXPECT_DOUBLE_EQ(whole.mean.base(), 20'000.5);
  EXPECT_DOUBLE_EQ(whole.max.base(), 40'000);
  EXPECT_NEAR(whole.p50.base(), 20'000, 40);
  EXPECT_NEAR(whole.p99.base(), 39'600, 80);
  DurationSummary merged = summary_of(1, 10'000);
  merged.merge(summary_of(10'001, 40'000));
  EXPECT_EQ(merged.distribution().p99, whole.p99);
  EXPECT_EQ(merged.distribution().mean, whole.mean);
}

Metrics measured(const std::vector<RequestRecord>& requests, const Slo& slo = {}) {
  return measure(totals_of(requests, slo), {});
}

// TTFT 1 s; 5 tokens, so TPOT = (5 - 1) s / 4 = 1 s; e2e 5 s.
TEST(Metrics, UseTheWordsOfTheField) {
  const Metrics m = measured({completed(0, 1, 5, 5), completed(0, 2, 2, 1)});
  EXPECT_EQ(m.completed, 2);
  EXPECT_DOUBLE_EQ(m.ttft.mean.base(), 1.5);
  EXPECT_DOUBLE_EQ(m.tpot.mean.base(), 1) << "a request of one token has no TPOT";
  EXPECT_DOUBLE_EQ(m.e2e.max.base(), 5);
  EXPECT_EQ(m.output_tokens, 6);
}

TEST(Metrics, PromisesHoldForThePercentileAndForEachRequest) {
  const std::vector<RequestRecord> requests{completed(0, 1, 5, 5), completed(0, 3, 7, 5)};
  EXPECT_TRUE(measured(requests, {.ttft_p99 = Seconds(3)}).slo_met);
  const Metrics broken = measured(requests, {.ttft_p99 = Seconds(2)});
  EXPECT_FALSE(broken.slo_met);
  EXPECT_EQ(broken.within_slo, 1);
}

TEST(Metrics, ARejectedRequestBreaksThePromise) {
  EXPECT_FALSE(measured({completed(0, 1, 5, 5), {.outcome = Outcome::rejected}}).slo_met);
}

// Every value comes back within 0.2 %; mean and maximum exactly.
TEST(DurationHistogram, KeepsQuantilesWithinItsError) {
  constexpr double kError = 0.002;
  for (std::int64_t value = 1; value < 4'000'000'000'000; value = value * 3 / 2 + 1) {
    DurationHistogram histogram;
    histogram.add(value, 3);
    const auto seconds = static_cast<double>(value) * 1e-9;
    EXPECT_NEAR(histogram.quantile(0.5).base(), seconds, seconds * kError);
    EXPECT_DOUBLE_EQ(histogram.mean().base(), seconds);
    EXPECT_DOUBLE_EQ(histogram.max().base(), seconds);
  }
}

// 1..1000 ms: p50 is the 500th value, p99 the 990th.
TEST(DurationHistogram, RanksAcrossBucketsAndMerges) {
  DurationHistogram low;
  DurationHistogram high;
  for (std::int64_t i = 1; i <= 1000; ++i) {
    (i <= 500 ? low : high).add(i * 1'000'000);
  }
  low.merge(high);
  EXPECT_EQ(low.count(), 1000);
  EXPECT_NEAR(low.quantile(0.50).base(), 0.500, 0.001);
  EXPECT_NEAR(low.quantile(0.99).base(), 0.990, 0.002);
}

// A ramp counts what its steps count one by one, whatever buckets it crosses.
TEST(DurationHistogram, ARampIsItsSteps) {
  for (const std::int64_t growth : {0, 1, 1000, 1'000'000, 123'456'789}) {
    DurationHistogram ramp;
    DurationHistogram steps;
    const Ticks first = Ticks::from(Seconds(0.0071234567891234));
    const Ticks more = Ticks::from_nanoseconds(growth) / 7;
    ramp.add_ramp(first, more, 1000, 3);
    for (std::int64_t i = 0; i < 1000; ++i) {
      steps.add(first + more * i, 3);
    }
    EXPECT_EQ(ramp.count(), steps.count());
    EXPECT_EQ(ramp.max(), steps.max());
    EXPECT_EQ(ramp.mean(), steps.mean());
    for (double q = 0.001; q < 1; q += 0.001) {
      ASSERT_EQ(ramp.quantile(q), steps.quantile(q)) << "growth " << growth << ", q " << q;
    }
  }
}

}  // namespace
}  // namespace mtok::engine
