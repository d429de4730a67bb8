// Weights of the kinds of tokens and of requests under each method of allocation.
#include "sim/cost/allocation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mtok::cost {
namespace {

using engine::KvResidence;
using engine::RequestRecord;
using engine::RequestTotals;
using Kinds = std::array<double, kTokenKinds>;

std::array<std::uint64_t, kTokenKinds> whole(const Kinds& numbers, double scale) {
  const std::vector<std::uint64_t> weights = whole_weights({numbers.begin(), numbers.end()}, scale);
  return {weights[0], weights[1], weights[2]};
}

Kinds tokens_of(const RequestTotals& totals) {
  return {static_cast<double>(totals.billed_computed_tokens),
          static_cast<double>(totals.billed_cached_tokens), static_cast<double>(totals.billed_output_tokens)};
}

Kinds tokens_of(const RequestRecord& request) {
  if (request.output_tokens == 0) {
    return {};
  }
  return {static_cast<double>(request.input_tokens - request.cached_input_tokens),
          static_cast<double>(request.cached_input_tokens), static_cast<double>(request.output_tokens)};
}

Kinds residence_of(const KvResidence& kv, bool prefills, bool decodes) {
  Kinds kinds{};
  if (prefills) {
    kinds[0] += kv.computed_before.base();
    kinds[1] += kv.cached_before.base();
  }
  if (decodes) {
    kinds[0] += kv.computed_after.base();
    kinds[1] += kv.cached_after.base();
    kinds[2] += kv.output.base();
  }
  return kinds;
}

/// Input tokens weigh where prompts are computed, output tokens where sequences decode.
Kinds where_made(Kinds kinds, const PoolUse& pool) {
  if (!pool.prefills) {
    kinds[0] = 0;
    kinds[1] = 0;
  }
  if (!pool.decodes) {
    kinds[2] = 0;
  }
  return kinds;
}

/// A token that costs more at the margin than on average would be charged for more time than there was.
KindWeights marginal_weights(const PoolUse& pool, const RequestTotals& totals) {
  const Kinds tokens = where_made(tokens_of(totals), pool);
  Kinds ns{tokens[0] * pool.marginal.input.base() * 1e9, tokens[1] * pool.marginal.cached_input.base() * 1e9,
           tokens[2] * pool.marginal.output.base() * 1e9};
  const double sum = ns[0] + ns[1] + ns[2];
  const auto busy = static_cast<double>(pool.phases.busy_ns());
  const double scale = sum > busy ? busy / sum : 1;
  KindWeights weights;
  std::uint64_t charged = 0;
  for (std::size_t kind = 0; kind < kTokenKinds; ++kind) {
    weights.kinds.at(kind) = static_cast<std::uint64_t>(std::floor(ns.at(kind) * scale));
    charged += weights.kinds.at(kind);
  }
  weights.rest = static_cast<std::uint64_t>(pool.phases.busy_ns()) -
                 std::min(charged, static_cast<std::uint64_t>(pool.phases.busy_ns()));
  return weights;
}

Kinds shares_of(const AllocationRule& rule, const RequestRecord& request) {
  switch (rule.method) {
    case Allocation::phase_time:
      return {request.prefill_time.base(), request.cached_time.base(), request.decode_time.base()};
    case Allocation::kv_byte_seconds:
      return residence_of(engine::kv_residence_of(request), true, true);
    case Allocation::fixed_ratio:
    case Allocation::marginal:
      break;
  }
  return tokens_of(request);
}

}  // namespace

std::string_view name_of(Allocation allocation) {
  for (const NamedAllocation& known : kAllocations) {
    if (known.allocation == allocation) {
      return known.name;
    }
  }
  assert(false && "every method has a name");
  return "";
}

KindWeights kind_weights(const AllocationRule& rule, const PoolUse& pool, const RequestTotals& totals) {
  constexpr double kTokenMicroseconds = 1e6;
  constexpr double kThousandths = 1e3;
  switch (rule.method) {
    case Allocation::phase_time:
      return {.kinds = {static_cast<std::uint64_t>(pool.phases.prefill_ns),
                        static_cast<std::uint64_t>(pool.phases.cached_ns),
                        static_cast<std::uint64_t>(pool.phases.decode_ns)}};
    case Allocation::kv_byte_seconds:
      return {.kinds =
                  whole(residence_of(totals.kv_residence, pool.prefills, pool.decodes), kTokenMicroseconds)};
    case Allocation::fixed_ratio: {
      Kinds tokens = where_made(tokens_of(totals), pool);
      tokens[1] *= rule.cached_ratio;
      tokens[2] *= rule.output_ratio;
      return {.kinds = whole(tokens, kThousandths)};
    }
    case Allocation::marginal:
      break;
  }
  return marginal_weights(pool, totals);
}

double share_of(const AllocationRule& rule, const RequestRecord& request, std::size_t kind) {
  return shares_of(rule, request).at(kind);
}

double shares_in(const AllocationRule& rule, const RequestTotals& totals, std::size_t kind) {
  switch (rule.method) {
    case Allocation::phase_time:
      return Kinds{totals.prefill_time.base(), totals.cached_time.base(), totals.decode_time.base()}.at(kind);
    case Allocation::kv_byte_seconds:
      return residence_of(totals.kv_residence, true, true).at(kind);
    case Allocation::fixed_ratio:
    case Allocation::marginal:
      break;
  }
  return tokens_of(totals).at(kind);
}

std::vector<std::uint64_t> whole_weights(const std::vector<double>& numbers, double scale) {
  double sum = 0;
  for (const double number : numbers) {
    assert(std::isfinite(number) && number >= 0);
    sum += number;
  }
  while (sum * scale > 0x1p62) {
    scale /= 2;
  }
  std::vector<std::uint64_t> weights(numbers.size());
  std::transform(numbers.begin(), numbers.end(), weights.begin(),
                 [&](double number) { return static_cast<std::uint64_t>(std::llround(number * scale)); });
  return weights;
}

}  // namespace mtok::cost
