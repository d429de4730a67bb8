// Generated workloads: exact counts, arrivals in order, prefixes that are shared where the content is.
#include "sim/workload/synthetic.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing::HasSubstr;

SyntheticSpec read(const std::string& yaml) {
  config::Document document = config::Document::from_yaml(yaml, "w.yaml");
  const SyntheticSpec spec = read_synthetic(document.root());
  document.finish();
  return spec;
}

std::vector<Request> made(const SyntheticSpec& spec, std::uint64_t seed = 1) {
  return testing_files::all_of(*make_synthetic(spec, seed));
}

constexpr std::string_view kLengths = "input_tokens: {fixed: 100}\noutput_tokens: {fixed: 10}\n";

std::string plain(std::string_view arrivals, std::int64_t requests) {
  return "requests: " + std::to_string(requests) + "\narrivals: " + std::string(arrivals) + "\n" +
         std::string(kLengths);
}

TEST(Synthetic, MakesTheNumberOfRequestsAskedForStartingAtZero) {
  const auto requests = made(read(plain("{constant: {rate_per_s: 4}}", 5)));
  ASSERT_EQ(requests.size(), 5U);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto nth = static_cast<std::int64_t>(i);
    EXPECT_EQ(requests[i],
              (Request{.arrival_ns = nth * 250'000'000, .input_tokens = 100, .output_tokens = 10}));
  }
}

// Two weeks at 0.05/s with a swing of 0.6 and weekends at half: a weekday has 7 / (5 + 2 * 0.5) = 7/6 of the
// mean, 5,040 requests, a day of the weekend 2,520. The hour from 14:30 lies at 1.6 times its weekday's mean
// (to within the 0.5 % that the parabola falls off in half an hour), that from 2:30 at 0.4 times. Tolerances
// are four standard errors of a Poisson count.
TEST(Synthetic, TheWeekHasItsRhythm) {
  const auto requests =
      made(read(plain("{weekly: {rate_per_s: 0.05, daily_swing: 0.6, weekend: 0.5}}", 60'480)));
  constexpr std::int64_t kHalfHour = 1'800'000'000'000;
  std::array<double, 14> days{};
  double peak = 0;
  double trough = 0;
  for (const Request& request : requests) {
    const auto half_hour = static_cast<std::size_t>(request.arrival_ns / kHalfHour);
    if (half_hour / 48 < days.size()) {
      days[half_hour / 48] += 1;
      const bool weekday = half_hour / 48 % 7 < 5;
      const std::size_t of_day = half_hour % 48;
      peak += weekday && (of_day == 29 || of_day == 30) ? 1 : 0;
      trough += weekday && (of_day == 5 || of_day == 6) ? 1 : 0;
    }
  }
  EXPECT_NEAR(days[1], 5040, 4 * 71);
  EXPECT_NEAR(days[9], 5040, 4 * 71);
  EXPECT_NEAR(days[5], 2520, 4 * 50);
  EXPECT_NEAR(days[6], 2520, 4 * 50);
  EXPECT_NEAR(peak, 10 * 5040 / 24.0 * 1.6, 4 * 58);
  EXPECT_NEAR(trough, 10 * 5040 / 24.0 * 0.4, 4 * 29);
}

/// Mean and coefficient of variation of the gaps.
std::pair<double, double> gaps(const std::vector<Request>& requests) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < requests.size(); ++i) {
    const double gap = static_cast<double>(requests[i].arrival_ns - requests[i - 1].arrival_ns) * 1e-9;
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(requests.size() - 1);
  const double mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean) / mean};
}

