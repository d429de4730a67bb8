// Stand-ins for engine tests: a timer with round numbers and a workload from a list.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/engine/decode_table.hpp"
#include "sim/engine/engine.hpp"

namespace mtok::engine::testing {

/// Takes a fixed time for a step and for each new token; decode and prefill share by tokens. 100 W idle, 1 J
/// a step.
class RoundTimer final : public StepTimer {
 public:
  RoundTimer(Seconds step, Seconds per_token, std::vector<std::int64_t> windows = {})
      : step_(step), per_token_(per_token), windows_(std::move(windows)) {}

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return windows_; }
  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    double prompt = 0;
    for (const PrefillChunk& chunk : shape.prefill) {
      prompt += static_cast<double>(chunk.new_tokens);
    }
    const auto decodes = static_cast<double>(shape.decode_sequences);
    const Seconds duration = step_ + per_token_ * (prompt + decodes);
    const Seconds decode = duration * (decodes / (prompt + decodes));
    return {.duration = duration, .prefill = duration - decode, .decode = decode, .energy = Joules(1)};
  }
  [[nodiscard]] Watts idle_power() const override { return Watts(100); }

 private:
  Seconds step_;
  Seconds per_token_;
  std::vector<std::int64_t> windows_;
};

/// Straight lines with everything that ends a run of steps: two resources of which the slower counts, so that
/// the time has a kink over the context; windows with lines of their own; a jump of the energy.
class KinkedTimer final : public StepTimer {
 public:
  struct Constants {
    Seconds step{};
    Seconds per_sequence{};
    Seconds per_prompt_token{};
    Seconds start{};          ///< of the resource that is slower at first
    Seconds per_key{};        ///< of it
    Seconds per_key_later{};  ///< of the other one
    Seconds per_window_key{};
    Seconds host{};
    double host_hidden = 0;
    Seconds attention_slack{};  ///< not longer than a step without attention
    std::vector<std::int64_t> windows{};
  };
  explicit KinkedTimer(Constants constants)
      : c_(std::move(constants)),
        table_(
            [this](std::int64_t n) {
              return DecodeTable::Fixed{.device = {.time = c_.step + c_.per_sequence * double(n)},
                                        .attention_slack = c_.attention_slack,
                                        .host = c_.host,
                                        .host_hidden = c_.host_hidden,
                                        .idle = Watts(100)};
            },
            [this](std::int64_t, std::int64_t window, std::int64_t keys) {
              return window > 0 ? windowed(keys) : attention(keys);
            }) {
    table_.set_windows(c_.windows);
  }

  [[nodiscard]] std::span<const std::int64_t> windows() const override { return c_.windows; }
  [[nodiscard]] StepCost cost_of(const StepShape& shape) override {
    double prompt = 0;
    double hits = 0;
    for (const PrefillChunk& chunk : shape.prefill) {
      prompt += static_cast<double>(chunk.new_tokens);
      hits += static_cast<double>(chunk.prefix_hit);
    }
    const Seconds decode = shape.decode_sequences > 0 ? table_.attention(shape).time : Seconds{};
    const Seconds prefill = c_.per_prompt_token * prompt;
    const Seconds cached = std::min(prefill, c_.per_key * hits);
    return {.duration = c_.step + decode + prefill,
            .prefill = c_.step + prefill - cached,
            .cached = cached,
            .decode = decode,
            .energy = Joules(2)};
  }
  [[nodiscard]] DecodeRun decode_run(const StepShape& shape,
                                     std::span<const std::int64_t> windowed_growth) override {
    return table_.run(shape, windowed_growth);
  }
  [[nodiscard]] Watts idle_power() const override { return Watts(100); }

 private:
  [[nodiscard]] Demand attention(std::int64_t keys) const {
    const auto k = static_cast<double>(keys);
    const Seconds first = c_.start + c_.per_key * k;
    const Seconds other = c_.per_key_later * k;
    return {.time = std::max(first, other),
            .energy = Joules(first > other ? 1 + k : 2 + 3 * k),
            .compute_peak = Seconds(k),
            .memory_peak = Seconds(1)};
  }
  [[nodiscard]] Demand windowed(std::int64_t keys) const {
    return {.time = c_.per_window_key * static_cast<double>(keys)};
  }

  Constants c_;
  DecodeTable table_;
};

class ListSource final : public workload::RequestSource {
 public:
  explicit ListSource(std::vector<workload::Request> requests, std::int64_t hash_block_size = 0)
      : requests_(std::move(requests)), hash_block_size_(hash_block_size) {}

  [[nodiscard]] bool next(workload::Request& request) override {
    if (at_ == requests_.size()) {
      return false;
    }
    request = requests_[at_++];
    return true;
  }
  [[nodiscard]] std::int64_t hash_block_size() const override { return hash_block_size_; }

 private:
  std::vector<workload::Request> requests_;
  std::int64_t hash_block_size_;
  std::size_t at_ = 0;
};

inline workload::Request request(double arrival_s, std::int64_t input, std::int64_t output,
                                 std::vector<std::uint64_t> ids = {}) {
  return {.arrival_ns = static_cast<std::int64_t>(arrival_s * 1e9),
          .input_tokens = input,
          .output_tokens = output,
          .hash_ids = std::move(ids)};
}

/// One replica with plenty of room.
inline RunPlan roomy_plan() {
  return {.scheduler = {.kv_pages = 1'000'000}};
}

}  // namespace mtok::engine::testing
