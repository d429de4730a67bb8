// Stand-ins for engine tests: a timer with round numbers and a workload from a list.
#pragma once

#include <functional>
#include <utility>
#include <vector>

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
