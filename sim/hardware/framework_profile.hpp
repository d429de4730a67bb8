// What a serving framework adds to the kernels: host time per step and its rule for the KV budget.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "sim/units/quantity.hpp"

namespace mtok::hardware {

/// Per-step host time = step + per_sequence * sequences (scheduler, sampler, detokeniser, launch), of which
/// the share host_hidden of the shorter of host and device time overlaps, and the memory that is left for the
/// KV cache.
struct FrameworkProfile {
  std::string name{};     ///< vllm | sglang | tensorrt-llm
  std::string version{};  ///< in words
  std::string below{};    ///< the first version that it no longer describes; empty: the newest
  Seconds step_overhead{};
  Seconds sequence_overhead{};
  double host_hidden = 0;  ///< share of the host time of a step that runs beside the devices' work
  /// Host time to launch the kernels of one layer where no graph is captured: a step with prompt tokens takes
  /// at least this for each layer and this for each of its kernels.
  Seconds eager_layer{};
  Seconds eager_kernel{};
  double launch_share = 1;     ///< of a kernel's floor, as it shows alone, that remains in a step
  Seconds request_overhead{};  ///< from a request's arrival until the scheduler sees it: HTTP, tokeniser,
                               ///< hand-over
  /// share_of_total: fraction * memory - weights - activations (vLLM, SGLang);
  /// share_of_free: fraction * (memory - weights - activations) (TensorRT-LLM).
  enum class BudgetRule { share_of_total, share_of_free };
  BudgetRule budget_rule = BudgetRule::share_of_total;
  double memory_fraction = 0.9;
  /// Workspace, graphs and non-framework memory of one device at max_num_batched_tokens tokens a step.
  Bytes activation_memory{};
  std::int64_t block_size = 16;
  std::int64_t max_num_seqs = 256;
  std::int64_t max_num_batched_tokens = 8192;
  /// Share of a request's output for which room in the KV cache must be left when it is admitted. 1: never a
  /// preemption.
  double output_reserve = 0;
  bool mixed_batches = true;     ///< prompt chunks and decodes share a step
  bool schedules_ahead = false;  ///< the batch of a step is made while the one before runs
  std::string source{};
};

[[nodiscard]] FrameworkProfile load_framework(const std::filesystem::path& path);

/// True when version `a` comes before `b`: their leading numbers, "1.2.0rc2" as 1.2.0. A text without numbers
/// comes after all.
[[nodiscard]] bool earlier_version(std::string_view a, std::string_view b);

/// Workspace of one device: the profile's activation memory in proportion to the tokens of a step.
[[nodiscard]] Bytes activation_bytes(const FrameworkProfile& framework, std::int64_t max_num_batched_tokens);

/// Bytes of one device that may hold KV cache, by the framework's rule; negative when the weights do not fit.
[[nodiscard]] Bytes kv_budget(const FrameworkProfile& framework, double memory_fraction, Bytes memory,
                              Bytes weights, Bytes activations);

}  // namespace mtok::hardware
