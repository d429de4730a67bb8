// A command line of vLLM's server as parts of a scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// --speculative-config as far as a scenario can say it; the share that is accepted is not in it.
struct DraftFlags {
  std::string model{};  ///< repository of the draft model; empty: the network's own prediction layer
  std::int64_t tokens = 1;
};

/// What `vllm serve …` says that a scenario can say too.
struct ServeCommand {
  std::string model{};                            ///< repository or path, as written
  std::optional<kernel::NumberFormat> weights{};  ///< from --quantization or the name of the repository
  std::optional<kernel::NumberFormat> kv_cache{};
  model::Sharding sharding{};
  EngineChoice engine{};
  std::optional<LoraChoice> lora{};
  std::optional<DraftFlags> drafts{};
  std::vector<std::string> left_out{};  ///< flags that may change what is served and were not taken over
};

/// Reads "vllm serve MODEL …", "python -m vllm.entrypoints.openai.api_server --model MODEL …" or "docker run
/// … vllm/vllm-openai:TAG --model MODEL …", up to a redirection or the next command, as a shell would split
/// it: quotes, backslashes, line continuations, leading VAR=value words; nothing is expanded. Flags are those
/// of vLLM's engine arguments, with hyphens or underscores, their values behind a blank or an equals sign.
/// Flags that do not change what a step computes (port, logging, ...) are passed over in silence. Throws
/// config::Error, the line named "command": for words that are no such command and values that are no
/// numbers.
[[nodiscard]] ServeCommand read_serve_command(std::string_view line);

}  // namespace mtok::planner
