// What was measured on a host: one sample per kernel and setting, and the file that keeps them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/number_format.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::validation {

/// gemm: C[m, n] = A[m, k] W[k, n]. elementwise: m rows of n values. attention: m sequences that read
/// `context` tokens each, `n` new tokens each. moe: m tokens through k -> n -> k, `experts` experts, top_k of
/// each token; dense_active and dense_total: its dense twins. prefill, decode: m sequences of `context`
/// tokens (after the step) through the first n layers of `model`.
enum class HostKind { gemm, elementwise, attention, moe, dense_active, dense_total, prefill, decode };
[[nodiscard]] std::string_view name_of(HostKind kind);

/// Constants are fitted to samples of `calibration` and judged by those of `validation`, which have other
/// (k, n); `composition`: layers and forward passes, which no constant of products is fitted to.
enum class Split { calibration, validation, composition };
[[nodiscard]] std::string_view name_of(Split split);

/// What was run. Numbers that a kind does not have are 0.
struct HostWork {
  HostKind kind = HostKind::gemm;
  kernel::NumberFormat format = kernel::NumberFormat::fp32;  ///< of both operands
  bool cold = false;  ///< weights were not touched for longer than any cache remembers
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t experts = 0;
  std::int64_t top_k = 0;
  std::int64_t context = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::string model{};  ///< of a forward pass; else empty

  friend bool operator==(const HostWork&, const HostWork&) = default;
};
/// "64 x 2048 x 768 cold": what a reader needs to know of the shape.
[[nodiscard]] std::string shape_text(const HostWork& work);

/// One measured time and the circumstances.
struct HostSample {
  HostWork work{};
  Split split = Split::calibration;
  std::string isa{};
  std::int64_t threads = 1;
  std::string implementation{};  ///< as the kernel library names what it ran
  Seconds least{};
  Seconds median{};
  Seconds products{};   ///< of `least`, in matrix products; layers only
  double distinct = 0;  ///< experts that saw at least one token; layers only
  /// What the probe beside it reached of the best that it reached with so many threads. Memory is shared with
  /// whoever else lives on the machine, so its pace changes by tens of percent within minutes.
  double compute_pace = 1;
  double memory_pace = 1;
};

/// A probe beside the sample fell short of the best pace by more than that: the machine was disturbed.
inline constexpr double kSteady = 0.10;
[[nodiscard]] bool is_disturbed(const HostSample& sample);

/// CSV with a header, one line a sample.
[[nodiscard]] std::string samples_csv(std::span<const HostSample> samples);
/// Throws config::Error when the file is not of that kind.
[[nodiscard]] std::vector<HostSample> read_samples(const std::filesystem::path& file);

}  // namespace mtok::validation
