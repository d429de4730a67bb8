// Laws of whole scenarios: prices, names, units, formats, fleets, requests of no tokens.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "sim/planner/run.hpp"
#include "sim/units/text.hpp"
#include "tests/unit/engine/random_scenario.hpp"
#include "tests/unit/planner/shipped.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using engine::testing::draw_scenario;
using testing::catalogue;
using testing::ScenarioFile;
using testing::small_scenario;

/// The price is a whole number of 1e-12 USD an hour, the bill is rounded once: k times a bill is off by k/2
/// of its last digit at most, the bill of k times the price by 1/2.
TEST(PlannerLaws, AllPricesTimesKAreTheBillTimesK) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const engine::RunRecord record = draw_scenario(seed).run(engine::run_leaping);
    const auto k = static_cast<std::int64_t>(2 + seed % 9);
    const auto bill_at = [&](double factor) {
      return cost::make_bill(record, {.per_device = usd_per_hour(2.5 * factor)},
                             {.per_device = usd_per_hour(4.25 * factor)});
    };
    const cost::Bill one = bill_at(1);
    const cost::Bill many = bill_at(static_cast<double>(k));
    const units::Int128 off = many.total.pico_usd() - one.total.pico_usd() * k;
    const std::int64_t pools = record.decode_pool ? 2 : 1;
    ASSERT_LE(off < 0 ? -off : off, units::Int128{pools * (k + 1) / 2}) << "seed " << seed;
    ASSERT_EQ(many.parts.sum(), many.total);
    if (one.per_token.blended) {
      ASSERT_NEAR((*many.per_token.blended / *one.per_token.blended) / static_cast<double>(k), 1, 1e-6);
    }
  }
}

void expect_same_answer(const RunResult& a, const RunResult& b) {
  ASSERT_FALSE(a.infeasible || b.infeasible);
  EXPECT_EQ(a.bill.total, b.bill.total);
  EXPECT_EQ(a.bill.per_request, b.bill.per_request);
  EXPECT_EQ(a.run.makespan, b.run.makespan);
  EXPECT_EQ(a.metrics.ttft.p99, b.metrics.ttft.p99);
  EXPECT_EQ(a.metrics.tpot.p99, b.metrics.tpot.p99);
  EXPECT_EQ(a.run.energy(), b.run.energy());
  EXPECT_EQ(a.mfu, b.mfu);
}

/// A file of a folder of its own, beside `near`, with `from` replaced by `to` once.
class Renamed {
 public:
  Renamed(const fs::path& source, const std::string& from, const std::string& to) : folder_("mtok: 1\n") {
    std::ifstream in(source);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << source << " has no " << from;
    text.replace(at, from.size(), to);
    std::ofstream(path()) << text;
  }
  [[nodiscard]] fs::path path() const { return folder_.path().parent_path() / "renamed.yaml"; }

 private:
  ScenarioFile folder_;
};

TEST(PlannerLaws, NamesOfDevicesAndModelsMeanNothing) {
  for (const char* model : {"llama-3.1-8b", "qwen3-30b-a3b"}) {
    Scenario scenario = small_scenario(60, 20);
    scenario.model_file = *catalogue().find_model(model, {}).file;
    const RunResult before = run(scenario, catalogue());
    const Renamed device(scenario.device_file, "name: h100-sxm", "name: zz-9");
    const Renamed network(scenario.model_file, "name: " + std::string(model), "name: plain");
    scenario.device_file = device.path();
    scenario.model_file = network.path();
    const RunResult after = run(scenario, catalogue());
    EXPECT_EQ(after.device.name, "zz-9");
    EXPECT_EQ(after.architecture.name, "plain");
    expect_same_answer(before, after);
  }
}

template <class Q>
void expect_same_in(const std::string& larger, const std::string& smaller, int decimals) {
  std::mt19937_64 random(static_cast<std::uint64_t>(decimals));
  for (int trial = 0; trial < 1000; ++trial) {
    // Written as d.dddddd in the larger unit, as ddddddd (and zeros) in the smaller one.
    const auto number = static_cast<std::int64_t>(1 + random() % 9'999'999);
    const auto large =
        units::parse_quantity<Q>(units::fixed(static_cast<double>(number) / 1e3, 3) + " " + larger);
    const auto small = units::parse_quantity<Q>(
        std::to_string(number) + std::string(static_cast<std::size_t>(decimals - 3), '0') + " " + smaller);
    ASSERT_TRUE(large && small) << larger << " " << smaller;
    ASSERT_NEAR(large->base() / small->base(), 1, 1e-15) << number;
  }
}

TEST(PlannerLaws, TheUnitInWhichANumberIsWrittenMeansNothing) {
  expect_same_in<BytesPerSecond>("TB/s", "GB/s", 3);
  expect_same_in<BytesPerSecond>("GB/s", "kB/s", 6);
  expect_same_in<Bytes>("GB", "B", 9);
  expect_same_in<Bytes>("TB", "MB", 6);
  expect_same_in<Seconds>("s", "us", 6);
  expect_same_in<Seconds>("ms", "ns", 6);
}

