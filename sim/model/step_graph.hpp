// The kernels of one engine step as a graph with a compute stream and a communication stream.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/kernel.hpp"
#include "sim/model/architecture.hpp"
#include "sim/model/footprint.hpp"

namespace mtok::model {

enum class Stream { compute, communication };

/// One kernel in the graph.
struct Node {
  std::string_view name{};  ///< a literal: "qkv_proj", "all_reduce", ...: for explanations
  kernel::Kernel kernel{};
  Stream stream = Stream::compute;
};

/// A directed acyclic graph of kernels. Kernels of one stream run one after the other in the order of
/// insertion; a kernel starts when its stream is free and all its predecessors have ended. Overlap is a
/// property of the graph.
class StepGraph {
 public:
  StepGraph();
  StepGraph(StepGraph&&) noexcept;
  StepGraph& operator=(StepGraph&&) noexcept;
  ~StepGraph();

  /// Adds a kernel that starts after `predecessors` (numbers returned earlier). Returns its number, from 0.
  std::size_t add(const Node& node, const std::vector<std::size_t>& predecessors);
  [[nodiscard]] const std::vector<Node>& nodes() const;
  /// When the last kernel ends, if each takes `time_of(kernel)`, which is asked once for each in the order of
  /// insertion.
  [[nodiscard]] Seconds critical_path(const std::function<Seconds(const kernel::Kernel&)>& time_of) const;
  /// The kernels of one stream one after the other.
  [[nodiscard]] Seconds time_on(Stream stream,
                                const std::function<Seconds(const kernel::Kernel&)>& time_of) const;

 private:
  struct Graph;  // Boost.Graph stays in the .cpp
  std::unique_ptr<Graph> graph_;
};

/// A graph that runs `repeats` times, one after the other: the layers of a group, or the head.
struct StepPart {
  std::string name{};
  StepGraph graph{};
  std::int64_t repeats = 1;
  /// Above 0: so many layers of two half batches each, in which attention over the cache, too, hides what the
  /// communication stream would otherwise be waited for: the part takes max(critical path, compute stream +
  /// attention).
  std::int64_t overlapped_layers = 0;
};

/// How unevenly a router loads experts: expert loads follow a power law with this exponent; 0 is balanced,
/// about 1.0 DeepSeek-V3 with its balancing, 1.2 typical. At most kMaxSkew: beyond it the law has so few
/// heavy experts that the rest grows even again, and more no longer means more uneven.
struct Routing {
  double skew = 0;
};
inline constexpr double kMaxSkew = 1.3;
/// The exponent that public measurements use for a network: 1.01 for DeepSeek's balanced routers (model types
/// deepseek_*, kimi_*), 1.2 for other mixtures of experts, 0 for dense networks. Source:
/// ai-dynamo/aiconfigurator, MoE tables.
[[nodiscard]] double typical_skew(const Architecture& architecture);

/// Everything of one step on one device but attention over the cache, for `tokens` new tokens on this device
/// (with data parallelism: of this data rank, all ranks having as many): the embedding look-up, one part per
/// layer group, and one for the borders between pipeline stages. All layers of all stages are there: a step
/// walks through them one after the other. Projections, router, experts, norms, collectives. Requires
/// tokens >= 1 and a sharding without obstacle.
///
/// Experts are sliced over the devices of a stage (expert = 1) or spread whole (expert > 1), in which case
/// the busiest device is described. Without data parallelism every tensor rank holds all tokens already, so
/// experts need no exchange, only the all-reduce that dense layers have too; with it, spread experts exchange
/// tokens all-to-all, sliced ones gather all tokens and scatter the sums.
///
/// With two_batch_overlap, layers that exchange tokens are one chain of two half batches (SGLang's two-batch
/// overlap, vLLM's dual batch overlap), from 32 tokens on a device. Experts' weights are then read twice.
/// Left out: multiprocessors that the exchange takes from the computing half.
///
/// MLA is given in the absorbed form, one small product per head for keys and for values; the expanded form
/// of prefill has the same flops and the same weights. Left out: the expansion of cached tokens for a prefill
/// chunk.
[[nodiscard]] std::vector<StepPart> layer_parts(const Architecture& architecture, const Sharding& sharding,
                                                const kernel::Formats& formats, std::int64_t tokens,
                                                const Routing& routing = {});
/// Final norm, output matrix, its gather and the sampling for `emitting` sequences; empty when none emits.
[[nodiscard]] StepPart head_part(const Architecture& architecture, const Sharding& sharding,
                                 const kernel::Formats& formats, std::int64_t emitting);

/// What the sequences of one phase ask of one attention layer, already cut to what the layer reaches.
struct AttentionLoad {
  kernel::Phase phase = kernel::Phase::decode;
  std::int64_t sequences = 0;
  double query_tokens = 0;
  double query_key_pairs = 0;
  double kv_tokens = 0;
  /// Prefill only: the keys of each query were chosen by an indexer, so that each query gathers its own.
  bool chosen = false;
};
/// The attention kernel of one layer on one device. MLA in decode works on the latent cache (one KV head of
/// kv_lora_rank + qk_rope_head_dim), in prefill on the expanded heads. Chosen keys are gathered from the
/// latent cache query by query, as in decode, each query being a sequence of its own. Requires a form with a
/// cache.
[[nodiscard]] kernel::Attention attention_kernel(const AttentionSpec& attention, const Sharding& sharding,
                                                 const kernel::Formats& formats, const AttentionLoad& load);

/// The recurrence of one layer of linear attention on one device; the pairs and cache of the load do not
/// matter.
[[nodiscard]] kernel::LinearAttention linear_attention_kernel(const AttentionSpec& attention,
                                                              const Sharding& sharding,
                                                              const AttentionLoad& load);
/// How the indexer of one layer chooses keys, on every device alike, for a load that is not cut: scores of
/// all keys by all its heads in FP8, 4 bytes each, which the choice of the highest reads again.
struct IndexKernels {
  kernel::Attention scores{};
  kernel::Elementwise choice{};
};
[[nodiscard]] IndexKernels index_kernels(const AttentionSpec& attention, const AttentionLoad& load);

/// Distinct experts that `tokens` tokens touch, of `experts`, with `top_k` each: balanced E * (1 - (1 -
/// k/E)^B); with skew the sum over experts of 1 - (1 - p_e)^B with p_e from the power law. Source: reference
/// in docs/formulas.md.
[[nodiscard]] double expected_experts(std::int64_t experts, std::int64_t top_k, double tokens,
                                      const Routing& routing = {});

}  // namespace mtok::model
