// Step times of steady batches and of single requests.
#include "sim/planner/steady_state.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace mtok::planner {
namespace {

std::vector<std::int64_t> cut_to_windows(engine::StepTimer& timer, std::int64_t sequences,
                                         std::int64_t context) {
  std::vector<std::int64_t> cut;
  for (const std::int64_t window : timer.windows()) {
    cut.push_back(sequences * std::min(window, context));
  }
  return cut;
}

double real(std::int64_t n) {
  return static_cast<double>(n);
}

}  // namespace

SteadyState steady_state(engine::StepTimer& timer, const engine::SchedulerConfig& scheduler,
                         const WorkloadFacts& facts, const engine::Slo& slo) {
  const double in = real(facts.input_tokens) / real(facts.requests);
  const double out = std::max(1.0, real(facts.output_tokens) / real(facts.requests));
  const std::int64_t pages =
      std::max<std::int64_t>(1, scheduler.kv_geometry.pages_for(static_cast<std::int64_t>(in + out)));
  const std::int64_t most = std::clamp<std::int64_t>(scheduler.kv_pages / pages, 1, scheduler.max_num_seqs);
  const auto context = static_cast<std::int64_t>(in + out / 2) + 1;
  SteadyState within;
  SteadyState best;
  for (std::int64_t batch = 1;; batch = std::min(2 * batch, most)) {
    const auto prompts = static_cast<std::int64_t>(real(batch) * in / out);
    const std::int64_t chunk = std::clamp(
        prompts, std::int64_t{1}, std::max<std::int64_t>(1, scheduler.max_num_batched_tokens - batch));
    const std::vector<std::int64_t> windowed = cut_to_windows(timer, batch, context);
    const std::array<engine::PrefillChunk, 1> prefill{
        {{.new_tokens = chunk, .context = static_cast<std::int64_t>(in / 2)}}};
    const Seconds step = timer
                             .cost_of({.decode_sequences = batch,
                                       .decode_context = batch * context,
                                       .decode_windowed = windowed,
                                       .prefill = prefill})
                             .duration;
    const double rate = std::min(real(batch) / out, real(chunk) / std::max(1.0, in)) / step.base();
    const SteadyState now{.sequences = batch, .requests_per_s = rate};
    best = rate > best.requests_per_s ? now : best;
    if ((!slo.tpot_p99 || step <= *slo.tpot_p99) && rate > within.requests_per_s) {
      within = now;
    }
    if (batch == most) {
      break;
    }
  }
  return within.requests_per_s > 0 ? within : best;
}

Seconds least_ttft_p99(engine::StepTimer& timer, const engine::SchedulerConfig& scheduler,
                       const WorkloadFacts& facts, Seconds overhead) {
  Seconds ttft = overhead;
  const std::int64_t prompt = std::max<std::int64_t>(1, facts.input_p99);
  for (std::int64_t done = 0; done < prompt;) {
    const std::int64_t chunk = std::min(prompt - done, scheduler.max_num_batched_tokens);
    const std::array<engine::PrefillChunk, 1> prefill{
        {{.new_tokens = chunk, .context = done, .emits = done + chunk == prompt}}};
    ttft += timer.cost_of({.prefill = prefill}).duration;
    done += chunk;
  }
  return ttft;
}

Seconds least_tpot_p99(engine::StepTimer& timer, const WorkloadFacts& facts) {
  if (facts.decoding_input_p99 == 0) {
    return {};
  }
  const std::int64_t context = facts.decoding_input_p99 + 1;
  const std::vector<std::int64_t> windowed = cut_to_windows(timer, 1, context);
  return timer.cost_of({.decode_sequences = 1, .decode_context = context, .decode_windowed = windowed})
      .duration;
}

}  // namespace mtok::planner