// 40,000 gaps: the mean has a standard error of cv / sqrt(40000) = cv / 200; 4 of them are 2 % (Poisson), 6 %
// (cv 3). The cv itself has a relative error of sqrt((kurtosis - 1) / 4 / 40000): 0.7 % for exponential gaps
// and 1.7 % for gamma with cv 3 (kurtosis 3 + 6 cv^2 = 57, roughly, less what mean and variance share).
TEST(Synthetic, ArrivesAtTheRateAndVariationAskedFor) {
  const auto [poisson_gap, poisson_cv] = gaps(made(read(plain("{poisson: {rate_per_s: 8}}", 40'001))));
  EXPECT_NEAR(poisson_gap * 8, 1, 0.02);
  EXPECT_NEAR(poisson_cv, 1, 0.03);
  const auto [gamma_gap, gamma_cv] = gaps(made(read(plain("{gamma: {rate_per_s: 8, cv: 3}}", 40'001))));
  EXPECT_NEAR(gamma_gap * 8, 1, 0.06);
  EXPECT_NEAR(gamma_cv, 3, 3 * 0.07);
}

TEST(Synthetic, IsAFunctionOfSpecAndSeed) {
  const SyntheticSpec spec = read(plain("{poisson: {rate_per_s: 8}}", 200));
  EXPECT_EQ(made(spec, 5), made(spec, 5));
  EXPECT_NE(made(spec, 5), made(spec, 6));
}

TEST(Synthetic, CarriesNoHashIdsWhereNothingIsShared) {
  const auto source = make_synthetic(read(plain("{poisson: {rate_per_s: 8}}", 3)), 1);
  EXPECT_EQ(source->hash_block_size(), 0);
  Request request;
  while (source->next(request)) {
    EXPECT_TRUE(request.hash_ids.empty());
  }
}

TEST(Synthetic, KeepsLengthsWithinTheirBounds) {
  const auto requests =
      made(read("requests: 5000\narrivals: {constant: {rate_per_s: 1}}\n"
                "input_tokens: {uniform: {least: 3, most: 5}}\noutput_tokens: {lognormal: {mean: 50, cv: 2, "
                "least: 20, most: 90}}\n"));
  std::map<std::int64_t, int> inputs;
  for (const Request& request : requests) {
    ++inputs[request.input_tokens];
    ASSERT_TRUE(request.output_tokens >= 20 && request.output_tokens <= 90) << request.output_tokens;
  }
  ASSERT_EQ(inputs.size(), 3U);
  for (const auto& [tokens, count] : inputs) {
    EXPECT_NEAR(count, 5000.0 / 3, 4 * std::sqrt(5000.0 * 2 / 9)) << tokens;
  }
}

// 40 tokens of document, 100 of one's own, blocks of 16: blocks 0 and 1 are the document's (32 tokens), block
// 2 holds 8 tokens of it and 8 of the request; 140 = 8 * 16 + 12, so blocks 2 to 7 are whole and block 8 is
// partial.
TEST(Synthetic, SharesTheWholeBlocksOfADocumentAndNothingElse) {
  const auto requests =
      made(read(plain("{constant: {rate_per_s: 1}}", 400) +
                "shared_prefix: {documents: 3, tokens: 40, zipf: 1}\nhash_block_size: 16\n"));
  std::map<std::uint64_t, std::uint64_t> second_of;
  std::set<std::uint64_t> others;
  for (const Request& request : requests) {
    ASSERT_EQ(request.input_tokens, 140);
    ASSERT_EQ(request.hash_ids.size(), 9U);
    const auto [known, is_new] = second_of.emplace(request.hash_ids[0], request.hash_ids[1]);
    EXPECT_EQ(known->second, request.hash_ids[1]);
    for (std::size_t block = 2; block < 9; ++block) {
      EXPECT_TRUE(others.insert(request.hash_ids[block]).second);
    }
  }
  EXPECT_EQ(second_of.size(), 3U);
}

TEST(Synthetic, RepeatsTheConversationInEachTurn) {
  const auto requests = made(read(plain("{constant: {rate_per_s: 0.001}}", 4) +
                                  "sessions: {turns: {fixed: 4}, think_time_s: 0, assumed_tokens_per_s: 10}\n"
                                  "hash_block_size: 32\n"));
  ASSERT_EQ(requests.size(), 4U);
  for (std::size_t turn = 0; turn < 4; ++turn) {
    // Each turn adds the 10 tokens of the answer and 100 new ones, 10 tokens / 10 per second = 1 s later.
    EXPECT_EQ(requests[turn].arrival_ns, static_cast<std::int64_t>(turn) * 1'000'000'000);
    EXPECT_EQ(requests[turn].input_tokens, 100 + 110 * static_cast<std::int64_t>(turn));
  }
  // 100 = 3 * 32 + 4: of turn 0, three blocks are whole, and its fourth is not the fourth of turn 1 (210
  // tokens).
  for (std::size_t block = 0; block < 3; ++block) {
    EXPECT_EQ(requests[0].hash_ids[block], requests[1].hash_ids[block]);
    EXPECT_EQ(requests[0].hash_ids[block], requests[3].hash_ids[block]);
  }
  EXPECT_NE(requests[0].hash_ids[3], requests[1].hash_ids[3]);
  EXPECT_EQ(requests[2].hash_ids[5], requests[3].hash_ids[5]);  // 210 / 32 = 6 whole blocks in turn 1
}

TEST(Synthetic, EndsASessionBeforeItsPromptPassesTheLimit) {
  const auto requests =
      made(read(plain("{constant: {rate_per_s: 1}}", 600) +
                "sessions: {turns: {fixed: 50}, think_time_s: 2}\nmax_input_tokens: 320\n"));
  std::set<std::int64_t> inputs;
  for (const Request& request : requests) {
    inputs.insert(request.input_tokens);
  }
  EXPECT_EQ(inputs, (std::set<std::int64_t>{100, 210, 320}));
}

TEST(Synthetic, MergesSessionsInOrderOfArrivalWithIdsThatChain) {
  const auto requests =
      made(read("requests: 5000\narrivals: {poisson: {rate_per_s: 3}}\n"
                "input_tokens: {exponential: {mean: 300}}\noutput_tokens: {exponential: {mean: 60}}\n"
                "shared_prefix: {documents: 20, tokens: 100, zipf: 0.8}\n"
                "sessions: {turns: {uniform: {least: 1, most: 6}}, think_time_s: 5}\n"));
  std::map<std::uint64_t, std::uint64_t> before;  // the block that each block follows
  std::int64_t last_ns = 0;
  for (const Request& request : requests) {
    ASSERT_GE(request.arrival_ns, last_ns);
    last_ns = request.arrival_ns;
    ASSERT_EQ(static_cast<std::int64_t>(request.hash_ids.size()), (request.input_tokens + 15) / 16);
    for (std::size_t i = 1; i < request.hash_ids.size(); ++i) {
      ASSERT_EQ(before.emplace(request.hash_ids[i], request.hash_ids[i - 1]).first->second,
                request.hash_ids[i - 1])
          << "equal blocks must lie behind equal prefixes";
    }
  }
}

std::string faults_of(const std::string& yaml) {
  try {
    (void)read(yaml);
  } catch (const config::Error& error) {
    return error.what();
  }
  return "";
}

TEST(ReadSynthetic, NamesEveryFaultAtOnce) {
  const std::string faults = faults_of(
      "requests: 0\narrivals: {poisson: {rate_per_s: 4}, constant: {rate_per_s: 4}}\n"
      "input_tokens: {lognormal: {mean: 10, cv: 1, least: 9, most: 3}}\noutput_tokens: {fixd: 3}\nrequest: "
      "1\n");
  EXPECT_THAT(faults, HasSubstr("exactly one of poisson, gamma, constant"));
  EXPECT_THAT(faults, HasSubstr("least (9) is above most (3)"));
  EXPECT_THAT(faults, HasSubstr("did you mean 'fixed'"));
  EXPECT_THAT(faults, HasSubstr("unknown key 'request'"));
}

TEST(ReadSynthetic, ChecksWhatFieldsSayTogether) {
  const std::string head = "requests: 10\narrivals: {poisson: {rate_per_s: 4}}\noutput_tokens: {fixed: 3}\n";
  EXPECT_THAT(faults_of(head + "input_tokens: {empirical: {values: [1, 2], weights: [1]}}\n"),
              HasSubstr("1 weights for 2"));
  EXPECT_THAT(faults_of(head + "input_tokens: {empirical: {values: [1, 2], weights: [0, 0]}}\n"),
              HasSubstr("all weights are 0"));
  EXPECT_THAT(faults_of(head + "input_tokens: {empirical: {values: [], weights: []}}\n"),
              HasSubstr("at least one value"));
  EXPECT_THAT(
      faults_of(
          head +
          "input_tokens: {fixed: 5}\nshared_prefix: {documents: 2, tokens: 100}\nmax_input_tokens: 100\n"),
      HasSubstr("leaves no room"));
  EXPECT_THAT(
      faults_of("requests: 1000000000\narrivals: {poisson: {rate_per_s: 0.1}}\ninput_tokens: {fixed: 1}\n"
                "output_tokens: {fixed: 1}\n"),
      HasSubstr("more than 1e9 s"));
}

}  // namespace
}  // namespace mtok::workload
