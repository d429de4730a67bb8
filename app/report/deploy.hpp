// A deployment as commands of serving frameworks and as objects of Kubernetes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/planner/scenario.hpp"

namespace mtok::report {

enum class DeployTarget { vllm, sglang, tensorrt_llm, kubernetes };
inline constexpr std::array<std::pair<std::string_view, DeployTarget>, 4> kDeployTargets{
    {{"vllm", DeployTarget::vllm},
     {"sglang", DeployTarget::sglang},
     {"tensorrt-llm", DeployTarget::tensorrt_llm},
     {"kubernetes", DeployTarget::kubernetes}}};

/// Who drafts, and how many tokens.
struct DeployedDrafts {
  std::string repository{};  ///< of the draft model; empty: the network's own prediction layer
  std::int64_t tokens = 1;
};

/// A deployment whose every default is filled in.
struct Deployed {
  std::string name{};
  std::string model{};                                           ///< in models/
  std::string repository{};                                      ///< what a server is told to load
  kernel::NumberFormat checkpoint = kernel::NumberFormat::bf16;  ///< of its weights
  std::string device{};
  std::string vendor{};
  hardware::DeviceKind kind = hardware::DeviceKind::gpu;
  kernel::Formats formats{};
  model::Sharding sharding{};
  std::string framework{};  ///< vllm, sglang or tensorrt-llm: what it was planned with
  /// Those of that framework, none absent but max_model_len and num_gpu_blocks.
  planner::EngineChoice engine{};
  std::optional<DeployedDrafts> drafts{};
  std::int64_t replicas = 1;
  std::vector<std::pair<std::string, std::string>> expected{};  ///< {"usd-per-million-tokens", "0.27"}
};

/// The framework's own command for one replica, with what is expected of the fleet in comments before it.
/// What a flag cannot say (a format that needs another checkpoint, limits of another framework) stands in
/// comments too. Option names: vLLM "Engine Arguments", SGLang "Server Arguments", TensorRT-LLM
/// "trtllm-serve". For `kubernetes` see below.
[[nodiscard]] std::string deploy_text(const Deployed& deployed, DeployTarget target,
                                      std::int64_t devices_per_node);

/// The words of that command, and the lines of comment that belong to it.
struct ServeWords {
  std::vector<std::string> words{};
  std::vector<std::string> remarks{};
  std::string options_file{};  ///< of TensorRT-LLM: YAML that must lie in options.yaml; else empty
};
[[nodiscard]] ServeWords serve_words(const Deployed& deployed, DeployTarget target);

/// A word for a shell: in single quotes unless it is plain.
[[nodiscard]] std::string shell_word(const std::string& word);

/// A Deployment with a Service, or, when a replica needs more devices than a node has, a LeaderWorkerSet
/// (leaderworkerset.x-k8s.io/v1). Throws std::invalid_argument for a replica over several nodes that cannot
/// be written so: TensorRT-LLM, or devices that do not fill the nodes.
[[nodiscard]] std::string kubernetes_text(const Deployed& deployed, std::int64_t devices_per_node);

}  // namespace mtok::report
