// A result with round numbers, made by hand, that the tests of the reports share.
#pragma once

#include "sim/planner/run.hpp"

namespace mtok::report {

/// Two replicas of one device, paid for 10 s: 20 s of replica time, of which 10 s are busy (prefill 4, cached
/// 1, decode 5). Four requests, of which three complete: 3,000 input tokens (1,000 of them cached) and 500
/// output tokens. The bill is $1: input 0.2, cached input 0.05, output 0.25, idle 0.5.
/// Energy 1 kWh in all: 3.6e6 J / 500 = 7,200 J an output token.
inline planner::RunResult made_up_result() {
  planner::RunResult result;
  result.scenario.name = "round";
  result.scenario.replicas = 2;
  result.scenario.slo.ttft_p99 = 150.0_ms;  // the p99 below is 200 ms
  result.architecture.name = "round-model";
  result.device.name = "round-device";
  result.framework = {.name = "vllm", .version = "1"};
  result.scheduler.kv_geometry.block_size = 16;
  result.memory = {.per_device = 80.0_GB,
                   .weights_per_device = 20.0_GB,
                   .weights_total = 20.0_GB,
                   .reserved_per_device = 5.0_GB,
                   .kv_per_device = 47.0_GB,
                   .kv_per_token = BytesPerToken(131072)};

  constexpr std::int64_t kSecond = 1'000'000'000;
  result.run.makespan = SimTime{10 * kSecond};
  result.run.kv_blocks_per_replica = 1000;
  result.run.replicas = {
      {.phases = {.prefill_ns = 2 * kSecond, .cached_ns = kSecond, .decode_ns = 5 * kSecond},
       .kv_peak_blocks = 400,
       .energy = Joules(1.8e6)},
      {.phases = {.prefill_ns = 2 * kSecond}, .kv_peak_blocks = 100, .energy = Joules(1.8e6)}};
  result.run.requests = {
      {.id = 0,
       .outcome = engine::Outcome::completed,
       .replica = 1,
       .arrival = SimTime{1'500'000'000},
       .scheduled = SimTime{1'500'000'001},
       .first_token = SimTime{2'000'000'000},
       .last_token = SimTime{10'000'000'000},
       .input_tokens = 1000,
       .cached_input_tokens = 16,
       .output_tokens = 200},
      {.id = 1, .outcome = engine::Outcome::rejected, .arrival = SimTime{0}, .input_tokens = 9}};
  result.metrics = {
      .offered = 4,
      .completed = 3,
      .rejected = 1,
      .input_tokens = 3000,
      .cached_input_tokens = 1000,
      .output_tokens = 500,
      .ttft = {.mean = 100.0_ms, .p50 = 90.0_ms, .p90 = 0.1_s, .p95 = 0.1_s, .p99 = 0.2_s, .max = 1.0_s},
      .slo_met = false,
      .within_slo = 2};
  result.price = {.device = "round-device",
                  .provider = "Acme",
                  .offer = "box",
                  .per_device = usd_per_hour(2.5),
                  .as_of = "2026-01-31",
                  .source = "price list"};
  result.bill.total = Money::from_decimal("1.0");
  result.bill.parts = {.input = Money::from_decimal("0.2"),
                       .cached_input = Money::from_decimal("0.05"),
                       .output = Money::from_decimal("0.25"),
                       .idle = Money::from_decimal("0.5")};
  result.bill.per_token = {.input = UsdPerToken(100e-6),        // 0.2 / 2,000
                           .cached_input = UsdPerToken(50e-6),  // 0.05 / 1,000
                           .output = UsdPerToken(500e-6),       // 0.25 / 500
                           .blended = UsdPerToken(1.0 / 3500)};
  result.bill.per_request = {Money::from_decimal("0.125"), Money{}};
  result.bill.per_month = Usd(3650.0);
  result.assumptions = {{.key = "price", .value = "2.5", .source = "price list", .date = "2026-01-31"}};
  result.warnings = {"a warning"};
  return result;
}

/// The same deployment when the weights do not fit: needs 100 GB, has 72 GB, one remedy.
inline planner::RunResult made_up_refusal() {
  planner::RunResult result = made_up_result();
  result.infeasible = planner::Infeasible{.reason = "needs 100 GB, has 72 GB",
                                          .need_per_device = 100.0_GB,
                                          .have_per_device = 72.0_GB,
                                          .remedies = {{.change = "weights: int8",
                                                        .need_per_device = 50.0_GB,
                                                        .have_per_device = 72.0_GB,
                                                        .per_replica = usd_per_hour(2.5)}}};
  return result;
}

}  // namespace mtok::report
