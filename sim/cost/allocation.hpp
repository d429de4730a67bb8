// How the bill of busy devices is divided among computed input, cached input and output tokens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/engine/run_record.hpp"

namespace mtok::cost {

enum class Allocation {
  phase_time,       ///< by the device time of prefill, of reading cached prefixes, and of decode
  kv_byte_seconds,  ///< by the KV cache that tokens fill, times how long
  fixed_ratio,      ///< by counts of tokens with fixed weights, as price lists of APIs do
  marginal          ///< each token what one more would cost; all else is idle
};

struct NamedAllocation {
  std::string_view name;  ///< as scenarios and results write it
  Allocation allocation;
};
inline constexpr std::array<NamedAllocation, 4> kAllocations{
    {{"phase_time", Allocation::phase_time},
     {"kv_byte_seconds", Allocation::kv_byte_seconds},
     {"fixed_ratio", Allocation::fixed_ratio},
     {"marginal", Allocation::marginal}}};
[[nodiscard]] std::string_view name_of(Allocation allocation);

/// Time of a replica that one more token adds.
struct MarginalTimes {
  Seconds input{};
  Seconds cached_input{};
  Seconds output{};
};

struct AllocationRule {
  Allocation method = Allocation::phase_time;
  /// fixed_ratio: what a token counts, a computed input token being 1. Medians of the list prices in
  /// models/api_prices.yaml: output/input of 230 entries, cached/input of 114.
  double output_ratio = 4;
  double cached_ratio = 0.13;
};

/// Computed input, cached input, output.
inline constexpr std::size_t kTokenKinds = 3;

/// What one pool has done, for the division of its bill.
struct PoolUse {
  engine::PhaseTime phases{};
  std::int64_t idle_ns = 0;
  bool prefills = true;  ///< false: the pool only decodes what another has prefilled
  bool decodes = true;
  MarginalTimes marginal{};
};

/// Whole weights of the kinds of tokens in the busy time of a pool, and of what no token is charged for.
struct KindWeights {
  std::array<std::uint64_t, kTokenKinds> kinds{};
  std::uint64_t rest = 0;
};
[[nodiscard]] KindWeights kind_weights(const AllocationRule& rule, const PoolUse& pool,
                                       const engine::RequestTotals& totals);

/// The share of one request in the part of one kind; only proportions between requests matter.
[[nodiscard]] double share_of(const AllocationRule& rule, const engine::RequestRecord& request,
                              std::size_t kind);
/// The sum of these shares over all requests of a run; 0: the part belongs to nobody.
[[nodiscard]] double shares_in(const AllocationRule& rule, const engine::RequestTotals& totals,
                               std::size_t kind);

/// Real numbers as whole weights of nearly the same proportions: times `scale`, coarser by a power of two
/// where their sum would pass 2^62. Rounding adds at most half a unit each, so the sum stays below 2^64.
/// Requires finite numbers >= 0.
[[nodiscard]] std::vector<std::uint64_t> whole_weights(const std::vector<double>& numbers, double scale);

}  // namespace mtok::cost