// "16 bits" after a change to 8 and back is the scenario of before: nothing of the way stays.
TEST(PlannerLaws, FormatsChangedThereAndBackLeaveNoTrace) {
  Scenario scenario = small_scenario(60, 20);
  const kernel::Formats wide{};
  scenario.formats = wide;
  const RunResult before = run(scenario, catalogue());
  scenario.formats = {.weights = kernel::NumberFormat::int8,
                      .activations = kernel::NumberFormat::int8,
                      .kv_cache = kernel::NumberFormat::fp8};
  const RunResult narrow = run(scenario, catalogue());
  EXPECT_LT(narrow.memory.weights_per_device, before.memory.weights_per_device);
  scenario.formats = wide;
  expect_same_answer(before, run(scenario, catalogue()));
}

std::string trace_of(const std::string& rows) {
  return "arrival_s,input_tokens,output_tokens\n0,100,10\n" + rows + "1.5,50,20\n";
}

RunResult run_trace(const std::string& rows) {
  const ScenarioFile file(
      "mtok: 1\nmodel: llama-3.1-8b\nhardware: {device: h100-sxm}\nworkload: {trace: t.csv}\n");
  std::ofstream(file.path().parent_path() / "t.csv") << trace_of(rows);
  return run(load_scenario(file.path(), catalogue()), catalogue());
}

// A prompt of no tokens is an error of the trace; an answer of none is a request that failed where the trace
// was recorded: left out and counted, never served for nothing.
TEST(PlannerLaws, ARequestOfNoTokensIsRefusedAndNotFree) {
  EXPECT_THROW(static_cast<void>(run_trace("1,0,10\n")), config::Error);
  EXPECT_THROW(static_cast<void>(run_trace("1,-5,10\n")), config::Error);
  const RunResult without = run_trace("");
  const RunResult with = run_trace("1,70,0\n");
  EXPECT_EQ(with.skipped.failed, 1);
  EXPECT_EQ(with.metrics.offered, 2);
  EXPECT_EQ(with.bill.total, without.bill.total);
  EXPECT_FALSE(with.warnings.empty());
}

TEST(PlannerLaws, NothingIsUsedMoreThanItIs) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 40; ++trial) {
    Scenario scenario = small_scenario(100, 1 + static_cast<double>(random() % 60));
    scenario.replicas = 1 + static_cast<std::int64_t>(random() % 3);
    for (const char* device : {"h100-sxm", "a100-80gb-sxm", "tpu-v6e"}) {
      scenario.device_file = *catalogue().find_device(device, {}).file;
      const RunResult result = run(scenario, catalogue());
      if (result.infeasible) {
        continue;
      }
      const auto busy = static_cast<double>(result.run.phases().busy_ns());
      EXPECT_LE(busy, static_cast<double>(result.run.wall_ns()));
      EXPECT_GT(result.mfu, 0);
      EXPECT_GT(result.mbu, 0);
      EXPECT_LE(std::max(result.mfu, result.mbu), 1);
    }
  }
}

struct Sample {
  double mean = 0;
  double standard_error = 0;
};

template <class Value>
Sample over_seeds(const Value& value) {
  constexpr int kSeeds = 20;
  double sum = 0;
  double squares = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const double x = value(static_cast<std::uint64_t>(seed));
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kSeeds;
  return {.mean = mean,
          .standard_error = std::sqrt((squares - kSeeds * mean * mean) / (kSeeds - 1) / kSeeds)};
}

// Twice the replicas for twice the arrivals: a Poisson stream thinned by half is what each half of the fleet
// had. Four standard errors of the difference of the means over 20 seeds each.
TEST(PlannerLaws, TwiceTheFleetForTwiceTheLoadCostsTheSameAToken) {
  const auto cost_per_token = [](std::int64_t times) {
    return over_seeds([times](std::uint64_t seed) {
      Scenario scenario = small_scenario(1500 * times, 30 * static_cast<double>(times));
      scenario.workload.synthetic->output_tokens = {
          .kind = workload::Lengths::Kind::exponential, .mean = 100, .most = 1000};
      scenario.replicas = times;
      scenario.router = engine::Router::round_robin;
      scenario.seed = seed + static_cast<std::uint64_t>(100 * times);
      return run(scenario, catalogue()).bill.per_token.blended->base() * 1e6;
    });
  };
  const Sample one = cost_per_token(1);
  const Sample two = cost_per_token(2);
  const double error = std::hypot(one.standard_error, two.standard_error);
  EXPECT_NEAR(one.mean, two.mean, 4 * error);
  EXPECT_LT(error, 0.02 * one.mean) << "too noisy to prove anything";
}

}  // namespace
}  // namespace mtok::planner
